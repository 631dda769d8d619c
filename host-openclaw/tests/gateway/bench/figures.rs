//! What was measured of one plugin.

use super::memory::Memory;
use std::{fmt, time::Duration};

/// What one round gave.
pub(super) struct Round {
    /// From the push to its acknowledgement, of each of its messages.
    pub(super) ack: [Duration; 2],
    /// From the push to the whole of a short answer.
    pub(super) short: Duration,
    /// From the push to the first words of an answer of three seconds.
    pub(super) first: Duration,
    /// From the push to all of it.
    pub(super) whole: Duration,
    /// What it took of DingTalk's calls.
    pub(super) calls: usize,
}

impl fmt::Display for Round {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { ack: [ack, again], short, first, whole, calls } = self;
        write!(f, "ACK {ack:.1?} and {again:.1?}, short answer {short:.0?}, first words {first:.0?}, ")?;
        write!(f, "whole answer {whole:.0?}, {calls} calls")
    }
}

/// All rounds, and the memory after them.
#[derive(Default)]
pub(super) struct Figures {
    rounds: Vec<Round>,
    pub(super) memory: Option<Memory>,
}

impl Figures {
    pub(super) fn add(&mut self, round: Round) {
        self.rounds.push(round);
    }

    pub(super) fn acks(&self) -> Vec<f64> {
        self.rounds.iter().flat_map(|round| round.ack.map(milliseconds)).collect()
    }

    /// Milliseconds of each round.
    pub(super) fn of(&self, which: impl Fn(&Round) -> Duration) -> Vec<f64> {
        self.rounds.iter().map(|round| milliseconds(which(round))).collect()
    }

    #[allow(clippy::cast_precision_loss, reason = "a few dozen")]
    pub(super) fn calls(&self) -> Vec<f64> {
        self.rounds.iter().map(|round| round.calls as f64).collect()
    }
}

/// The value that half of them are below; 0 of none.
pub(super) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}

pub(super) fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}
