//! What was measured of one plugin.

use super::{memory::Memory, round::Round};
use std::{fmt, time::Duration};

/// What became of one message, since it was pushed.
pub(super) struct Answered {
    /// Until it was acknowledged.
    pub(super) ack: Duration,
    /// Until the model was asked.
    pub(super) asked: Duration,
    /// Until the first words of its answer were to be read.
    pub(super) first: Duration,
    /// Until the model had said all of it.
    pub(super) said: Duration,
    /// Until all of it was to be read.
    pub(super) whole: Duration,
    /// Until its card said that nothing follows, or its message was there; `None`: not while it was looked at.
    pub(super) ended: Option<Duration>,
    /// What it took of DingTalk's calls.
    pub(super) calls: usize,
}

/// All of it.
#[derive(Default)]
pub(super) struct Figures {
    /// Short answers.
    pub(super) short: Vec<Answered>,
    /// Those of three seconds.
    pub(super) long: Vec<Answered>,
    /// Of the gateway.
    pub(super) memory: Vec<Memory>,
    /// Of a Node.js that does nothing else.
    pub(super) bare: Vec<Memory>,
}

impl Figures {
    pub(super) fn add(&mut self, round: Round) {
        self.short.extend(round.short);
        self.long.push(round.long);
    }

    /// Milliseconds of each answer, in the order in which they were given.
    pub(super) fn of(answers: &[Answered], which: impl Fn(&Answered) -> Duration) -> Vec<f64> {
        answers.iter().map(|answered| milliseconds(which(answered))).collect()
    }

    /// Milliseconds of each answer from `from` to its end; nothing where one was not ended.
    pub(super) fn of_ends(answers: &[Answered], from: impl Fn(&Answered) -> Duration) -> Vec<f64> {
        let end = |answered: &Answered| Some(milliseconds(answered.ended?.saturating_sub(from(answered))));
        let ends: Option<Vec<_>> = answers.iter().map(end).collect();
        ends.unwrap_or_default()
    }

    /// The same of short and long ones.
    pub(super) fn of_all(&self, which: impl Fn(&Answered) -> Duration + Copy) -> Vec<f64> {
        [Self::of(&self.short, which), Self::of(&self.long, which)].concat()
    }
}

/// Of each sample of memory.
pub(super) fn of_memory(samples: &[Memory], which: impl Fn(&Memory) -> u64) -> Vec<f64> {
    #[allow(clippy::cast_precision_loss, reason = "less than 2^52 bytes")]
    samples.iter().map(|memory| which(memory) as f64).collect()
}

impl fmt::Display for Answered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [ack, asked, first, whole] = [self.ack, self.asked, self.first, self.whole].map(milliseconds);
        write!(f, "ACK {ack:.1}, model asked {asked:.0}, first words {first:.0}, ")?;
        let ended =
            self.ended.map_or_else(|| "not".to_owned(), |ended| format!("{:.0} ms", milliseconds(ended)));
        write!(f, "whole {whole:.0} ms, ended {ended}, {} calls", self.calls)
    }
}

pub(super) fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}
