//! Faults in the creation of a card.

use crate::{
    play::Play,
    verdict::Place::{Card, Webhook},
};
use host_mock::dingtalk::{Endpoint, Fault, Template};
use serde_json::{Value, json};
use std::time::Duration;
use tests::{Scenario, scenarios};

pub(crate) const DENIED: &[Scenario] = scenarios![
    a_missing_permission_for_cards_makes_it_a_message_and_the_log_has_the_link,
    a_refusal_that_nobody_documents_makes_it_a_message,
];
pub(crate) const TEMPLATE: &[Scenario] =
    scenarios![an_unknown_template_makes_it_a_message, an_unpublished_template_makes_it_a_message,];
pub(crate) const NOT_DELIVERED: &[Scenario] =
    scenarios![a_card_that_is_created_and_not_delivered_makes_it_a_message,];
pub(crate) const QUOTA: &[Scenario] = scenarios![a_used_up_quota_makes_it_a_message,];
pub(crate) const THROTTLED: &[Scenario] =
    scenarios![a_throttled_creation_does_not_cost_the_card, a_429_at_the_creation_does_not_cost_the_card,];
pub(crate) const SERVER_ERRORS: &[Scenario] = scenarios![
    errors_of_the_server_at_every_creation_make_it_a_message,
    a_gateway_s_page_at_every_creation_makes_it_a_message,
    one_error_of_the_server_does_not_cost_the_card,
];
pub(crate) const LOST_ANSWERS: &[Scenario] = scenarios![
    a_creation_whose_answer_is_lost_finds_its_card,
    a_creation_whose_answer_is_torn_finds_its_card,
];
pub(crate) const HANGS: &[Scenario] = scenarios![a_creation_that_lands_ten_seconds_late_leaves_no_card_open,];

/// An answer whose card cannot be created: it has to be one message.
async fn becomes_a_message(fault: Fault) {
    becomes_a_message_after(
        |_| {},
        |dingtalk| {
            dingtalk.on(Endpoint::CreateAndDeliver).answer(fault).always();
        },
    )
    .await;
}

async fn becomes_a_message_after(
    configure: impl FnOnce(&mut Value) + 'static,
    happens: impl FnOnce(&host_mock::dingtalk::DingTalk),
) {
    let mut play = Play::after(configure, happens).await;
    play.says(20);
    play.says(20);
    assert!(play.ends().await.arrived());
    play.verdict().await.whole_on(&[Webhook]);
}

/// A card that is there in spite of a fault that strikes once.
async fn is_there_all_the_same(fault: Fault) {
    let mut play = Play::after(
        |_| {},
        |dingtalk| {
            dingtalk.on(Endpoint::CreateAndDeliver).answer(fault).once();
        },
    )
    .await;
    play.says(20);
    play.seen().await;
    play.says(20);
    assert!(play.ends().await.arrived());
    play.verdict().await.whole_on(&[Card]);
}

async fn a_missing_permission_for_cards_makes_it_a_message_and_the_log_has_the_link() {
    let mut play = Play::after(|_| {}, |dingtalk| dingtalk.deny_scope("Card.Instance.Write")).await;
    play.says(40);
    assert!(play.ends().await.arrived());
    let link = format!("appscope/apply?content={}%23Card.Instance.Write", play.dingtalk().app().client_id);
    assert_eq!(play.log().matches(&link).count(), 1, "{}", play.log());
    play.verdict().await.whole_on(&[Webhook]);
}

async fn a_refusal_that_nobody_documents_makes_it_a_message() {
    // Cards that were never activated for an organisation: what DingTalk says then is not known.
    becomes_a_message(Fault::refused(403, "Forbidden.AICard.NotActivated")).await;
}

async fn an_unknown_template_makes_it_a_message() {
    becomes_a_message_after(|section| section["cardTemplateId"] = json!("nobody-knows-it"), |_| {}).await;
}

async fn an_unpublished_template_makes_it_a_message() {
    const ID: &str = "0000-draft";
    becomes_a_message_after(
        |section| section["cardTemplateId"] = json!(ID),
        |dingtalk| {
            dingtalk.add_template(Template { published: false, ..Template::new(ID, "msgContent") });
        },
    )
    .await;
}

async fn a_card_that_is_created_and_not_delivered_makes_it_a_message() {
    becomes_a_message_after(
        |_| {},
        |dingtalk| {
            dingtalk.fail_card_deliveries("the card could not be delivered", 100);
        },
    )
    .await;
}

async fn a_used_up_quota_makes_it_a_message() {
    becomes_a_message(Fault::MonthlyQuota).await;
}

async fn errors_of_the_server_at_every_creation_make_it_a_message() {
    becomes_a_message(Fault::refused(500, "system.error")).await;
}

async fn a_gateway_s_page_at_every_creation_makes_it_a_message() {
    becomes_a_message(Fault::Html(502)).await;
}

async fn one_error_of_the_server_does_not_cost_the_card() {
    is_there_all_the_same(Fault::refused(503, "ServiceUnavailable")).await;
}

async fn a_throttled_creation_does_not_cost_the_card() {
    is_there_all_the_same(Fault::Qps).await;
}

async fn a_429_at_the_creation_does_not_cost_the_card() {
    is_there_all_the_same(Fault::refused(429, "system.busy")).await;
}

async fn a_creation_whose_answer_is_lost_finds_its_card() {
    is_there_all_the_same(Fault::LostAnswer).await;
}

async fn a_creation_whose_answer_is_torn_finds_its_card() {
    is_there_all_the_same(Fault::TornAnswer).await;
}

async fn a_creation_that_lands_ten_seconds_late_leaves_no_card_open() {
    let late = Duration::from_secs(10);
    let mut play = Play::after(
        |_| {},
        |dingtalk| {
            dingtalk.on(Endpoint::CreateAndDeliver).answer(Fault::LandsLate(late)).once();
        },
    )
    .await;
    play.says(40);
    play.ends().await;
    // What has not landed yet cannot have been left open.
    play.landed().await;
    play.verdict().await.whole();
}
