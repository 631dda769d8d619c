//! Figures, for people.

use std::{fmt, time::Duration};

/// A time in the unit that suits it, with two or three digits.
pub(crate) struct Short(pub(crate) Duration);

impl fmt::Display for Short {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let micros = self.0.as_secs_f64() * 1e6;
        match micros {
            ..10.0 => write!(f, "{micros:.1} µs"),
            ..1_000.0 => write!(f, "{micros:.0} µs"),
            ..10_000.0 => write!(f, "{:.1} ms", micros / 1e3),
            ..1_000_000.0 => write!(f, "{:.0} ms", micros / 1e3),
            _ => write!(f, "{:.1} s", micros / 1e6),
        }
    }
}

/// Bytes in the unit that suits them.
pub struct Size(pub u64);

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = self.0 as f64;
        match bytes {
            ..10_000.0 => write!(f, "{bytes:.0} B"),
            ..1_000_000.0 => write!(f, "{:.0} kB", bytes / 1e3),
            _ => write!(f, "{:.2} MB", bytes / 1e6),
        }
    }
}
