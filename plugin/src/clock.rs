//! The two clocks, read here and nowhere else: one for intervals, one for what people call the time.

use chrono::{Local, NaiveDate, TimeZone};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// Now, by tokio's clock, so that a test that pauses it rules drivers and machines alike.
#[expect(clippy::disallowed_methods, reason = "this is the one place that reads it")]
pub(crate) fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}

/// Milliseconds since the Unix epoch, for times that leave the process.
#[expect(clippy::disallowed_methods, reason = "this is the one place that reads it")]
pub(crate) fn unix_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// What the times of files are compared with.
#[expect(clippy::disallowed_methods, reason = "this is the one place that reads it")]
pub(crate) fn system() -> SystemTime {
    SystemTime::now()
}

/// The date that people here have today. Reads the system's time zone; not for a worker thread.
pub(crate) fn today() -> NaiveDate {
    Local.timestamp_millis_opt(unix_ms()).earliest().map(|now| now.date_naive()).unwrap_or_default()
}

/// A moment on both clocks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    /// For intervals.
    pub(crate) now: Instant,
    /// Milliseconds since the Unix epoch.
    pub(crate) unix_ms: i64,
}

/// This moment.
pub(crate) fn moment() -> Moment {
    Moment { now: now(), unix_ms: unix_ms() }
}
