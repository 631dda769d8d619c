//! What came of a flood.

use super::{Flood, flooding::TOLD_TO_PEOPLE};
use crate::Error;
use clap::ValueEnum;
use std::{collections::BTreeMap, fmt, fs, path::Path, time::Duration};

/// Complaints that are shown, of however many.
const SHOWN: usize = 3;
/// Characters of a complaint that are shown.
const LONGEST: usize = 150;

/// What came of it.
#[derive(Clone, Debug)]
pub struct Report {
    /// Which it was.
    pub flood: Flood,
    /// What was done, in numbers.
    pub done: String,
    /// Whether all that was asked for was seen to be done: then there is nothing to tell.
    pub is_served: bool,
    /// Whether the other account answered all the while, and whether that which met the flood goes on.
    pub answers: [bool; 2],
    /// What host and plugin logged as a warning or an error, and how often.
    pub told: Vec<(String, usize)>,
    /// The most memory of the host's process before, and in the end, in bytes.
    pub memory: [u64; 2],
    /// From the start of the host.
    pub took: Duration,
}

impl Report {
    /// Whether all goes on, and somebody was told of this very flood, where anything was refused.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.answers == [true; 2] && self.missing().is_none()
    }

    /// Words that somebody had to be told, and was not.
    fn missing(&self) -> Option<&'static str> {
        let words = telling(self.flood);
        let is_told = || self.told.iter().any(|(complaint, _)| complaint.contains(words));
        (!self.is_served && !is_told()).then_some(words)
    }
}

/// What is told of a flood, whatever else is complained of.
fn telling(flood: Flood) -> &'static str {
    match flood {
        // Who writes too much is to hear it themselves.
        Flood::OnePerson => TOLD_TO_PEOPLE,
        Flood::Crowd => "no room for messages",
        Flood::TinyFrames => "a frame is not DingTalk's JSON",
        Flood::LargeFrame => "Message too long",
        Flood::SlowServer => "no answer in time",
        // With the file's path.
        Flood::FullDisk => "messages are refused until this is put right: /",
        Flood::NoDescriptors => "cannot reach",
        Flood::NoThreads => "no further thread",
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.flood.to_possible_value();
        let [before, most] = self.memory.map(|bytes| bytes as f64 / 1e6);
        let [other, own] = self.answers.map(|goes_on| if goes_on { "goes on" } else { "does NOT go on" });
        writeln!(f, "{}: {}", name.as_ref().map_or("", |name| name.get_name()), self.done)?;
        writeln!(f, "  the host lives; the other account {other}; the one that met it {own} afterwards")?;
        writeln!(
            f,
            "  peak memory: {before:.1} MB before, {most:.1} MB in the end; {:.0} s",
            self.took.as_secs_f64()
        )?;
        if self.told.is_empty() {
            writeln!(f, "  nothing was complained of")?;
        }
        for (complaint, times) in self.told.iter().take(SHOWN) {
            writeln!(f, "  told {times} times: {complaint}")?;
        }
        if let Some(words) = self.missing() {
            writeln!(f, "  NOT told: {words}")?;
        }
        Ok(())
    }
}

/// What was complained of in a log, most often first.
pub(super) fn complaints(log: &Path) -> Result<Vec<(String, usize)>, Error> {
    let log = fs::read(log).map_err(Error::system("read the host's log"))?;
    let log = String::from_utf8_lossy(&log);
    let mut counted = BTreeMap::<String, usize>::new();
    for line in log.lines() {
        let Some(complaint) = complaint(line) else { continue };
        *counted.entry(complaint).or_default() += 1;
    }
    let mut told: Vec<_> = counted.into_iter().collect();
    told.sort_by_key(|(_, times)| std::cmp::Reverse(*times));
    Ok(told)
}

/// A line `[1] warn  account target: words field=…`, without what differs from time to time; a connection that is lost
/// is told as news.
fn complaint(line: &str) -> Option<String> {
    let (_, entry) = line.split_once("] ")?;
    let accused = entry.strip_prefix("warn ").or(entry.strip_prefix("error"));
    let lost = entry.strip_prefix("info ").filter(|words| words.contains("connection lost"));
    let words = accused.or(lost)?.trim_start();
    let (words, _) = words.split_once(" msg_id=").unwrap_or((words, ""));
    Some(words.chars().filter(|c| !c.is_ascii_digit()).take(LONGEST).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(flood: Flood, told: &[&str]) -> Report {
        Report {
            flood,
            done: String::new(),
            is_served: false,
            answers: [true; 2],
            told: told.iter().map(|complaint| ((*complaint).to_owned(), 1)).collect(),
            memory: [0; 2],
            took: Duration::ZERO,
        }
    }

    #[test]
    fn what_goes_on_is_clean_if_all_was_done_or_somebody_was_told() {
        let told = report(Flood::NoThreads, &["a/b t: no further thread for work on files"]);
        assert!(told.is_clean());
        assert!(!Report { answers: [true, false], ..told }.is_clean());
        let untold = report(Flood::NoThreads, &[]);
        assert!(!untold.is_clean());
        assert!(Report { is_served: true, ..untold }.is_clean());
    }

    #[test]
    fn another_complaint_does_not_tell_of_a_flood() {
        let unrelated = "a/b t: a message waits, and is handed over again, as are any that follow it";
        for flood in Flood::value_variants() {
            let untold = report(*flood, &[unrelated]);
            assert!(!untold.is_clean() && untold.to_string().contains("NOT told"), "{untold}");
            let of_others = Flood::value_variants().iter().filter(|other| *other != flood);
            let told: Vec<_> = of_others.map(|other| telling(*other)).collect();
            assert!(!report(*flood, &told).is_clean(), "{flood:?}");
            assert!(report(*flood, &[unrelated, telling(*flood)]).is_clean(), "{flood:?}");
        }
    }

    #[test]
    fn complaints_are_warnings_and_errors_without_what_differs() {
        assert_eq!(complaint("[1] warn  a/b t: no room waiting=12").unwrap(), "a/b t: no room waiting=");
        assert_eq!(complaint("[1] error a/b t: gone msg_id=m1 x=2").unwrap(), "a/b t: gone");
        assert_eq!(
            complaint("[1] info  a/b t: connection lost link=3").unwrap(),
            "a/b t: connection lost link="
        );
        assert_eq!(complaint("[1] info  a/b t: connected"), None);
        assert_eq!(complaint("half a li"), None);
    }
}
