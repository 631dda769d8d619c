//! Why something did not work, in a form that both sides can act on.

use super::Json;
use crate::abi::{crossing_struct, open_set};
use std::{error::Error, fmt, time::Duration};

open_set! {
    /// What kind of failure it is: what the one who asked can do about it.
    pub struct ErrorCode(u16) {
        /// A fault of the plugin's own.
        Internal = 0 as "internal",
        /// The configuration is wrong or misses something.
        Config = 1 as "config",
        /// The platform rejects the credentials.
        Auth = 2 as "auth",
        /// The platform rejects this request; repeating it will not help.
        Rejected = 3 as "rejected",
        /// The platform asks to slow down.
        RateLimited = 4 as "rateLimited",
        /// Nothing answered: name, connection, TLS, timeout.
        Network = 5 as "network",
        /// This plugin does not do that.
        Unsupported = 6 as "unsupported",
        /// Called in the wrong state: not started, already stopped.
        State = 7 as "state",
        /// It ended without an answer, because the channel stopped or the task was dropped.
        Cancelled = 8 as "cancelled",
        /// The code that worked on it panicked.
        Panicked = 9 as "panicked",
        /// No answer in time.
        Timeout = 10 as "timeout",
        /// Too much is under way already.
        Busy = 11 as "busy",
        /// A permission is missing on the platform's side.
        Permission = 12 as "permission",
    }
}

crossing_struct! {
    /// A failure: its kind, whether to try again, a sentence for people, and its causes.
    pub struct ChannelError as RawChannelError {
        /// Its kind.
        pub code: ErrorCode,
        /// Milliseconds after which trying again may help; `None` if it will not.
        pub retry_after_ms: Option<u64>,
        /// What went wrong and what to do, without any secret.
        pub message: String,
        /// The chain of causes, outermost first, one a line.
        pub causes: String,
        /// Details by name.
        pub extra: Json,
    }
}

/// What most calls of this crate answer.
pub type Result<T, E = ChannelError> = std::result::Result<T, E>;

impl ChannelError {
    /// A failure of kind `code`, told in `message`.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), ..Self::default() }
    }

    /// The plugin does not implement `what`.
    pub fn unsupported(what: &str) -> Self {
        Self::new(ErrorCode::Unsupported, format!("this channel does not support `{what}`"))
    }

    /// Trying again after `after` may help.
    #[must_use]
    pub fn retry_after(mut self, after: Duration) -> Self {
        self.retry_after_ms = Some(u64::try_from(after.as_millis()).unwrap_or(u64::MAX));
        self
    }

    /// Records `cause` and what caused it.
    #[must_use]
    pub fn because(mut self, cause: &dyn Error) -> Self {
        let mut lines = Vec::new();
        let mut next: Option<&dyn Error> = Some(cause);
        while let Some(error) = next {
            lines.push(error.to_string());
            next = error.source();
        }
        self.causes = lines.join("\n");
        self
    }

    /// Whether trying again may help.
    pub fn is_retryable(&self) -> bool {
        self.retry_after_ms.is_some()
    }
}

impl RawChannelError {
    #[cfg(test)]
    pub(crate) fn code(&self) -> ErrorCode {
        self.code
    }
}

impl fmt::Display for ChannelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for ChannelError {}
