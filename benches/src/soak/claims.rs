//! What is claimed of a day.

use super::{Day, Row};
use crate::process::Usage;
use std::fmt;

/// Parts after which nothing grows any more: what is bounded is full then, and the first files have gone.
const WARM: usize = 3;
/// Of memory in use, what may be more than in the warm part, besides what is remembered of answers.
const IN_USE: f64 = 1.10;
/// Bytes that may be in use when it is looked and not a moment later: a connection that takes another's place.
const A_MOMENT: u64 = 2 << 20;
/// Of resident memory, of which an allocator keeps, in pieces, what was once in use at the same time.
const RESIDENT: f64 = 1.20;
/// Of the disk: an inbox keeps free pages until it writes its file anew, each minute.
const DISK: f64 = 2.0;
/// Bytes that are remembered of one answer, for a month, of 20,000 answers at most.
const AN_ANSWER: u64 = 2_000;
/// The same in memory, of 16 MiB at most.
const AN_ANSWER_IN_MEMORY: u64 = 2_500;

/// The plugin's threads for what may block; those that nobody needs end after ten seconds.
const BLOCKING_THREADS: u64 = 16;
/// Connections to DingTalk that the plugin keeps for the next call; those that nobody needs end within a minute.
const IDLE_CONNECTIONS: u64 = 8;

/// What is not as it was claimed.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault(String);

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Day {
    /// What is not as it was claimed.
    #[must_use]
    pub fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        let mut claim = |holds: bool, what: String| {
            if !holds {
                faults.push(Fault(what));
            }
        };
        let written = self.rows.last().map_or(0, |row| row.messages);
        claim(self.turns == written, format!("{} turns of {written} messages", self.turns));
        claim(self.failures == 0, format!("the host could not do {} things", self.failures));
        let (warm, rest) = self.rows.split_at(self.rows.len().min(WARM + 1));
        let most = |of: fn(&Row) -> u64| warm.iter().map(of).max().unwrap_or_default();
        let first = self.rows.first().map_or_else(Usage::default, |row| row.usage);
        let descriptors = first.descriptors + IDLE_CONNECTIONS;
        let threads = first.threads + BLOCKING_THREADS;
        let files = most(|row| row.files);
        let answered = most(|row| row.answers);
        for row in rest {
            let at = format!("after {} messages", row.messages);
            let Row { usage, in_use, files: kept, disk, ledgers, answers, .. } = *row;
            claim(
                usage.descriptors <= descriptors,
                format!("{at} {} descriptors, not {descriptors}", usage.descriptors),
            );
            claim(usage.threads <= threads, format!("{at} {} threads, not {threads}", usage.threads));
            claim(kept <= files, format!("{at} {kept} files, not {files}"));
            let besides = A_MOMENT + answers.saturating_sub(answered) * AN_ANSWER_IN_MEMORY;
            claim(
                in_use as f64 <= most(|row| row.in_use) as f64 * IN_USE + besides as f64,
                format!("{at} memory in use has grown to {in_use} bytes"),
            );
            claim(
                usage.resident as f64 <= most(|row| row.usage.resident) as f64 * RESIDENT,
                format!("{at} resident memory has grown to {} bytes", usage.resident),
            );
            claim(
                disk as f64 <= most(|row| row.disk) as f64 * DISK,
                format!("{at} there are {disk} bytes on the disk"),
            );
            claim(ledgers <= answers * AN_ANSWER, format!("{at} {ledgers} bytes of {answers} answers"));
        }
        faults
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A day on which nothing grows.
    fn flat() -> Day {
        let usage = Usage { resident: 50_000_000, threads: 20, descriptors: 90, ..Usage::default() };
        let row = |part: u64| Row {
            messages: part * 100,
            answers: part * 4,
            usage,
            in_use: 30_000_000,
            files: 4,
            disk: 6_000_000,
            ledgers: part * 4_000,
            ..Row::default()
        };
        Day { rows: (0..=10).map(row).collect(), turns: 1_000, ..Day::default() }
    }

    /// How many things are said of a day whose last part is changed.
    fn said_of(change: fn(&mut Row)) -> usize {
        let mut day = flat();
        day.rows.last_mut().into_iter().for_each(change);
        day.faults().len()
    }

    #[test]
    fn a_flat_day_is_as_claimed_and_each_thing_that_grows_is_found() {
        assert_eq!(flat().faults(), []);
        let changes: [fn(&mut Row); 7] = [
            |row| row.usage.resident = 61_000_000,
            |row| row.in_use = 36_000_000,
            |row| row.usage.threads = 37,
            |row| row.usage.descriptors = 99,
            |row| row.files = 5,
            |row| row.disk = 13_000_000,
            |row| row.ledgers = 90_000,
        ];
        for (number, change) in changes.into_iter().enumerate() {
            assert_eq!(said_of(change), 1, "change {number}");
        }
    }

    #[test]
    fn a_message_without_a_turn_or_with_two_is_found() {
        for turns in [999, 1_001] {
            assert_eq!(Day { turns, ..flat() }.faults().len(), 1);
        }
    }
}
