//! The figures of one answer, computed from when its words were said and when they could be seen.

use std::time::Duration;

/// So many words of the answer could be seen from this time on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown {
    /// When.
    pub at: Duration,
    /// How many words.
    pub words: usize,
}

/// How an answer came to people.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Figures {
    /// From the first word being said to words being seen.
    pub first_words: Duration,
    /// How old what cannot be seen yet is, on average while the answer is being said.
    pub mean_staleness: Duration,
    /// The most of it.
    pub worst_staleness: Duration,
    /// From the last word being said to all of them being seen.
    pub tail: Duration,
    /// Calls for it, those that were refused included.
    pub calls: usize,
    /// Calls that were refused.
    pub refused: usize,
}

impl Figures {
    /// The figures of an answer whose words were said at the times `said`, in order. `None` if they were
    /// never all seen.
    #[must_use]
    pub fn of(said: &[Duration], shown: &[Shown]) -> Option<Self> {
        let (first, last) = (*said.first()?, *said.last()?);
        let end = shown.iter().find(|it| it.words >= said.len())?.at;
        let first_words = shown.iter().find(|it| it.words > 0)?.at.saturating_sub(first);
        let (mut worst, mut waited) = (Duration::ZERO, 0.0);
        let at_first = shown.iter().take_while(|it| it.at <= first).last();
        let (mut from, mut seen) = (first, at_first.map_or(0, |it| it.words));
        for next in shown.iter().filter(|it| it.at > first && it.at <= end) {
            // The oldest word that cannot be seen gets older until `next`.
            if let Some(missing) = said.get(seen) {
                worst = worst.max(next.at.saturating_sub(*missing));
                waited += age_between(*missing, from.max(*missing), next.at.min(last));
            }
            (from, seen) = (next.at, next.words);
        }
        let spoken = last.saturating_sub(first).as_secs_f64();
        let mean = if spoken > 0.0 { waited / spoken } else { 0.0 };
        Some(Self {
            first_words,
            mean_staleness: Duration::from_secs_f64(mean),
            worst_staleness: worst,
            tail: end.saturating_sub(last),
            calls: 0,
            refused: 0,
        })
    }

    /// The same answer with what it cost.
    #[must_use]
    pub fn costing(self, calls: usize, refused: usize) -> Self {
        Self { calls, refused, ..self }
    }

    /// Of each figure the one in the middle; nothing without any.
    #[must_use]
    pub fn median(all: &[Self]) -> Self {
        Self {
            first_words: middle(all, |it| it.first_words),
            mean_staleness: middle(all, |it| it.mean_staleness),
            worst_staleness: middle(all, |it| it.worst_staleness),
            tail: middle(all, |it| it.tail),
            calls: middle(all, |it| it.calls),
            refused: middle(all, |it| it.refused),
        }
    }
}

/// The integral of the age of what was said at `born`, in seconds times seconds.
fn age_between(born: Duration, from: Duration, to: Duration) -> f64 {
    if to <= from {
        return 0.0;
    }
    let age = |at: Duration| at.saturating_sub(born).as_secs_f64();
    (age(to).powi(2) - age(from).powi(2)) / 2.0
}

/// The middle of a figure.
fn middle<T: Ord + Copy + Default>(all: &[Figures], figure: impl Fn(&Figures) -> T) -> T {
    let mut values: Vec<_> = all.iter().map(figure).collect();
    values.sort_unstable();
    values.get(values.len() / 2).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    fn shown(steps: &[(u64, usize)]) -> Vec<Shown> {
        steps.iter().map(|(at, words)| Shown { at: ms(*at), words: *words }).collect()
    }

    #[test]
    fn the_age_of_what_is_missing_is_what_counts() {
        // Said at 0 and 100, both seen at 150: the first is 150 old then, and 50 on average until 100.
        let figures = Figures::of(&[ms(0), ms(100)], &shown(&[(150, 2)])).unwrap();
        assert_eq!(figures.first_words, ms(150));
        assert_eq!(figures.worst_staleness, ms(150));
        assert_eq!(figures.mean_staleness, ms(50));
        assert_eq!(figures.tail, ms(50));
    }

    #[test]
    fn nothing_is_stale_while_all_that_was_said_is_seen() {
        let figures = Figures::of(&[ms(0), ms(100)], &shown(&[(0, 1), (100, 2)])).unwrap();
        assert_eq!(figures, Figures::default());
    }

    #[test]
    fn an_answer_that_was_never_seen_whole_has_no_figures() {
        assert_eq!(Figures::of(&[ms(0), ms(100)], &shown(&[(150, 1)])), None);
        assert_eq!(Figures::of(&[], &[]), None);
    }
}
