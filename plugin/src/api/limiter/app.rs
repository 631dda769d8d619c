//! All calls of one app, as a value that is told what wants to go and what came of it.

use super::{
    Family, Priority,
    ask::{Answer, Ask, Grant, Place, Turn},
    bucket::Bucket,
    cards::{CardId, Cards},
    pause::BAN,
    rate::START,
};
use crate::error::Limit;
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

/// The judge of one app's calls.
#[derive(Debug, Default)]
pub(super) struct Limiter {
    /// One per API; there are a dozen.
    buckets: BTreeMap<Family, Bucket>,
    cards: Cards,
    banned_until: Option<Instant>,
    last_number: u64,
}

/// A call that waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Ticket {
    family: Family,
    place: Place,
    card: Option<CardId>,
}

impl Ticket {
    pub(super) fn family(self) -> Family {
        self.family
    }

    /// Its place in the queue of its API.
    pub(super) fn place(self) -> Place {
        self.place
    }
}

impl Limiter {
    /// A card begins to grow.
    pub(super) fn enter(&mut self, now: Instant) -> CardId {
        self.cards.enter(now)
    }

    /// A card grows no more.
    pub(super) fn leave(&mut self, card: CardId) {
        self.cards.leave(card);
    }

    /// The time to leave between two texts of a card, `base` at least, which go to `family`.
    pub(super) fn pace(&mut self, family: Family, base: Duration, now: Instant) -> Duration {
        let per_second = self.bucket(family).partials_per_second();
        self.cards.pace(base, per_second, now)
    }

    /// A call wants to go. Until it is told to, or withdrawn, it waits.
    pub(super) fn ask(&mut self, ask: Ask, now: Instant) -> Ticket {
        self.last_number += 1;
        let since = match ask.card {
            Some(card) if ask.priority == Priority::Partial => self.cards.wants(card, now),
            _ => now,
        };
        let place = Place { priority: ask.priority, since, number: self.last_number };
        self.bucket(ask.family).join(place);
        Ticket { family: ask.family, place, card: ask.card }
    }

    /// Whether a call that waits may go now. Told to, it waits no more.
    pub(super) fn turn(&mut self, ticket: Ticket, now: Instant) -> Turn {
        if let Some(until) = self.banned_until.filter(|until| now < *until) {
            return Turn::At(until);
        }
        let ceiling = self.ceiling();
        let turn = self.bucket(ticket.family).turn(ticket.place, ceiling, now);
        if let (Turn::Go(_), Some(card)) = (turn, ticket.card) {
            self.cards.got(card, now);
        }
        turn
    }

    /// A call waits no more.
    pub(super) fn withdraw(&mut self, ticket: Ticket) {
        self.bucket(ticket.family).leave(ticket.place);
    }

    /// The one of those who wait whose turn is next.
    pub(super) fn first(&self, family: Family) -> Option<Place> {
        self.buckets.get(&family)?.first()
    }

    /// A call goes a second time on one turn, because its token was rejected.
    pub(super) fn again(&mut self, grant: Grant, now: Instant) {
        self.bucket(grant.family).again(now);
    }

    /// A call that was told to go did not.
    pub(super) fn give_back(&mut self, grant: Grant) {
        self.bucket(grant.family).give_back(grant);
    }

    /// What became of a call.
    pub(super) fn on_answer(&mut self, grant: Grant, answer: Answer, now: Instant) {
        if answer == Answer::Refused(Limit::Address) {
            self.ban(now);
        }
        self.bucket(grant.family).on_answer(grant, answer, now);
    }

    /// DingTalk answers this machine nothing for a while, whichever app it speaks for.
    pub(super) fn ban(&mut self, now: Instant) {
        self.banned_until = Some(now + BAN);
    }

    /// For how long no call of `family` will go, as far as known.
    pub(super) fn closed_for(&self, family: Family, now: Instant) -> Duration {
        let paused = self.buckets.get(&family).and_then(|bucket| bucket.paused(now));
        let until = self.banned_until.max(paused);
        until.map_or(Duration::ZERO, |until| until.saturating_duration_since(now))
    }

    /// What was learnt and what it cost, by API.
    pub(super) fn snapshot(&self) -> Value {
        let apis = self.buckets.iter().map(|(family, bucket)| {
            let tally = &bucket.tally;
            let longest = u64::try_from(tally.longest_wait.as_millis()).unwrap_or(u64::MAX);
            let api = json!({
                "callsPerSecond": bucket.rate(),
                "calls": tally.calls,
                "waiting": bucket.waiting(),
                "waits": tally.waits,
                "longestWaitMs": longest,
                "refusals": tally.refusals,
            });
            (family.path().to_owned(), api)
        });
        Value::Object(apis.collect())
    }

    /// The most that any API of the app is known to take a second: limits depend on the organisation's edition.
    fn ceiling(&self) -> f64 {
        self.buckets.values().map(Bucket::rate).fold(START, f64::max)
    }

    fn bucket(&mut self, family: Family) -> &mut Bucket {
        self.buckets.entry(family).or_insert_with(|| Bucket::new(family))
    }
}
