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
            ErrorKind::RateLimited { retry_after, .. } => Self::Throttled(*retry_after),
            ErrorKind::Proxy { fault, .. } if fault.may_pass() => Self::Passing,
            ErrorKind::Network { .. }
            | ErrorKind::Timeout { .. }
            | ErrorKind::Server { .. }
            | ErrorKind::Protocol => Self::Passing,
            _ => Self::Refused,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ProxyFault;

    fn nature(fault: ProxyFault) -> Nature {
        (&ErrorKind::Proxy { proxy: "proxy:1".into(), host: "api.dingtalk.com".into(), fault }).into()
    }

    #[test]
    fn a_proxy_that_is_away_will_be_back_and_one_that_rejects_us_takes_a_person() {
        assert_eq!(nature(ProxyFault::Unreachable), Nature::Passing);
        assert_eq!(nature(ProxyFault::Refuses { status: Some(503) }), Nature::Passing);
        assert_eq!(nature(ProxyFault::Refuses { status: Some(403) }), Nature::Refused);
        assert_eq!(nature(ProxyFault::RejectsCredentials), Nature::Refused);
        assert_eq!(Nature::from(&ErrorKind::Untrusted { host: "h".into() }), Nature::Refused);
    }

    #[test]
    fn a_proxy_of_the_environment_that_cannot_be_used_waits_for_a_person_at_once() {
        assert_eq!(Nature::from(&ErrorKind::Config { key: "ALL_PROXY" }), Nature::Credentials);
    }
}
