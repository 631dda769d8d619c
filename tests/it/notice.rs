//! The notice to who waits long for an answer that cannot be seen growing.

use host_mock::dingtalk::{Endpoint, Fault, Via};
use host_mock::host::PuppetTurn;
use host_sdk::{Applied, Json};
use serde_json::{Value, json};
use tests::{Setup, World};

const NOTICE: &str = "任务还在处理中，请稍候，完成后会立即回复你。";
/// Short enough for a test that waits for it.
const DELAY: u64 = 300;
/// Long enough for an answer that is to come before it, also on a busy machine.
const A_WHILE: u64 = 4_000;

/// A world without cards in which notices are due after `delay` ms.
async fn plain(delay: u64) -> World {
    World::of(Setup::configured(move |section| {
        section["enableAICard"] = json!(false);
        section["longTaskNoticeDelayMs"] = json!(delay);
    }))
    .await
}

async fn turn(world: &World, person: &str) -> PuppetTurn {
    world.dingtalk().says(person, "hello");
    world.agent().next_turn().await.unwrap()
}

fn messages(world: &World, person: &str) -> Vec<String> {
    let texts = |message: &host_mock::dingtalk::Message| message.text().to_owned();
    world.dingtalk().look(|view| view.messages_in(person).map(texts).collect())
}

/// Waits until a message that came after all others has its notice: theirs would have come before.
async fn until_a_later_notice_would_have_come(world: &World) {
    let _waiting = turn(world, "Mo").await;
    assert_eq!(world.dingtalk().message_to("Mo").await.text(), NOTICE);
}

async fn reconfigure(world: &World, configure: impl FnOnce(&mut Value)) -> Applied {
    let mut section = tests::section(world.dingtalk());
    configure(&mut section);
    world.host().channel("default").unwrap().reconfigure(Json::new(&section)).await.unwrap()
}

#[tokio::test]
async fn in_plain_mode_it_comes_once_before_the_answer() {
    let world = plain(DELAY).await;
    let turn = turn(&world, "Lin").await;
    turn.say("Hello");
    let notice = world.dingtalk().message_to("Lin").await;
    assert_eq!((notice.text(), notice.via), (NOTICE, Via::Webhook));
    turn.say(", Lin.");
    turn.done();
    world.dingtalk().messages_to("Lin", 2).await;
    until_a_later_notice_would_have_come(&world).await;
    assert_eq!(messages(&world, "Lin"), [NOTICE, "Hello, Lin."]);
    world.end().await;
}

#[tokio::test]
async fn after_a_card_was_refused_it_comes_as_well() {
    let world = World::of(Setup::configured(|section| section["longTaskNoticeDelayMs"] = json!(DELAY))).await;
    world.dingtalk().deny_scope("Card.Instance.Write");
    let turn = turn(&world, "Lin").await;
    assert_eq!(world.dingtalk().message_to("Lin").await.text(), NOTICE);
    turn.say("Hello, Lin.");
    turn.done();
    world.dingtalk().messages_to("Lin", 2).await;
    assert_eq!(messages(&world, "Lin"), [NOTICE, "Hello, Lin."]);
    world.end().await;
}

#[tokio::test]
async fn where_the_webhook_has_ended_the_robot_says_it() {
    let world = plain(DELAY).await;
    world.dingtalk().on(Endpoint::SendBySession).answer(Fault::errcode(300_001, "session 不存在")).always();
    let _waiting = turn(&world, "Lin").await;
    let notice = world.dingtalk().message_to("Lin").await;
    assert_eq!((notice.text(), notice.via), (NOTICE, Via::Robot));
    world.end().await;
}

#[tokio::test]
async fn after_an_answer_and_after_a_silent_turn_it_does_not_come() {
    let world = plain(A_WHILE).await;
    let answered = turn(&world, "Lin").await;
    answered.say("Hello, Lin.");
    answered.done();
    world.dingtalk().message_to("Lin").await;
    turn(&world, "Lin").await.done();
    world.host().wait_turn(2).await.unwrap();
    until_a_later_notice_would_have_come(&world).await;
    assert_eq!(messages(&world, "Lin"), ["Hello, Lin."]);
    world.end().await;
}

#[tokio::test]
async fn everyone_who_waits_gets_one() {
    let world = plain(DELAY).await;
    let (one, other) = (turn(&world, "Lin").await, turn(&world, "Mo").await);
    world.dingtalk().message_to("Lin").await;
    world.dingtalk().message_to("Mo").await;
    one.done();
    other.done();
    world.host().wait_turn(2).await.unwrap();
    assert_eq!((messages(&world, "Lin"), messages(&world, "Mo")), (vec![NOTICE.into()], vec![NOTICE.into()]));
    world.end().await;
}

#[tokio::test]
async fn beside_a_card_that_grows_it_does_not_come_and_cards_can_be_switched_off_meanwhile() {
    let world = World::of(Setup::configured(|section| section["longTaskNoticeDelayMs"] = json!(DELAY))).await;
    let grows = turn(&world, "Lin").await;
    world.dingtalk().card_in("Lin").await;
    let applied = reconfigure(&world, |section| {
        section["enableAICard"] = json!(false);
        section["longTaskNoticeDelayMs"] = json!(DELAY);
    });
    assert_eq!(applied.await, Applied::Live);
    until_a_later_notice_would_have_come(&world).await;
    grows.say("Hello, Lin.");
    grows.done();
    assert_eq!(world.dingtalk().closed_card().await.text(), "Hello, Lin.");
    assert!(messages(&world, "Lin").is_empty());
    world.end().await;
}

#[tokio::test]
async fn at_zero_it_never_comes() {
    let world = plain(0).await;
    let slow = turn(&world, "Lin").await;
    let quick = turn(&world, "Mo").await;
    quick.say("Hello, Mo.");
    quick.done();
    assert_eq!(world.dingtalk().message_to("Mo").await.text(), "Hello, Mo.");
    slow.say("Hello, Lin.");
    slow.done();
    world.host().wait_turn(2).await.unwrap();
    assert_eq!(messages(&world, "Lin"), ["Hello, Lin."]);
    world.end().await;
}

#[tokio::test]
async fn its_delay_and_its_words_can_be_changed_meanwhile() {
    let world = plain(0).await;
    let applied = reconfigure(&world, |section| {
        section["enableAICard"] = json!(false);
        section["longTaskNoticeDelayMs"] = json!(DELAY);
        section["longTaskNoticeText"] = json!("One moment.");
    });
    assert_eq!(applied.await, Applied::Live);
    let _waiting = turn(&world, "Lin").await;
    assert_eq!(world.dingtalk().message_to("Lin").await.text(), "One moment.");
    world.end().await;
}

#[tokio::test]
async fn a_turn_that_is_played_again_after_a_kill_does_not_say_it_again() {
    let world = plain(DELAY).await;
    let _waiting = turn(&world, "Lin").await;
    world.dingtalk().message_to("Lin").await;
    let world = world.crash_and_restart().await;
    world.dingtalk().connected().await;
    let again = world.agent().next_turn().await.unwrap();
    until_a_later_notice_would_have_come(&world).await;
    again.say("Hello, Lin.");
    again.done();
    world.dingtalk().messages_to("Lin", 2).await;
    assert_eq!(messages(&world, "Lin"), [NOTICE, "Hello, Lin."]);
    world.end().await;
}
