//! Whether the machine has slept: the clock on the wall goes on meanwhile, the other one does not.

use std::time::{Duration, Instant};

/// How far the clock on the wall may run ahead between two looks without meaning a sleep.
const DRIFT_MS: i64 = 5_000;

/// Compares the two clocks at each look.
#[derive(Debug, Default)]
pub(super) struct Wake {
    last: Option<(Instant, i64)>,
}

impl Wake {
    /// Looks at both clocks, `unix_ms` being milliseconds since the Unix epoch. Answers for how long
    /// the machine has slept since the last look, if it has; a clock that somebody sets forward looks
    /// the same.
    pub(super) fn look(&mut self, now: Instant, unix_ms: i64) -> Option<Duration> {
        let (then, then_ms) = self.last.replace((now, unix_ms))?;
        let passed = i64::try_from(now.saturating_duration_since(then).as_millis()).unwrap_or(i64::MAX);
        let ahead = unix_ms.saturating_sub(then_ms).saturating_sub(passed);
        (ahead > DRIFT_MS).then(|| Duration::from_millis(ahead.unsigned_abs()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock;

    const S: Duration = Duration::from_secs(1);

    #[test]
    fn only_a_wall_clock_that_runs_ahead_means_a_sleep() {
        let (mut wake, now) = (Wake::default(), clock::now());
        assert_eq!(wake.look(now, 1_000_000), None, "the first look compares nothing");
        assert_eq!(wake.look(now + 60 * S, 1_060_000), None);
        assert_eq!(wake.look(now + 61 * S, 1_066_000), None, "five seconds are drift");
        assert_eq!(wake.look(now + 62 * S, 4_667_000), Some(3600 * S));
        assert_eq!(wake.look(now + 63 * S, 4_668_000), None, "it is told once");
        assert_eq!(wake.look(now + 64 * S, 0), None, "a clock set back is no sleep");
    }
}
