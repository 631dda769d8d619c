//! How long to wait before the next attempt.

use std::time::Duration;

const FIRST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(60);

/// Waits that double from one second to a minute, each shortened at random by up to half, so that
/// a thousand accounts do not return at the same moment.
#[derive(Debug)]
pub(super) struct Backoff {
    failures: u32,
    random: u64,
}

impl Backoff {
    /// `seed` decides the random part; accounts should have different ones.
    pub(super) fn new(seed: u64) -> Self {
        Self { failures: 0, random: seed }
    }

    /// Failures in a row.
    pub(super) fn failures(&self) -> u32 {
        self.failures
    }

    /// Counts a failure; answers how long to wait.
    pub(super) fn fail(&mut self) -> Duration {
        let whole = FIRST.saturating_mul(1 << self.failures.min(6)).min(LONGEST);
        self.failures = self.failures.saturating_add(1);
        self.shortened(whole)
    }

    /// A wait of about `whole`, for what is not on the doubling ladder.
    pub(super) fn shortened(&mut self, whole: Duration) -> Duration {
        let half = whole / 2;
        half + half.mul_f64(self.fraction())
    }

    /// Starts over.
    pub(super) fn reset(&mut self) {
        self.failures = 0;
    }

    /// A number in 0..1, by splitmix64.
    fn fraction(&mut self) -> f64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.random;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^= bits >> 31;
        let high = u32::try_from(bits >> 32).unwrap_or_default();
        f64::from(high) / (f64::from(u32::MAX) + 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_a_minute_and_keep_at_least_half() {
        let mut backoff = Backoff::new(7);
        for whole in [1, 2, 4, 8, 16, 32, 60, 60, 60] {
            let (whole, wait) = (Duration::from_secs(whole), backoff.fail());
            assert!(wait >= whole / 2 && wait < whole, "{wait:?} of {whole:?}");
        }
        backoff.reset();
        assert!(backoff.fail() < FIRST);
    }

    #[test]
    fn accounts_do_not_return_at_the_same_moment() {
        let waits: Vec<_> = (0..20).map(|seed| Backoff::new(seed).fail()).collect();
        let distinct: std::collections::HashSet<_> = waits.iter().collect();
        assert_eq!(distinct.len(), waits.len());
    }
}
