//! Scenarios as values: each waits for most of its time, so that they are played many at once, whatever the
//! number of processors.

use std::pin::Pin;
use tokio::runtime;

/// A scenario.
#[derive(Clone, Copy)]
pub(crate) struct Scenario {
    /// What it claims.
    pub(crate) name: &'static str,
    /// Begins to play it.
    pub(crate) begin: fn() -> Pin<Box<dyn Future<Output = ()>>>,
}

impl Scenario {
    /// Plays it on a runtime of its own, whose other thread has DingTalk and the host.
    pub(crate) fn play(self) {
        let runtime = runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        runtime.expect("the system has what a runtime needs").block_on((self.begin)());
    }
}

/// The scenarios that are functions of these names.
macro_rules! scenarios {
    ($($name:ident),* $(,)?) => {
        &[$(Scenario { name: stringify!($name), begin: || Box::pin($name()) }),*]
    };
}
pub(crate) use scenarios;
