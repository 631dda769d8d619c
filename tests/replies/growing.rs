//! Faults while a card grows.

use crate::{
    play::Play,
    verdict::Place::{Card, Webhook},
};
use host_mock::dingtalk::{DingTalk, Endpoint, Fault};
use std::time::Duration;
use tests::{Scenario, scenarios};

pub(crate) const DENIED: &[Scenario] = scenarios![
    without_the_permission_to_stream_the_card_shows_it_all_in_the_end,
    a_permission_to_stream_that_is_taken_in_mid_answer_leaves_the_rest_to_the_closing,
    a_card_that_nothing_may_be_done_to_any_more_ends_when_cards_come_back,
];
pub(crate) const TEMPLATE: &[Scenario] =
    scenarios![a_template_that_cannot_be_streamed_shows_it_all_in_the_end,];
pub(crate) const TOKEN: &[Scenario] = scenarios![
    a_token_that_is_revoked_in_mid_answer_is_replaced,
    a_token_that_expires_in_mid_answer_is_replaced,
    a_401_in_mid_answer_is_taken_for_an_invalid_token,
];
pub(crate) const THROTTLED: &[Scenario] = scenarios![
    two_calls_a_second_are_enough,
    throttled_updates_are_made_up_for,
    an_api_that_is_busy_for_everyone_is_waited_for,
    a_429_in_mid_answer_is_made_up_for,
];
pub(crate) const SERVER_ERRORS: &[Scenario] = scenarios![
    errors_of_the_server_in_mid_answer_are_made_up_for,
    a_gateway_s_page_in_mid_answer_is_made_up_for,
    an_empty_500_in_mid_answer_is_made_up_for,
];
pub(crate) const LOST_ANSWERS: &[Scenario] = scenarios![
    connections_that_are_reset_in_mid_answer_are_made_up_for,
    lost_answers_to_updates_change_nothing,
    torn_answers_to_updates_change_nothing,
];
pub(crate) const HANGS: &[Scenario] = scenarios![
    an_update_that_hangs_and_lands_ten_seconds_late_does_not_hold_up_the_end,
    an_update_that_hangs_while_the_agent_goes_on_is_given_up_and_the_card_grows_on,
];

/// An answer of sixty words, and what happens when a third of it can be seen.
async fn stays_on_its_card(meanwhile: impl FnOnce(&DingTalk)) {
    let mut play = Play::begin().await;
    play.says(20);
    play.seen().await;
    meanwhile(play.dingtalk());
    play.says_slowly(20, 40).await;
    play.says(20);
    assert!(play.ends().await.arrived());
    play.verdict().await.whole_on(&[Card]);
}

/// The same with a fault that strikes streaming calls.
async fn survives(fault: Fault, times: u32) {
    stays_on_its_card(|dingtalk| dingtalk.on(Endpoint::Streaming).answer(fault).times(times)).await;
}

async fn without_the_permission_to_stream_the_card_shows_it_all_in_the_end() {
    let mut play = Play::after(|_| {}, |dingtalk| dingtalk.deny_scope("Card.Streaming.Write")).await;
    play.says(40);
    assert!(play.ends().await.arrived());
    let log = play.log();
    assert!(log.contains("%23Card.Streaming.Write"), "{log}");
    play.verdict().await.whole_on(&[Card]);
}

async fn a_permission_to_stream_that_is_taken_in_mid_answer_leaves_the_rest_to_the_closing() {
    stays_on_its_card(|dingtalk| dingtalk.deny_scope("Card.Streaming.Write")).await;
}

async fn a_card_that_nothing_may_be_done_to_any_more_ends_when_cards_come_back() {
    const SCOPES: [&str; 2] = ["Card.Streaming.Write", "Card.Instance.Write"];
    let mut play = Play::begin().await;
    play.says(20);
    play.seen().await;
    SCOPES.iter().for_each(|scope| play.dingtalk().deny_scope(scope));
    play.says(20);
    assert!(play.ends().await.arrived());
    let is_open = || play.dingtalk().look(|view| view.open_cards().count());
    assert_eq!(is_open(), 1, "nothing can be done to it yet");
    SCOPES.iter().for_each(|scope| play.dingtalk().grant_scope(scope));
    let verdict = play.verdict().await;
    verdict.whole();
    assert_eq!(verdict.places(), [Card, Webhook]);
    assert_eq!(verdict.beside(), "（后续内容见下方消息）", "not that it was interrupted");
}

async fn a_template_that_cannot_be_streamed_shows_it_all_in_the_end() {
    let mut play = Play::after(
        |_| {},
        |dingtalk| {
            dingtalk.on(Endpoint::Streaming).answer(Fault::refused(500, "unknownError")).always();
        },
    )
    .await;
    play.says(40);
    assert!(play.ends().await.arrived());
    play.verdict().await.whole_on(&[Card]);
}

async fn a_token_that_is_revoked_in_mid_answer_is_replaced() {
    stays_on_its_card(DingTalk::revoke_tokens).await;
}

async fn a_token_that_expires_in_mid_answer_is_replaced() {
    let mut play = Play::after(
        |_| {},
        |dingtalk| {
            dingtalk.set_token_life(Duration::from_secs(2));
            dingtalk.revoke_tokens();
        },
    )
    .await;
    // Longer than two tokens live.
    play.says_slowly(100, 20).await;
    assert!(play.ends().await.arrived());
    play.verdict().await.whole_on(&[Card]);
}

async fn a_401_in_mid_answer_is_taken_for_an_invalid_token() {
    survives(Fault::Unauthorized, 1).await;
}

async fn two_calls_a_second_are_enough() {
    stays_on_its_card(|dingtalk| dingtalk.limit_qps(Some(2))).await;
}

async fn throttled_updates_are_made_up_for() {
    survives(Fault::Qps, 3).await;
}

async fn an_api_that_is_busy_for_everyone_is_waited_for() {
    survives(Fault::QpsOfApi, 2).await;
}

async fn a_429_in_mid_answer_is_made_up_for() {
    survives(Fault::refused(429, "system.busy"), 2).await;
}

async fn errors_of_the_server_in_mid_answer_are_made_up_for() {
    survives(Fault::refused(503, "ServiceUnavailable"), 3).await;
}

async fn a_gateway_s_page_in_mid_answer_is_made_up_for() {
    survives(Fault::Html(502), 2).await;
}

async fn an_empty_500_in_mid_answer_is_made_up_for() {
    survives(Fault::Empty(500), 2).await;
}

async fn connections_that_are_reset_in_mid_answer_are_made_up_for() {
    survives(Fault::Reset, 2).await;
}

async fn lost_answers_to_updates_change_nothing() {
    survives(Fault::LostAnswer, 2).await;
}

async fn torn_answers_to_updates_change_nothing() {
    survives(Fault::TornAnswer, 2).await;
}

async fn an_update_that_hangs_and_lands_ten_seconds_late_does_not_hold_up_the_end() {
    const LATE: Duration = Duration::from_secs(10);
    let mut play = Play::begin().await;
    play.says(20);
    play.seen().await;
    play.dingtalk().on(Endpoint::Streaming).answer(Fault::LandsLate(LATE)).once();
    play.says_slowly(20, 40).await;
    assert!(play.ends().await.arrived());
    let has_landed = play.dingtalk().look(|view| view.calls().any(|call| call.landed.is_some()));
    assert!(!has_landed, "the end waited for what hangs");
    // The old text lands, on a card that has ended.
    play.landed().await;
    play.verdict().await.whole_on(&[Card]);
}

async fn an_update_that_hangs_while_the_agent_goes_on_is_given_up_and_the_card_grows_on() {
    const LATE: Duration = Duration::from_secs(10);
    let mut play = Play::begin().await;
    play.says(20);
    play.seen().await;
    play.dingtalk().on(Endpoint::Streaming).answer(Fault::LandsLate(LATE)).once();
    play.says_slowly(240, 20).await;
    play.landed().await;
    assert!(play.ends().await.arrived());
    play.verdict().await.whole_on(&[Card]);
}
