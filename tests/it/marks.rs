//! The mark on a message while it is worked on.

use host_mock::dingtalk::{Endpoint, Fault, Reaction};
use serde_json::json;
use tests::{Setup, World};

async fn marking(mark: serde_json::Value) -> World {
    World::of(Setup::configured(move |section| section["thinkingMark"] = mark)).await
}

/// Waits until the mark is off the message.
async fn unmarked(world: &World, msg_id: &str) -> Reaction {
    let id = msg_id.to_owned();
    let recalled = move |view: host_mock::dingtalk::View<'_>| {
        view.reactions().find(|mark| mark.msg_id == id && mark.recalled.is_some()).cloned()
    };
    world.dingtalk().wait_for(recalled).await
}

#[tokio::test]
async fn a_message_is_marked_while_it_is_worked_on() {
    let world = marking(json!(true)).await;
    let message = world.dingtalk().says("Lin", "hello");
    let turn = world.agent().next_turn().await.unwrap();
    let mark = world.dingtalk().reaction_to(&message).await;
    assert_eq!((mark.name.as_str(), mark.recalled), ("🤔思考中", None));
    turn.say("Hello, Lin.");
    turn.done();
    unmarked(&world, &message).await;
    assert_eq!(world.dingtalk().look(|view| view.reactions().count()), 1);
    world.end().await;
}

#[tokio::test]
async fn a_message_that_dingtalk_does_not_know_yet_is_marked_a_little_later() {
    let world = marking(json!("🤔Thinking")).await;
    world.dingtalk().on(Endpoint::EmotionReply).answer(Fault::refused(500, "system.error")).times(2);
    let message = world.dingtalk().says("Lin", "hello");
    let turn = world.agent().next_turn().await.unwrap();
    assert_eq!(world.dingtalk().reaction_to(&message).await.name, "🤔Thinking");
    turn.done();
    unmarked(&world, &message).await;
    world.end().await;
}

#[tokio::test]
async fn a_mark_that_cannot_be_made_does_not_hold_up_the_answer() {
    let world = marking(json!(true)).await;
    world.dingtalk().on(Endpoint::EmotionReply).answer(Fault::Hang).always();
    world.dingtalk().says("Lin", "hello");
    let turn = world.agent().next_turn().await.unwrap();
    turn.say("Hello, Lin.");
    turn.done();
    assert_eq!(world.dingtalk().closed_card().await.text(), "Hello, Lin.");
    world.end().await;
}

#[tokio::test]
async fn a_stop_takes_marks_off_and_so_does_the_start_after_a_kill() {
    let world = marking(json!(true)).await;
    let message = world.dingtalk().says("Lin", "hello");
    let turn = world.agent().next_turn().await.unwrap();
    world.dingtalk().reaction_to(&message).await;
    let world = world.crash_and_restart().await;
    drop(turn);
    world.agent().next_turn().await.unwrap().done();
    unmarked(&world, &message).await;
    assert_eq!(world.dingtalk().look(|view| view.reactions().count()), 1, "the turn went on with its mark");

    let message = world.dingtalk().says("Mo", "hello");
    let _turn = world.agent().next_turn().await.unwrap();
    world.dingtalk().reaction_to(&message).await;
    let dingtalk = world.end_host().await;
    assert!(dingtalk.look(|view| view.reactions().all(|mark| mark.recalled.is_some())));
}

#[tokio::test]
async fn without_the_option_there_is_no_mark() {
    let world = World::start().await;
    world.dingtalk().says("Lin", "hello");
    world.agent().next_turn().await.unwrap().say("Hello, Lin.");
    world.dingtalk().closed_card().await;
    assert_eq!(world.dingtalk().look(|view| view.calls_to(Endpoint::EmotionReply).count()), 0);
    world.end().await;
}
