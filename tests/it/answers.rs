//! The main job: somebody writes, an answer grows on a card.

use host_mock::{
    dingtalk::{CardState, Endpoint, Fault, View},
    host::{Event, PuppetTurn},
};
use host_sdk::ConversationKind;
use std::{collections::BTreeMap, time::Duration};
use tests::World;

const GROUP: &str = "Release crew";

#[tokio::test]
async fn a_private_message_is_answered_on_exactly_one_card_that_grows() {
    let world = World::start().await;
    let asked = world.dingtalk().says("Lin", "what is new?");

    let turn = world.agent().next_turn().await.unwrap();
    assert_eq!(turn.message().text, "what is new?");
    assert_eq!(turn.message().conversation.kind, ConversationKind::Direct);
    turn.say("Three things");
    world.dingtalk().card_showing("Three things").await;
    turn.say(" happened");
    world.dingtalk().card_showing("Three things happened").await;
    turn.say(" today.");
    turn.done();

    let card = world.dingtalk().closed_card().await;
    assert_eq!(card.text(), "Three things happened today.");
    assert_eq!(card.state, CardState::Finished);
    assert!(card.is_in(&world.dingtalk().conversation("Lin")));
    assert_eq!(world.dingtalk().look(|view| view.cards().count()), 1);
    assert!(world.dingtalk().look(|view| view.messages().next().is_none()), "nothing beside the card");
    let end = world.host().wait_turn(1).await.unwrap();
    assert_eq!(end.turn, asked);
    assert!(end.arrived());
    world.end().await;
}

#[tokio::test]
async fn a_mention_in_a_group_is_answered_on_a_card_in_that_group() {
    let world = World::start().await;
    world.dingtalk().says_in_group(GROUP, "Mo", "is the build green?");

    let turn = world.agent().next_turn().await.unwrap();
    let message = turn.message();
    assert_eq!(message.text, "is the build green?");
    assert_eq!(
        (message.conversation.kind, message.conversation.title.as_str()),
        (ConversationKind::Group, GROUP)
    );
    assert!(message.was_mentioned && message.can_detect_mention);
    assert_eq!((message.sender.id.as_str(), message.sender.name.as_str()), ("user0002", "Mo"));
    turn.say("It is.");
    turn.done();

    let card = world.dingtalk().closed_card().await;
    assert_eq!(card.text(), "It is.");
    assert!(card.is_in(&world.dingtalk().conversation(GROUP)));
    world.end().await;
}

#[tokio::test]
async fn a_card_takes_one_creation_growing_updates_one_finalising_and_one_closing() {
    let world = World::start().await;
    world.dingtalk().says("Lin", "count");
    let turn = world.agent().next_turn().await.unwrap();
    let mut said = String::new();
    for word in ["one", " two", " three", " four", " five"] {
        said.push_str(word);
        turn.say(word);
        world.dingtalk().card_showing(&said).await;
    }
    turn.done();
    let card = world.dingtalk().closed_card().await;

    let calls = |endpoint| world.dingtalk().look(|view| view.calls_to(endpoint).cloned().collect::<Vec<_>>());
    assert_eq!(calls(Endpoint::CreateAndDeliver).len(), 1);
    assert_eq!(calls(Endpoint::CreateCard).len() + calls(Endpoint::DeliverCard).len(), 0);
    assert_eq!(calls(Endpoint::UpdateCard).len(), 1, "one closing PUT");

    let streamed = calls(Endpoint::Streaming);
    let finalising: Vec<_> = streamed.iter().filter(|call| call.body["isFinalize"] == true).collect();
    assert_eq!(finalising.len(), 1);
    assert_eq!(finalising[0].arrived.seq, streamed.last().unwrap().arrived.seq, "nothing streamed after it");
    assert_eq!(finalising[0].body["content"], "one two three four five");

    let contents: Vec<_> = streamed.iter().map(|call| call.body["content"].as_str().unwrap()).collect();
    assert!(contents.windows(2).all(|pair| pair[1].starts_with(pair[0])), "it only grows: {contents:?}");

    let mut by_guid = BTreeMap::new();
    for call in &streamed {
        let guid = call.body["guid"].as_str().unwrap();
        let before = by_guid.insert(guid.to_owned(), call.body.clone());
        assert!(before.is_none_or(|before| before == call.body), "a guid was used for something else");
    }
    assert_eq!(card.text(), "one two three four five");
    world.end().await;
}

#[tokio::test]
async fn a_message_that_is_pushed_again_is_acknowledged_again_and_answered_once() {
    let world = World::start().await;
    let asked = world.dingtalk().says("Lin", "hello");
    world.dingtalk().acked(&asked).await;
    world.dingtalk().push_again(&asked);

    world
        .dingtalk()
        .wait_for(|view| {
            let deliveries = &view.push(&asked)?.deliveries;
            (deliveries.len() == 2 && deliveries.iter().all(|delivery| delivery.ack.is_some())).then_some(())
        })
        .await;
    let turn = world.agent().next_turn().await.unwrap();
    turn.say("Hello.");
    turn.done();
    world.host().wait_turn(1).await.unwrap();
    let offers =
        world.host().record().iter().filter(|entry| matches!(entry.event, Event::Offered { .. })).count();
    assert_eq!(offers, 1);
    world.end().await;
}

#[tokio::test]
async fn two_conversations_are_answered_side_by_side() {
    let world = World::start().await;
    world.dingtalk().says("Lin", "slow question");
    let slow = world.agent().next_turn().await.unwrap();
    let asked = world.dingtalk().says_in_group(GROUP, "Mo", "quick question");
    let quick = world.agent().next_turn().await.unwrap();
    quick.say("Quick answer.");
    quick.done();
    let first = world.host().wait_turn(1).await.unwrap();
    assert!(first.turn == asked && first.arrived());
    slow.say("Slow answer.");
    slow.done();
    assert!(world.host().wait_turn(2).await.unwrap().arrived());
    let mut texts: Vec<_> =
        world.dingtalk().look(|view| view.cards().map(|card| card.text().to_owned()).collect());
    texts.sort();
    assert_eq!(texts, ["Quick answer.", "Slow answer."]);
    world.end().await;
}

#[tokio::test]
async fn two_hosts_with_accounts_of_one_name_do_not_share_an_answer() {
    let (one, other) = (World::start().await, World::start().await);
    let ids = [one.dingtalk().says("Lin", "hello"), other.dingtalk().says("Lin", "hello")];
    assert_eq!(ids[0], ids[1], "the same message to whoever looks at its id alone");
    let turns = [one.agent().next_turn().await.unwrap(), other.agent().next_turn().await.unwrap()];
    turns[0].say("From one");
    turns[1].say("From the other");
    one.dingtalk().card_showing("From one").await;
    other.dingtalk().card_showing("From the other").await;
    turns.into_iter().for_each(PuppetTurn::done);
    assert_eq!(one.dingtalk().closed_card().await.text(), "From one");
    assert_eq!(other.dingtalk().closed_card().await.text(), "From the other");
}

#[tokio::test]
async fn a_turn_that_fails_ends_its_card_as_failed_with_a_sentence() {
    let world = World::start().await;
    world.dingtalk().says("Lin", "hello");
    let turn = world.agent().next_turn().await.unwrap();
    turn.fail("The model is not available.");
    let card = world.dingtalk().closed_card().await;
    assert_eq!(card.state, CardState::Failed);
    assert_eq!(card.text(), "The model is not available.");
    world.end().await;
}

#[tokio::test]
async fn a_crashed_host_answers_what_it_had_accepted_after_its_restart() {
    let world = World::start().await;
    let asked = world.dingtalk().says("Lin", "hello");
    world.dingtalk().acked(&asked).await;
    let cut_off = world.agent().next_turn().await.unwrap();

    let world = world.crash_and_restart().await;
    drop(cut_off);
    let turn = world.agent().next_turn().await.unwrap();
    assert_eq!(turn.message().id, asked);
    turn.say("Here I am again.");
    turn.done();
    assert!(world.host().wait_turn(1).await.unwrap().arrived());
    world.end().await;
}

#[tokio::test]
async fn a_shutdown_ends_the_card_of_an_answer_that_grows_even_behind_a_slow_request() {
    let world = World::start().await;
    world.dingtalk().says("Lin", "hello");
    let turn = world.agent().next_turn().await.unwrap();
    turn.say("Hello");
    world.dingtalk().card_showing("Hello").await;
    world.dingtalk().on(Endpoint::Streaming).answer(Fault::SlowAnswer(Duration::from_secs(60))).once();
    let before = world.dingtalk().look(|view| view.calls_to(Endpoint::Streaming).count());
    turn.say(", Lin");
    let arrived = |view: View<'_>| (view.calls_to(Endpoint::Streaming).count() > before).then_some(());
    world.dingtalk().wait_for(arrived).await;

    let card = world.end_and_look().await;
    assert_eq!(card.state, CardState::Finished);
    assert!(card.text().starts_with("Hello"), "{}", card.text());
    drop(turn);
}
