//! The kinds of failure, and what follows from each.

use super::ProxyFault;
use host_sdk::ErrorCode;
use std::{fmt, time::Duration};

/// The kinds of failure, told apart by what a caller can do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ErrorKind {
    /// DingTalk rejects the credentials, or the token they gave.
    Auth {
        /// DingTalk's code.
        code: String,
    },
    /// The app lacks permissions.
    Permission {
        /// The missing scopes, as far as DingTalk names them.
        scopes: Vec<String>,
        /// Where to apply for the first of them.
        apply_url: String,
    },
    /// This machine's address is not on the app's allow list.
    IpNotAllowed,
    /// Too many calls just now.
    RateLimited {
        /// Which limit it was.
        limit: Limit,
        /// How long to leave it alone.
        retry_after: Duration,
    },
    /// DingTalk did not pass a message on, because it passes on enough to these people already.
    HeldBack {
        /// Their staff ids.
        ids: Vec<String>,
    },
    /// The organisation's calls of this month are used up.
    Quota,
    /// DingTalk will not do this, and asking again will not help.
    Rejected {
        /// DingTalk's code.
        code: String,
        /// DingTalk's sentence.
        message: String,
        /// What DingTalk's support asks for; may be empty.
        request_id: String,
    },
    /// A failure on DingTalk's side that may pass.
    Server {
        /// HTTP status.
        status: u16,
        /// DingTalk's code; may be empty.
        code: String,
    },
    /// The other side was not reached, or broke off.
    Network {
        /// Which host.
        host: String,
        /// Whether the request may have arrived all the same.
        ambiguous: bool,
    },
    /// The proxy is the matter, and DingTalk was not reached.
    Proxy {
        /// Its host and port.
        proxy: String,
        /// Which host was to be reached through it.
        host: String,
        /// What is the matter with it.
        fault: ProxyFault,
    },
    /// The other side was reached, but its certificate is of nobody whom this system trusts.
    Untrusted {
        /// Which host.
        host: String,
    },
    /// No answer in time.
    Timeout {
        /// Whether the request may have arrived all the same.
        ambiguous: bool,
    },
    /// An answer that makes no sense.
    Protocol,
    /// The operating system trusts no certificate at all.
    NoTrust,
    /// The file of `caFile` is of no use.
    CaFile {
        /// Where it is.
        path: String,
    },
    /// An option does not mean anything.
    Config {
        /// Which option.
        key: &'static str,
    },
}

/// Whose calls were too many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Limit {
    /// The app's to this API, within a second.
    AppSecond,
    /// The app's to this API, within a minute.
    AppMinute,
    /// Everybody's to this API.
    Api,
    /// This machine's: DingTalk answers it nothing for five minutes.
    Address,
    /// Those to one person, one group or one webhook; others may be called.
    Recipient,
}

impl ErrorKind {
    /// Whether the request may have taken effect although it failed.
    pub(super) fn is_ambiguous(&self) -> bool {
        match self {
            Self::Network { ambiguous, .. } | Self::Timeout { ambiguous } => *ambiguous,
            Self::Server { status, code } => match code.as_str() {
                "" => *status != 503,
                "operationTimeout" | "service.timeout" | "unknown.send.result" | "unknownError" => true,
                _ => false, // DingTalk says itself that it did not
            },
            _ => false,
        }
    }

    /// How long to wait before trying again; `None` if that will not help.
    pub(super) fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::RateLimited { retry_after, .. } => Some(*retry_after),
            Self::HeldBack { .. } => Some(Duration::from_secs(60)),
            Self::Proxy { fault, .. } => fault.may_pass().then_some(Duration::from_secs(1)),
            Self::Server { .. } | Self::Network { .. } | Self::Timeout { .. } => Some(Duration::from_secs(1)),
            _ => None,
        }
    }

    /// What a person can do about it.
    pub(super) fn advice(&self) -> String {
        match self {
            Self::Auth { .. } => "check clientId and clientSecret against the app's \
                \"Credentials\" page in DingTalk's developer console, stray spaces included"
                .into(),
            Self::Permission { apply_url, .. } => format!("apply for it at {apply_url}"),
            Self::IpNotAllowed => {
                "add this machine's public address to the app's IP allow list, or empty the list".into()
            }
            Self::Network { host, .. } => {
                format!("check that this machine reaches {host} (name, firewall, proxy)")
            }
            Self::Proxy { proxy, host, fault } => fault.advice(proxy, host),
            Self::Untrusted { host } => format!(
                "if a company's gateway or proxy stands before {host}, set `caFile` to the PEM file of its \
                 certificate authority, or install that in the operating system"
            ),
            Self::Timeout { .. } => "check the network; DingTalk may be slow just now".into(),
            Self::HeldBack { .. } => "send them less, and try again in a minute".into(),
            Self::RateLimited { .. } | Self::Server { .. } => "try again later".into(),
            Self::Quota => "buy more API calls, or wait for the next month".into(),
            Self::Rejected { .. } => "DingTalk's code tells what to correct".into(),
            Self::Protocol => "check that no proxy answers in DingTalk's place".into(),
            Self::NoTrust => {
                "install the system's CA certificates (package ca-certificates), or set `caFile`".into()
            }
            Self::CaFile { .. } => "correct `caFile`".into(),
            Self::Config { key } => format!("correct {key}"),
        }
    }

    /// Its number at the boundary.
    pub(super) fn code(&self) -> ErrorCode {
        match self {
            Self::Auth { .. } => ErrorCode::Auth,
            Self::Permission { .. } => ErrorCode::Permission,
            Self::RateLimited { .. } | Self::HeldBack { .. } => ErrorCode::RateLimited,
            Self::IpNotAllowed | Self::Quota | Self::Rejected { .. } => ErrorCode::Rejected,
            Self::Timeout { .. } => ErrorCode::Timeout,
            Self::Proxy { fault, .. } if !fault.may_pass() => ErrorCode::Config,
            Self::Server { .. } | Self::Network { .. } | Self::Proxy { .. } | Self::Protocol => {
                ErrorCode::Network
            }
            Self::Untrusted { .. } | Self::NoTrust | Self::CaFile { .. } | Self::Config { .. } => {
                ErrorCode::Config
            }
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auth { code } => write!(f, "DingTalk rejects the credentials ({code})"),
            Self::Permission { scopes, .. } if scopes.is_empty() => write!(f, "the app lacks a permission"),
            Self::Permission { scopes, .. } => {
                write!(f, "the app lacks the permission {}", scopes.join(", "))
            }
            Self::IpNotAllowed => write!(f, "this machine's address is not on the app's allow list"),
            Self::RateLimited { .. } => write!(f, "too many calls just now"),
            Self::HeldBack { ids } => write!(f, "not passed on to {}, who get too much", ids.join(", ")),
            Self::Quota => write!(f, "the organisation's calls of this month are used up"),
            Self::Rejected { code, message, request_id } => {
                write!(f, "rejected with {code}: {message}")?;
                if request_id.is_empty() { Ok(()) } else { write!(f, " (request {request_id})") }
            }
            Self::Server { status, code } if code.is_empty() => write!(f, "DingTalk failed with {status}"),
            Self::Server { status, code } => write!(f, "DingTalk failed with {status} {code}"),
            Self::Network { host, ambiguous: false } => write!(f, "cannot reach {host}"),
            Self::Network { host, ambiguous: true } => write!(f, "the connection to {host} broke off"),
            Self::Proxy { proxy, host, fault } => fault.say(proxy, host, f),
            Self::Untrusted { host } => write!(f, "this system does not trust the certificate of {host}"),
            Self::Timeout { .. } => write!(f, "no answer in time"),
            Self::Protocol => write!(f, "an answer that makes no sense"),
            Self::NoTrust => write!(f, "this system trusts no certificates"),
            Self::CaFile { path } => write!(f, "{path} is of no use"),
            Self::Config { key } => write!(f, "{key} is not usable"),
        }
    }
}
