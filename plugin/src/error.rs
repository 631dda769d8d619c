//! What can go wrong, by what one can do about it.

mod proxy_fault;

pub(crate) use proxy_fault::ProxyFault;

use host_sdk::{ChannelError, ErrorCode};
use std::{error::Error as StdError, fmt, sync::Arc, time::Duration};

/// What the fallible functions of this crate answer.
pub(crate) type Result<T, E = Error> = std::result::Result<T, E>;

/// A failure: what kind it is, what was being done, and what caused it.
///
/// It can be cloned, because one failed request may have had several people waiting for it. It
/// holds no secret, no token and no URL.
#[derive(Clone, Debug)]
pub(crate) struct Error {
    kind: ErrorKind,
    during: &'static str,
    /// What to do about it, where the kind alone does not tell.
    advice: Option<&'static str>,
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

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
        /// How long to leave it alone.
        retry_after: Duration,
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

impl Error {
    /// A failure of `kind` while doing `during`, such as `opening the Stream connection`.
    pub(crate) fn new(kind: ErrorKind, during: &'static str) -> Self {
        Self { kind, during, advice: None, source: None }
    }

    /// Records the cause.
    #[must_use]
    pub(crate) fn because(mut self, cause: impl StdError + Send + Sync + 'static) -> Self {
        self.source = Some(Arc::new(cause));
        self
    }

    /// Says what to do about it, where the kind alone does not tell.
    #[must_use]
    pub(crate) fn advising(mut self, advice: &'static str) -> Self {
        self.advice = Some(advice);
        self
    }

    /// What kind of failure it is.
    pub(crate) fn kind(&self) -> &ErrorKind {
        &self.kind
    }

    /// Whether the credentials or the token were rejected.
    pub(crate) fn is_auth(&self) -> bool {
        matches!(self.kind, ErrorKind::Auth { .. })
    }

    /// Whether DingTalk refused with `code`.
    pub(crate) fn has_code(&self, code: &str) -> bool {
        matches!(&self.kind, ErrorKind::Rejected { code: given, .. } if given == code)
    }

    /// Whether DingTalk will not do it, now or later.
    pub(crate) fn is_rejected(&self) -> bool {
        matches!(self.kind, ErrorKind::Rejected { .. })
    }

    /// Whether a permission is missing.
    pub(crate) fn is_permission(&self) -> bool {
        matches!(self.kind, ErrorKind::Permission { .. })
    }

    /// Whether the request may have taken effect although it failed.
    pub(crate) fn is_ambiguous(&self) -> bool {
        match &self.kind {
            ErrorKind::Network { ambiguous, .. } | ErrorKind::Timeout { ambiguous } => *ambiguous,
            ErrorKind::Server { status, code } => match code.as_str() {
                "" => *status != 503,
                "operationTimeout" | "service.timeout" | "unknown.send.result" | "unknownError" => true,
                _ => false, // DingTalk says itself that it did not
            },
            _ => false,
        }
    }

    /// How long to wait before trying again; `None` if that will not help.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        match &self.kind {
            ErrorKind::RateLimited { retry_after } => Some(*retry_after),
            ErrorKind::Proxy { fault, .. } => fault.may_pass().then_some(Duration::from_secs(1)),
            ErrorKind::Server { .. } | ErrorKind::Network { .. } | ErrorKind::Timeout { .. } => {
                Some(Duration::from_secs(1))
            }
            _ => None,
        }
    }

    /// What a person can do about it.
    pub(crate) fn advice(&self) -> String {
        if let Some(advice) = self.advice {
            return advice.to_owned();
        }
        match &self.kind {
            ErrorKind::Auth { .. } => "check clientId and clientSecret against the app's \
                \"Credentials\" page in DingTalk's developer console, stray spaces included"
                .into(),
            ErrorKind::Permission { apply_url, .. } => format!("apply for it at {apply_url}"),
            ErrorKind::IpNotAllowed => {
                "add this machine's public address to the app's IP allow list, or empty the list".into()
            }
            ErrorKind::Network { host, .. } => {
                format!("check that this machine reaches {host} (name, firewall, proxy)")
            }
            ErrorKind::Proxy { proxy, host, fault } => fault.advice(proxy, host),
            ErrorKind::Untrusted { host } => format!(
                "if a company's gateway or proxy stands before {host}, set `caFile` to the PEM file of its \
                 certificate authority, or install that in the operating system"
            ),
            ErrorKind::Timeout { .. } => "check the network; DingTalk may be slow just now".into(),
            ErrorKind::RateLimited { .. } | ErrorKind::Server { .. } => "try again later".into(),
            ErrorKind::Quota => "buy more API calls, or wait for the next month".into(),
            ErrorKind::Rejected { .. } => "DingTalk's code tells what to correct".into(),
            ErrorKind::Protocol => "check that no proxy answers in DingTalk's place".into(),
            ErrorKind::NoTrust => {
                "install the system's CA certificates (package ca-certificates), or set `caFile`".into()
            }
            ErrorKind::CaFile { .. } => "correct `caFile`".into(),
            ErrorKind::Config { key } => format!("correct {key}"),
        }
    }

    /// One sentence for people: what went wrong and what to do.
    pub(crate) fn sentence(&self) -> String {
        format!("{self}; {}", self.advice())
    }

    /// What caused it and what caused that, for logs; empty if nothing is known.
    pub(crate) fn causes(&self) -> String {
        let mut causes: Vec<String> = Vec::new();
        let mut next = self.source();
        while let Some(cause) = next {
            let said = cause.to_string();
            // Some errors quote their cause and name it as well.
            if !causes.last().is_some_and(|last| last.contains(&said)) {
                causes.push(said);
            }
            next = cause.source();
        }
        causes.join(": ")
    }

    fn code(&self) -> ErrorCode {
        match &self.kind {
            ErrorKind::Auth { .. } => ErrorCode::Auth,
            ErrorKind::Permission { .. } => ErrorCode::Permission,
            ErrorKind::RateLimited { .. } => ErrorCode::RateLimited,
            ErrorKind::IpNotAllowed | ErrorKind::Quota | ErrorKind::Rejected { .. } => ErrorCode::Rejected,
            ErrorKind::Timeout { .. } => ErrorCode::Timeout,
            ErrorKind::Proxy { fault, .. } if !fault.may_pass() => ErrorCode::Config,
            ErrorKind::Server { .. }
            | ErrorKind::Network { .. }
            | ErrorKind::Proxy { .. }
            | ErrorKind::Protocol => ErrorCode::Network,
            ErrorKind::Untrusted { .. }
            | ErrorKind::NoTrust
            | ErrorKind::CaFile { .. }
            | ErrorKind::Config { .. } => ErrorCode::Config,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.during, self.kind)
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

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

impl From<Error> for ChannelError {
    fn from(error: Error) -> Self {
        let mut out = Self::new(error.code(), error.sentence());
        if !error.is_ambiguous()
            && let Some(after) = error.retry_after()
        {
            out = out.retry_after(after);
        }
        match error.source() {
            Some(cause) => out.because(cause),
            None => out,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_credentials_read_as_one_sentence_that_says_what_to_do() {
        let error =
            Error::new(ErrorKind::Auth { code: "authFailed".into() }, "opening the Stream connection");
        let told = ChannelError::from(error);
        assert_eq!(told.code, ErrorCode::Auth);
        assert!(!told.is_retryable());
        assert!(told.message.starts_with(
            "opening the Stream connection: DingTalk rejects the credentials (authFailed); check clientId"
        ));
    }

    #[test]
    fn an_unreachable_host_is_named_and_the_cause_kept() {
        let kind = ErrorKind::Network { host: "api.dingtalk.com".into(), ambiguous: false };
        let told = ChannelError::from(
            Error::new(kind, "fetching a token").because(std::io::Error::other("refused")),
        );
        assert!(told.message.contains("cannot reach api.dingtalk.com"));
        assert_eq!(told.causes, "refused");
        assert!(told.is_retryable());
    }

    #[test]
    fn a_failure_that_dingtalk_admits_is_not_ambiguous() {
        let failed = |status, code: &str| {
            Error::new(ErrorKind::Server { status, code: code.into() }, "sending").is_ambiguous()
        };
        assert!(!failed(200, "-1") && !failed(500, "system.busy") && !failed(503, ""));
        assert!(failed(502, "") && failed(504, "service.timeout"));
    }

    #[test]
    fn a_send_that_may_have_arrived_is_not_called_retryable() {
        let told = ChannelError::from(Error::new(ErrorKind::Timeout { ambiguous: true }, "sending"));
        assert!(!told.is_retryable());
    }
}
