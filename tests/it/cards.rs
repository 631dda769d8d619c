//! What a card's life is beside the plain one: silence, several cards, several answers, rewriting.

use host_mock::{
    dingtalk::{Card, CardState, Endpoint, Fault, Via},
    host::Event,
};
use host_sdk::Phase;
use serde_json::json;
use tests::{Setup, World};

/// The cards in the order of their creation.
fn cards(world: &World) -> Vec<Card> {
    world.dingtalk().look(|view| view.cards().cloned().collect())
}

fn without_white_space(text: &str) -> String {
    text.split_whitespace().collect()
}

#[tokio::test]
async fn a_silent_turn_has_its_empty_card_taken_back() {
    let world = World::start().await;
    world.dingtalk().says("Lin", "hello");
    let turn = world.agent().next_turn().await.unwrap();
    world.dingtalk().answered(Endpoint::CreateAndDeliver).await;
    turn.done();
    world.host().wait_turn(1).await.unwrap();
    assert!(cards(&world)[0].recalled.is_some());
    assert!(world.dingtalk().look(|view| view.messages().next().is_none()));
    world.end().await;
}

#[tokio::test]
async fn an_empty_card_that_cannot_be_taken_back_ends_with_a_sentence() {
    let world = World::start().await;
    world
        .dingtalk()
        .on(Endpoint::BatchRecall)
        .answer(Fault::refused(400, "invalid.processQueryKey"))
        .always();
    world.dingtalk().says("Lin", "hello");
    let turn = world.agent().next_turn().await.unwrap();
    world.dingtalk().answered(Endpoint::CreateAndDeliver).await;
    turn.done();
    let card = world.dingtalk().closed_card().await;
    assert_eq!(card.state, CardState::Finished);
    assert!(!card.text().trim().is_empty());
    world.host().wait_turn(1).await.unwrap();
    assert!(world.dingtalk().look(|view| view.messages().next().is_none()));
    world.end().await;
}

#[tokio::test]
async fn a_long_answer_grows_over_several_cards_each_of_which_ends() {
    let world = World::start().await;
    world.dingtalk().says("Lin", "tell me everything");
    let turn = world.agent().next_turn().await.unwrap();
    let mut answer = String::new();
    for number in 0..1500 {
        let line = format!("line {number} of the whole story\n\n");
        answer.push_str(&line);
        turn.say(line);
        if number % 100 == 0 {
            let shown = format!("line {number} of the whole story");
            let there = move |view: host_mock::dingtalk::View<'_>| {
                view.cards().any(|card| card.text().contains(&shown)).then_some(())
            };
            world.dingtalk().wait_for(there).await;
        }
    }
    turn.done();
    let end = world.host().wait_turn(1).await.unwrap();
    assert!(end.arrived());
    let cards = cards(&world);
    assert!(cards.len() > 3, "{}", cards.len());
    assert!(cards.iter().all(|card| card.state == CardState::Finished && card.finalized.is_some()));
    assert!(cards.iter().all(|card| card.text().len() <= 8_800));
    let together: String = cards.iter().map(Card::text).collect();
    assert_eq!(without_white_space(&together), without_white_space(&answer));
    let receipt = end.receipt.as_ref().unwrap();
    assert_eq!((receipt.parts.len(), receipt.shown), (cards.len(), answer.len() as u64));
    world.end().await;
}

#[tokio::test]
async fn where_the_second_card_is_refused_the_rest_comes_as_messages() {
    let world = World::start().await;
    world
        .dingtalk()
        .on(Endpoint::CreateAndDeliver)
        .answer(Fault::refused(400, "param.invalid"))
        .after(1)
        .always();
    world.dingtalk().says("Lin", "tell me everything");
    let turn = world.agent().next_turn().await.unwrap();
    let answer: String = (0..600).map(|number| format!("line {number} of the whole story\n\n")).collect();
    turn.say(answer.clone());
    turn.done();
    world.host().wait_turn(1).await.unwrap();
    let mut together: String = cards(&world).iter().map(|card| card.text().to_owned()).collect();
    assert_eq!(cards(&world).len(), 1);
    world.dingtalk().look(|view| view.messages().for_each(|message| together.push_str(message.text())));
    assert_eq!(without_white_space(&together), without_white_space(&answer));
    world.end().await;
}

#[tokio::test]
async fn a_card_that_breaks_in_mid_answer_leaves_only_the_rest_to_a_message() {
    let world = World::start().await;
    world.dingtalk().says("Lin", "hello");
    let turn = world.agent().next_turn().await.unwrap();
    turn.say("One, two");
    world.dingtalk().card_showing("One, two").await;
    let refused = Fault::refused(400, "param.contentUnsafe");
    world.dingtalk().on(Endpoint::Streaming).answer(refused.clone()).always();
    world.dingtalk().on(Endpoint::UpdateCard).answer(refused).once();
    turn.say(", three");
    turn.done();
    world.host().wait_turn(1).await.unwrap();

    let card = world.dingtalk().closed_card().await;
    assert!(card.text().starts_with("One, two\n\n"), "{}", card.text());
    assert_eq!(card.state, CardState::Failed);
    let messages: Vec<_> =
        world.dingtalk().look(|view| view.messages().map(|it| (it.via, it.text().to_owned())).collect());
    assert_eq!(messages, [(Via::Webhook, ", three".to_owned())]);
    world.end().await;
}

#[tokio::test]
async fn what_the_agent_does_stands_on_the_card_while_it_does_it() {
    let world = World::start().await;
    world.dingtalk().says("Lin", "look it up");
    let turn = world.agent().next_turn().await.unwrap();
    turn.status("Searching");
    world.dingtalk().card_showing("Searching").await;
    turn.say("Found it");
    world.dingtalk().card_showing("Found it\n\n> Searching").await;
    turn.status("Reading");
    world.dingtalk().card_showing("Found it\n\n> Reading").await;
    turn.status("");
    turn.say(".");
    turn.done();
    assert_eq!(world.dingtalk().closed_card().await.text(), "Found it.");
    world.end().await;
}

#[tokio::test]
async fn a_second_message_while_a_card_grows_gets_its_own_card_after_it() {
    let world = World::start().await;
    world.dingtalk().says("Lin", "one");
    let first = world.agent().next_turn().await.unwrap();
    first.say("First");
    world.dingtalk().card_showing("First").await;
    let second = world.dingtalk().says("Lin", "two");
    world.dingtalk().acked(&second).await;
    first.say(" answer");
    world.dingtalk().card_showing("First answer").await;
    assert_eq!(cards(&world).len(), 1, "the message that waits has no card yet");
    first.done();
    let second = world.agent().next_turn().await.unwrap();
    second.say("Second answer");
    second.done();
    world.host().wait_turn(2).await.unwrap();
    let texts: Vec<_> = cards(&world).iter().map(|card| card.text().to_owned()).collect();
    assert_eq!(texts, ["First answer", "Second answer"]);
    world.end().await;
}

#[tokio::test]
async fn in_a_group_the_card_mentions_who_asked_where_that_is_wanted() {
    let world = World::of(Setup::configured(|section| section["mentionSender"] = json!(true))).await;
    world.dingtalk().says_in_group("Release crew", "Mo", "hello");
    let turn = world.agent().next_turn().await.unwrap();
    turn.say("Hello.");
    turn.done();
    world.host().wait_turn(1).await.unwrap();
    let created =
        world.dingtalk().look(|view| view.calls_to(Endpoint::CreateAndDeliver).next().cloned().unwrap());
    assert_eq!(created.body["imGroupOpenDeliverModel"]["atUserIds"], json!({"user0002": "Mo"}));
    world.end().await;
}

#[tokio::test]
async fn in_a_group_a_message_mentions_who_asked_where_that_is_wanted() {
    let world = World::of(Setup::configured(|section| {
        section["mentionSender"] = json!(true);
        section["enableAICard"] = json!(false);
    }))
    .await;
    world.dingtalk().says_in_group("Release crew", "Mo", "hello");
    let turn = world.agent().next_turn().await.unwrap();
    turn.say("Hello.");
    turn.done();
    world.host().wait_turn(1).await.unwrap();
    let message = world.dingtalk().look(|view| view.messages().next().cloned().unwrap());
    assert_eq!(message.text(), "Hello.\n\n@user0002");
    assert_eq!(message.at_user_ids, ["user0002"]);
    world.end().await;
}

#[tokio::test]
async fn only_the_first_message_of_an_answer_mentions_and_in_private_none() {
    let world = World::of(Setup::configured(|section| {
        section["mentionSender"] = json!(true);
        section["enableAICard"] = json!(false);
    }))
    .await;
    world.dingtalk().says_in_group("Release crew", "Mo", "tell us everything");
    let turn = world.agent().next_turn().await.unwrap();
    turn.say((0..900).map(|number| format!("line {number}\n\n")).collect::<String>());
    turn.done();
    world.host().wait_turn(1).await.unwrap();
    world.dingtalk().says("Lin", "hello");
    let turn = world.agent().next_turn().await.unwrap();
    turn.say("Hello, Lin.");
    turn.done();
    world.host().wait_turn(2).await.unwrap();
    let mentions = |place: &str| -> Vec<usize> {
        world.dingtalk().look(|view| view.messages_in(place).map(|it| it.at_user_ids.len()).collect())
    };
    let in_group = mentions("Release crew");
    assert!(in_group.len() > 1 && in_group[0] == 1 && in_group[1..].iter().all(|&count| count == 0));
    assert_eq!(mentions("Lin"), [0]);
    world.end().await;
}

#[tokio::test]
async fn a_turn_that_is_played_again_after_a_kill_goes_on_with_its_own_card() {
    let world = World::start().await;
    world.dingtalk().says("Lin", "hello");
    let cut_off = world.agent().next_turn().await.unwrap();
    cut_off.say("Hello");
    world.dingtalk().card_showing("Hello").await;
    let world = world.crash_and_restart().await;
    drop(cut_off);
    let turn = world.agent().next_turn().await.unwrap();
    turn.say("Good morning");
    world.dingtalk().card_showing("Good morning").await;
    turn.say(", Lin.");
    turn.done();
    let end = world.host().wait_turn(1).await.unwrap();
    assert_eq!(end.phase, Phase::Done);
    let cards = cards(&world);
    assert_eq!(cards.len(), 1);
    assert_eq!((cards[0].text(), cards[0].state), ("Good morning, Lin.", CardState::Finished));
    assert!(!world.host().record().iter().any(|entry| matches!(entry.event, Event::AnsweredBefore { .. })));
    world.end().await;
}

#[tokio::test]
async fn a_webhook_that_ends_between_two_messages_is_not_asked_for_the_third() {
    let world = World::of(Setup::configured(|section| section["enableAICard"] = json!(false))).await;
    let gone = Fault::errcode(300_001, "session 不存在");
    world.dingtalk().on(Endpoint::SendBySession).answer(gone).after(1).always();
    world.dingtalk().says("Lin", "tell me everything");
    let turn = world.agent().next_turn().await.unwrap();
    let answer: String = (0..900).map(|number| format!("line {number}\n\n")).collect();
    turn.say(answer.clone());
    turn.done();
    world.host().wait_turn(1).await.unwrap();
    let (vias, together): (Vec<_>, String) =
        world.dingtalk().look(|view| view.messages().map(|it| (it.via, it.text().to_owned())).unzip());
    assert_eq!((vias[0], vias[1], vias[2]), (Via::Webhook, Via::Robot, Via::Robot));
    assert_eq!(without_white_space(&together), without_white_space(&answer));
    assert_eq!(world.dingtalk().look(|view| view.calls_to(Endpoint::SendBySession).count()), 2);
    world.end().await;
}

#[tokio::test]
async fn a_message_that_is_too_long_after_all_is_cut_smaller() {
    let world = World::of(Setup::configured(|section| section["enableAICard"] = json!(false))).await;
    let too_long = Fault::errcode(460_101, "message too long, exceed 20000 bytes");
    world.dingtalk().on(Endpoint::SendBySession).answer(too_long).once();
    world.dingtalk().says("Lin", "tell me something");
    let turn = world.agent().next_turn().await.unwrap();
    let answer: String = (0..250).map(|number| format!("line {number}\n\n")).collect();
    turn.say(answer.clone());
    turn.done();
    world.host().wait_turn(1).await.unwrap();
    let (vias, together): (Vec<_>, String) =
        world.dingtalk().look(|view| view.messages().map(|it| (it.via, it.text().to_owned())).unzip());
    assert!(vias.len() > 1 && vias.iter().all(|via| *via == Via::Webhook), "{vias:?}");
    assert_eq!(without_white_space(&together), without_white_space(&answer));
    world.end().await;
}
