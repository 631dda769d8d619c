//! What can be the matter with a proxy.

use crate::route::Proxy;
use std::fmt;

/// What is the matter with a proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ProxyFault {
    /// It cannot be connected to.
    Unreachable,
    /// It does not answer in time.
    Silent,
    /// It ends the connection instead of answering.
    BreaksOff,
    /// It answers something that is not HTTP.
    Nonsense,
    /// It lets nobody through without credentials, and was given none.
    WantsCredentials,
    /// It was given credentials, and wants others.
    RejectsCredentials,
    /// It does not connect us to that host.
    Refuses {
        /// HTTP status, where it is known.
        status: Option<u16>,
    },
}

impl ProxyFault {
    /// What it means that `proxy` asks for credentials.
    pub(crate) fn wants_credentials(proxy: &Proxy) -> Self {
        if proxy.authorization().is_some() { Self::RejectsCredentials } else { Self::WantsCredentials }
    }

    /// Whether it may be over without anybody's doing.
    pub(crate) fn may_pass(self) -> bool {
        match self {
            Self::Unreachable | Self::Silent | Self::BreaksOff => true,
            Self::Refuses { status } => status.is_none_or(|status| status >= 500),
            Self::Nonsense | Self::WantsCredentials | Self::RejectsCredentials => false,
        }
    }

    /// Says what `proxy` did when `host` was to be reached.
    pub(super) fn say(self, proxy: &str, host: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable => write!(f, "cannot reach the proxy {proxy}"),
            Self::Silent => write!(f, "the proxy {proxy} does not answer in time"),
            Self::BreaksOff => write!(f, "the proxy {proxy} breaks the connection off"),
            Self::Nonsense => write!(f, "the proxy {proxy} does not answer in HTTP"),
            Self::WantsCredentials => write!(f, "the proxy {proxy} wants credentials"),
            Self::RejectsCredentials => write!(f, "the proxy {proxy} rejects the credentials"),
            Self::Refuses { status: None } => write!(f, "the proxy {proxy} does not connect to {host}"),
            Self::Refuses { status: Some(status) } => {
                write!(f, "the proxy {proxy} does not connect to {host} ({status})")
            }
        }
    }

    /// What a person can do about it.
    pub(super) fn advice(self, proxy: &str, host: &str) -> String {
        match self {
            Self::Unreachable | Self::Silent | Self::BreaksOff => {
                "check that the proxy runs, and that `proxy`, or HTTPS_PROXY in the environment, names it"
                    .to_owned()
            }
            Self::Nonsense => {
                "check that `proxy`, or HTTPS_PROXY in the environment, names an HTTP proxy and its port"
                    .to_owned()
            }
            Self::WantsCredentials => format!("set `proxy` to http://user:password@{proxy}"),
            Self::RejectsCredentials => format!(
                "correct user and password in `proxy`, http://user:password@{proxy}; write signs like @ as %40"
            ),
            Self::Refuses { .. } => {
                format!(
                    "have {host} allowed by the proxy, or name it in NO_PROXY if it is reached without one"
                )
            }
        }
    }
}
