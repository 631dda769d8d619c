//! Whoever quotes our own words gives the agent those words, also long after they were said.

use serde_json::json;
use tests::{Setup, World};

/// Lin asks, and the agent answers.
async fn answered(world: &World, answer: &str) {
    world.dingtalk().says("Lin", "hello");
    let turn = world.agent().next_turn().await.unwrap();
    turn.say(answer);
    turn.done();
    world.host().wait_turn(1).await.unwrap();
}

/// Lin quotes `quoted`; what the agent is given of it, and whether it is said to be ours.
async fn quoted(world: &World, quoted: &str) -> (String, bool) {
    world.dingtalk().replies("Lin", quoted, "and this one?");
    let turn = world.agent().next_turn().await.unwrap();
    let quote = turn.message().quote.clone().expect("it quotes something");
    turn.done();
    (quote.text, quote.ours)
}

#[tokio::test]
async fn a_quote_of_our_card_has_the_cards_text() {
    let world = World::start().await;
    answered(&world, "Hello, **Lin**.").await;
    let card = world.dingtalk().closed_card().await;
    assert_eq!(quoted(&world, &card.out_track_id).await, ("Hello, **Lin**.".to_owned(), true));
    world.end().await;
}

#[tokio::test]
async fn a_quote_of_our_card_has_its_text_also_in_another_process() {
    let world = World::start().await;
    answered(&world, "Hello, Lin.").await;
    let card = world.dingtalk().closed_card().await;
    let world = world.crash_and_start_anew(|_| {}).await;
    world.dingtalk().connected_times(2).await;
    assert_eq!(quoted(&world, &card.out_track_id).await, ("Hello, Lin.".to_owned(), true));
    world.end().await;
}

#[tokio::test]
async fn a_quote_of_a_card_that_still_grows_has_what_it_shows() {
    let world = World::start().await;
    world.dingtalk().says("Lin", "hello");
    let turn = world.agent().next_turn().await.unwrap();
    turn.say("Hello");
    world.dingtalk().card_showing("Hello").await;
    // When more is shown, the plugin has heard that this was.
    turn.say(", Lin");
    let card = world.dingtalk().card_showing("Hello, Lin").await;
    let asked = world.dingtalk().replies("Lin", &card.out_track_id, "what is this?");
    world.dingtalk().acked(&asked).await;
    turn.say(".");
    turn.done();
    let turn = world.agent().next_turn().await.unwrap();
    let quote = turn.message().quote.clone().unwrap();
    assert!(quote.ours && quote.text.starts_with("Hello"), "{quote:?}");
    turn.done();
    world.end().await;
}

#[tokio::test]
async fn a_quote_of_our_message_is_known_to_be_ours() {
    let world = World::of(Setup::configured(|section| section["enableAICard"] = json!(false))).await;
    answered(&world, "Hello, Lin.").await;
    let key = world.dingtalk().look(|view| view.messages().next().map(|it| it.process_query_key.clone()));
    assert_eq!(quoted(&world, &key.unwrap()).await, ("Hello, Lin.".to_owned(), true));
    world.end().await;
}
