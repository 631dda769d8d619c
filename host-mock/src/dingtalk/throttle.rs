//! The calls per second that an app may make to one API (DingTalk protocol, §10.3).

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use super::endpoint::Endpoint;

/// The window of the limit (DingTalk protocol, §10.2).
const WINDOW: Duration = Duration::from_secs(1);

/// The accepted calls of the last second, per app and API.
#[derive(Debug, Default)]
pub(super) struct Throttle {
    recent: BTreeMap<(String, Endpoint), VecDeque<Duration>>,
}

impl Throttle {
    /// Whether one more call fits; rejected calls are not counted (DingTalk protocol, §10.3).
    pub(super) fn admit(&mut self, app: &str, endpoint: Endpoint, limit: u32, now: Duration) -> bool {
        let calls = self.recent.entry((app.to_owned(), endpoint)).or_default();
        while calls.front().is_some_and(|at| *at + WINDOW <= now) {
            calls.pop_front();
        }
        let fits = calls.len() < limit as usize;
        if fits {
            calls.push_back(now);
        }
        fits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_holds_as_many_calls_as_the_limit() {
        let mut throttle = Throttle::default();
        let mut admit = |app, ms| throttle.admit(app, Endpoint::Streaming, 2, Duration::from_millis(ms));

        assert!(admit("app", 0));
        assert!(admit("app", 500));
        assert!(!admit("app", 999));
        assert!(admit("other", 999));
        assert!(admit("app", 1000));
        assert!(!admit("app", 1001));
    }
}
