//! The notice that an answer without a card takes long: O7.

use crate::{
    bots::{PATIENCE, ask, bots},
    row::{Level, Row, holds},
};
use host_mock::dingtalk::Message;
use serde_json::json;
use std::time::Duration;
use tests::{World, scenarios};

const NOTICE: &str = "任务还在处理中，请稍候，完成后会立即回复你。";

pub(crate) const ROWS: &[Row] = &[
    Row {
        option: "longTaskNoticeDelayMs",
        number: "O7",
        level: Level::Everywhere { standard: "30000", values: [("0", "0"), ("250", "250")] },
        wrong: &[holds("\"30s\"", "not a number", "30000"), holds("-1", "below 0", "0")],
        plays: scenarios![
            o7_by_default_who_waits_for_30_seconds_is_told_once,
            o7_an_account_has_its_own_delay_and_with_0_it_never_comes,
            o7_where_a_card_grows_it_does_not_come,
        ],
        elsewhere: &[(
            "it/notice.rs",
            &[
                "in_plain_mode_it_comes_once_before_the_answer",
                "after_a_card_was_refused_it_comes_as_well",
                "after_an_answer_and_after_a_silent_turn_it_does_not_come",
                "at_zero_it_never_comes",
                "its_delay_and_its_words_can_be_changed_meanwhile",
            ],
        )],
    },
    Row {
        option: "longTaskNoticeText",
        number: "",
        level: Level::Everywhere {
            standard: "",
            values: [("\"Soon.\"", "\"Soon.\""), ("\"马上。\"", "\"马上。\"")],
        },
        wrong: &[holds("{}", "not a text", "")],
        plays: scenarios![the_notice_has_the_words_of_the_account],
        elsewhere: &[("it/notice.rs", &["its_delay_and_its_words_can_be_changed_meanwhile"])],
    },
];

/// Waits for the first message in a conversation, for longer than the notice takes by default.
async fn told(world: &World, conversation: &str) -> Message {
    let first =
        world.dingtalk().try_wait_for(2 * PATIENCE, |view| view.messages_in(conversation).next().cloned());
    first.await.unwrap_or_else(|error| panic!("{error}"))
}

async fn o7_by_default_who_waits_for_30_seconds_is_told_once() {
    let world = bots(json!({"enableAICard": false}), vec![("bot", json!({}))]).await;
    let asked = ask(&world, "bot").await;
    let notice = told(&world, &asked.conversation).await;
    assert_eq!(notice.text(), NOTICE);
    let waited = notice.sent.at - world.dingtalk().look(|view| view.push(&asked.id).unwrap().queued.at);
    assert!(waited >= Duration::from_secs(30), "after {waited:?}");
    let messages = asked.answered("Hello, Lin.").await.messages;
    let texts: Vec<_> = messages.iter().map(Message::text).collect();
    assert_eq!(texts, [NOTICE, "Hello, Lin."]);
    world.end().await;
}

async fn o7_an_account_has_its_own_delay_and_with_0_it_never_comes() {
    let top = json!({"enableAICard": false, "longTaskNoticeDelayMs": 0});
    let accounts = vec![("never", json!({})), ("soon", json!({"longTaskNoticeDelayMs": 200}))];
    let world = bots(top, accounts).await;
    let never = ask(&world, "never").await;
    for _ in 0..2 {
        // Whoever comes later has waited less: a notice to the first would have come by then.
        let soon = ask(&world, "soon").await;
        told_since(&world, &soon.id, &soon.conversation).await;
        soon.ended().await;
    }
    assert_eq!(never.answered("Hello, Lin.").await.message().text(), "Hello, Lin.");
    world.end().await;
}

async fn o7_where_a_card_grows_it_does_not_come() {
    let top = json!({"longTaskNoticeDelayMs": 200});
    let world = bots(top, vec![("card", json!({})), ("plain", json!({"enableAICard": false}))]).await;
    let card = ask(&world, "card").await;
    world.dingtalk().card_of(&card.id).await;
    let plain = ask(&world, "plain").await;
    assert_eq!(told(&world, &plain.conversation).await.text(), NOTICE);
    plain.ended().await;
    card.answered("Hello, Lin.").await.card();
    world.end().await;
}

async fn the_notice_has_the_words_of_the_account() {
    let top = json!({"enableAICard": false, "longTaskNoticeDelayMs": 1, "longTaskNoticeText": "Soon."});
    let accounts = vec![("silent", json!({})), ("speaking", json!({"longTaskNoticeText": "请稍候。"}))];
    let world = bots(top, accounts).await;
    for (account, words) in [("silent", "Soon."), ("speaking", "请稍候。")] {
        let asked = ask(&world, account).await;
        assert_eq!(told(&world, &asked.conversation).await.text(), words);
        asked.ended().await;
    }
    world.end().await;
}

/// Waits for a message that came after another one.
async fn told_since(world: &World, id: &str, conversation: &str) {
    let since = |view: host_mock::dingtalk::View<'_>| {
        let asked = view.push(id)?.queued;
        view.messages_in(conversation).find(|message| message.sent > asked).map(drop)
    };
    world.dingtalk().wait_for(since).await;
}
