//! What the host is told of the connection: what matters at once, the rest no more than once a second.

use super::{action::Change, status};
use host_sdk::StatusPatch;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// The least time between two patches that could have waited.
const PACE: Duration = Duration::from_secs(1);

/// Numbers that change all the time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Readings {
    /// Links that stand.
    pub(super) open_links: usize,
    /// Failures to connect, or to stay connected, in a row.
    pub(super) failures: u32,
    /// How long a ping took.
    pub(super) round_trip: Option<Duration>,
    /// Messages that the host has not taken.
    pub(super) waiting: usize,
    /// Those of them that it was asked to take, and did not.
    pub(super) retrying: usize,
}

/// What is yet to be told.
#[derive(Debug, Default)]
pub(super) struct Bulletin {
    held: StatusPatch,
    /// The times of what happens with each message, which is too often to write each down.
    active: Option<i64>,
    inbound: Option<i64>,
    is_urgent: bool,
    told: Option<Readings>,
    seen: Readings,
    /// The earliest moment for what can wait.
    next: Option<Instant>,
}

impl Bulletin {
    /// Something changed, at `unix_ms`.
    pub(super) fn report(&mut self, change: &Change, unix_ms: i64) {
        match change {
            Change::Activity => self.active = Some(unix_ms),
            Change::Inbound => self.inbound = Some(unix_ms),
            change => {
                self.gather();
                self.held.merge(status::patch(change, unix_ms));
                self.is_urgent |= !matches!(change, Change::Woken { .. });
            }
        }
    }

    /// How the numbers stand now. Whether the host takes messages is news.
    pub(super) fn note(&mut self, readings: Readings) {
        self.seen = readings;
        let told = self.told.unwrap_or_default();
        self.is_urgent |= (readings.retrying == 0) != (told.retrying == 0);
    }

    /// What to tell now.
    pub(super) fn take(&mut self, now: Instant) -> Option<StatusPatch> {
        if !self.is_anything() || !(self.is_urgent || self.next.is_none_or(|next| now >= next)) {
            return None;
        }
        self.gather();
        let mut patch = std::mem::take(&mut self.held);
        patch.merge(difference(self.told, self.seen));
        (self.told, self.is_urgent, self.next) = (Some(self.seen), false, Some(now + PACE));
        Some(patch)
    }

    /// When there is something to tell that waits.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.next.filter(|_| self.is_anything())
    }

    /// Puts the last times with the rest, before anything that may have a later one.
    fn gather(&mut self) {
        for (change, at) in [(Change::Activity, self.active.take()), (Change::Inbound, self.inbound.take())] {
            if let Some(at) = at {
                self.held.merge(status::patch(&change, at));
            }
        }
    }

    fn is_anything(&self) -> bool {
        let happened = self.active.or(self.inbound).is_some();
        happened || !self.held.is_empty() || self.told != Some(self.seen)
    }
}

/// The numbers that are not as they were told.
fn difference(told: Option<Readings>, now: Readings) -> StatusPatch {
    let told = told.map(Readings::by_name);
    let mut patch = StatusPatch::new();
    for (index, (key, value)) in now.by_name().into_iter().enumerate() {
        if told.as_ref().is_none_or(|told| told[index].1 != value) {
            patch = patch.with(key, value);
        }
    }
    patch
}

impl Readings {
    fn by_name(self) -> [(&'static str, Value); 6] {
        let milliseconds = self.round_trip.map(|time| u64::try_from(time.as_millis()).unwrap_or(u64::MAX));
        [
            ("openLinks", json!(self.open_links)),
            ("reconnectAttempts", json!(self.failures)),
            ("rttMs", json!(milliseconds)),
            ("waitingHandOvers", json!(self.waiting)),
            ("retryingHandOvers", json!(self.retrying)),
            ("ingressUnavailable", json!(self.retrying > 0)),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{clock, stream::action::Loss};

    fn readings(waiting: usize, retrying: usize) -> Readings {
        Readings { waiting, retrying, ..Readings::default() }
    }

    #[test]
    fn the_first_patch_has_every_number_so_that_nothing_old_stays() {
        let mut bulletin = Bulletin::default();
        let told = bulletin.take(clock::now()).unwrap();
        assert_eq!(told.get("ingressUnavailable"), Some(&json!(false)));
        assert_eq!(told.get("openLinks"), Some(&json!(0)));
    }

    #[test]
    fn what_can_wait_is_told_once_a_second_and_not_forgotten() {
        let (mut bulletin, now) = (Bulletin::default(), clock::now());
        bulletin.take(now);
        for n in 0..100 {
            bulletin.report(&Change::Inbound, n);
            bulletin.note(readings(1, 0));
            assert_eq!(bulletin.take(now), None);
        }
        assert_eq!(bulletin.deadline(), Some(now + PACE));
        let told = bulletin.take(now + PACE).unwrap();
        assert_eq!(told, StatusPatch::new().with("lastInboundAt", 99).with("waitingHandOvers", 1));
        assert_eq!(bulletin.deadline(), None);
    }

    #[test]
    fn of_times_that_come_by_two_ways_the_later_one_is_told() {
        let (mut bulletin, now) = (Bulletin::default(), clock::now());
        bulletin.report(&Change::Activity, 1);
        bulletin.report(&Change::Up, 2);
        let told = bulletin.take(now).unwrap();
        assert_eq!(told.get("lastTransportActivityAt"), Some(&json!(2)));
        bulletin.report(&Change::Up, 3);
        bulletin.report(&Change::Activity, 4);
        let told = bulletin.take(now).unwrap();
        assert_eq!(told.get("lastTransportActivityAt"), Some(&json!(4)));
    }

    #[test]
    fn a_lost_connection_and_a_host_that_takes_nothing_are_told_at_once() {
        let (mut bulletin, now) = (Bulletin::default(), clock::now());
        bulletin.take(now);
        bulletin.report(&Change::Down { loss: Loss::new("reset"), blocked: false }, 1);
        assert!(bulletin.take(now).is_some());
        bulletin.note(readings(1, 1));
        assert_eq!(bulletin.take(now).unwrap().get("ingressUnavailable"), Some(&json!(true)));
        bulletin.note(readings(2, 2));
        assert_eq!(bulletin.take(now), None, "that more wait is no news");
        bulletin.note(readings(0, 0));
        assert_eq!(bulletin.take(now).unwrap().get("ingressUnavailable"), Some(&json!(false)));
    }
}
