//! Times in which nobody may call.

use crate::error::Limit;
use std::time::{Duration, Instant};

/// The window of the limit per second.
const SECOND: Duration = Duration::from_secs(1);
/// How long to leave an API alone that everybody calls too often, at first and at most.
const API: (Duration, Duration) = (SECOND, Duration::from_secs(32));
/// How long to leave an API alone whose calls of a minute are used up, at first and at most: how much
/// of the minute is left is not told.
const MINUTE: (Duration, Duration) = (Duration::from_secs(5), Duration::from_secs(60));
/// How long a banned address stays so.
pub(super) const BAN: Duration = Duration::from_secs(300);

/// The pause of one API.
#[derive(Debug, Default)]
pub(super) struct Pause {
    until: Option<Instant>,
    /// The length of the last one, while nothing has been taken since.
    last: Duration,
    test: Test,
}

/// Whether a first call has to show that the pause was long enough.
#[derive(Debug, Default, PartialEq, Eq)]
enum Test {
    #[default]
    NotNeeded,
    Due,
    UnderWay {
        since: Instant,
    },
}

impl Pause {
    /// A refusal of this kind begins or extends it.
    pub(super) fn begin(&mut self, limit: Limit, now: Instant) {
        let (first, most) = match limit {
            Limit::AppSecond => (SECOND, SECOND),
            Limit::Api => API,
            Limit::AppMinute => MINUTE,
            Limit::Address | Limit::Recipient => return, // of all APIs, or of none
        };
        self.last = (self.last * 2).clamp(first, most);
        self.until = self.until.max(Some(now + self.last));
        if limit != Limit::AppSecond {
            self.test = Test::Due; // a second is known to be over after a second
        }
    }

    /// The first moment at which a call may go; `None` until the one that tests it is answered.
    pub(super) fn over(&self, now: Instant) -> Option<Instant> {
        match self.test {
            Test::UnderWay { .. } => None,
            Test::Due | Test::NotNeeded => Some(self.until.map_or(now, |until| until.max(now))),
        }
    }

    /// A call goes.
    pub(super) fn on_call(&mut self, now: Instant) {
        if self.test == Test::Due {
            self.test = Test::UnderWay { since: now };
        }
    }

    /// Whether the call that was sent at `sent` tests if it is over.
    pub(super) fn is_tested_by(&self, sent: Instant) -> bool {
        self.test == Test::UnderWay { since: sent }
    }

    /// The call that was sent at `sent` was taken.
    pub(super) fn on_accepted(&mut self, sent: Instant) {
        if self.until.is_none_or(|until| sent >= until) {
            *self = Self::default();
        }
    }

    /// Nobody knows what became of the call that was sent at `sent`.
    pub(super) fn on_unknown(&mut self, sent: Instant) {
        if self.is_tested_by(sent) {
            self.test = Test::Due;
        }
    }
}
