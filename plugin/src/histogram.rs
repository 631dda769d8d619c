//! How long something takes, counted.

use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

/// The upper bounds of what is counted together, in ms; one more counts what is beyond the last.
const BOUNDS: [u64; 13] = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 15_000];

/// Names of one kind that are told apart; what exceeds them is counted as `other`.
const MOST_NAMES: usize = 40;

/// Durations, counted by how long they are.
#[derive(Debug, Default)]
pub(crate) struct Histogram {
    counts: [AtomicU64; BOUNDS.len() + 1],
    sum_ms: AtomicU64,
}

impl Histogram {
    /// Counts one more.
    pub(crate) fn count(&self, took: Duration) {
        let ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        let place = BOUNDS.iter().position(|bound| ms <= *bound).unwrap_or(BOUNDS.len());
        self.counts[place].fetch_add(1, Relaxed);
        self.sum_ms.fetch_add(ms, Relaxed);
    }

    /// What was counted, as hosts read histograms; in ms.
    pub(crate) fn snapshot(&self) -> Value {
        let counts: Vec<_> = self.counts.iter().map(|count| count.load(Relaxed)).collect();
        json!({ "bounds": BOUNDS, "counts": counts, "sum": self.sum_ms.load(Relaxed) })
    }
}

/// Durations, counted by name.
#[derive(Debug, Default)]
pub(crate) struct Histograms(Mutex<BTreeMap<String, Histogram>>);

impl Histograms {
    /// Counts one more of this name.
    pub(crate) fn count(&self, name: &str, took: Duration) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let fits = known.len() < MOST_NAMES || known.contains_key(name);
        known.entry(if fits { name } else { "other" }.to_owned()).or_default().count(took);
    }

    /// What was counted, by name.
    pub(crate) fn snapshot(&self) -> Value {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.iter().map(|(name, histogram)| (name.clone(), histogram.snapshot())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_counts_up_to_the_first_bound_that_holds_it() {
        let histogram = Histogram::default();
        for ms in [0, 1, 2, 15_000, 15_001, 90_000] {
            histogram.count(Duration::from_millis(ms));
        }
        let counted = json!({
            "bounds": BOUNDS, "counts": [2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2], "sum": 120_004,
        });
        assert_eq!(histogram.snapshot(), counted);
    }

    #[test]
    fn names_without_end_are_counted_together() {
        let histograms = Histograms::default();
        for name in 0..1000 {
            histograms.count(&name.to_string(), Duration::ZERO);
        }
        let counted = histograms.snapshot();
        assert_eq!(counted.as_object().unwrap().len(), MOST_NAMES + 1);
        assert_eq!(counted["other"]["counts"][0], 1000 - MOST_NAMES);
    }
}
