//! What a waiting person sees: one line as a step begins, one with its seconds as it ends.
//!
//! On stderr, so that stdout stays the command's own.

use crate::Error;
use std::time::Instant;

/// Runs `work` between its two lines.
pub(crate) fn step<T>(name: &str, work: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    eprintln!("== {name}");
    let begin = Instant::now();
    let value = work()?;
    eprintln!("-- {name}: {}", seconds(begin));
    Ok(value)
}

/// The time since `begin`, for people.
pub(crate) fn seconds(begin: Instant) -> String {
    format!("{:.1} s", begin.elapsed().as_secs_f64())
}
