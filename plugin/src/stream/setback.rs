//! Why an attempt to connect failed, as far as it matters for the next one.

use crate::error::{Error, ErrorKind};
use std::time::Duration;

/// A failed attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Setback {
    /// One sentence for people.
    pub(super) why: String,
    /// What follows from it.
    pub(super) nature: Nature,
}

/// What follows from a failed attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Nature {
    /// The credentials are wrong, or an option cannot be used at all.
    Credentials,
    /// The request is refused for another reason; it may be our configuration or DingTalk's mood.
    Refused,
    /// It will pass.
    Passing,
    /// It will pass, but not before this long.
    Throttled(Duration),
}

impl From<&Error> for Setback {
    fn from(error: &Error) -> Self {
        Self { why: error.sentence(), nature: error.kind().into() }
    }
}

impl From<&ErrorKind> for Nature {
    fn from(kind: &ErrorKind) -> Self {
        match kind {
            ErrorKind::Auth { .. } | ErrorKind::Config { .. } => Self::Credentials,
            ErrorKind::RateLimited { retry_after } => Self::Throttled(*retry_after),
            ErrorKind::Proxy { fault, .. } if fault.may_pass() => Self::Passing,
            ErrorKind::Network { .. }
            | ErrorKind::Timeout { .. }
            | ErrorKind::Server { .. }
            | ErrorKind::Protocol => Self::Passing,
            _ => Self::Refused,
        }
    }
}
