//! Faults where the answer is a message: cards are switched off.

use crate::{
    play::Play,
    verdict::Place::{self, Robot, Webhook},
};
use host_mock::dingtalk::{DingTalk, Endpoint, Fault, Quirks, Reach};
use host_sdk::Outcome;
use serde_json::json;
use tests::{Scenario, scenarios};

pub(crate) const WEBHOOK_EXPIRED: &[Scenario] = scenarios![
    an_expired_webhook_leaves_it_to_the_robot,
    an_expired_webhook_in_a_group_leaves_it_to_the_robot,
    a_webhook_that_expires_between_two_messages_leaves_the_rest_to_the_robot,
];
pub(crate) const SERVER_ERRORS: &[Scenario] = scenarios![
    a_webhook_that_is_busy_with_http_200_is_tried_again,
    a_gateway_s_page_instead_of_the_webhook_leaves_it_to_the_robot,
];
pub(crate) const THROTTLED: &[Scenario] = scenarios![
    a_webhook_that_wants_less_haste_is_tried_again,
    a_throttled_robot_is_tried_again,
    a_robot_that_is_too_fast_for_dingtalk_is_tried_again,
];
pub(crate) const WEBHOOK_REFUSES: &[Scenario] = scenarios![
    a_webhook_whose_errcode_is_text_is_understood,
    a_webhook_that_refuses_with_http_200_leaves_it_to_the_robot,
];
pub(crate) const LOST_ANSWERS: &[Scenario] =
    scenarios![a_message_whose_answer_is_lost_is_not_sent_twice_and_the_host_is_told,];
pub(crate) const TOKEN: &[Scenario] = scenarios![a_robot_whose_token_was_revoked_gets_another,];
pub(crate) const OUT_OF_RANGE: &[Scenario] = scenarios![
    a_person_out_of_the_robot_s_range_is_answered_through_the_webhook,
    a_person_out_of_range_whose_webhook_has_expired_is_an_error_that_names_them,
];
pub(crate) const QUOTA: &[Scenario] =
    scenarios![a_used_up_quota_of_the_robot_does_not_matter_while_the_webhook_lives,];

/// An answer that meets something before its end, and the places in which it has to be seen.
async fn is_seen(places: &[Place], before_the_end: impl FnOnce(&DingTalk)) {
    let mut play = Play::without_cards().await;
    play.says(40);
    before_the_end(play.dingtalk());
    assert!(play.ends().await.arrived());
    play.verdict().await.whole_on(places);
}

/// The same with a fault of the webhook.
async fn webhook_meets(fault: Fault, times: u32, places: &[Place]) {
    is_seen(places, |dingtalk| dingtalk.on(Endpoint::SendBySession).answer(fault).times(times)).await;
}

async fn an_expired_webhook_leaves_it_to_the_robot() {
    is_seen(&[Robot], DingTalk::expire_webhooks).await;
}

async fn an_expired_webhook_in_a_group_leaves_it_to_the_robot() {
    let mut play = Play::in_group(|section| section["enableAICard"] = json!(false), |_| {}).await;
    play.dingtalk().expire_webhooks();
    play.says(40);
    assert!(play.ends().await.arrived());
    play.verdict().await.whole_on(&[Robot]);
}

async fn a_webhook_that_is_busy_with_http_200_is_tried_again() {
    webhook_meets(Fault::errcode(-1, "系统繁忙"), 1, &[Webhook]).await;
}

async fn a_webhook_that_wants_less_haste_is_tried_again() {
    webhook_meets(Fault::errcode(410_100, "发送速度太快"), 1, &[Webhook]).await;
}

async fn a_webhook_whose_errcode_is_text_is_understood() {
    let mut play = Play::without_cards().await;
    play.dingtalk().set_quirks(Quirks { errcode_as_string: true, extra_keys: true, ..Quirks::default() });
    play.dingtalk().on(Endpoint::SendBySession).answer(Fault::errcode(300_001, "session 不存在")).once();
    play.says(40);
    assert!(play.ends().await.arrived());
    play.verdict().await.whole_on(&[Robot]);
}

async fn a_webhook_that_refuses_with_http_200_leaves_it_to_the_robot() {
    webhook_meets(Fault::errcode(400_102, "机器人已停用"), 9, &[Robot]).await;
}

async fn a_gateway_s_page_instead_of_the_webhook_leaves_it_to_the_robot() {
    webhook_meets(Fault::Html(400), 9, &[Robot]).await;
}

async fn a_message_whose_answer_is_lost_is_not_sent_twice_and_the_host_is_told() {
    let mut play = Play::without_cards().await;
    play.says(40);
    play.dingtalk().on(Endpoint::SendBySession).answer(Fault::LostAnswer).once();
    let end = play.ends().await;
    let receipt = end.receipt.as_ref().unwrap();
    assert_eq!(receipt.parts[0].outcome, Outcome::Unknown);
    play.verdict().await.whole_on(&[Webhook]);
}

async fn a_webhook_that_expires_between_two_messages_leaves_the_rest_to_the_robot() {
    let mut play = Play::without_cards().await;
    play.says(1500);
    let expired = Fault::errcode(300_001, "session 不存在");
    play.dingtalk().on(Endpoint::SendBySession).answer(expired).after(1).always();
    assert!(play.ends().await.arrived());
    play.verdict().await.whole_on(&[Webhook, Robot, Robot]);
}

async fn a_robot_whose_token_was_revoked_gets_another() {
    is_seen(&[Robot], |dingtalk| {
        dingtalk.expire_webhooks();
        dingtalk.revoke_tokens();
    })
    .await;
}

async fn a_throttled_robot_is_tried_again() {
    is_seen(&[Robot], |dingtalk| {
        dingtalk.expire_webhooks();
        dingtalk.on(Endpoint::BatchSend).answer(Fault::Qps).times(2);
    })
    .await;
}

async fn a_robot_that_is_too_fast_for_dingtalk_is_tried_again() {
    is_seen(&[Robot], |dingtalk| {
        dingtalk.expire_webhooks();
        dingtalk.on(Endpoint::BatchSend).answer(Fault::too_fast()).once();
    })
    .await;
}

async fn a_person_out_of_the_robot_s_range_is_answered_through_the_webhook() {
    is_seen(&[Webhook], |dingtalk| dingtalk.set_reach("Lin", Reach::OutOfRange)).await;
}

async fn a_person_out_of_range_whose_webhook_has_expired_is_an_error_that_names_them() {
    let mut play = Play::without_cards().await;
    play.says(40);
    play.dingtalk().set_reach("Lin", Reach::OutOfRange);
    play.dingtalk().expire_webhooks();
    let end = play.ends().await;
    let error = end.receipt.as_ref().unwrap_err().to_string();
    assert!(error.contains("user0001"), "{error}");
    assert!(play.verdict().await.parts.is_empty());
}

async fn a_used_up_quota_of_the_robot_does_not_matter_while_the_webhook_lives() {
    is_seen(&[Webhook], |dingtalk| {
        for endpoint in [Endpoint::BatchSend, Endpoint::CreateAndDeliver, Endpoint::Streaming] {
            dingtalk.on(endpoint).answer(Fault::MonthlyQuota).always();
        }
    })
    .await;
}
