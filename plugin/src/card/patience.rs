//! How often, and for how long, each step of a card's end is tried.

use std::time::{Duration, Instant};

/// The limits of one step. What it takes to find out that a card will not show an answer adds up to half
/// a minute: after that people get it as a message, while they still wait for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Limits {
    pub(super) tries: u32,
    pub(super) within: Duration,
}

impl Limits {
    pub(super) const CREATING: Self = Self::new(3, 20);
    /// A card with nothing on it is worth little effort.
    pub(super) const RETRACTING: Self = Self::new(2, 5);
    /// The last text matters most, so it gets most.
    pub(super) const FINALISING: Self = Self::new(6, 18);
    /// People can read it all; only the card's last state is missing.
    pub(super) const CLOSING: Self = Self::new(4, 15);
    /// The last chance to show the whole text on the card.
    pub(super) const RESCUING: Self = Self::new(3, 7);
    pub(super) const GIVING_UP: Self = Self::new(2, 5);

    const fn new(tries: u32, seconds: u64) -> Self {
        Self { tries, within: Duration::from_secs(seconds) }
    }
}

/// The attempts at the present step.
#[derive(Clone, Copy, Debug)]
pub(super) struct Attempts {
    left: u32,
    until: Option<Instant>,
    /// DingTalk has just answered oddly.
    odd: bool,
}

impl Attempts {
    /// At a step without an end of its own.
    pub(super) fn unlimited() -> Self {
        Self { left: u32::MAX, until: None, odd: false }
    }

    pub(super) fn at(limits: Limits, now: Instant) -> Self {
        Self { left: limits.tries, until: Some(now + limits.within), odd: false }
    }

    /// They are given up no later than `others`.
    pub(super) fn end_with(&mut self, others: Self) {
        self.until = [self.until, others.until].into_iter().flatten().min();
    }

    /// When the step is given up.
    pub(super) fn until(&self) -> Option<Instant> {
        self.until
    }

    /// One failed; whether there may be another, not before `again`.
    pub(super) fn another(&mut self, again: Instant) -> bool {
        self.left = self.left.saturating_sub(1);
        self.left > 0 && self.until.is_none_or(|until| again < until)
    }

    /// Whether an odd answer follows another one.
    pub(super) fn is_odd_again(&mut self) -> bool {
        std::mem::replace(&mut self.odd, true)
    }

    /// One went well.
    pub(super) fn reassured(&mut self) {
        self.odd = false;
    }
}
