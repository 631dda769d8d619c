//! A host that hesitates: what it refuses waits, what it says late counts; and connections that are
//! replaced meanwhile.

use crate::opened::opened;
use host_sdk::{Accepted, ActionAnswer, Json, StreamUpdate};
use serde_json::{Value, json};

#[tokio::test]
async fn a_host_that_takes_nothing_makes_the_status_say_so_until_it_does() {
    let mut world = opened(json!({})).await;
    let asked = world.dingtalk.says("Lin", "hello");
    world.messages.recv().await.unwrap().1.answer(Ok(Accepted::Refused));
    world.until("ingressUnavailable", json!(true)).await;
    let (message, answer) = world.messages.recv().await.unwrap();
    assert_eq!(message.id, asked);
    answer.answer(Ok(Accepted::New));
    world.until("ingressUnavailable", json!(false)).await;
    world.dingtalk.acked(&asked).await;

    let metrics: Value = world.channel.metrics().parse().unwrap();
    let stream = &metrics["stream"];
    assert_eq!(
        (&stream["messages"], &stream["handOvers"], &stream["refused"]),
        (&json!(1), &json!(2), &json!(1))
    );
}

#[tokio::test]
async fn what_the_host_makes_of_a_button_too_late_is_shown_all_the_same() {
    let mut world = opened(json!({})).await;
    world.dingtalk.says("Lin", "hello");
    let (message, answer) = world.messages.recv().await.unwrap();
    answer.answer(Ok(Accepted::New));
    let update = StreamUpdate { stream: "s".into(), seq: 1, reply: message.reply, ..StreamUpdate::default() };
    world.channel.stream_update(update).await.unwrap();
    let card = world.dingtalk.card_in("Lin").await.out_track_id;

    let pressed = world.dingtalk.push_card_callback("Lin", &card, json!({"action": "approve"}));
    let (_, answer) = world.actions.recv().await.unwrap();
    world.dingtalk.acked(&pressed).await; // emptily, for the host is still thinking
    let update = Json::new(&json!({"status": "approved"}));
    answer.answer(Ok(ActionAnswer { accepted: true, update, ..ActionAnswer::default() }));
    let shown = world.dingtalk.wait_for(|view| view.card(&card)?.data.get("status").cloned());
    assert_eq!(shown.await, "approved");
}

#[tokio::test]
async fn with_two_connections_one_that_breaks_leaves_no_gap() {
    let mut world = opened(json!({"connections": 2})).await;
    let newest = world.dingtalk.connected_times(2).await;
    world.until("openLinks", json!(2)).await;
    world.dingtalk.connection(newest).reset();
    let asked = world.dingtalk.says("Lin", "hello");
    world.messages.recv().await.unwrap().1.answer(Ok(Accepted::New));
    world.dingtalk.acked(&asked).await;
    world.dingtalk.connected_times(3).await;
    assert_eq!(world.status.borrow().get("lastDisconnect"), None);
}

#[tokio::test]
async fn a_connection_that_only_looks_alive_swallows_messages_no_longer_than_the_rotation() {
    let mut world = opened(json!({"rotateAfterSeconds": 5})).await;
    world.dingtalk.connections().make_zombie();
    world.dingtalk.connected_times(2).await;
    world.dingtalk.wait_for(|view| (view.live_connections().count() == 1).then_some(())).await;
    let asked = world.dingtalk.says("Lin", "hello");
    assert_eq!(world.messages.recv().await.unwrap().0.id, asked);
}
