//! The answer to a call, in plain Rust.

use crate::abi::{Crossing, RawDone, outcome, result};
use crate::value::Result;

/// The answer to one call, owed exactly once.
///
/// Dropping it answers [`Cancelled`](crate::ErrorCode::Cancelled), so that an aborted or panicking
/// task still reaches whoever asked.
pub struct Done<T: Crossing>(RawDone<T::Raw>);

impl<T: Crossing> Done<T> {
    /// Makes an answer that is handed to `asker`, on whichever thread gives it.
    pub fn new(asker: impl FnOnce(Result<T>) + Send + 'static) -> Self
    where
        T: 'static,
    {
        Self(RawDone::new(move |raw| asker(result::<T>(raw))))
    }

    /// Answers.
    pub fn answer(self, answer: Result<T>) {
        self.0.resolve(outcome(answer));
    }

    #[cfg(any(feature = "channel", feature = "host"))]
    pub(crate) fn into_raw(self) -> RawDone<T::Raw> {
        self.0
    }

    #[cfg(any(feature = "channel", feature = "host"))]
    pub(crate) fn from_raw(raw: RawDone<T::Raw>) -> Self {
        Self(raw)
    }
}

impl<T: Crossing> std::fmt::Debug for Done<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Done")
    }
}
