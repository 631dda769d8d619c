//! What keeps the benchmark from being played.

use host_sdk::{ChannelError, host::LoadError, inbox::InboxError};
use std::io;

/// Why a run has no result.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The operating system did not do its part.
    #[error("cannot {doing}")]
    System {
        /// What was to be done.
        doing: &'static str,
        /// Why it was not.
        source: io::Error,
    },
    /// The plugin cannot be loaded.
    #[error("the plugin cannot be loaded")]
    Load(#[from] LoadError),
    /// An inbox cannot be opened.
    #[error("an inbox cannot be opened")]
    Inbox(#[from] InboxError),
    /// The plugin did not do what it was asked.
    #[error("the plugin did not do what it was asked: {0}")]
    Channel(#[from] ChannelError),
    /// A bare connection could not be made.
    #[error("the gateway cannot be asked for a connection")]
    Open(#[from] reqwest::Error),
    /// A bare connection broke.
    #[error("a bare connection broke")]
    Bare(#[from] tokio_tungstenite::tungstenite::Error),
    /// Not all connections stand.
    #[error("{stand} of {wanted} connections stand after two minutes")]
    Unconnected {
        /// How many do.
        stand: usize,
        /// How many should.
        wanted: usize,
    },
    /// A connection broke while it was pushed to.
    #[error("a connection broke while messages were pushed")]
    Broken,
    /// Not everything was acknowledged.
    #[error("{left} of {of} messages are not acknowledged after two minutes")]
    Unacknowledged {
        /// How many are not.
        left: usize,
        /// How many were pushed.
        of: usize,
    },
    /// Not every answer has ended.
    #[error("{left} of {of} answers have not ended after two minutes")]
    Unanswered {
        /// How many have not.
        left: u64,
        /// How many were asked for.
        of: u64,
    },
    /// A candidate ended, or never said what was waited for.
    #[error("{candidate} {what}")]
    Candidate {
        /// Which.
        candidate: &'static str,
        /// What it did.
        what: String,
    },
}

impl Error {
    /// For `map_err`: what the operating system was asked for.
    pub(crate) fn system(doing: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::System { doing, source }
    }
}
