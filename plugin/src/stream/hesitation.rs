//! A host that does not take messages, as the log tells it: a line when that begins, and one when it is
//! over, however many messages it is about.

use std::time::{Duration, Instant};

/// It is over when no message is left that was put off, and none has been for so long: a host that takes
/// and refuses by turns is one trouble, not many.
const CALM: Duration = Duration::from_secs(10);

/// Whether the host takes messages, for the log.
#[derive(Debug, Default)]
pub(super) struct Hesitation {
    /// When a message was last put off; `None` while the host takes all.
    last: Option<Instant>,
    /// The messages that were put off since it began.
    messages: u64,
}

impl Hesitation {
    /// A message was put off, and this was the given attempt, from 1. Answers whether it is the first
    /// one since the host took all.
    pub(super) fn on_put_off(&mut self, attempt: u32, now: Instant) -> bool {
        self.messages += u64::from(attempt == 1);
        self.last.replace(now).is_none()
    }

    /// So many messages that were put off are left. Answers how many there were when it is over; says so
    /// once, and no sooner than it is asked.
    pub(super) fn ended(&mut self, left: usize, now: Instant) -> Option<u64> {
        self.last.take_if(|last| left == 0 && now >= *last + CALM)?;
        Some(std::mem::take(&mut self.messages))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock;

    const S: Duration = Duration::from_secs(1);

    #[test]
    fn a_flood_of_refusals_is_told_when_it_begins_and_when_it_is_over() {
        let (mut hesitation, now) = (Hesitation::default(), clock::now());
        let told = (0..300).filter(|_| hesitation.on_put_off(1, now)).count();
        assert_eq!(told, 1);
        assert!(!hesitation.on_put_off(2, now + S), "nor is another attempt");
        assert_eq!(hesitation.ended(1, now + 60 * S), None, "one still waits");
        assert_eq!(hesitation.ended(0, now + 60 * S), Some(300));
        assert_eq!(hesitation.ended(0, now + 60 * S), None, "once");
    }

    #[test]
    fn a_host_that_takes_and_refuses_by_turns_is_told_as_one_trouble() {
        let (mut hesitation, mut now) = (Hesitation::default(), clock::now());
        assert!(hesitation.on_put_off(1, now));
        for _ in 0..50 {
            now += CALM - S;
            assert_eq!(hesitation.ended(0, now), None);
            assert!(!hesitation.on_put_off(1, now));
        }
        assert_eq!(hesitation.ended(0, now + CALM), Some(51));
        assert!(hesitation.on_put_off(1, now + CALM), "the next one is another");
    }
}
