//! What people write, of every kind, as the host is given it.

use crate::opened::{Opened, opened};
use host_mock::dingtalk::DingTalk;
use host_sdk::{Accepted, AttachmentKind, EventKind, InboundMessage};
use serde_json::{Value, json};
use tests::World;

/// A recorded payload, as the fake DingTalk's own robot and people would have it.
macro_rules! fixture {
    ($dingtalk:expr, $name:literal) => {
        at_home($dingtalk, include_str!(concat!("../fixtures/dingtalk/", $name, ".json")))
    };
}

/// The payload with the ids of this DingTalk's robot and conversations, and a webhook that works.
fn at_home(dingtalk: &DingTalk, recorded: &str) -> Value {
    let mut payload: Value = serde_json::from_str(recorded).unwrap();
    let is_group = payload["conversationType"] == "2";
    let own = dingtalk.payload("Lin", is_group.then_some("Release crew"));
    let robot = payload["chatbotUserId"].as_str().unwrap_or("none").to_owned();
    let recorded = payload.to_string().replace(&robot, own["chatbotUserId"].as_str().unwrap());
    payload = serde_json::from_str(&recorded).unwrap();
    for key in ["robotCode", "conversationId", "sessionWebhook", "sessionWebhookExpiredTime"] {
        payload[key] = own[key].clone();
    }
    payload
}

/// What the host is given of a payload.
async fn given(world: &mut Opened, payload: Value) -> InboundMessage {
    world.dingtalk.push(payload);
    let (message, answer) = world.messages.recv().await.unwrap();
    answer.answer(Ok(Accepted::New));
    message
}

/// Waits until somebody is told something with these words.
async fn told(dingtalk: &DingTalk, words: &str) {
    dingtalk.wait_for(|view| view.messages().find(|message| message.text().contains(words)).map(drop)).await;
}

fn kinds(message: &InboundMessage) -> Vec<AttachmentKind> {
    message.attachments.iter().map(|attachment| attachment.kind).collect()
}

#[tokio::test]
async fn rich_text_comes_with_its_words_and_pictures_and_without_our_name() {
    let mut world = opened(json!({})).await;
    let payload = fixture!(&world.dingtalk, "rich_text_mention_inside");
    let message = given(&mut world, payload).await;
    assert_eq!(message.text, "please look at this");
    assert_eq!(kinds(&message), [AttachmentKind::Picture]);
    assert!(message.was_mentioned && message.mentions[0].is_us);

    let payload = fixture!(&world.dingtalk, "rich_text_everything");
    let message = given(&mut world, payload).await;
    assert_eq!(message.text, "first [微笑]\nsecond the log\nthird");
    assert_eq!(kinds(&message), [AttachmentKind::Picture; 3]);
}

#[tokio::test]
async fn files_of_every_kind_come_with_what_is_known_of_them() {
    let mut world = opened(json!({})).await;
    let payload = fixture!(&world.dingtalk, "picture_packed");
    assert_eq!(kinds(&given(&mut world, payload).await), [AttachmentKind::Picture]);
    let payload = fixture!(&world.dingtalk, "audio");
    assert_eq!(given(&mut world, payload).await.attachments[0].transcript, "open the door please");
    let payload = fixture!(&world.dingtalk, "video");
    assert_eq!(given(&mut world, payload).await.attachments[0].duration_ms, Some(5_000));
    let payload = fixture!(&world.dingtalk, "file");
    assert_eq!(given(&mut world, payload).await.attachments[0].name, "report Q3.pdf");
}

#[tokio::test]
async fn quotes_come_with_what_they_quote() {
    let mut world = opened(json!({})).await;
    let payload = fixture!(&world.dingtalk, "quote_rich_text");
    let quote = given(&mut world, payload).await.quote.unwrap();
    assert!(!quote.ours && quote.text.starts_with("look at this\n@Tom"));
    assert_eq!(quote.attachments[0].kind, AttachmentKind::Picture);
    let payload = fixture!(&world.dingtalk, "quote_file");
    assert_eq!(given(&mut world, payload).await.quote.unwrap().attachments[0].name, "report.pdf");
    let payload = fixture!(&world.dingtalk, "quote_own_message");
    assert!(given(&mut world, payload).await.quote.unwrap().ours);
    let payload = fixture!(&world.dingtalk, "quote_nested");
    assert_eq!(given(&mut world, payload).await.quote.unwrap().text, "the middle one");
}

#[tokio::test]
async fn what_was_forwarded_or_shared_reads_as_text() {
    let mut world = opened(json!({})).await;
    let payload = fixture!(&world.dingtalk, "chat_record");
    assert!(given(&mut world, payload).await.text.ends_with("Lin: build failed\nMo: looking"));
    let payload = fixture!(&world.dingtalk, "interactive_card");
    assert!(given(&mut world, payload).await.text.starts_with("dingtalk://"));
    let payload = fixture!(&world.dingtalk, "link");
    assert!(given(&mut world, payload).await.text.ends_with("https://example.com/notes"));
}

#[tokio::test]
async fn any_characters_and_a_hundred_kilobytes_arrive_as_they_were_written() {
    let mut world = opened(json!({})).await;
    let payload = fixture!(&world.dingtalk, "text_unicode");
    assert!(given(&mut world, payload).await.text.ends_with("👩\u{200d}👩\u{200d}👧 e\u{301} nul:\0: end"));
    let long = "漢字 words ".repeat(8_000);
    let mut payload = fixture!(&world.dingtalk, "text_direct");
    payload["text"]["content"] = json!(long);
    assert_eq!(given(&mut world, payload).await.text, long.trim_end());
}

#[tokio::test]
async fn who_writes_from_outside_or_is_ourselves_is_a_fact() {
    let mut world = opened(json!({})).await;
    let payload = fixture!(&world.dingtalk, "text_group_outsider");
    assert!(given(&mut world, payload).await.sender.id.starts_with("$:LWCP_v1:$"));
    let payload = fixture!(&world.dingtalk, "text_group_own");
    assert!(given(&mut world, payload).await.sender.is_bot);
}

#[tokio::test]
async fn what_dingtalk_withholds_is_no_question_and_its_author_is_told_why() {
    let world = World::start().await;
    let over_quota = world.dingtalk().says_over_quota("Lin");
    world.dingtalk().acked(&over_quota).await;
    told(world.dingtalk(), "额度").await;
    world.dingtalk().push(fixture!(world.dingtalk(), "unknown"));
    told(world.dingtalk(), "暂不支持").await;
    // Nobody was asked: the first turn is that of the first question.
    world.dingtalk().says("Lin", "hello");
    let turn = world.agent().next_turn().await.unwrap();
    assert_eq!((turn.message().event, turn.message().text.as_str()), (EventKind::Message, "hello"));
    turn.done();
    world.end().await;
}

#[tokio::test]
async fn our_own_message_is_never_answered() {
    let world = World::start().await;
    world.dingtalk().push(fixture!(world.dingtalk(), "text_group_own"));
    world.dingtalk().says("Lin", "hello");
    let turn = world.agent().next_turn().await.unwrap();
    assert_eq!(turn.message().text, "hello");
    turn.done();
    world.end().await;
}
