//! When a card's next partial text may leave, and how long a final one waits for it.

use std::time::{Duration, Instant};

/// The longest that a final text waits for the answer to a partial one.
const LONGEST_GRACE: Duration = Duration::from_secs(1);
/// As many round trips are remembered.
const REMEMBERED: usize = 9;

/// How often a card is updated while its text grows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pace {
    /// Once in this time at most.
    Every(Duration),
    /// Not at all: the card is created and finalised. For those who have to be thrifty.
    Never,
}

/// The rhythm of one card.
#[derive(Clone, Debug)]
pub(super) struct Tempo {
    pace: Pace,
    /// When a request with words left last.
    words_at: Option<Instant>,
    /// When one of any kind left last.
    partial_at: Option<Instant>,
    /// DingTalk asked to be left alone until then.
    held_until: Option<Instant>,
    round_trips: Vec<Duration>,
}

impl Tempo {
    pub(super) fn new(pace: Pace) -> Self {
        Self { pace, words_at: None, partial_at: None, held_until: None, round_trips: Vec::new() }
    }

    pub(super) fn pace(&self) -> Pace {
        self.pace
    }

    pub(super) fn set_pace(&mut self, pace: Pace) {
        self.pace = pace;
    }

    /// When a partial request for new words may leave; `None`: at once. The first words wait for nothing.
    pub(super) fn words_due(&self) -> Option<Instant> {
        self.after(self.words_at)
    }

    /// When one for a new status may leave; `None`: at once.
    pub(super) fn status_due(&self) -> Option<Instant> {
        self.after(self.words_at.max(self.partial_at))
    }

    pub(super) fn held_until(&self) -> Option<Instant> {
        self.held_until
    }

    /// DingTalk takes nothing until then; `None`: it does.
    pub(super) fn hold(&mut self, until: Option<Instant>) {
        self.held_until = until;
    }

    /// A request leaves that brings new words, or a new status.
    pub(super) fn leaves(&mut self, new_words: bool, now: Instant) {
        if new_words {
            self.words_at = Some(now);
        }
        self.partial_at = Some(now);
    }

    /// A request was answered after this long.
    pub(super) fn learn(&mut self, round_trip: Duration) {
        if self.round_trips.len() == REMEMBERED {
            self.round_trips.remove(0);
        }
        self.round_trips.push(round_trip);
    }

    /// How long a final text waits for a partial one that is under way: four usual round trips.
    pub(super) fn grace(&self) -> Duration {
        let mut sorted = self.round_trips.clone();
        sorted.sort_unstable();
        sorted.get(sorted.len() / 2).map_or(LONGEST_GRACE, |median| (*median * 4).min(LONGEST_GRACE))
    }

    fn after(&self, last: Option<Instant>) -> Option<Instant> {
        match self.pace {
            Pace::Every(interval) => last.map(|last| last + interval),
            Pace::Never => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_slow_round_trip_among_quick_ones_does_not_lengthen_the_grace() {
        let mut tempo = Tempo::new(Pace::Never);
        assert_eq!(tempo.grace(), LONGEST_GRACE, "nothing is known yet");
        for millis in [50, 5_000, 60] {
            tempo.learn(Duration::from_millis(millis));
        }
        assert_eq!(tempo.grace(), Duration::from_millis(240));
        (0..REMEMBERED).for_each(|_| tempo.learn(Duration::from_secs(3)));
        assert_eq!(tempo.grace(), LONGEST_GRACE);
    }
}
