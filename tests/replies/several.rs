//! Two faults at once, and faults on the second card of a long answer.

use crate::{
    play::Play,
    verdict::Place::{Card, Webhook},
};
use host_mock::dingtalk::{DingTalk, Endpoint, Fault};
use std::time::Duration;
use tests::{Scenario, scenarios};

pub(crate) const AT_ONCE: &[Scenario] = scenarios![
    a_revoked_token_under_two_calls_a_second,
    a_permission_taken_in_mid_answer_and_a_closing_that_fails_at_first,
    an_update_that_lands_late_and_a_finalising_whose_answer_is_lost,
    no_card_and_an_expired_webhook_and_a_revoked_token,
];
pub(crate) const SECOND_CARD: &[Scenario] = scenarios![
    a_long_answer_goes_on_on_a_second_card,
    a_second_card_that_may_not_be_created_leaves_the_rest_to_messages,
    a_second_card_under_two_calls_a_second,
    a_second_card_whose_creation_is_lost_is_found_again,
];

/// More words than one card holds.
const LONG: usize = 2000;

/// An answer that meets everything `happens` when a third of it can be seen.
async fn stays_on_its_card(happens: impl FnOnce(&DingTalk)) {
    let mut play = Play::begin().await;
    play.says(20);
    play.seen().await;
    happens(play.dingtalk());
    play.says_slowly(20, 40).await;
    play.says(20);
    assert!(play.ends().await.arrived());
    play.verdict().await.whole_on(&[Card]);
}

async fn a_revoked_token_under_two_calls_a_second() {
    stays_on_its_card(|dingtalk| {
        dingtalk.limit_qps(Some(2));
        dingtalk.revoke_tokens();
    })
    .await;
}

async fn a_permission_taken_in_mid_answer_and_a_closing_that_fails_at_first() {
    stays_on_its_card(|dingtalk| {
        dingtalk.deny_scope("Card.Streaming.Write");
        dingtalk.on(Endpoint::UpdateCard).answer(Fault::refused(500, "system.busy")).times(2);
    })
    .await;
}

async fn an_update_that_lands_late_and_a_finalising_whose_answer_is_lost() {
    let mut play = Play::begin().await;
    play.says(20);
    play.seen().await;
    play.dingtalk().on(Endpoint::Streaming).answer(Fault::LandsLate(Duration::from_secs(5))).once();
    play.dingtalk().on(Endpoint::Streaming).answer(Fault::LostAnswer).once();
    play.says_slowly(40, 40).await;
    assert!(play.ends().await.arrived());
    play.landed().await;
    play.verdict().await.whole_on(&[Card]);
}

async fn no_card_and_an_expired_webhook_and_a_revoked_token() {
    let mut play = Play::in_group(
        |_| {},
        |dingtalk| {
            dingtalk.deny_scope("Card.Instance.Write");
        },
    )
    .await;
    play.dingtalk().expire_webhooks();
    play.dingtalk().revoke_tokens();
    play.says(40);
    assert!(play.ends().await.arrived());
    play.verdict().await.whole_on(&[crate::verdict::Place::Robot]);
}

async fn a_long_answer_goes_on_on_a_second_card() {
    let mut play = Play::begin().await;
    play.says(LONG);
    assert!(play.ends().await.arrived());
    play.verdict().await.whole_on(&[Card, Card]);
}

async fn a_second_card_that_may_not_be_created_leaves_the_rest_to_messages() {
    let mut play = Play::begin().await;
    play.says(20);
    play.seen().await;
    play.dingtalk().on(Endpoint::CreateAndDeliver).answer(Fault::MonthlyQuota).always();
    play.says(LONG - 20);
    assert!(play.ends().await.arrived());
    play.verdict().await.whole_on(&[Card, Webhook, Webhook]);
}

async fn a_second_card_under_two_calls_a_second() {
    let mut play = Play::begin().await;
    play.dingtalk().limit_qps(Some(2));
    play.says(20);
    play.seen().await;
    play.says(LONG - 20);
    assert!(play.ends().await.arrived());
    play.verdict().await.whole_on(&[Card, Card]);
}

async fn a_second_card_whose_creation_is_lost_is_found_again() {
    let mut play = Play::begin().await;
    play.says(20);
    play.seen().await;
    play.dingtalk().on(Endpoint::CreateAndDeliver).answer(Fault::LostAnswer).once();
    play.says(LONG - 20);
    assert!(play.ends().await.arrived());
    play.verdict().await.whole_on(&[Card, Card]);
}
