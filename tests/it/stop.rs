//! Whoever asked may stop the answer, by the button on its card.

use host_mock::{
    dingtalk::{CardState, Endpoint, Fault},
    host::{Event, PuppetTurn},
};
use host_sdk::{ConversationKind, Phase};
use serde_json::json;
use tests::{Setup, World};

const GROUP: &str = "Release crew";

/// Asks in the group, and has the answer begin; its card's id comes with it.
async fn begun(world: &World) -> (PuppetTurn, String) {
    world.dingtalk().says_in_group(GROUP, "Lin", "tell me a story");
    let turn = world.agent().next_turn().await.unwrap();
    turn.say("Once upon a time");
    let card = world.dingtalk().card_showing("Once upon a time").await;
    (turn, card.out_track_id)
}

fn layout(world: &World, card: &str) -> serde_json::Value {
    let layout = world.dingtalk().look(|view| view.card(card).unwrap().data["sys_full_json_obj"].clone());
    serde_json::from_str(&layout).unwrap()
}

#[tokio::test]
async fn the_asker_stops_the_answer_and_the_card_ends_with_what_was_said_so_far() {
    let world = World::start().await;
    let (turn, card) = begun(&world).await;
    assert_eq!(layout(&world, &card)["msgButtons"][0]["id"], "stop", "the button is there");

    world.dingtalk().push_card_callback("Lin", &card, json!({"action": "stop"}));

    let closed = world.dingtalk().closed_card().await;
    assert_eq!((closed.text(), closed.state), ("Once upon a time", CardState::Finished));
    assert_eq!(world.host().wait_turn(1).await.unwrap().phase, Phase::Cancelled);
    assert_eq!(layout(&world, &card), json!({"order": ["msgContent"]}), "the button is gone");
    assert!(world.dingtalk().look(|view| view.messages().next().is_none()));
    drop(turn);
    world.end().await;
}

#[tokio::test]
async fn somebody_else_cannot_stop_it_and_the_host_hears_who_tried_what_on_which_answer() {
    let world = World::start().await;
    let (turn, card) = begun(&world).await;
    let push = world.dingtalk().push_card_callback("Mo", &card, json!({"action": "stop"}));
    world.dingtalk().acked(&push).await;

    let record = world.host().record();
    let action = record.iter().find_map(|entry| match &entry.event {
        Event::Action { action } => Some(action.clone()),
        _ => None,
    });
    let action = action.unwrap();
    assert_eq!((action.kind.as_str(), action.actor.id.as_str()), ("stop", "user0002"));
    assert_eq!(action.turn, turn.message().id);
    assert!(action.stream.ends_with(&turn.message().id), "{}", action.stream);
    assert_eq!(action.conversation.id, world.dingtalk().conversation(GROUP));
    assert_eq!(action.conversation.kind, ConversationKind::Group);

    turn.say(", there was a bot.");
    turn.done();
    assert_eq!(world.dingtalk().closed_card().await.text(), "Once upon a time, there was a bot.");
    assert_eq!(world.host().wait_turn(1).await.unwrap().phase, Phase::Done);
    world.end().await;
}

#[tokio::test]
async fn a_press_is_answered_although_nothing_can_be_done_to_the_card() {
    let world = World::start().await;
    let (turn, card) = begun(&world).await;
    let ends = [Endpoint::Streaming, Endpoint::UpdateCard];
    ends.iter().for_each(|end| world.dingtalk().on(*end).answer(Fault::Hang).always());
    let push = world.dingtalk().push_card_callback("Lin", &card, json!({"action": "stop"}));
    world.dingtalk().acked(&push).await;
    assert!(world.dingtalk().look(|view| view.card(&card).unwrap().closed.is_none()));
    ends.iter().for_each(|end| world.dingtalk().on(*end).recover());
    world.host().wait_turn(1).await.unwrap();
    drop(turn);
    world.end().await;
}

#[tokio::test]
async fn the_card_of_an_earlier_process_still_knows_its_answer() {
    let world = World::start().await;
    let (cut_off, card) = begun(&world).await;
    let asked = cut_off.message().id.clone();
    let world = world.crash_and_restart().await;
    drop(cut_off);
    let turn = world.agent().next_turn().await.unwrap();
    assert_eq!(turn.message().id, asked);
    world.dingtalk().push_card_callback("Lin", &card, json!({"action": "stop"}));
    assert_eq!(world.host().wait_turn(1).await.unwrap().phase, Phase::Cancelled);
    drop(turn);
    world.end().await;
}

#[tokio::test]
async fn without_the_option_there_is_no_button() {
    let world = World::of(Setup::configured(|section| section["stopButton"] = json!(false))).await;
    let (turn, card) = begun(&world).await;
    assert_eq!(layout(&world, &card), json!({"order": ["msgContent"]}));
    turn.done();
    world.host().wait_turn(1).await.unwrap();
    world.end().await;
}
