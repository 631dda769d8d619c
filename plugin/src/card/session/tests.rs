use super::*;
use proptest::prelude::*;

const PACE: Duration = Duration::from_millis(600);

/// A card with a clock that is moved by hand.
struct World {
    card: Session,
    now: Instant,
}

impl World {
    fn new(text: &str) -> Self {
        #[expect(clippy::disallowed_methods, reason = "any instant will do to count from")]
        let now = Instant::now();
        Self { card: Session::new(text, PACE, now), now }
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
            Next::Send(request) => request,
            other => panic!("nothing to send, but {other:?}"),
        }
    }

    fn answer(&mut self, answer: Answer) {
        self.card.on_answer(answer, self.now);
    }
}

fn partial(revision: u32, text: &str) -> Request {
    Request::Stream { revision, text: text.into(), ending: None }
}

fn last(revision: u32, text: &str) -> Request {
    Request::Stream { revision, text: text.into(), ending: Some(Ending::Done) }
}

fn close(text: &str) -> Request {
    Request::Close { text: text.into(), ending: Ending::Done }
}

const LOST: Answer = Answer::Lost(Duration::from_millis(1000));
const LATER: Answer = Answer::Later(Duration::from_millis(1000));

#[test]
fn a_card_is_created_grows_at_its_pace_and_ends() {
    let mut world = World::new("…");
    assert_eq!(world.sent(), Request::Create { text: "…".into() });
    world.answer(Answer::Accepted);

    world.card.push("a");
    assert_eq!(world.next(), Next::Wait(world.now + PACE));
    world.wait(600);
    world.card.push("a b");
    assert_eq!(world.sent(), partial(1, "a b"));
    world.answer(Answer::Accepted);
    assert_eq!(world.next(), Next::Rest);

    world.card.finish("a b c", Ending::Done);
    assert_eq!(world.sent(), last(2, "a b c"));
    world.answer(Answer::Accepted);
    assert_eq!(world.sent(), close("a b c"));
    world.answer(Answer::Accepted);
    assert_eq!(world.next(), Next::Over(Outcome::Shown));
}

#[test]
fn the_first_words_do_not_wait_for_the_pace_after_a_card_without_any() {
    let mut world = World::created("");
    world.card.push("Hello");
    assert_eq!(world.sent(), partial(1, "Hello"));
    world.answer(Answer::Accepted);
    world.card.push("Hello, Lin");
    assert_eq!(world.next(), Next::Wait(world.now + PACE));
}

#[test]
fn nothing_is_sent_while_a_request_is_under_way() {
    let mut world = World::new("a");
    world.sent();
    world.card.finish("a b", Ending::Done);
    assert_eq!(world.next(), Next::Rest);
}

#[test]
fn the_final_text_does_not_wait_for_the_pace() {
    let mut world = World::created("a");
    world.card.finish("a b", Ending::Done);
    assert_eq!(world.sent(), last(1, "a b"));
}

#[test]
fn the_final_text_is_sent_even_if_it_is_shown_already() {
    let mut world = World::created("a");
    world.card.finish("a", Ending::Done);
    assert_eq!(world.sent(), last(1, "a"));
}

#[test]
fn a_text_that_could_not_be_shown_is_repeated_under_its_revision_or_replaced_under_a_new_one() {
    let mut world = World::created("…");
    world.wait(600);
    world.card.push("a");
    assert_eq!(world.sent(), partial(1, "a"));
    world.answer(LATER);
    assert_eq!(world.next(), Next::Wait(world.now + Duration::from_millis(1000)));
    world.wait(1000);
    assert_eq!(world.sent(), partial(1, "a"));
    world.answer(LATER);
    world.card.push("a b");
    world.wait(1000);
    assert_eq!(world.sent(), partial(2, "a b"));
}

#[test]
fn a_final_text_with_the_words_of_a_failed_partial_one_is_a_new_revision() {
    let mut world = World::created("…");
    world.wait(600);
    world.card.push("a");
    assert_eq!(world.sent(), partial(1, "a"));
    world.answer(LATER);
    world.card.finish("a", Ending::Done);
    world.wait(1000);
    assert_eq!(world.sent(), last(2, "a"));
}

#[test]
fn an_abandoned_partial_text_makes_way_for_the_final_one() {
    let mut world = World::created("…");
    world.wait(600);
    world.card.push("a");
    world.sent();
    world.card.finish("a b", Ending::Done);
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
    assert_eq!(world.next(), Next::Over(Outcome::NotCreated));

    let mut world = World::new("a");
    for _ in 0..3 {
        assert_eq!(world.sent(), Request::Create { text: "a".into() });
        world.answer(LATER);
        world.wait(1000);
    }
    assert_eq!(world.next(), Next::Over(Outcome::NotCreated));
}

#[test]
fn a_card_that_may_exist_after_all_is_withdrawn_before_text_takes_over() {
    let mut world = World::new("a");
    for answer in [LOST, LATER, LATER] {
        assert_eq!(world.sent(), Request::Create { text: "a".into() });
        world.answer(answer);
        world.wait(1000);
    }
    assert_eq!(world.sent(), Request::Withdraw);
    world.answer(LATER);
    assert_eq!(world.next(), Next::Over(Outcome::NotCreated));
}

#[test]
fn where_streaming_is_refused_the_closing_brings_the_whole_text() {
    let mut world = World::created("…");
    world.wait(600);
    world.card.push("a");
    world.sent();
    world.answer(Answer::Refused);
    world.card.push("a b");
    assert_eq!(world.next(), Next::Rest);
    world.card.finish("a b c", Ending::Done);
    assert_eq!(world.sent(), close("a b c"));
    world.answer(Answer::Accepted);
    assert_eq!(world.next(), Next::Over(Outcome::Shown));
}

#[test]
fn a_card_that_takes_neither_text_nor_end_says_what_it_shows() {
    let mut world = World::created("a");
    world.card.finish("a b", Ending::Done);
    world.sent();
    world.answer(Answer::Refused);
    assert_eq!(world.sent(), close("a b"));
    world.answer(Answer::Refused);
    assert_eq!(world.next(), Next::Over(Outcome::Broken { shown: "a".into() }));
}

#[test]
fn a_finalised_card_counts_as_shown_even_if_it_cannot_be_closed() {
    let mut world = World::created("a");
    world.card.finish("a b", Ending::Done);
    world.sent();
    world.answer(Answer::Accepted);
    for _ in 0..4 {
        assert_eq!(world.sent(), close("a b"));
        world.answer(LATER);
        world.wait(1000);
    }
    assert_eq!(world.next(), Next::Over(Outcome::Shown));
}

/// What may happen to a card.
#[derive(Clone, Debug)]
enum Step {
    Push,
    Finish,
    Wait(u64),
    Answer(Answer),
    Abandon,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => Just(Step::Push),
        1 => Just(Step::Finish),
        3 => (0..1500_u64).prop_map(Step::Wait),
        4 => Just(Step::Answer(Answer::Accepted)),
        2 => (0..2000_u64).prop_map(|millis| Step::Answer(Answer::Later(Duration::from_millis(millis)))),
        1 => (0..2000_u64).prop_map(|millis| Step::Answer(Answer::Lost(Duration::from_millis(millis)))),
        1 => Just(Step::Answer(Answer::Refused)),
        1 => Just(Step::Abandon),
    ]
}

/// What DingTalk has seen, and what must be true of it.
#[derive(Default)]
struct Seen {
    under_way: Option<Request>,
    last_partial_at: Option<Instant>,
    revisions: Vec<(u32, String, Option<Ending>)>,
    created: bool,
    finalised: bool,
    closed: bool,
    accepted: String,
}

impl Seen {
    fn sent(&mut self, request: &Request, now: Instant) {
        assert!(self.under_way.is_none(), "two requests under way");
        assert!(!self.closed, "something after the closing");
        match request {
            Request::Create { .. } => assert!(!self.created, "created twice"),
            Request::Stream { revision, text, ending } => {
                assert!(self.created && !self.finalised, "streaming before creation or after the final text");
                if ending.is_none() {
                    assert!(
                        self.last_partial_at.is_none_or(|last| now >= last + PACE),
                        "faster than the pace"
                    );
                    self.last_partial_at = Some(now);
                }
                let this = (*revision, text.clone(), *ending);
                match self.revisions.last() {
                    Some(last) if last.0 == *revision => assert_eq!(*last, this, "a revision changed"),
                    Some(last) => assert!(last.0 < *revision && last.1.len() <= text.len(), "going back"),
                    None => {}
                }
                self.revisions.push(this);
            }
            Request::Close { .. } => assert!(self.created, "closed before creation"),
            Request::Withdraw => assert!(!self.created, "withdrawn although it is known to exist"),
        }
        self.under_way = Some(request.clone());
    }

    fn answered(&mut self, answer: Answer) {
        let Some(request) = self.under_way.take() else { return };
        if answer != Answer::Accepted {
            return;
        }
        match request {
            Request::Create { text } => {
                self.created = true;
                self.accepted = text;
            }
            Request::Stream { text, ending, .. } => {
                self.finalised |= ending.is_some();
                self.accepted = text;
            }
            Request::Close { text, .. } => {
                self.closed = true;
                self.accepted = text;
            }
            Request::Withdraw => {}
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn whatever_happens_its_promises_hold_and_it_ends(steps in prop::collection::vec(step(), 0..80)) {
        let mut world = World::new("0");
        let mut seen = Seen::default();
        let mut text = String::from("0");
        let mut final_text = None;
        let drain = [Step::Finish].into_iter().chain((0..60).flat_map(|_| [Step::Answer(Answer::Accepted), Step::Wait(2000)]));

        for step in steps.into_iter().chain(drain) {
            match step {
                Step::Push => {
                    text.push('+');
                    world.card.push(&text);
                }
                Step::Finish => {
                    text.push('.');
                    world.card.finish(&text, Ending::Done);
                    final_text.get_or_insert_with(|| text.clone());
                }
                Step::Wait(millis) => world.wait(millis),
                Step::Answer(answer) => {
                    world.answer(answer);
                    seen.answered(answer);
                }
                Step::Abandon => {
                    if seen.under_way.as_ref().is_some_and(Request::is_partial) {
                        world.card.abandon();
                        seen.under_way = None;
                    }
                }
            }
            if let Next::Send(request) = world.next() {
                seen.sent(&request, world.now);
            }
        }

        let final_text = final_text.unwrap_or_default();
        match world.next() {
            Next::Over(Outcome::Shown) => prop_assert_eq!(seen.accepted, final_text),
            Next::Over(Outcome::NotCreated) => prop_assert!(!seen.created),
            Next::Over(Outcome::Broken { shown }) => prop_assert!(final_text.starts_with(&shown) || shown == "0"),
            other => prop_assert!(false, "it did not end: {:?}", other),
        }
    }
}
