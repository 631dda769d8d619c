//! What is wanted of a figure.

use super::spread::{Difference, Spread};
use serde::Serialize;
use std::fmt;

/// What is wanted of this plugin.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Goal {
    /// Less than this.
    Under(f64),
    /// No more than this.
    AtMost(f64),
    /// No more than the probe has, and this.
    Beyond(f64),
}

/// Whether it is so.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Verdict {
    Met,
    NotMet,
    /// Another run may well say the opposite.
    Undecided,
}

impl Goal {
    pub(super) fn judge(self, spread: Spread, difference: Option<Difference>) -> Verdict {
        let is_met = match (self, difference) {
            (Self::Under(most), _) => spread.median < most,
            (Self::AtMost(most), _) => spread.median <= most,
            (Self::Beyond(_), None) => return Verdict::Undecided,
            (Self::Beyond(most), Some(Difference { median, within })) if (median - most).abs() < within => {
                return Verdict::Undecided;
            }
            (Self::Beyond(most), Some(Difference { median, .. })) => median <= most,
        };
        if is_met { Verdict::Met } else { Verdict::NotMet }
    }
}

impl fmt::Display for Goal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Under(most) => write!(f, "< {most}"),
            Self::AtMost(most) => write!(f, "≤ {most}"),
            Self::Beyond(most) => write!(f, "≤ +{most}"),
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Met => "met",
            Self::NotMet => "not met",
            Self::Undecided => "undecided",
        })
    }
}
