use super::*;

const PACE: Duration = Duration::from_millis(600);

/// A card with a clock that is moved by hand.
struct World {
    card: Session,
    now: Instant,
}

impl World {
    fn new(text: &str) -> Self {
        Self { card: Session::new(face(text), Pace::Every(PACE)), now: crate::clock::now() }
    }

    /// A card that was created with `text`.
    fn created(text: &str) -> Self {
        let mut world = Self::new(text);
        world.sent();
        world.answer(Answer::Accepted);
        world
    }

    fn wait(&mut self, millis: u64) {
        self.now += Duration::from_millis(millis);
    }

    fn next(&mut self) -> Next {
        self.card.next(self.now)
    }

    #[track_caller]
    fn sent(&mut self) -> Request {
        match self.next() {
            Next::Send(intent) => self.card.begin(intent, self.now).unwrap(),
            other => panic!("nothing to send, but {other:?}"),
        }
    }

    fn answer(&mut self, answer: Answer) {
        self.card.on_answer(answer, self.now);
    }
}

fn face(text: &str) -> Face {
    Face { text: text.into(), reach: text.len(), ..Face::default() }
}

fn create(text: &str) -> Request {
    Request::Create { face: face(text), is_plain: false }
}

fn partial(revision: u32, text: &str) -> Request {
    Request::Stream { revision, face: face(text), ending: None }
}

fn last(revision: u32, text: &str) -> Request {
    Request::Stream { revision, face: face(text), ending: Some(Ending::Done) }
}

fn close(text: &str) -> Request {
    Request::Close { face: face(text), ending: Ending::Done }
}

fn given_up(shown: &str, open: bool) -> Outcome {
    Outcome::GivenUp { shown: face(shown), open }
}

fn give_up(shown: &str) -> Request {
    Request::GiveUp { shown: face(shown) }
}

const ODD: Answer = Answer::Odd(Duration::from_millis(1000));
const LOST: Answer = Answer::Lost(Duration::from_millis(1000));
const LATER: Answer = Answer::Later(Duration::from_millis(1000));

#[test]
fn a_card_is_created_grows_at_its_pace_and_ends() {
    let mut world = World::new("…");
    assert_eq!(world.sent(), create("…"));
    world.answer(Answer::Accepted);

    world.card.push(face("a"));
    assert_eq!(world.next(), Next::Wait(world.now + PACE));
    world.wait(600);
    world.card.push(face("a b"));
    assert_eq!(world.sent(), partial(1, "a b"));
    world.answer(Answer::Accepted);
    assert_eq!(world.next(), Next::Rest);

    world.card.finish(face("a b c"), Ending::Done);
    assert_eq!(world.sent(), last(2, "a b c"));
    world.answer(Answer::Accepted);
    assert_eq!(world.sent(), close("a b c"));
    world.answer(Answer::Accepted);
    assert_eq!(world.next(), Next::Over(Outcome::Shown));
}

#[test]
fn the_first_words_do_not_wait_for_the_pace_after_a_card_without_any() {
    let mut world = World::created("");
    world.card.push(face("Hello"));
    assert_eq!(world.sent(), partial(1, "Hello"));
    world.answer(Answer::Accepted);
    world.card.push(face("Hello, Lin"));
    assert_eq!(world.next(), Next::Wait(world.now + PACE));
}

#[test]
fn nothing_is_sent_while_a_request_is_under_way() {
    let mut world = World::new("a");
    world.sent();
    world.card.finish(face("a b"), Ending::Done);
    assert_eq!(world.next(), Next::Rest);
}

#[test]
fn the_final_text_does_not_wait_for_the_pace() {
    let mut world = World::created("a");
    world.card.finish(face("a b"), Ending::Done);
    assert_eq!(world.sent(), last(1, "a b"));
}

#[test]
fn the_final_text_is_sent_even_if_it_is_shown_already() {
    let mut world = World::created("a");
    world.card.finish(face("a"), Ending::Done);
    assert_eq!(world.sent(), last(1, "a"));
}

#[test]
fn a_text_that_could_not_be_shown_is_repeated_under_its_revision_or_replaced_under_a_new_one() {
    let mut world = World::created("…");
    world.wait(600);
    world.card.push(face("a"));
    assert_eq!(world.sent(), partial(1, "a"));
    world.answer(LATER);
    assert_eq!(world.next(), Next::Wait(world.now + Duration::from_millis(1000)));
    world.wait(1000);
    assert_eq!(world.sent(), partial(1, "a"));
    world.answer(LATER);
    world.card.push(face("a b"));
    world.wait(1000);
    assert_eq!(world.sent(), partial(2, "a b"));
}

#[test]
fn a_final_text_with_the_words_of_a_failed_partial_one_is_a_new_revision() {
    let mut world = World::created("…");
    world.wait(600);
    world.card.push(face("a"));
    assert_eq!(world.sent(), partial(1, "a"));
    world.answer(LATER);
    world.card.finish(face("a"), Ending::Done);
    world.wait(1000);
    assert_eq!(world.sent(), last(2, "a"));
}

#[test]
fn an_abandoned_partial_text_makes_way_for_the_final_one() {
    let mut world = World::created("…");
    world.wait(600);
    world.card.push(face("a"));
    world.sent();
    world.card.finish(face("a b"), Ending::Done);
    world.card.abandon();
    assert_eq!(world.sent(), last(2, "a b"));
    world.card.abandon();
    assert_eq!(world.sent(), last(2, "a b"), "a final one that is abandoned is repeated");
}

#[test]
fn the_grace_for_a_partial_text_follows_the_round_trip_up_to_a_second() {
    let mut world = World::new("…");
    assert_eq!(world.card.grace(), Duration::from_secs(1));
    world.sent();
    world.wait(50);
    world.answer(Answer::Accepted);
    assert_eq!(world.card.grace(), Duration::from_millis(200));
}

#[test]
fn a_refused_creation_ends_it_and_a_postponed_one_is_tried_three_times() {
    let mut world = World::new("a");
    world.sent();
    world.answer(Answer::Refused);
    assert_eq!(world.next(), Next::Over(given_up("", false)));

    let mut world = World::new("a");
    for _ in 0..3 {
        assert_eq!(world.sent(), create("a"));
        world.answer(LATER);
        world.wait(1000);
    }
    assert_eq!(world.next(), Next::Over(given_up("", false)));
}

#[test]
fn a_card_that_may_exist_after_all_is_ended_before_text_takes_over() {
    let mut world = World::new("a");
    for answer in [LOST, LATER, LATER] {
        assert_eq!(world.sent(), create("a"));
        world.answer(answer);
        world.wait(1000);
    }
    assert_eq!(world.sent(), give_up(""));
    world.answer(Answer::Refused);
    assert_eq!(world.next(), Next::Over(given_up("", true)));
}

#[test]
fn a_card_that_exists_already_shows_nothing_that_is_known_and_goes_on() {
    let mut world = World::new("a");
    world.sent();
    world.answer(LOST);
    world.wait(1000);
    world.sent();
    world.answer(Answer::Exists);
    world.wait(600);
    assert_eq!(world.sent(), partial(1, "a"));
}

#[test]
fn a_create_that_hangs_holds_up_the_closing_until_it_is_settled() {
    let mut world = World::new("");
    world.sent();
    world.card.finish(face("a"), Ending::Done);
    assert_eq!(world.next(), Next::Rest);
    world.answer(Answer::Accepted);
    assert_eq!(world.sent(), last(1, "a"));
}

#[test]
fn where_streaming_is_refused_the_closing_brings_the_whole_text() {
    let mut world = World::created("…");
    world.wait(600);
    world.card.push(face("a"));
    world.sent();
    world.answer(Answer::Refused);
    world.card.push(face("a b"));
    assert_eq!(world.next(), Next::Rest);
    world.card.finish(face("a b c"), Ending::Done);
    assert_eq!(world.sent(), close("a b c"));
    world.answer(Answer::Accepted);
    assert_eq!(world.next(), Next::Over(Outcome::Shown));
}

#[test]
fn an_odd_answer_is_for_ever_the_second_time() {
    let mut world = World::created("…");
    world.wait(600);
    world.card.push(face("a"));
    world.sent();
    world.answer(ODD);
    world.wait(1000);
    assert_eq!(world.sent(), partial(1, "a"));
    world.answer(ODD);
    assert_eq!(world.next(), Next::Rest);
    world.card.finish(face("a"), Ending::Done);
    assert_eq!(world.sent(), close("a"));
}

#[test]
fn a_card_that_takes_neither_text_nor_end_keeps_what_it_shows_and_points_below() {
    let mut world = World::created("a");
    world.card.finish(face("a b"), Ending::Done);
    world.sent();
    world.answer(Answer::Refused);
    assert_eq!(world.sent(), close("a b"));
    world.answer(Answer::Refused);
    assert_eq!(world.sent(), give_up("a"));
    world.answer(Answer::Accepted);
    assert_eq!(world.next(), Next::Over(given_up("a", false)));
}

#[test]
fn a_card_that_takes_nothing_at_all_is_given_up_within_half_a_minute() {
    let mut world = World::created("a");
    world.card.finish(face("a b"), Ending::Done);
    let begun = world.now;
    while !matches!(world.next(), Next::Over(_)) {
        if let Next::Send(intent) = world.next() {
            world.card.begin(intent, world.now);
            world.answer(LOST);
        }
        world.wait(250);
    }
    assert_eq!(world.next(), Next::Over(given_up("a", true)));
    assert!(world.now - begun <= Duration::from_secs(30), "{:?}", world.now - begun);
}

#[test]
fn a_finalised_card_counts_as_shown_even_if_it_cannot_be_closed() {
    let mut world = World::created("a");
    world.card.finish(face("a b"), Ending::Done);
    world.sent();
    world.answer(Answer::Accepted);
    for _ in 0..4 {
        assert_eq!(world.sent(), close("a b"));
        world.answer(LATER);
        world.wait(1000);
    }
    assert_eq!(world.next(), Next::Over(Outcome::Shown));
}

#[test]
fn a_card_on_which_nothing_was_said_is_taken_back() {
    let mut world = World::created("");
    world.card.dismiss(face("(nothing)"), Ending::Done);
    assert_eq!(world.sent(), Request::Retract);
    world.answer(Answer::Accepted);
    assert_eq!(world.next(), Next::Over(Outcome::Retracted));
}

#[test]
fn a_card_that_cannot_be_taken_back_ends_with_a_sentence() {
    let mut world = World::created("");
    world.card.dismiss(face("(nothing)"), Ending::Cancelled);
    world.sent();
    world.answer(Answer::Refused);
    let ending = Some(Ending::Cancelled);
    assert_eq!(world.sent(), Request::Stream { revision: 1, face: face("(nothing)"), ending });
}

#[test]
fn a_status_is_shown_below_the_words_at_the_same_pace() {
    let mut world = World::created("a");
    let busy = Face { status: "searching".into(), ..face("a") };
    world.card.push(busy.clone());
    assert_eq!(world.next(), Next::Wait(world.now + PACE));
    world.wait(600);
    assert_eq!(world.next(), Next::Send(Intent::Status));
    assert_eq!(world.sent(), Request::Stream { revision: 1, face: busy, ending: None });
    world.answer(Answer::Accepted);
    world.card.push(face("a b"));
    assert_eq!(world.sent(), partial(2, "a b"), "words do not wait for a status");
}

#[test]
fn a_thrifty_card_is_created_and_finalised_and_that_is_all() {
    let mut world = World::new("");
    world.card.set_pace(Pace::Never);
    assert_eq!(world.sent(), Request::Create { face: face(""), is_plain: true });
    world.answer(Answer::Accepted);
    world.card.push(face("a"));
    assert_eq!(world.next(), Next::Rest);
    world.card.finish(face("a b"), Ending::Done);
    assert_eq!(world.sent(), last(1, "a b"));
    world.answer(Answer::Accepted);
    assert_eq!(world.next(), Next::Over(Outcome::Shown));
}

#[test]
fn a_card_that_was_streamed_to_is_closed_even_if_it_has_to_be_thrifty_now() {
    let mut world = World::created("a");
    world.wait(600);
    world.card.push(face("a b"));
    world.sent();
    world.answer(Answer::Accepted);
    world.card.set_pace(Pace::Never);
    world.card.finish(face("a b c"), Ending::Done);
    assert_eq!(world.sent(), last(2, "a b c"));
    world.answer(Answer::Accepted);
    assert_eq!(world.sent(), close("a b c"));
}

#[test]
fn a_new_pace_counts_from_the_last_words() {
    let mut world = World::created("a");
    world.card.push(face("a b"));
    world.card.set_pace(Pace::Every(Duration::from_secs(3)));
    assert_eq!(world.next(), Next::Wait(world.now + Duration::from_secs(3)));
    world.card.set_pace(Pace::Every(Duration::from_millis(1)));
    world.wait(1);
    assert_eq!(world.sent(), partial(1, "a b"));
}

#[test]
fn a_card_of_an_earlier_process_goes_on_with_the_newest_words() {
    let mut world = World::new("");
    world.card = Session::adopted(face("a"), Pace::Every(PACE), false);
    assert_eq!(world.sent(), partial(1, "a"));
    world.answer(Answer::Accepted);
    world.card.finish(face("a b"), Ending::Done);
    assert_eq!(world.sent(), last(2, "a b"));
}

#[test]
fn a_card_whose_last_text_an_earlier_process_may_have_streamed_is_only_closed() {
    let mut world = World::new("");
    world.card = Session::adopted(Face::default(), Pace::Every(PACE), true);
    world.card.finish(face("a b"), Ending::Done);
    assert_eq!(world.sent(), close("a b"));
}

#[test]
fn words_that_are_taken_back_are_replaced_while_the_card_grows() {
    let mut world = World::created("a b");
    world.wait(600);
    world.card.push(face("c"));
    assert_eq!(world.sent(), partial(1, "c"));
}

#[test]
fn a_complete_answer_does_not_wait_for_ever_for_the_turn_of_its_card() {
    let mut world = World::new("");
    assert_eq!(world.next(), Next::Send(Intent::Create));
    assert_eq!(world.card.deadline(), None, "while it grows there is time");
    world.card.finish(face("a b"), Ending::Done);
    assert_eq!(world.next(), Next::Send(Intent::Create));
    let deadline = world.card.deadline().unwrap();
    assert_eq!(deadline - world.now, Duration::from_secs(20));
    // Its turn comes late, and that does not give it more time.
    world.wait(15_000);
    world.sent();
    assert_eq!(world.card.deadline(), Some(deadline));
    world.card.abandon();
    world.wait(5_000);
    assert_eq!(world.sent(), give_up(""), "it may exist");
}

#[test]
fn a_card_whose_turn_did_not_come_before_its_answer_ended_is_not_made() {
    let mut world = World::new("");
    world.card.finish(face("a b"), Ending::Done);
    world.next();
    world.wait(20_000);
    assert_eq!(world.next(), Next::Over(given_up("", false)));

    let mut world = World::new("");
    world.card.dismiss(face("(nothing)"), Ending::Done);
    assert_eq!(world.next(), Next::Over(Outcome::Retracted), "there is nothing to take back");
}

#[test]
fn a_card_that_may_have_been_created_is_ended_although_its_creation_is_refused() {
    let mut world = World::new("");
    world.sent();
    world.card.abandon();
    world.card.finish(face("a"), Ending::Done);
    world.sent();
    world.answer(Answer::Refused);
    assert_eq!(world.sent(), give_up(""));

    let mut world = World::new("");
    world.card = Session::doubtful(face(""), Pace::Every(PACE));
    world.sent();
    world.answer(Answer::Refused);
    assert_eq!(world.sent(), give_up(""));
}

#[test]
fn a_card_that_was_made_to_be_updated_is_closed_although_it_never_was() {
    let mut world = World::created("");
    world.card.set_pace(Pace::Never);
    world.card.finish(face("a"), Ending::Done);
    assert_eq!(world.sent(), last(1, "a"));
    world.answer(Answer::Accepted);
    assert_eq!(world.sent(), close("a"), "its button goes with that");
}
