//! What people do to cards.

use super::*;

fn approved() -> Shown {
    Shown { card: "card-1".into(), variables: [("status".to_owned(), "approved".to_owned())].into() }
}

#[tokio::test(start_paused = true)]
async fn a_cards_answer_is_what_the_host_says_in_time() {
    let mut world = World::new();
    let mut peer = world.peer().await;
    let (answer, answered) = oneshot::channel();
    *world.host.card_answer.lock().unwrap() = Some(answered);
    answer.send(approved()).unwrap();
    peer.push("CALLBACK", crate::api::gateway::CARD, "k1", &json!({"outTrackId": "card-1"}));
    let data: Value = serde_json::from_str(peer.ack().await["data"].as_str().unwrap()).unwrap();
    assert_eq!(data["response"]["cardData"]["cardParamMap"], json!({"status": "approved"}));
}

#[tokio::test(start_paused = true)]
async fn what_a_host_says_too_late_is_shown_by_a_call_of_its_own() {
    let mut world = World::new();
    let mut peer = world.peer().await;
    let (answer, answered) = oneshot::channel();
    *world.host.card_answer.lock().unwrap() = Some(answered);
    peer.push("CALLBACK", crate::api::gateway::CARD, "k1", &json!({"outTrackId": "card-1"}));
    assert_eq!(peer.ack().await["data"], r#"{"response":{}}"#);

    answer.send(approved()).unwrap();
    assert_eq!(world.shown.recv().await, Some(approved()));
    assert_eq!(world.counted("lateCardActions"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_card_is_answered_emptily_after_1500_ms() {
    let mut world = World::new();
    let mut peer = world.peer().await;
    let (_answer, answered) = oneshot::channel();
    *world.host.card_answer.lock().unwrap() = Some(answered);
    let pushed = clock::now();
    peer.push("CALLBACK", crate::api::gateway::CARD, "k1", &json!({"outTrackId": "card-1"}));
    assert_eq!(peer.ack().await["data"], r#"{"response":{}}"#);
    let took = clock::now() - pushed;
    assert!(took >= Duration::from_millis(1500) && took < Duration::from_millis(1600), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn a_card_callback_that_makes_no_sense_is_answered_emptily_and_counted() {
    let mut world = World::new();
    let mut peer = world.peer().await;
    peer.push("CALLBACK", crate::api::gateway::CARD, "k1", &json!({}));
    assert_eq!(peer.ack().await["data"], r#"{"response":{}}"#);
    assert_eq!(["drops/undecodableCardActions", "cardActions"].map(|name| world.counted(name)), [1, 1]);
}
