//! The calls of one app to one API: who waits, what went lately, and who may go.

use super::{
    Family, Priority,
    ask::{Answer, Courage, Grant, Place, Turn},
    pause::Pause,
    rate::Rate,
};
use crate::error::Limit;
use std::{
    collections::{BTreeSet, VecDeque},
    time::{Duration, Instant},
};

/// The window of DingTalk's limit.
const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
/// A partial text that has waited this long shows that there are more than fit.
const CROWDED: Duration = Duration::from_millis(200);
/// The same of other calls, which come in bursts.
const LONG: Duration = SECOND;
/// A partial text that has waited this long takes the room that is left for others, if none of them wants it.
const STARVED: Duration = Duration::from_secs(5);
/// Partial texts are this much closer together than evenly: timers are late, never early.
const EVENLY: f64 = 0.9;
/// The part of the calls that partial texts leave free.
const RESERVED: usize = 10;

/// One API.
#[derive(Debug)]
pub(super) struct Bucket {
    family: Family,
    rate: Rate,
    pause: Pause,
    /// Those who wait, in order. There are as many as calls that wait.
    waiting: BTreeSet<Place>,
    /// The calls within the window, oldest first.
    recent: VecDeque<Instant>,
    /// When those of the last second were said to be taken, oldest first.
    taken: VecDeque<Instant>,
    last_partial: Option<Instant>,
    pub(super) tally: Tally,
}

/// What has happened, for metrics.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) calls: u64,
    /// Calls that had to wait.
    pub(super) waits: u64,
    pub(super) longest_wait: Duration,
    pub(super) refusals: u64,
}

impl Bucket {
    pub(super) fn new(family: Family) -> Self {
        Self {
            family,
            rate: Rate::default(),
            pause: Pause::default(),
            waiting: BTreeSet::new(),
            recent: VecDeque::new(),
            taken: VecDeque::new(),
            last_partial: None,
            tally: Tally::default(),
        }
    }

    pub(super) fn rate(&self) -> f64 {
        self.rate.per_second()
    }

    /// How many partial texts go in a second when nothing else does.
    #[expect(clippy::cast_precision_loss, reason = "a hundred at most")]
    pub(super) fn partials_per_second(&self) -> f64 {
        self.for_partials() as f64 / self.rate.window().as_secs_f64()
    }

    /// The end of the present pause, as far as known.
    pub(super) fn paused(&self, now: Instant) -> Option<Instant> {
        self.pause.over(now)
    }

    pub(super) fn join(&mut self, place: Place) {
        self.waiting.insert(place);
    }

    pub(super) fn leave(&mut self, place: Place) {
        self.waiting.remove(&place);
    }

    pub(super) fn first(&self) -> Option<Place> {
        self.waiting.first().copied()
    }

    pub(super) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Whether the one at `place` may go. No API takes more than `ceiling` a second, as far as known.
    pub(super) fn turn(&mut self, place: Place, ceiling: f64, now: Instant) -> Turn {
        if self.first() != Some(place) {
            return Turn::Later;
        }
        let Some(over) = self.pause.over(now) else { return Turn::Later };
        self.forget(now);
        let (room, courage) = self.room(place, ceiling, now);
        let due = room.max(over);
        if due > now {
            return Turn::At(due);
        }
        self.go(place, courage, now)
    }

    /// One more call goes without having asked, in place of one whose turn it was.
    pub(super) fn again(&mut self, now: Instant) {
        self.recent.push_back(now);
        self.tally.calls += 1;
    }

    /// A call that had its turn did not go.
    pub(super) fn give_back(&mut self, grant: Grant) {
        if let Some(index) = self.recent.iter().rposition(|at| *at == grant.at) {
            self.recent.remove(index);
        }
        self.pause.on_unknown(grant.at);
        self.tally.calls = self.tally.calls.saturating_sub(1);
    }

    pub(super) fn on_answer(&mut self, grant: Grant, answer: Answer, now: Instant) {
        while self.taken.front().is_some_and(|at| *at + SECOND <= now) {
            self.taken.pop_front();
        }
        match answer {
            Answer::Accepted => {
                self.taken.push_back(now);
                self.pause.on_accepted(grant.at);
                if grant.courage == Courage::Proof {
                    self.rate.raise(grant.at, now);
                }
            }
            Answer::Refused(limit) => {
                self.tally.refusals += 1;
                if self.teaches(grant, limit, now) {
                    self.pause.begin(limit, now);
                }
                self.pause.on_unknown(grant.at);
            }
            Answer::Unknown => self.pause.on_unknown(grant.at),
        }
    }

    /// Learns from a refusal; whether there was anything to learn.
    fn teaches(&mut self, grant: Grant, limit: Limit, now: Instant) -> bool {
        match (limit, grant.courage) {
            (Limit::Address | Limit::Recipient, _) => false, // not of this API alone, or not of all of it
            _ if self.pause.is_tested_by(grant.at) => true,  // the calls before the pause were too many
            (Limit::Api, _) => self.rate.is_news(grant.at, now),
            (Limit::AppMinute, _) => self.rate.cut(grant.at, 0, MINUTE, now),
            (Limit::AppSecond, Courage::Usual) => self.rate.cut(grant.at, self.taken.len(), SECOND, now),
            (Limit::AppSecond, Courage::Bold | Courage::Proof) => self.rate.keep(grant.at, now),
        }
    }

    /// The first moment at which there is room for the one at `place`, and how bold it is to take it.
    fn room(&self, place: Place, ceiling: f64, now: Instant) -> (Instant, Courage) {
        let (calls, window) = (self.rate.calls(), self.rate.window());
        let is_partial = place.priority == Priority::Partial;
        if self.may_try(place, ceiling, now) {
            let within = self.within(SECOND, now);
            let courage = match within.cmp(&calls) {
                std::cmp::Ordering::Less => Courage::Bold,
                _ => Courage::Proof,
            };
            let free = self.free(calls + 1, SECOND, now);
            let due = if is_partial { free.max(self.spaced(calls + 1, SECOND, now)) } else { free };
            let usual = self.recent.len() < calls;
            return (due, if usual { Courage::Usual } else { courage });
        }
        if !is_partial {
            return (self.free(calls, window, now), Courage::Usual);
        }
        let starved = now.saturating_duration_since(place.since) >= STARVED;
        let calls = if starved { calls } else { self.for_partials() };
        (self.free(calls, window, now).max(self.spaced(calls, window, now)), Courage::Usual)
    }

    /// Whether the one at `place` may find out if more calls are taken than is known.
    fn may_try(&self, place: Place, ceiling: f64, now: Instant) -> bool {
        let waited = now.saturating_duration_since(place.since);
        let is_right = match place.priority {
            Priority::Partial => waited >= CROWDED,
            // Others only find their way back to what is known to be taken.
            _ => waited >= LONG && self.rate.per_second() + 1.0 <= ceiling,
        };
        is_right && self.rate.may_try(now)
    }

    /// When fewer than `calls` will have gone within `window`.
    fn free(&self, calls: usize, window: Duration, now: Instant) -> Instant {
        let blocking = self.recent.len().checked_sub(calls).and_then(|index| self.recent.get(index));
        blocking.map_or(now, |at| (*at + window).max(now))
    }

    /// When the next partial text goes if `calls` are to go evenly within `window`.
    fn spaced(&self, calls: usize, window: Duration, now: Instant) -> Instant {
        let apart = window.mul_f64(EVENLY) / u32::try_from(calls).unwrap_or(u32::MAX);
        self.last_partial.map_or(now, |last| (last + apart).max(now))
    }

    fn within(&self, window: Duration, now: Instant) -> usize {
        self.recent.iter().rev().take_while(|at| now < **at + window).count()
    }

    fn for_partials(&self) -> usize {
        let calls = self.rate.calls();
        if calls == 1 { 1 } else { calls - calls.div_ceil(RESERVED) }
    }

    fn go(&mut self, place: Place, courage: Courage, now: Instant) -> Turn {
        self.leave(place);
        self.recent.push_back(now);
        if place.priority == Priority::Partial {
            self.last_partial = Some(now);
        }
        self.pause.on_call(now);
        self.tally.calls += 1;
        let waited = now.saturating_duration_since(place.since);
        self.tally.waits += u64::from(!waited.is_zero());
        self.tally.longest_wait = self.tally.longest_wait.max(waited);
        Turn::Go(Grant { family: self.family, at: now, courage })
    }

    fn forget(&mut self, now: Instant) {
        let window = self.rate.window();
        while self.recent.front().is_some_and(|at| *at + window <= now) {
            self.recent.pop_front();
        }
    }
}
