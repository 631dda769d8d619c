//! Calls that must not be made twice: when they leave, and when it is certain that they did not arrive.

use futures_util::{FutureExt, future::BoxFuture};

/// Who keeps account of a call, from before it leaves. `()` keeps none.
pub(crate) trait Departure: Sync {
    /// It is about to leave: its turn has come, and there is a token to go with. Perhaps not for the first time.
    fn leaves(&self) -> BoxFuture<'_, ()>;

    /// It was refused, or did not get through: it had no effect, and may leave again.
    fn returned(&self) -> BoxFuture<'_, ()>;
}

impl Departure for () {
    fn leaves(&self) -> BoxFuture<'_, ()> {
        std::future::ready(()).boxed()
    }

    fn returned(&self) -> BoxFuture<'_, ()> {
        std::future::ready(()).boxed()
    }
}
