//! What can go wrong, by what one can do about it.

mod kind;
mod proxy_fault;

pub(crate) use kind::{ErrorKind, Limit};
pub(crate) use proxy_fault::ProxyFault;

use host_sdk::ChannelError;
use std::{error::Error as StdError, fmt, sync::Arc, time::Duration};

/// What the fallible functions of this crate answer.
pub(crate) type Result<T, E = Error> = std::result::Result<T, E>;

/// A failure: what kind it is, what was being done, and what caused it.
///
/// It can be cloned, because one failed request may have had several people waiting for it. It
/// holds no secret, no token and no URL.
#[derive(Clone, Debug)]
pub(crate) struct Error {
    /// Apart, so that results stay small where nothing fails.
    kind: Box<ErrorKind>,
    during: &'static str,
    /// What to do about it, where the kind alone does not tell.
    advice: Option<&'static str>,
    /// Boxed once more, so that it takes one word: errors travel in many results.
    source: Option<Arc<Box<dyn StdError + Send + Sync>>>,
    /// Whether it struck before the request itself could leave.
    is_early: bool,
}

impl Error {
    /// A failure of `kind` while doing `during`, such as `opening the Stream connection`.
    pub(crate) fn new(kind: ErrorKind, during: &'static str) -> Self {
        Self { kind: Box::new(kind), during, advice: None, source: None, is_early: false }
    }

    /// Records the cause.
    #[must_use]
    pub(crate) fn because(mut self, cause: impl StdError + Send + Sync + 'static) -> Self {
        self.source = Some(Arc::new(Box::new(cause)));
        self
    }

    /// Says what to do about it, where the kind alone does not tell.
    #[must_use]
    pub(crate) fn advising(mut self, advice: &'static str) -> Self {
        self.advice = Some(advice);
        self
    }

    /// It struck before the request itself could leave, which therefore had no effect.
    #[must_use]
    pub(crate) fn early(mut self) -> Self {
        self.is_early = true;
        self
    }

    /// What was being done.
    pub(crate) fn during(&self) -> &'static str {
        self.during
    }

    /// What kind of failure it is.
    pub(crate) fn kind(&self) -> &ErrorKind {
        &self.kind
    }

    /// Whether the credentials or the token were rejected.
    pub(crate) fn is_auth(&self) -> bool {
        matches!(*self.kind, ErrorKind::Auth { .. })
    }

    /// Whether DingTalk refused with `code`.
    pub(crate) fn has_code(&self, code: &str) -> bool {
        matches!(&*self.kind, ErrorKind::Rejected { code: given, .. } if given == code)
    }

    /// Whether DingTalk says no more than that something went wrong.
    pub(crate) fn is_unknown(&self) -> bool {
        matches!(&*self.kind, ErrorKind::Server { code, .. } if code == "unknownError")
    }

    /// Whether DingTalk will not do it, now or later.
    pub(crate) fn is_rejected(&self) -> bool {
        matches!(*self.kind, ErrorKind::Rejected { .. })
    }

    /// Whether a permission is missing.
    pub(crate) fn is_permission(&self) -> bool {
        matches!(*self.kind, ErrorKind::Permission { .. })
    }

    /// Whether the app's limits refused it, which left everything as it was: in its next turn it may pass.
    pub(crate) fn is_throttled(&self) -> bool {
        matches!(&*self.kind, ErrorKind::RateLimited { limit, .. } if *limit != Limit::Recipient)
    }

    /// Whether the request may have taken effect although it failed.
    pub(crate) fn is_ambiguous(&self) -> bool {
        !self.is_early && self.kind.is_ambiguous()
    }

    /// How long to wait before trying again; `None` if that will not help.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        self.kind.retry_after()
    }

    /// What a person can do about it.
    pub(crate) fn advice(&self) -> String {
        self.advice.map_or_else(|| self.kind.advice(), str::to_owned)
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
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.during, self.kind)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_ref().map(|source| &***source as _)
    }
}

impl From<Error> for ChannelError {
    fn from(error: Error) -> Self {
        let mut out = Self::new(error.kind.code(), error.sentence());
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
mod tests;
