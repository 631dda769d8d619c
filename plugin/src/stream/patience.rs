//! How long to wait after what went wrong, and whether it takes a person.

use super::{backoff::Backoff, setback::Nature};
use std::time::Duration;

/// What takes a person is tried again this often: they may have corrected it.
pub(super) const PROBE: Duration = Duration::from_secs(60);
/// Refusals other than of credentials in a row after which a person is needed.
const REFUSALS: u32 = 3;

/// What a row of failures has come to.
#[derive(Debug)]
pub(super) struct Patience {
    backoff: Backoff,
    /// Refusals in a row that were not about credentials.
    refusals: u32,
}

/// What follows from a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pause {
    /// It passes; the next attempt is due after this long.
    Passing(Duration),
    /// A person is needed; the next attempt is due after this long all the same.
    Blocked(Duration),
}

impl Patience {
    /// `seed` is for the random part of waits; accounts should have different ones.
    pub(super) fn new(seed: u64) -> Self {
        Self { backoff: Backoff::new(seed), refusals: 0 }
    }

    /// An attempt failed.
    pub(super) fn after(&mut self, failure: Nature) -> Pause {
        match failure {
            Nature::Credentials => return Pause::Blocked(PROBE),
            Nature::Refused => {
                self.refusals += 1;
                if self.refusals >= REFUSALS {
                    return Pause::Blocked(PROBE);
                }
            }
            Nature::Passing | Nature::Throttled(_) => {}
        }
        let least = if let Nature::Throttled(pause) = failure { pause } else { Duration::ZERO };
        Pause::Passing(self.backoff.fail().max(least))
    }

    /// A link was lost: how long to wait.
    pub(super) fn after_loss(&mut self) -> Duration {
        self.backoff.fail()
    }

    /// DingTalk invites us: it refuses nothing any more.
    pub(super) fn on_invited(&mut self) {
        self.refusals = 0;
    }

    /// A link turned out to be of use.
    pub(super) fn on_success(&mut self) {
        self.backoff.reset();
    }

    /// Failures in a row.
    pub(super) fn failures(&self) -> u32 {
        self.backoff.failures()
    }
}
