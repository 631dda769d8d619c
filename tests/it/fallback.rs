//! What happens to an answer where cards do not work.

use host_mock::dingtalk::{Card, DingTalk, Endpoint, Fault, Via};
use serde_json::json;
use tests::{Setup, World};

/// Asks, answers, and returns the messages that came of it.
async fn answered(world: &World, answer: &str) -> Vec<(Via, String)> {
    world.dingtalk().says("Lin", "hello");
    let turn = world.agent().next_turn().await.unwrap();
    turn.say(answer);
    turn.done();
    world.host().wait_turn(1).await.unwrap();
    world
        .dingtalk()
        .look(|view| view.messages().map(|message| (message.via, message.text().to_owned())).collect())
}

#[tokio::test]
async fn without_the_permission_the_answer_comes_once_as_markdown_and_the_log_says_where_to_apply() {
    let world = World::start().await;
    world.dingtalk().deny_scope("Card.Instance.Write");

    let messages = answered(&world, "Hello, Lin.").await;

    assert_eq!(messages, [(Via::Webhook, "Hello, Lin.".to_owned())]);
    assert!(world.dingtalk().look(|view| view.cards().next().is_none()));
    let log = world.log();
    assert!(log.contains("Card.Instance.Write"), "{log}");
    let client_id = &world.dingtalk().app().client_id;
    assert!(log.contains(&format!("appscope/apply?content={client_id}%23Card.Instance.Write")), "{log}");
    world.end().await;
}

#[tokio::test]
async fn a_card_that_was_created_although_the_answers_were_lost_ends_and_points_to_the_message() {
    let world = World::start().await;
    world.dingtalk().on(Endpoint::CreateAndDeliver).answer(Fault::LostAnswer).always();
    let messages = answered(&world, "Hello, Lin.").await;
    assert_eq!(messages, [(Via::Webhook, "Hello, Lin.".to_owned())]);
    let card = world.dingtalk().closed_card().await;
    assert!(!card.text().contains("Lin") && !card.text().is_empty(), "{}", card.text());
    world.end().await;
}

#[tokio::test]
async fn the_missing_permission_is_logged_once_and_cards_are_left_alone_for_a_while() {
    let world = World::start().await;
    world.dingtalk().deny_scope("Card.Instance.Write");
    for number in 1..=3 {
        world.dingtalk().says("Lin", "hello");
        let turn = world.agent().next_turn().await.unwrap();
        turn.say("Hello.");
        turn.done();
        world.host().wait_turn(number).await.unwrap();
    }
    assert_eq!(world.log().matches("appscope/apply").count(), 1);
    assert_eq!(world.dingtalk().look(|view| view.calls_to(Endpoint::CreateAndDeliver).count()), 1);
    assert_eq!(world.dingtalk().look(|view| view.messages().count()), 3);
    world.end().await;
}

#[tokio::test]
async fn with_cards_switched_off_the_answer_is_a_message() {
    let world = World::of(Setup::configured(|section| section["enableAICard"] = json!(false))).await;
    let messages = answered(&world, "Hello, Lin.").await;
    assert_eq!(messages, [(Via::Webhook, "Hello, Lin.".to_owned())]);
    assert!(world.dingtalk().look(|view| view.calls_to(Endpoint::CreateAndDeliver).next().is_none()));
    world.end().await;
}

#[tokio::test]
async fn where_the_webhook_has_ended_the_robot_answers() {
    let world = World::of(Setup::configured(|section| section["enableAICard"] = json!(false))).await;
    world
        .dingtalk()
        .on(Endpoint::SendBySession)
        .answer(Fault::Errcode { errcode: 300001, errmsg: "session 不存在".into() })
        .always();
    let messages = answered(&world, "Hello, Lin.").await;
    assert_eq!(messages, [(Via::Robot, "Hello, Lin.".to_owned())]);
    world.end().await;
}

#[tokio::test]
async fn a_card_that_may_not_be_streamed_shows_the_whole_answer_when_it_is_closed() {
    let world = World::start().await;
    world.dingtalk().deny_scope("Card.Streaming.Write");
    let messages = answered(&world, "Hello, Lin.").await;
    assert!(messages.is_empty(), "{messages:?}");
    let card = world.dingtalk().closed_card().await;
    assert_eq!(card.text(), "Hello, Lin.");
    world.end().await;
}

/// Answers `Hello, Lin.`, and `meanwhile` happens between the two words.
async fn finished(world: &World, meanwhile: impl FnOnce(&DingTalk)) -> Card {
    world.dingtalk().says("Lin", "hello");
    let turn = world.agent().next_turn().await.unwrap();
    turn.say("Hello");
    world.dingtalk().card_showing("Hello").await;
    meanwhile(world.dingtalk());
    turn.say(", Lin.");
    turn.done();
    world.dingtalk().closed_card().await
}

#[tokio::test]
async fn a_rate_limit_delays_the_last_text_and_does_not_lose_it() {
    let world = World::start().await;
    let card = finished(&world, |dingtalk| {
        dingtalk.on(Endpoint::Streaming).answer(Fault::Qps).times(2);
    });
    assert_eq!(card.await.text(), "Hello, Lin.");
    world.end().await;
}

#[tokio::test]
async fn a_token_that_is_revoked_in_mid_answer_loses_nothing() {
    let world = World::start().await;
    let card = finished(&world, DingTalk::revoke_tokens);
    assert_eq!(card.await.text(), "Hello, Lin.");
    world.end().await;
}

#[tokio::test]
async fn a_long_answer_without_a_card_comes_in_several_messages_that_hold_all_of_it() {
    let world = World::of(Setup::configured(|section| section["enableAICard"] = json!(false))).await;
    let answer: String = (0..900).map(|number| format!("line {number}\n\n")).collect();
    let messages = answered(&world, &answer).await;
    assert!(messages.len() > 1);
    let together: String =
        messages.iter().map(|(_, text)| text.split_whitespace().collect::<String>()).collect();
    assert_eq!(together, answer.split_whitespace().collect::<String>());
    world.end().await;
}
