//! The result of a run, in lines that do not change.

use std::{fmt, time::Duration};

/// What became of everything that was pushed.
///
/// `pushed` is the sum of `accepted`, `lost`, and the three columns of what nobody could have saved.
#[derive(Clone, Debug, Default)]
pub struct Account {
    /// Messages that DingTalk pushed, however often.
    pub pushed: usize,
    /// Messages that the agent saw.
    pub accepted: usize,
    /// Messages that it must have seen and has not.
    pub lost: Vec<String>,
    /// Messages with more than one answer that people saw, or that the agent ran once more after a turn
    /// that had ended. A kill excuses what it did not let the host write down, a stop nothing.
    pub duplicated: Vec<String>,
    /// Messages that the agent saw, and whose answer nobody did.
    pub without_answer: Vec<String>,
    /// Messages that it saw after a later one of the same conversation.
    pub out_of_order: usize,
    /// Messages handed to the host although the plugin had handed them over before.
    pub handed_over_again: usize,
    /// Messages with a push on an open connection that was never acknowledged.
    pub unanswered: usize,
    /// Messages that had not been acknowledged at a kill, and were not pushed again.
    pub unacknowledged_at_a_kill: usize,
    /// Messages that crossed the goodbye of a stop, and were not pushed again.
    pub unacknowledged_at_a_stop: usize,
    /// Messages that the network swallowed, and that were not pushed again.
    pub swallowed: usize,
    /// Messages with more than one answer that people saw, because the host was killed right after an answer,
    /// before it could be written down that it was given.
    pub answered_again_after_a_kill: usize,
    /// Messages whose answer was on its way when the host was killed, that DingTalk did not take, and that is
    /// not given again, since nobody can know.
    pub unknown_after_a_kill: usize,
    /// Turns that a kill or a stop had interrupted and the next process ran again.
    pub replayed: usize,
    /// Rules of DingTalk's protocol that were broken.
    pub violations: usize,
    /// From a frame to its ACK, while the host was prompt.
    pub ack: Spread,
    /// How long a dead connection went unnoticed.
    pub noticed: Spread,
    /// From the trouble of a connection to the next connection.
    pub gap: Spread,
    /// The same where connecting itself was made to fail.
    pub refused_gap: Spread,
}

impl Account {
    /// Whether everything is as it must be.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.lost.is_empty()
            && self.duplicated.is_empty()
            && self.without_answer.is_empty()
            && [self.out_of_order, self.handed_over_again, self.unanswered, self.violations] == [0; 4]
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "pushed: {}", self.pushed)?;
        writeln!(f, "accepted: {}", self.accepted)?;
        writeln!(f, "lost: {}", self.lost.len())?;
        writeln!(f, "duplicated: {}", self.duplicated.len())?;
        writeln!(f, "out of order: {}", self.out_of_order)?;
        writeln!(f, "without an answer: {}", self.without_answer.len())?;
        writeln!(f, "handed over again: {}", self.handed_over_again)?;
        writeln!(f, "never acknowledged: {}", self.unanswered)?;
        writeln!(f, "rules broken: {}", self.violations)?;
        writeln!(f, "unacknowledged at a kill: {}", self.unacknowledged_at_a_kill)?;
        writeln!(f, "unacknowledged at a stop: {}", self.unacknowledged_at_a_stop)?;
        writeln!(f, "swallowed by the network: {}", self.swallowed)?;
        writeln!(f, "answered again after a kill: {}", self.answered_again_after_a_kill)?;
        writeln!(f, "answer under way at a kill: {}", self.unknown_after_a_kill)?;
        writeln!(f, "turns run again after a kill or stop: {}", self.replayed)?;
        writeln!(f, "ack p50/p99/max: {}", self.ack)?;
        writeln!(f, "dead link noticed: {}", self.noticed.short())?;
        writeln!(f, "gap at reconnect: {}", self.gap.short())?;
        write!(f, "gap when connecting fails: {}", self.refused_gap.short())
    }
}

/// How a set of times is spread.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spread {
    /// How many there are.
    pub count: usize,
    /// Half of them are at most this.
    pub p50: Duration,
    /// Ninety-nine of a hundred are at most this.
    pub p99: Duration,
    /// All of them are at most this.
    pub max: Duration,
}

impl Spread {
    /// The spread of `times`; zero without any.
    #[must_use]
    pub fn of(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        // The least time that so many of a hundred do not exceed.
        let percentile = |percent: usize| {
            let rank = (times.len() * percent).div_ceil(100);
            times.get(rank.saturating_sub(1)).copied().unwrap_or_default()
        };
        Self { count: times.len(), p50: percentile(50), p99: percentile(99), max: percentile(100) }
    }

    /// Without the percentile that a handful of times does not have.
    fn short(self) -> String {
        if self.count == 0 {
            return "none".to_owned();
        }
        format!("p50/max {}/{} ({} times)", seconds(self.p50), seconds(self.max), self.count)
    }
}

impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.count == 0 {
            return f.write_str("none");
        }
        let ms = |time: Duration| format!("{:.1}", time.as_secs_f64() * 1_000.0);
        write!(f, "{}/{}/{} ms ({} times)", ms(self.p50), ms(self.p99), ms(self.max), self.count)
    }
}

fn seconds(time: Duration) -> String {
    format!("{:.2} s", time.as_secs_f64())
}
