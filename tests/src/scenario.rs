//! Scenarios as values: each waits for most of its time, so that they are played many at once, whatever the
//! number of processors.

use std::pin::Pin;
use tokio::runtime;

/// A scenario.
#[derive(Clone, Copy)]
pub struct Scenario {
    /// What it claims.
    pub name: &'static str,
    /// Begins to play it.
    pub begin: fn() -> Pin<Box<dyn Future<Output = ()>>>,
}

impl Scenario {
    /// Plays it on a runtime of its own, whose other thread has DingTalk and the host.
    pub fn play(self) {
        let runtime = runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        runtime.expect("the system has what a runtime needs").block_on((self.begin)());
    }
}

/// The scenarios that are functions of these names.
#[macro_export]
macro_rules! scenarios {
    ($($name:ident),* $(,)?) => {
        &[$($crate::Scenario { name: stringify!($name), begin: || ::std::boxed::Box::pin($name()) }),*]
    };
}
