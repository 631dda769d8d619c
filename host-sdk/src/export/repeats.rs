//! Lines of the log that come again and again: some are said, then it is said how many were not.

use std::{
    collections::HashMap,
    hash::Hash,
    time::{Duration, Instant},
};

/// So many lines of one place are said in a while.
const SAID: u32 = 10;
/// A while.
const WHILE: Duration = Duration::from_mins(1);

/// The lines of late, by the place in the code that they come from, of which there are so many as there are.
#[derive(Debug)]
pub(crate) struct Repeats<P>(HashMap<P, Late>);

#[derive(Debug)]
struct Late {
    since: Instant,
    said: u32,
    left_out: u64,
}

/// A line that is said, and what of others is to be said with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    /// Nothing.
    Alone,
    /// That so many before it were not.
    After(u64),
    /// That those that follow it in its while are not.
    Last,
}

impl<P: Eq + Hash> Repeats<P> {
    /// There is a line of this place; `None` if it is not to be said.
    pub(crate) fn on_line(&mut self, place: P, now: Instant) -> Option<Said> {
        let late = self.0.entry(place).or_insert(Late { since: now, said: 0, left_out: 0 });
        if now >= late.since + WHILE {
            (late.since, late.said) = (now, 0);
        }
        if late.said >= SAID {
            late.left_out += 1;
            return None;
        }
        late.said += 1;
        Some(match std::mem::take(&mut late.left_out) {
            0 if late.said == SAID => Said::Last,
            0 => Said::Alone,
            left_out => Said::After(left_out),
        })
    }
}

impl<P> Default for Repeats<P> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_flood_ten_lines_are_said_in_a_minute_and_then_how_many_were_not() {
        let (mut repeats, now) = (Repeats::default(), Instant::now());
        let said: Vec<_> = (0..100_000).filter_map(|_| repeats.on_line("flood", now)).collect();
        assert_eq!(said, [&[Said::Alone; 9][..], &[Said::Last]].concat());
        assert_eq!(repeats.on_line("flood", now + WHILE - Duration::from_millis(1)), None);
        assert_eq!(repeats.on_line("flood", now + WHILE), Some(Said::After(99_991)));
        assert_eq!(repeats.on_line("flood", now + WHILE), Some(Said::Alone), "it is said once");
    }

    #[test]
    fn a_flood_leaves_the_lines_of_other_places_alone() {
        let (mut repeats, now) = (Repeats::default(), Instant::now());
        let said = (0..100).filter_map(|_| repeats.on_line("flood", now)).count();
        assert_eq!(said, 10);
        assert_eq!(repeats.on_line("other", now), Some(Said::Alone));
    }

    #[test]
    fn what_is_rare_is_always_said() {
        let (mut repeats, now) = (Repeats::default(), Instant::now());
        let all = (0..100).map(|minute| repeats.on_line("rare", now + minute * WHILE));
        assert!(all.into_iter().all(|said| said == Some(Said::Alone)));
    }
}
