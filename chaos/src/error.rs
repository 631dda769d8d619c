//! Why a run could not be played; what it finds is no error but its result.

use host_mock::host::HostError;
use std::io;

/// Why a run could not be played to its end.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file, a port or a process is not to be had.
    #[error("cannot {doing}: {source}")]
    System {
        /// What was tried, in the infinitive.
        doing: &'static str,
        /// Why not.
        source: io::Error,
    },
    /// The host does not run.
    #[error(transparent)]
    Host(#[from] HostError),
    /// The host's process ended although nobody had told it to; what it said is on stderr.
    #[error("the host's process ended by itself: read its last words above")]
    HostEnded,
    /// The host's process did not end although it had been told to.
    #[error("the host's process did not end within {0} s of being told to")]
    HostHangs(u64),
    /// Nothing came of something that was waited for.
    #[error("the host did not answer in time: read its log")]
    Silent,
    /// A line of the agent's record has another shape than it is written with.
    #[error("line {number} of the agent's record is damaged: {line:?}")]
    Record {
        /// From 1.
        number: usize,
        /// The line.
        line: String,
    },
}

impl Error {
    /// For `map_err`: what was tried.
    pub(crate) fn system(doing: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::System { doing, source }
    }
}
