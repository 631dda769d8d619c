//! Faults that strike when a card is finalised and closed.

use crate::{
    play::Play,
    verdict::Place::{Card, Webhook},
};
use host_mock::dingtalk::{CardState, DingTalk, Endpoint, Fault};
use std::time::Duration;
use tests::{Scenario, scenarios};

pub(crate) const THROTTLED: &[Scenario] =
    scenarios![a_throttled_finalising_is_tried_again, a_throttled_closing_is_tried_again,];
pub(crate) const SERVER_ERRORS: &[Scenario] = scenarios![
    a_finalising_that_the_server_fails_is_tried_again,
    a_closing_that_the_server_fails_is_tried_again,
];
pub(crate) const LOST_ANSWERS: &[Scenario] = scenarios![
    a_finalising_whose_answer_is_lost_is_not_a_second_one,
    a_finalising_that_is_reset_is_tried_again,
    a_closing_whose_answer_is_lost_changes_nothing,
];
pub(crate) const HANGS: &[Scenario] =
    scenarios![a_finalising_that_hangs_for_ten_seconds_is_repaired_by_the_closing,];
pub(crate) const REFUSED_FOR_EVER: &[Scenario] = scenarios![
    a_finalising_that_is_refused_for_ever_leaves_the_text_to_the_closing,
    a_closing_that_is_refused_for_ever_leaves_a_finished_card,
    a_card_that_takes_no_more_text_ends_and_a_message_has_the_rest,
];
pub(crate) const TOKEN: &[Scenario] = scenarios![a_token_that_is_revoked_before_the_end_is_replaced,];
pub(crate) const FAILED_TURN: &[Scenario] = scenarios![a_turn_that_fails_ends_its_card_as_failed,];

/// A card that grows, something that happens right before its end, and the end.
async fn ends_on_its_card(before_the_end: impl FnOnce(&DingTalk)) {
    let mut play = Play::begin().await;
    play.says(20);
    play.seen().await;
    before_the_end(play.dingtalk());
    play.says(20);
    assert!(play.ends().await.arrived());
    play.verdict().await.whole_on(&[Card]);
}

/// The same with a fault that strikes all that is streamed from then on, so often.
async fn streaming_meets(fault: Fault, times: u32) {
    ends_on_its_card(|dingtalk| dingtalk.on(Endpoint::Streaming).answer(fault).times(times)).await;
}

/// The same with a fault that strikes the closing.
async fn closing_meets(fault: Fault, times: u32) {
    ends_on_its_card(|dingtalk| dingtalk.on(Endpoint::UpdateCard).answer(fault).times(times)).await;
}

async fn a_throttled_finalising_is_tried_again() {
    streaming_meets(Fault::Qps, 4).await;
}

async fn a_finalising_that_the_server_fails_is_tried_again() {
    streaming_meets(Fault::refused(500, "system.busy"), 3).await;
}

async fn a_finalising_whose_answer_is_lost_is_not_a_second_one() {
    streaming_meets(Fault::LostAnswer, 2).await;
}

async fn a_finalising_that_is_reset_is_tried_again() {
    streaming_meets(Fault::Reset, 2).await;
}

async fn a_finalising_that_is_refused_for_ever_leaves_the_text_to_the_closing() {
    ends_on_its_card(|dingtalk| {
        dingtalk.on(Endpoint::Streaming).answer(Fault::refused(500, "unknownError")).always();
    })
    .await;
}

async fn a_finalising_that_hangs_for_ten_seconds_is_repaired_by_the_closing() {
    let mut play = Play::begin().await;
    play.says(20);
    play.seen().await;
    play.dingtalk().on(Endpoint::Streaming).answer(Fault::LandsLate(Duration::from_secs(10))).times(2);
    play.says(20);
    assert!(play.ends().await.arrived());
    play.landed().await;
    play.verdict().await.whole_on(&[Card]);
}

async fn a_throttled_closing_is_tried_again() {
    closing_meets(Fault::Qps, 2).await;
}

async fn a_closing_that_the_server_fails_is_tried_again() {
    closing_meets(Fault::refused(503, "ServiceUnavailable"), 2).await;
}

async fn a_closing_whose_answer_is_lost_changes_nothing() {
    closing_meets(Fault::LostAnswer, 1).await;
}

async fn a_closing_that_is_refused_for_ever_leaves_a_finished_card() {
    ends_on_its_card(|dingtalk| {
        dingtalk.on(Endpoint::UpdateCard).answer(Fault::refused(400, "param.invalid")).always();
    })
    .await;
}

async fn a_token_that_is_revoked_before_the_end_is_replaced() {
    ends_on_its_card(DingTalk::revoke_tokens).await;
}

async fn a_turn_that_fails_ends_its_card_as_failed() {
    const WHY: &str = "The model is not available.";
    let mut play = Play::begin().await;
    play.says(20);
    play.seen().await;
    play.fails(WHY).await;
    let state = play.dingtalk().look(|view| view.cards().next().unwrap().state);
    assert_eq!(state, CardState::Failed);
    let verdict = play.verdict().await;
    verdict.whole();
    assert_eq!(verdict.beside(), WHY);
}

async fn a_card_that_takes_no_more_text_ends_and_a_message_has_the_rest() {
    let mut play = Play::begin().await;
    play.says(20);
    play.seen().await;
    let gone = || Fault::refused(400, "param.contentUnsafe");
    play.dingtalk().on(Endpoint::Streaming).answer(gone()).always();
    play.dingtalk().on(Endpoint::UpdateCard).answer(gone()).times(1);
    play.says(20);
    play.ends().await;
    let verdict = play.verdict().await;
    verdict.whole();
    assert_eq!(verdict.places(), [Card, Webhook]);
}
