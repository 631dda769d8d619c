//! What a sender with one request in flight can do at best: it knows when each word comes, sends what there
//! is as soon as it may, and takes no time for anything.

use crate::figures::{Figures, Shown};
use std::time::Duration;

/// What the sender has to live with.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    /// From a call to its answer; it takes effect half-way.
    pub latency: Duration,
    /// From one update to the next at least; the last one need not wait.
    pub pace: Duration,
}

/// The figures of an answer that such a sender shows. Its card is created at `begun`, and its last text is
/// finalised and closed as the plugin's is.
#[must_use]
pub fn figures(begun: Duration, said: &[Duration], terms: Terms) -> Option<Figures> {
    let shown = greedy(begun, said, terms);
    // The creation, each text, and the closing.
    let calls = shown.len() + 2;
    Some(Figures::of(said, &shown)?.costing(calls, 0))
}

fn greedy(begun: Duration, said: &[Duration], Terms { latency, pace }: Terms) -> Vec<Shown> {
    let mut shown = Vec::new();
    let (mut free, mut paced, mut words) = (begun + latency, begun, 0);
    while let (Some(next), Some(last)) = (said.get(words), said.last()) {
        let at = free.max(*next).max(paced.min((*last).max(free)));
        words = said.partition_point(|word| *word <= at);
        shown.push(Shown { at: at + latency / 2, words });
        (free, paced) = (at + latency, at + pace);
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    fn steps(said: &[u64], latency: u64, pace: u64) -> Vec<(u64, usize)> {
        let said: Vec<_> = said.iter().copied().map(ms).collect();
        let shown = greedy(ms(0), &said, Terms { latency: ms(latency), pace: ms(pace) });
        shown.iter().map(|it| (u64::try_from(it.at.as_millis()).unwrap(), it.words)).collect()
    }

    #[test]
    fn one_request_is_in_flight_and_takes_all_that_was_said() {
        // The creation is under way until 100, the first text until 200; the rest leaves then.
        assert_eq!(steps(&[50, 150, 160], 100, 0), [(150, 1), (250, 3)]);
    }

    #[test]
    fn the_pace_holds_up_all_but_the_last() {
        assert_eq!(steps(&[100, 200, 900, 1000], 10, 600), [(105, 1), (705, 2), (1005, 4)]);
    }
}
