//! What others get wrong, as the log tells it: a line for the first of it, then one a minute at most, however often it
//! happens. Whoever wants to know each has the counters, and the log at debug level.

use std::time::{Duration, Instant};

/// At least so long from a line to the next about the same.
const QUIET: Duration = Duration::from_mins(1);

/// One thing to complain of.
#[derive(Debug, Default)]
pub(crate) struct Complaint {
    /// When it was last told.
    told: Option<Instant>,
    /// How often it has happened since.
    times: u64,
}

impl Complaint {
    /// It has happened again. If it is to be told: how often it has since it last was, this time included.
    pub(crate) fn on_another(&mut self, now: Instant) -> Option<u64> {
        self.times += 1;
        if self.told.is_some_and(|told| now < told + QUIET) {
            return None;
        }
        self.told = Some(now);
        Some(std::mem::take(&mut self.times))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock;

    #[test]
    fn a_flood_is_told_at_once_and_then_once_a_minute_with_its_number() {
        let (mut complaint, now) = (Complaint::default(), clock::now());
        let told: Vec<_> = (0..100_000).filter_map(|_| complaint.on_another(now)).collect();
        assert_eq!(told, [1]);
        assert_eq!(complaint.on_another(now + QUIET - Duration::from_millis(1)), None);
        assert_eq!(
            complaint.on_another(now + QUIET),
            Some(100_001),
            "those between are counted, and this one"
        );
        assert_eq!(complaint.on_another(now + 10 * QUIET), Some(1), "what is rare is always told");
    }
}
