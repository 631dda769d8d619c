//! The host is gone without a goodbye, and comes again on the same state.

use crate::{
    play::Play,
    verdict::Place::{Card, Webhook},
};
use host_mock::dingtalk::{Endpoint, Fault};
use std::time::Duration;
use tests::{Scenario, scenarios};

pub(crate) const CRASH: &[Scenario] = scenarios![
    a_crash_before_the_card_is_created_costs_nothing,
    a_crash_while_the_card_is_created_finds_it_again,
    a_crash_in_mid_answer_goes_on_with_its_card,
    a_crash_while_the_card_is_finalised_ends_it_once,
    a_crash_before_the_card_is_closed_ends_it,
    a_crash_right_after_the_answer_does_not_repeat_it,
    a_crash_between_two_messages_of_an_answer_sends_only_the_rest,
];

/// The agent says the whole answer anew, to its end.
async fn answers_anew(mut play: Play) -> Play {
    play.is_asked_again().await;
    play.says(20);
    play.says(40);
    play.ends().await;
    play
}

async fn a_crash_before_the_card_is_created_costs_nothing() {
    let play = Play::after(
        |_| {},
        |dingtalk| {
            dingtalk.on(Endpoint::CreateAndDeliver).answer(Fault::Hang).once();
        },
    )
    .await;
    play.dingtalk().wait_for(|view| view.calls_to(Endpoint::CreateAndDeliver).next().map(drop)).await;
    let play = answers_anew(play.crashes().await).await;
    play.verdict().await.whole_on(&[Card]);
}

async fn a_crash_while_the_card_is_created_finds_it_again() {
    let play = Play::after(
        |_| {},
        |dingtalk| {
            dingtalk.on(Endpoint::CreateAndDeliver).answer(Fault::SlowAnswer(Duration::from_secs(60))).once();
        },
    )
    .await;
    play.dingtalk().wait_for(|view| view.cards().next().map(drop)).await;
    let play = answers_anew(play.crashes().await).await;
    play.verdict().await.whole_on(&[Card]);
}

async fn a_crash_in_mid_answer_goes_on_with_its_card() {
    let mut play = Play::begin().await;
    play.says(30);
    play.seen().await;
    let play = answers_anew(play.crashes().await).await;
    play.verdict().await.whole_on(&[Card]);
}

async fn a_crash_while_the_card_is_finalised_ends_it_once() {
    let mut play = Play::begin().await;
    play.says(30);
    play.seen().await;
    play.dingtalk().on(Endpoint::Streaming).answer(Fault::SlowAnswer(Duration::from_secs(60))).always();
    play.says(30);
    play.stops_speaking();
    play.dingtalk().wait_for(|view| view.cards().find(|card| card.finalized.is_some()).map(drop)).await;
    play.dingtalk().on(Endpoint::Streaming).recover();
    play.crashes().await.verdict_after_anything(60).await.whole_on(&[Card]);
}

async fn a_crash_before_the_card_is_closed_ends_it() {
    let mut play = Play::begin().await;
    play.says(30);
    play.seen().await;
    play.dingtalk().on(Endpoint::UpdateCard).answer(Fault::Hang).always();
    play.says(30);
    play.stops_speaking();
    play.dingtalk().wait_for(|view| view.calls_to(Endpoint::UpdateCard).next().map(drop)).await;
    play.dingtalk().on(Endpoint::UpdateCard).recover();
    let play = play.crashes().await;
    // Whether the agent is asked once more or not: what can be seen is the same.
    play.verdict_after_anything(60).await.whole_on(&[Card]);
}

async fn a_crash_right_after_the_answer_does_not_repeat_it() {
    let mut play = Play::begin().await;
    play.says(60);
    play.stops_speaking();
    play.dingtalk().closed_card().await;
    let play = play.crashes().await;
    play.verdict_after_anything(60).await.whole_on(&[Card]);
}

async fn a_crash_between_two_messages_of_an_answer_sends_only_the_rest() {
    let mut play = Play::without_cards().await;
    play.says(1500);
    play.dingtalk().on(Endpoint::SendBySession).answer(Fault::Hang).after(1).always();
    play.stops_speaking();
    play.dingtalk().wait_for(|view| view.calls_to(Endpoint::SendBySession).nth(1).map(drop)).await;
    play.dingtalk().on(Endpoint::SendBySession).recover();
    let mut play = play.crashes().await;
    play.is_asked_again().await;
    play.says(1500);
    play.ends().await;
    // The second had left when the host was gone: it may have arrived, and is not sent twice.
    let verdict = play.verdict().await;
    let seen: Vec<_> = verdict.parts.iter().flat_map(|part| part.words.clone()).collect();
    assert!(seen.is_sorted_by(|a, b| a < b), "nothing twice: {verdict:#?}");
    assert_eq!((seen.first(), seen.last()), (Some(&1), Some(&1500)));
    assert!(verdict.places().iter().all(|place| *place == Webhook));
}
