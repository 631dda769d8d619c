use super::{
    Family, Priority,
    app::{Limiter, Ticket},
    ask::{Answer, Ask, Courage, Grant, Turn},
    cards::CardId,
};
use crate::{clock, error::Limit};
use std::time::{Duration, Instant};

const STREAM: Family = Family::of("/v1.0/card/streaming");
const SEND: Family = Family::of("/v1.0/robot/groupMessages/send");
const S: Duration = Duration::from_secs(1);

/// A limiter and a clock that is moved by hand.
struct Stage {
    limiter: Limiter,
    now: Instant,
}

impl Stage {
    fn new() -> Self {
        Self { limiter: Limiter::default(), now: clock::now() }
    }

    fn ask(&mut self, family: Family, priority: Priority) -> Ticket {
        self.limiter.ask(Ask { family, priority, card: None }, self.now)
    }

    fn partial_of(&mut self, card: CardId) -> Ticket {
        let ask = Ask { family: STREAM, priority: Priority::Partial, card: Some(card) };
        self.limiter.ask(ask, self.now)
    }

    fn goes(&mut self, ticket: Ticket) -> Option<Grant> {
        match self.limiter.turn(ticket, self.now) {
            Turn::Go(grant) => Some(grant),
            Turn::At(_) | Turn::Later => None,
        }
    }

    /// A call of its own, if it may go at once.
    fn call(&mut self, family: Family, priority: Priority) -> Option<Grant> {
        let ticket = self.ask(family, priority);
        let grant = self.goes(ticket);
        self.limiter.withdraw(ticket);
        grant
    }

    /// How many calls go at once.
    fn burst(&mut self, family: Family, priority: Priority) -> usize {
        std::iter::from_fn(|| self.call(family, priority)).take(1000).count()
    }

    #[track_caller]
    fn refused(&mut self, family: Family, limit: Limit) {
        let grant = self.call(family, Priority::Final).unwrap();
        self.limiter.on_answer(grant, Answer::Refused(limit), self.now);
    }

    /// How long until a last text may go.
    fn closed_for(&mut self, family: Family) -> Duration {
        let ticket = self.ask(family, Priority::Final);
        let turn = self.limiter.turn(ticket, self.now);
        self.limiter.withdraw(ticket);
        match turn {
            Turn::At(when) => when - self.now,
            Turn::Go(grant) => {
                self.limiter.give_back(grant);
                Duration::ZERO
            }
            Turn::Later => Duration::MAX,
        }
    }
}

#[test]
fn no_more_calls_go_within_a_second_than_are_known_to_be_taken() {
    let mut stage = Stage::new();
    assert_eq!(stage.burst(STREAM, Priority::Final), 18);
    stage.now += S;
    assert_eq!(stage.burst(STREAM, Priority::Final), 0, "they may travel at different speeds");
    stage.now += S / 10;
    assert_eq!(stage.burst(STREAM, Priority::Final), 18);
}

#[test]
fn each_api_is_counted_for_itself() {
    let mut stage = Stage::new();
    stage.burst(STREAM, Priority::Final);
    assert_eq!(stage.burst(SEND, Priority::Deliver), 18);
}

#[test]
fn the_most_important_goes_first_and_of_equals_the_first() {
    let mut stage = Stage::new();
    stage.burst(STREAM, Priority::Final);
    let kinds = [Priority::Partial, Priority::Status, Priority::Final, Priority::Deliver, Priority::Final];
    let tickets = kinds.map(|priority| stage.ask(STREAM, priority));
    stage.now += 2 * S;
    let mut gone = Vec::new();
    while let Some(place) = stage.limiter.first(STREAM) {
        let index = tickets.iter().position(|ticket| ticket.place() == place).unwrap();
        assert!(stage.goes(tickets[index]).is_some());
        gone.push(index);
    }
    assert_eq!(gone, [2, 4, 3, 1, 0]);
}

#[test]
fn partial_texts_are_spaced_and_leave_room_for_last_ones() {
    let mut stage = Stage::new();
    let mut gone = 0;
    for _ in 0..1000 {
        gone += stage.burst(STREAM, Priority::Partial);
        stage.now += S / 1000;
    }
    assert_eq!(gone, 16);
    assert_eq!(stage.burst(STREAM, Priority::Final), 2);
}

#[test]
fn whoever_gives_up_a_place_holds_up_nobody() {
    let mut stage = Stage::new();
    stage.burst(STREAM, Priority::Final);
    let (first, second) = (stage.ask(STREAM, Priority::Final), stage.ask(STREAM, Priority::Final));
    stage.now += 2 * S;
    assert!(stage.goes(second).is_none());
    stage.limiter.withdraw(first);
    assert!(stage.goes(second).is_some());
}

#[test]
fn a_turn_that_was_not_used_goes_to_another() {
    let mut stage = Stage::new();
    let unused = stage.call(STREAM, Priority::Final).unwrap();
    assert_eq!(stage.burst(STREAM, Priority::Final), 17);
    stage.limiter.give_back(unused);
    assert_eq!(stage.burst(STREAM, Priority::Final), 1);
}

#[test]
fn a_call_that_is_repeated_with_another_token_counts_twice() {
    let mut stage = Stage::new();
    let grant = stage.call(STREAM, Priority::Final).unwrap();
    stage.limiter.again(grant, stage.now);
    assert_eq!(stage.burst(STREAM, Priority::Final), 16);
}

#[test]
fn a_card_that_asks_again_with_a_newer_text_keeps_its_place() {
    let mut stage = Stage::new();
    let (one, other) = (stage.limiter.enter(stage.now), stage.limiter.enter(stage.now));
    stage.burst(STREAM, Priority::Final);
    let overtaken = stage.partial_of(one);
    stage.now += S / 10;
    let waiting = stage.partial_of(other);
    stage.limiter.withdraw(overtaken);
    let again = stage.partial_of(one);
    stage.now += 2 * S;
    assert!(stage.goes(waiting).is_none());
    assert!(stage.goes(again).is_some());
    let next = stage.partial_of(one);
    stage.now += S;
    assert!(stage.goes(next).is_none(), "a turn that it had counts no more");
    assert!(stage.goes(waiting).is_some());
}

#[test]
fn a_refusal_halves_the_rate_after_a_second_and_refusals_of_what_had_left_before_do_not() {
    let mut stage = Stage::new();
    let grants: Vec<_> = std::iter::from_fn(|| stage.call(STREAM, Priority::Final)).collect();
    stage.now += S / 10;
    for grant in &grants[10..] {
        stage.limiter.on_answer(*grant, Answer::Refused(Limit::AppSecond), stage.now);
    }
    assert_eq!(stage.closed_for(STREAM), S);
    stage.now += 2 * S;
    assert_eq!(stage.burst(STREAM, Priority::Final), 9);
    assert_eq!(stage.burst(SEND, Priority::Deliver), 18, "another API is another limit");
}

#[test]
fn a_refusal_of_calls_that_arrived_together_leaves_the_rate_at_what_was_taken() {
    let mut stage = Stage::new();
    let grants: Vec<_> = std::iter::from_fn(|| stage.call(STREAM, Priority::Final)).collect();
    stage.now += S / 10;
    for grant in &grants[..17] {
        stage.limiter.on_answer(*grant, Answer::Accepted, stage.now);
    }
    stage.limiter.on_answer(grants[17], Answer::Refused(Limit::AppSecond), stage.now);
    stage.now += 2 * S;
    assert_eq!(stage.burst(STREAM, Priority::Final), 17);
}

#[test]
fn an_api_that_everybody_calls_too_often_is_left_alone_ever_longer_until_a_call_passes() {
    let mut stage = Stage::new();
    for seconds in [1, 2, 4, 8, 16, 32, 32] {
        stage.refused(STREAM, Limit::Api);
        assert_eq!(stage.closed_for(STREAM), seconds * S);
        stage.now += seconds * S;
    }
    let test = stage.call(STREAM, Priority::Final).unwrap();
    assert_eq!(stage.closed_for(STREAM), Duration::MAX, "one call finds out");
    stage.limiter.on_answer(test, Answer::Accepted, stage.now);
    stage.now += 2 * S;
    assert_eq!(stage.burst(STREAM, Priority::Final), 18, "it was not the app's own limit");
}

#[test]
fn used_up_calls_of_a_minute_are_waited_for_and_found_out_by_single_calls() {
    let mut stage = Stage::new();
    for seconds in [5, 10, 20, 40, 60, 60] {
        stage.refused(STREAM, Limit::AppMinute);
        assert_eq!(stage.closed_for(STREAM), seconds * S);
        stage.now += seconds * S;
    }
    let lost = stage.call(STREAM, Priority::Final).unwrap();
    stage.limiter.on_answer(lost, Answer::Unknown, stage.now);
    let test = stage.call(STREAM, Priority::Final).unwrap();
    stage.limiter.on_answer(test, Answer::Accepted, stage.now);
    stage.now += 2 * S;
    assert_eq!(
        stage.burst(STREAM, Priority::Final),
        9,
        "only the first refusal says that they were too many"
    );
}

#[test]
fn a_ban_of_the_address_stops_every_api_for_five_minutes() {
    let mut stage = Stage::new();
    stage.refused(STREAM, Limit::Address);
    assert_eq!((stage.closed_for(STREAM), stage.closed_for(SEND)), (300 * S, 300 * S));
    stage.now += 300 * S;
    assert_eq!(stage.closed_for(SEND), Duration::ZERO);
}

#[test]
fn what_one_person_or_group_may_get_is_no_limit_of_the_app() {
    let mut stage = Stage::new();
    stage.refused(SEND, Limit::Recipient);
    assert_eq!(stage.burst(SEND, Priority::Deliver), 17);
}

#[test]
fn more_than_is_known_is_tried_with_partial_texts_alone() {
    let mut stage = Stage::new();
    for _ in 0..20_000 {
        let ticket = stage.ask(SEND, Priority::Deliver);
        for _ in 0..2 {
            stage.now += S / 1000;
            if let Some(grant) = stage.goes(ticket) {
                assert_eq!(grant.courage, Courage::Usual);
                stage.limiter.on_answer(grant, Answer::Accepted, stage.now);
            }
        }
    }
    assert_eq!(stage.limiter.snapshot()[SEND.path()]["callsPerSecond"], 18.0);
}

#[test]
fn a_card_leaves_more_time_between_texts_the_more_others_grow_and_not_while_they_rest() {
    let mut stage = Stage::new();
    let base = S / 2;
    let one = stage.limiter.enter(stage.now);
    assert_eq!(stage.limiter.pace(STREAM, base, stage.now), base);
    let others: Vec<_> = (0..99).map(|_| stage.limiter.enter(stage.now)).collect();
    stage.now += S;
    let crowded = stage.limiter.pace(STREAM, base, stage.now);
    assert!(crowded > 5 * S && crowded < 6 * S, "{crowded:?}: 16 a second for a hundred");
    stage.now += 20 * S;
    assert_eq!(stage.limiter.pace(STREAM, base, stage.now), base);
    others.into_iter().chain([one]).for_each(|card| stage.limiter.leave(card));
}

#[test]
fn what_was_learnt_can_be_read() {
    let mut stage = Stage::new();
    stage.refused(STREAM, Limit::AppSecond);
    let ticket = stage.ask(STREAM, Priority::Final);
    stage.now += S;
    assert!(stage.goes(ticket).is_some());
    let expected = serde_json::json!({STREAM.path(): {"callsPerSecond": 9.0, "calls": 2, "waiting": 0,
        "waits": 1, "longestWaitMs": 1000, "refusals": 1}});
    assert_eq!(stage.limiter.snapshot(), expected);
}
