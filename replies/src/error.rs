//! What keeps the benchmark from being played.

use host_mock::host::HostError;
use std::io;

/// Why a run has no result.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The host did not start or stop, or waited in vain.
    #[error(transparent)]
    Host(#[from] HostError),
    /// The operating system did not do its part.
    #[error("cannot {doing}")]
    System {
        /// What was to be done.
        doing: &'static str,
        /// Why it was not.
        source: io::Error,
    },
    /// A call of the naive sender did not come through.
    #[error("the naive sender could not call the fake DingTalk")]
    Naive(#[from] reqwest::Error),
    /// The fake DingTalk waited in vain.
    #[error("{0}")]
    Waited(#[from] host_mock::dingtalk::TimedOut),
    /// What people saw is not the answer, once and whole.
    #[error("{who}: {what}")]
    Wrong {
        /// Whose answer.
        who: String,
        /// What is wrong with it.
        what: String,
    },
}

impl Error {
    /// For `map_err`: what the operating system was asked for.
    pub(crate) fn system(doing: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::System { doing, source }
    }
}
