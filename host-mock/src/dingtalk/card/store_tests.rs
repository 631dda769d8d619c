use std::time::Duration;

use super::*;

const APP: &str = "dingfakeapp00000001";
const AI_TEMPLATE: &str = "02fcf2f4-5e02-4a85-b672-46d1f715543e";

fn at(seq: u64) -> Moment {
    Moment { seq, at: Duration::from_millis(seq) }
}

fn new_card() -> NewCard {
    NewCard {
        out_track_id: "card-1".into(),
        template_id: AI_TEMPLATE.into(),
        callback_type: Some("STREAM".into()),
        data: params([("flowStatus", "1"), ("msgContent", "working on it…")]),
        space_models: vec!["IM_ROBOT"],
    }
}

fn params<const N: usize>(values: [(&str, &str); N]) -> ParamMap {
    values.map(|(key, value)| (key.to_owned(), value.to_owned())).into()
}

fn part(guid: &str, content: &str) -> Streaming {
    Streaming {
        out_track_id: "card-1".into(),
        guid: guid.into(),
        key: "msgContent".into(),
        content: content.into(),
        full: true,
        finalize: false,
        error: false,
    }
}

fn last(guid: &str, content: &str) -> Streaming {
    Streaming { finalize: true, ..part(guid, content) }
}

/// A store with one card, and a clock.
struct World {
    store: CardStore,
    seq: u64,
    rules: Strictness,
}

impl World {
    #[track_caller]
    fn new(card: NewCard) -> Self {
        let mut store = CardStore::default();
        store.create(APP, card, &Strictness::default(), at(1)).unwrap();
        Self { store, seq: 1, rules: Strictness::default() }
    }

    fn stream(&mut self, call: Streaming) -> Streamed {
        self.stream_sent(self.seq + 1, call)
    }

    /// A call that was sent a while ago.
    fn stream_sent(&mut self, sent: u64, call: Streaming) -> Streamed {
        self.seq += 1;
        self.store.stream(APP, call, &self.rules, Flight { sent, landed: at(self.seq) })
    }

    #[track_caller]
    fn update<const N: usize>(&mut self, values: [(&str, &str); N], by_key: bool) -> Option<Rule> {
        self.seq += 1;
        let breach = self.store.update(APP, "card-1", Some(params(values)), by_key, at(self.seq)).unwrap();
        breach.map(|(rule, _)| rule)
    }

    fn card(&self) -> &Card {
        self.store.card("card-1").unwrap()
    }
}

#[test]
fn a_card_goes_from_processing_to_inputting_to_finished() {
    let mut world = World::new(new_card());
    assert_eq!((world.card().state, world.card().text()), (CardState::Processing, "working on it…"));

    assert!(world.stream(part("g1", "one")).changed);
    assert_eq!((world.card().state, world.card().text()), (CardState::Inputting, "one"));

    assert!(world.stream(last("g2", "one two")).changed);
    assert_eq!((world.card().state, world.card().text()), (CardState::Finished, "one two"));
    assert_eq!(world.card().streamed().collect::<Vec<_>>(), ["one", "one two"]);
}

#[test]
fn an_error_makes_a_card_failed() {
    let mut world = World::new(new_card());
    world.stream(Streaming { error: true, ..part("g1", "sorry") });

    assert_eq!(world.card().state, CardState::Failed);
    assert_eq!(world.card().finalized, None);
}

#[test]
fn the_same_guid_has_one_effect() {
    let mut world = World::new(new_card());
    world.stream(last("g1", "done"));

    let again = world.stream(last("g1", "done"));

    assert_eq!(again, Streamed { answer: Ok(()), breach: None, changed: false });
    assert_eq!(world.card().streamed().count(), 1);
}

#[test]
fn another_update_under_a_used_guid_is_lost() {
    let mut world = World::new(new_card());
    world.stream(part("g1", "one"));

    let other = world.stream(part("g1", "one two"));

    assert_eq!(other.breach.unwrap().0, Rule::GuidPerUpdate);
    assert_eq!(world.card().text(), "one");
}

#[test]
fn nothing_is_streamed_after_the_end() {
    let mut world = World::new(new_card());
    world.stream(last("g1", "done"));

    let late = world.stream(part("g2", "late"));

    assert_eq!(late.answer, Err(Refusal::unknown_error()));
    assert_eq!(late.breach.unwrap().0, Rule::NothingStreamedAfterTheEnd);
    assert_eq!(world.card().text(), "done");
}

#[test]
fn a_lenient_service_ignores_what_comes_after_the_end() {
    let mut world = World::new(new_card());
    world.rules.closed_cards_fail = false;
    world.stream(last("g1", "done"));

    let late = world.stream(part("g2", "late"));

    assert_eq!((late.answer, late.changed), (Ok(()), false));
    assert!(late.breach.is_some());
}

#[test]
fn a_card_is_finalized_once() {
    let mut world = World::new(new_card());
    world.stream(last("g1", "done"));

    assert_eq!(world.stream(last("g2", "done again")).breach.unwrap().0, Rule::FinalizedOnce);
}

#[test]
fn an_update_after_the_end_is_normal() {
    let mut world = World::new(new_card());
    world.stream(last("g1", "done"));

    let breach = world.update([("flowStatus", "3"), ("msgContent", "## Done")], true);

    assert_eq!(breach, None);
    assert_eq!((world.card().text(), world.card().state), ("## Done", CardState::Finished));
    assert!(world.card().closed > world.card().finalized);
}

#[test]
fn a_card_can_be_finished_without_finalize() {
    let mut world = World::new(new_card());
    world.update([("flowStatus", "2")], true);
    world.stream(part("g1", "all"));

    assert_eq!(world.update([("flowStatus", "3")], true), None);
    assert_eq!((world.card().state, world.card().finalized), (CardState::Finished, None));
}

#[test]
fn there_is_no_way_back_from_the_end() {
    let mut world = World::new(new_card());
    world.stream(last("g1", "done"));

    assert_eq!(world.update([("flowStatus", "2")], true), Some(Rule::NoWayBack));
    assert_eq!(world.card().state, CardState::Inputting);
}

#[test]
fn an_update_replaces_every_value_unless_it_is_by_key() {
    let mut world = World::new(new_card());

    world.update([("msgTitle", "T")], true);
    assert_eq!(world.card().text(), "working on it…");

    world.update([("msgTitle", "U")], false);
    assert_eq!(world.card().data, params([("msgTitle", "U")]));
    assert_eq!(world.card().text(), "");
}

#[test]
fn a_wrong_key_is_an_unknown_error() {
    let mut world = World::new(new_card());
    let wrong = Streaming { key: "content".into(), ..part("g1", "one") };

    assert_eq!(world.stream(wrong).answer, Err(Refusal::unknown_error()));
}

#[test]
fn a_card_without_callback_type_cannot_stream() {
    let mut world = World::new(NewCard { callback_type: None, ..new_card() });

    assert_eq!(world.stream(part("g1", "one")).answer, Err(Refusal::unknown_error()));
}

#[test]
fn a_template_without_streaming_cannot_stream() {
    let plain = "589420e2-c1e2-46ef-a5ed-b8728e654da9".to_owned();
    let mut world = World::new(NewCard { template_id: plain, ..new_card() });
    let call = Streaming { key: "markdown".into(), ..part("g1", "one") };

    assert_eq!(world.stream(call).answer, Err(Refusal::unknown_error()));
}

#[test]
fn markdown_must_be_full() {
    let mut world = World::new(new_card());
    let part = Streaming { full: false, ..part("g1", "one") };

    assert_eq!(world.stream(part).answer, Err(Refusal::bad("param.stream.isFull")));
}

#[test]
fn cards_of_other_apps_do_not_exist() {
    let mut world = World::new(new_card());
    let call = world.store.stream(
        "other",
        part("g1", "one"),
        &Strictness::default(),
        Flight { sent: 2, landed: at(2) },
    );

    assert_eq!(call.answer, Err(Refusal::api(400, "param.stream.outTrackId", "card is not exist")));
    let update = world.store.update("other", "card-1", None, true, at(3));
    assert_eq!(update, Err(Refusal::bad("param.cardNotExist")));
}

#[test]
fn an_out_track_id_is_used_once() {
    let mut world = World::new(new_card());
    let again = NewCard { data: params([("msgContent", "other")]), ..new_card() };

    let strict = world.store.create(APP, again.clone(), &Strictness::default(), at(2));
    assert_eq!(strict, Err(Refusal::bad("param.cardAlreadyExist")));

    let lenient = Strictness { unique_cards: false, ..Strictness::default() };
    world.store.create(APP, again, &lenient, at(3)).unwrap();
    assert_eq!(world.card().text(), "working on it…");
}

#[test]
fn templates_must_exist_and_be_published() {
    let mut store = CardStore::default();
    store.templates.push(Template { published: false, ..Template::new("draft.schema", "content") });
    let mut create = |template: &str| {
        let card = NewCard { template_id: template.into(), ..new_card() };
        store.create(APP, card, &Strictness::default(), at(1))
    };

    assert_eq!(create("nowhere"), Err(Refusal::bad("param.templateNotExist")));
    assert_eq!(create("draft"), Err(Refusal::bad("param.templateUnpublished")));
}

#[test]
fn a_template_that_nobody_told_of_streams_to_the_variable_that_is_named_first() {
    let rules = Strictness { any_template: true, ..Strictness::default() };
    let mut store = CardStore::default();
    let card = NewCard { template_id: "of-a-bot".into(), data: params([("content", "…")]), ..new_card() };
    store.create(APP, card, &rules, at(1)).unwrap();
    assert_eq!(store.card("card-1").unwrap().text(), "…");

    let answer = Streaming { key: "answer".into(), ..part("g1", "one") };
    let first = store.stream(APP, answer, &rules, Flight { sent: 2, landed: at(2) });
    let other = store.stream(APP, part("g2", "two"), &rules, Flight { sent: 3, landed: at(3) });

    assert_eq!(first.answer, Ok(()));
    assert_eq!(other.answer, Err(Refusal::unknown_error()));
    assert_eq!(store.card("card-1").unwrap().text(), "one");
}

#[test]
fn a_call_that_was_stuck_since_before_the_end_is_ignored_and_no_breach() {
    let mut world = World::new(new_card());
    world.stream(last("g2", "done"));

    let late = world.stream_sent(1, part("g1", "do"));

    assert!(late.breach.is_none() && !late.changed);
    assert_eq!(world.store.card("card-1").unwrap().text(), "done");
}
