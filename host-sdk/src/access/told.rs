//! Whom we have told lately, so that nobody is told all the time.

use std::{
    collections::{HashMap, VecDeque},
    time::{Duration, Instant},
};

/// How long somebody is told nothing more.
const QUIET: Duration = Duration::from_secs(60 * 60);
/// How many are remembered. Whoever is forgotten before their hour is over is told once more.
const MOST: usize = 4096;

/// Who was told that they may not write, in the last hour. It is told the time.
#[derive(Clone, Debug, Default)]
pub struct Told {
    /// When each was told.
    at: HashMap<String, Instant>,
    /// The same, oldest first; with those who were taken back since.
    order: VecDeque<(Instant, String)>,
}

impl Told {
    /// Whether `whom` is to be told now: they have not been within the hour before `now`. From then on they
    /// count as told.
    pub fn is_due(&mut self, whom: &str, now: Instant) -> bool {
        while self.order.front().is_some_and(|(at, _)| now.saturating_duration_since(*at) >= QUIET) {
            self.forget_oldest();
        }
        if self.at.contains_key(whom) {
            return false;
        }
        if self.order.len() >= MOST {
            self.forget_oldest();
        }
        self.at.insert(whom.to_owned(), now);
        self.order.push_back((now, whom.to_owned()));
        true
    }

    /// Takes it back: they could not be told after all.
    pub fn take_back(&mut self, whom: &str) {
        self.at.remove(whom);
    }

    fn forget_oldest(&mut self) {
        let Some((at, whom)) = self.order.pop_front() else { return };
        if self.at.get(&whom) == Some(&at) {
            self.at.remove(&whom);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_is_told_once_an_hour_and_others_are_not_affected() {
        let (mut told, start) = (Told::default(), Instant::now());
        assert!(told.is_due("lin", start));
        assert!(!told.is_due("lin", start + QUIET - Duration::from_millis(1)));
        assert!(told.is_due("mo", start + Duration::from_secs(1)));
        assert!(told.is_due("lin", start + QUIET));
        assert!(!told.is_due("mo", start + QUIET));
        assert!(!told.is_due("lin", start + QUIET + Duration::from_secs(1)));
    }

    #[test]
    fn whoever_could_not_be_told_is_told_the_next_time() {
        let (mut told, start) = (Told::default(), Instant::now());
        assert!(told.is_due("lin", start));
        told.take_back("lin");
        let again = start + Duration::from_secs(1);
        assert!(told.is_due("lin", again));
        assert!(!told.is_due("lin", start + QUIET), "the first time does not end the quiet of the second");
        assert!(told.is_due("lin", again + QUIET));
    }

    #[test]
    fn a_crowd_takes_no_more_memory_than_there_is_for_it() {
        let (mut told, start) = (Told::default(), Instant::now());
        for number in 0..=MOST {
            assert!(told.is_due(&number.to_string(), start));
            told.take_back(&(number / 2).to_string());
        }
        assert!(told.at.len() <= MOST && told.order.len() <= MOST);
        assert!(!told.is_due(&MOST.to_string(), start));
    }
}
