//! Whether a link still lives: when to ask it, how long to wait for its answer, and how long that took.

use std::time::{Duration, Instant};

/// Silence after which a link is asked for a sign of life.
const QUIET: Duration = Duration::from_secs(8);
/// How long each question waits for an answer. Two of them after [`QUIET`] make 16 seconds.
const PATIENCE: Duration = Duration::from_secs(4);
/// Questions without an answer that a link may leave.
const QUESTIONS: u32 = 2;
/// How long a link may take to answer after the machine has slept.
const PROMPT: Duration = Duration::from_secs(3);

/// The signs of life of one link.
///
/// A link that is looked after late, because the process itself stood still, is asked before it is
/// given up: its answer may be waiting.
#[derive(Debug)]
pub(super) struct Pulse {
    /// When to ask, or to give up.
    due: Instant,
    /// Questions since the last sign of life.
    asked: u32,
    /// Questions that may still be asked.
    left: u32,
    /// When the last question was asked.
    asked_at: Instant,
    round_trip: Option<Duration>,
}

/// What time wants of a pulse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Beat {
    /// Nothing yet.
    Steady,
    /// A question.
    Ask,
    /// It has stopped.
    Gone,
}

impl Pulse {
    /// That of a link which has just come up.
    pub(super) fn new(now: Instant) -> Self {
        Self { due: now + QUIET, asked: 0, left: QUESTIONS, asked_at: now, round_trip: None }
    }

    /// Anything arrived.
    pub(super) fn on_sign(&mut self, now: Instant) {
        (self.due, self.asked, self.left) = (now + QUIET, 0, QUESTIONS);
    }

    /// The answer to a question arrived.
    pub(super) fn on_pong(&mut self, now: Instant) {
        if self.asked == 1 {
            self.round_trip = Some(now.saturating_duration_since(self.asked_at)); // of two, nobody knows which
        }
        self.on_sign(now);
    }

    /// The machine has slept: asks at once, and waits for the answer only a moment.
    pub(super) fn verify(&mut self, now: Instant) {
        (self.due, self.left) = (now + PROMPT, 0);
        self.note_question(now);
    }

    /// Time has passed.
    pub(super) fn on_time(&mut self, now: Instant) -> Beat {
        if now < self.due {
            return Beat::Steady;
        }
        if self.left == 0 {
            return Beat::Gone;
        }
        (self.due, self.left) = (now + PATIENCE, self.left - 1);
        self.note_question(now);
        Beat::Ask
    }

    /// When [`on_time`](Self::on_time) has something to do.
    pub(super) fn due(&self) -> Instant {
        self.due
    }

    /// How long the last answer to a question took.
    pub(super) fn round_trip(&self) -> Option<Duration> {
        self.round_trip
    }

    fn note_question(&mut self, now: Instant) {
        (self.asked, self.asked_at) = (self.asked + 1, now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn silence_is_asked_twice_and_over_after_16_seconds() {
        let start = clock::now();
        let mut pulse = Pulse::new(start);
        for (seconds, beat) in [(8, Beat::Ask), (12, Beat::Ask), (16, Beat::Gone)] {
            let due = start + Duration::from_secs(seconds);
            assert_eq!(pulse.on_time(due - MS), Beat::Steady);
            assert_eq!(pulse.on_time(due), beat);
        }
    }

    #[test]
    fn who_comes_late_asks_before_giving_up() {
        let start = clock::now();
        let mut pulse = Pulse::new(start);
        let late = start + Duration::from_secs(600);
        assert_eq!(pulse.on_time(late), Beat::Ask);
        assert_eq!(pulse.on_time(late + PATIENCE), Beat::Ask);
        assert_eq!(pulse.on_time(late + 2 * PATIENCE), Beat::Gone);
    }

    #[test]
    fn after_a_sleep_an_answer_is_wanted_within_three_seconds() {
        let start = clock::now();
        let mut pulse = Pulse::new(start);
        pulse.verify(start);
        assert_eq!(pulse.on_time(start + PROMPT - MS), Beat::Steady);
        assert_eq!(pulse.on_time(start + PROMPT), Beat::Gone);
        pulse.verify(start);
        pulse.on_pong(start + MS);
        assert_eq!(pulse.due(), start + MS + QUIET);
    }

    #[test]
    fn a_round_trip_is_measured_where_one_question_was_asked() {
        let start = clock::now();
        let mut pulse = Pulse::new(start);
        pulse.on_pong(start); // unasked
        assert_eq!(pulse.round_trip(), None);
        pulse.on_time(start + QUIET);
        pulse.on_pong(start + QUIET + 40 * MS);
        assert_eq!(pulse.round_trip(), Some(40 * MS));

        let asked = pulse.due();
        pulse.on_time(asked);
        pulse.on_time(asked + PATIENCE);
        pulse.on_pong(asked + PATIENCE + MS);
        assert_eq!(pulse.round_trip(), Some(40 * MS), "the pong may be of either question");
    }
}
