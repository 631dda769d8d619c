//! The limiter, with a DingTalk that counts calls as the real one does, and many cards; the clock is
//! moved by hand.

use super::{
    Family, Priority,
    app::{Limiter, Ticket},
    ask::{Answer, Ask, Grant, Turn},
    cards::CardId,
};
use crate::{clock, error::Limit};
use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

const STREAM: Family = Family::of("/v1.0/card/streaming");
const STEP: Duration = Duration::from_millis(2);
const S: Duration = Duration::from_secs(1);
/// What an account is set to.
const BASE: Duration = Duration::from_millis(375);

/// A second's worth of accepted calls, and what exceeds it is refused.
struct Server {
    limit: usize,
    accepted: VecDeque<Instant>,
}

impl Server {
    fn judge(&mut self, now: Instant) -> Answer {
        while self.accepted.front().is_some_and(|at| *at + S <= now) {
            self.accepted.pop_front();
        }
        if self.accepted.len() >= self.limit {
            return Answer::Refused(Limit::AppSecond);
        }
        self.accepted.push_back(now);
        Answer::Accepted
    }
}

/// An answer that grows from `begins` to `ends`.
struct Card {
    id: CardId,
    begins: Instant,
    ends: Instant,
    doing: Doing,
    next_partial: Instant,
    /// When a text of it was accepted.
    shown: Vec<Instant>,
    finished: Option<Instant>,
}

enum Doing {
    Nothing,
    Waits(Ticket),
    Calls { grant: Grant, is_final: bool, arrives: Instant, answered: Instant, answer: Option<Answer> },
}

/// A refusal.
#[derive(Debug)]
struct Refusal {
    at: Duration,
    was_final: bool,
}

struct World {
    start: Instant,
    now: Instant,
    limiter: Limiter,
    server: Server,
    cards: Vec<Card>,
    refusals: Vec<Refusal>,
    random: u64,
}

impl World {
    /// `count` answers that grow for `length` each and begin within `spread`, where DingTalk takes `limit` calls a second.
    fn new(limit: usize, count: u32, length: Duration, spread: Duration) -> Self {
        let (start, mut limiter) = (clock::now(), Limiter::default());
        let cards = (0..count).map(|number| {
            let begins = start + spread * number / count;
            let (id, ends) = (limiter.enter(start), begins + length);
            let (doing, shown) = (Doing::Nothing, Vec::new());
            Card { id, begins, ends, doing, next_partial: begins, shown, finished: None }
        });
        let cards = cards.collect();
        let server = Server { limit, accepted: VecDeque::new() };
        Self { start, now: start, limiter, server, cards, refusals: Vec::new(), random: 1 }
    }

    /// Lets time pass until all answers have ended, `most` at most.
    fn run(&mut self, most: Duration) {
        while self.cards.iter().any(|card| card.finished.is_none()) {
            assert!(self.now < self.start + most, "not all have ended after {most:?}");
            self.pass(STEP);
        }
    }

    fn pass(&mut self, time: Duration) {
        let until = self.now + time;
        while self.now < until {
            self.arrive();
            self.want();
            self.grant();
            self.now += STEP;
        }
    }

    fn want(&mut self) {
        let Self { now, limiter, cards, .. } = self;
        for card in cards.iter_mut().filter(|card| *now >= card.begins && card.finished.is_none()) {
            let ended = *now >= card.ends;
            match &card.doing {
                Doing::Waits(ticket) if ended && ticket.place().priority == Priority::Partial => {
                    limiter.withdraw(*ticket);
                }
                Doing::Nothing if ended || *now >= card.next_partial => {}
                _ => continue,
            }
            let priority = if ended { Priority::Final } else { Priority::Partial };
            let ask = Ask { family: STREAM, priority, card: Some(card.id) };
            card.doing = Doing::Waits(limiter.ask(ask, *now));
        }
    }

    fn grant(&mut self) {
        while let Some(place) = self.limiter.first(STREAM) {
            let first = self
                .cards
                .iter()
                .position(|card| matches!(&card.doing, Doing::Waits(ticket) if ticket.place() == place));
            let card = first.expect("who waits is a card");
            let Doing::Waits(ticket) = self.cards[card].doing else { unreachable!() };
            let Turn::Go(grant) = self.limiter.turn(ticket, self.now) else { return };
            let (there, back) = (self.travel(), self.travel());
            let (arrives, answered) = (self.now + there, self.now + there + back);
            let is_final = place.priority == Priority::Final;
            self.cards[card].doing = Doing::Calls { grant, is_final, arrives, answered, answer: None };
        }
    }

    fn arrive(&mut self) {
        let Self { start, now, limiter, server, cards, refusals, .. } = self;
        for card in cards {
            let Doing::Calls { grant, is_final, arrives, answered, answer } = &mut card.doing else {
                continue;
            };
            if answer.is_none() && *now >= *arrives {
                *answer = Some(server.judge(*now));
            }
            let Some(came) = answer.filter(|_| *now >= *answered) else { continue };
            limiter.on_answer(*grant, came, *now);
            let was_final = *is_final;
            if came == Answer::Accepted {
                card.shown.push(*now);
                card.finished = was_final.then_some(*now);
                card.next_partial = grant.at + limiter.pace(STREAM, BASE, *now);
                if was_final {
                    limiter.leave(card.id);
                }
            } else {
                refusals.push(Refusal { at: *now - *start, was_final });
            }
            card.doing = Doing::Nothing;
        }
    }

    /// Between 20 and 60 ms.
    fn travel(&mut self) -> Duration {
        self.random =
            self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        Duration::from_millis(20 + (self.random >> 33) % 40)
    }

    /// The longest that an answer's last text took, from when it was known.
    fn slowest_end(&self) -> Duration {
        self.cards.iter().map(|card| card.finished.unwrap_or(self.now) - card.ends).max().unwrap_or_default()
    }

    /// The longest that an answer showed nothing new while it grew.
    fn longest_silence(&self) -> Duration {
        let silences = self.cards.iter().flat_map(|card| {
            let moments = std::iter::once(card.begins).chain(card.shown.iter().copied());
            moments.clone().zip(moments.skip(1))
        });
        silences.map(|(before, after)| after - before).max().unwrap_or_default()
    }

    fn finals_refused(&self) -> usize {
        self.refusals.iter().filter(|refusal| refusal.was_final).count()
    }

    fn report(&self, name: &str) {
        let calls: usize = self.cards.iter().map(|card| card.shown.len()).sum();
        eprintln!(
            "{name}: {calls} calls, slowest end {:?}, longest silence {:?}, refused {}, last texts among them {}, at {:?}",
            self.slowest_end(),
            self.longest_silence(),
            self.refusals.len(),
            self.finals_refused(),
            self.refusals.iter().map(|refusal| refusal.at).collect::<Vec<_>>(),
        );
    }
}

#[test]
fn fifty_answers_under_twenty_calls_a_second_all_grow_and_all_end_at_once() {
    let mut world = World::new(20, 50, 40 * S, 10 * S);
    world.run(60 * S);
    world.report("50 answers, 20 calls/s");
    assert!(world.slowest_end() < S / 2);
    assert!(world.longest_silence() < 5 * S, "each has its share of 2.5 s");
    assert_eq!(world.finals_refused(), 0);
    assert!(world.refusals.len() <= 2, "{:?}", world.refusals);
}

#[test]
fn two_hundred_answers_under_twenty_calls_a_second_end_within_seconds_of_their_last_text() {
    let mut world = World::new(20, 200, 60 * S, 20 * S);
    world.run(120 * S);
    world.report("200 answers, 20 calls/s");
    assert!(world.slowest_end() < 3 * S);
    assert!(world.longest_silence() < 16 * S, "each has its share of 10 s, and last texts go first");
    assert_eq!(world.finals_refused(), 0);
    assert!(world.refusals.len() <= 4, "{:?}", world.refusals);
}

#[test]
fn two_hundred_answers_that_end_at_the_same_moment_end_as_fast_as_the_limit_allows() {
    let mut world = World::new(20, 200, 60 * S, Duration::ZERO);
    world.run(120 * S);
    world.report("200 answers, 20 calls/s, one moment");
    assert!(world.slowest_end() < 12 * S, "twenty a second are 10 s");
    assert_eq!(world.finals_refused(), 0);
}

#[test]
fn a_limit_of_two_calls_a_second_is_learnt_within_seconds_and_then_kept() {
    let mut world = World::new(2, 10, 120 * S, 5 * S);
    world.run(140 * S);
    world.report("10 answers, 2 calls/s");
    assert!(world.slowest_end() < 3 * S);
    assert!(world.longest_silence() < 20 * S, "each has its share of 5 s, half of it kept for last texts");
    assert_eq!(world.finals_refused(), 0);
    assert!(world.refusals.iter().filter(|refusal| refusal.at > 10 * S).count() <= 2, "{:?}", world.refusals);
}

#[test]
fn a_paid_edition_gets_more_while_it_is_wanted() {
    let mut world = World::new(60, 200, 300 * S, 20 * S);
    world.run(400 * S);
    world.report("200 answers, 60 calls/s");
    assert!(world.limiter.snapshot()[STREAM.path()]["callsPerSecond"].as_f64() > Some(50.0));
    assert!(world.refusals.len() < 10 && world.finals_refused() == 0, "{:?}", world.refusals);
}

#[test]
fn a_limit_that_falls_and_rises_is_followed() {
    let mut world = World::new(20, 50, 200 * S, 10 * S);
    world.pass(30 * S);
    world.server.limit = 4;
    world.pass(30 * S);
    let rate = |world: &World| world.limiter.snapshot()[STREAM.path()]["callsPerSecond"].as_f64();
    assert_eq!(rate(&world), Some(4.0));
    world.server.limit = 20;
    world.run(240 * S);
    world.report("50 answers, 20, 4, 20 calls/s");
    assert!(rate(&world) >= Some(18.0));
    assert_eq!(world.finals_refused(), 0);
}
