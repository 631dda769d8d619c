//! Values in the order of their size.

use serde::Serialize;

/// Of some values the middle one, and the middle ones of both halves.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(super) struct Spread {
    pub(super) median: f64,
    pub(super) low: f64,
    pub(super) high: f64,
}

impl Spread {
    /// `None` of none.
    pub(super) fn of(values: &[f64]) -> Option<Self> {
        let sorted = sorted(values);
        let at = |quarters: usize| sorted.get(sorted.len() * quarters / 4).copied();
        Some(Self { median: at(2)?, low: at(1)?, high: at(3)? })
    }
}

/// How one plugin differs from another that was measured in turn with it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(super) struct Difference {
    /// The median of the differences between a value and the other's that was measured beside it.
    pub(super) median: f64,
    /// In 19 of 20 runs it is within so much of that.
    pub(super) within: f64,
}

impl Difference {
    /// `None` where one of them has no values.
    pub(super) fn between(values: &[f64], others: &[f64]) -> Option<Self> {
        let differences: Vec<_> = values.iter().zip(others).map(|(value, other)| value - other).collect();
        let sorted = sorted(&differences);
        let (&first, &last) = (sorted.first()?, sorted.last()?);
        // By the signs of the differences, whatever their distribution is.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few dozen")]
        #[allow(clippy::cast_precision_loss, reason = "a few dozen")]
        let reach = (sorted.len() as f64).sqrt().ceil() as usize;
        let middle = sorted.len() / 2;
        let low = middle.checked_sub(reach).map_or(first, |at| sorted[at]);
        let high = sorted.get(middle + reach).copied().unwrap_or(last);
        Some(Self { median: sorted[middle], within: (high - low) / 2.0 })
    }
}

fn sorted(values: &[f64]) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted
}
