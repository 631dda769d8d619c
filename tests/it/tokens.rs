//! Tokens that end while answers are under way.

use host_mock::{
    dingtalk::{Endpoint, Fault, Group, Settings, Via, View},
    host::PuppetTurn,
};
use serde_json::json;
use std::time::Duration;
use tests::{Setup, World};

const ANSWER: &str = "Hello, Lin.";

async fn asked(world: &World) -> (String, PuppetTurn) {
    let message = world.dingtalk().says("Lin", "hello");
    (message, world.agent().next_turn().await.unwrap())
}

/// How often a token was fetched.
fn fetched(world: &World) -> usize {
    world.dingtalk().look(|view| view.calls_to(Endpoint::AccessToken).count())
}

/// The calls that were refused because of their token.
fn rejected(world: &World) -> usize {
    let is_rejected =
        |code: Option<String>| code.is_some_and(|code| code == "InvalidAuthentication" || code == "40014");
    world.dingtalk().look(|view| view.calls().filter(|call| is_rejected(call.error_code())).count())
}

#[tokio::test]
async fn a_token_that_is_rejected_at_any_step_of_a_card_is_replaced_and_the_answer_is_whole() {
    let world = World::start().await;
    let steps = [Endpoint::CreateAndDeliver, Endpoint::Streaming, Endpoint::UpdateCard];
    let faults = steps.map(|step| [(step, Fault::InvalidToken), (step, Fault::Unauthorized)]);
    for (number, (step, fault)) in faults.into_iter().flatten().enumerate() {
        world.dingtalk().on(step).answer(fault).once();
        let before = fetched(&world).max(1);
        let (message, turn) = asked(&world).await;
        turn.say("Hello");
        world.dingtalk().card_showing("Hello").await;
        turn.say(", Lin.");
        turn.done();
        world.host().wait_turn(number + 1).await.unwrap();
        let card = world.dingtalk().ended_card_of(&message).await;
        assert_eq!((card.text(), fetched(&world)), (ANSWER, before + 1), "{step}");
    }
    assert_eq!(world.dingtalk().look(|view| view.messages().count()), 0, "nothing came a second time");
    world.end().await;
}

#[tokio::test]
async fn a_card_outlives_its_token_which_is_renewed_before_it_ends() {
    let dingtalk = Settings { token_life: Duration::from_secs(4), ..Settings::default() };
    let world = World::of(Setup { dingtalk, ..Setup::default() }).await;
    let (message, turn) = asked(&world).await;
    let mut text = String::new();
    for word in 0.. {
        turn.say(format!("{word}."));
        text += &format!("{word}.");
        world.dingtalk().card_showing(&text).await;
        // Each is renewed when half of its life is over: one more than a life is long.
        if fetched(&world) > 3 {
            break;
        }
    }
    turn.say("end");
    turn.done();
    assert_eq!(world.dingtalk().ended_card_of(&message).await.text(), text + "end");
    assert_eq!(rejected(&world), 0);
    world.end().await;
}

#[tokio::test]
async fn answers_whose_token_is_revoked_together_fetch_one_new_token() {
    let groups = (0..8).map(|number| Group::new(&format!("Team {number}"))).collect();
    let world =
        World::of(Setup { dingtalk: Settings { groups, ..Settings::default() }, ..Setup::default() }).await;
    let mut turns = Vec::new();
    for number in 0..8 {
        let message = world.dingtalk().says_in_group(&format!("Team {number}"), "Lin", "hello");
        let turn = world.agent().next_turn().await.unwrap();
        turn.say("Hello");
        turns.push((message, turn));
    }
    let shown = |view: View<'_>| view.cards().filter(|card| card.text() == "Hello").count();
    world.dingtalk().wait_for(|view| (shown(view) == turns.len()).then_some(())).await;
    let before = fetched(&world);
    world.dingtalk().revoke_tokens();
    let messages: Vec<_> = turns
        .into_iter()
        .map(|(message, turn)| {
            turn.say(", Lin.");
            turn.done();
            message
        })
        .collect();
    for message in messages {
        assert_eq!(world.dingtalk().ended_card_of(&message).await.text(), ANSWER);
    }
    assert_eq!(fetched(&world), before + 1);
    world.end().await;
}

/// Answers once, without cards, and says which messages came of it.
async fn plainly(fault: impl FnOnce(&World)) -> Vec<(Via, String)> {
    let world = World::of(Setup::configured(|section| section["enableAICard"] = json!(false))).await;
    fault(&world);
    let (_, turn) = asked(&world).await;
    turn.say(ANSWER);
    turn.done();
    world.host().wait_turn(1).await.unwrap();
    let came = world
        .dingtalk()
        .look(|view| view.messages().map(|message| (message.via, message.text().to_owned())).collect());
    world.end().await;
    came
}

#[tokio::test]
async fn a_webhook_that_speaks_of_an_invalid_token_leaves_the_answer_to_the_robot() {
    let came =
        plainly(|world| world.dingtalk().on(Endpoint::SendBySession).answer(Fault::InvalidToken).always());
    assert_eq!(came.await, [(Via::Robot, ANSWER.to_owned())]);
}

#[tokio::test]
async fn a_robots_message_whose_token_is_rejected_arrives_once() {
    let came = plainly(|world| {
        world.dingtalk().expire_webhooks();
        world
            .dingtalk()
            .on(Endpoint::SendBySession)
            .answer(Fault::errcode(300001, "session 不存在"))
            .always();
        world.dingtalk().on(Endpoint::BatchSend).answer(Fault::InvalidToken).once();
    });
    assert_eq!(came.await, [(Via::Robot, ANSWER.to_owned())]);
}

#[tokio::test]
async fn a_token_that_cannot_be_had_for_a_moment_delays_a_message_and_does_not_lose_it() {
    let came = plainly(|world| {
        world
            .dingtalk()
            .on(Endpoint::SendBySession)
            .answer(Fault::errcode(300001, "session 不存在"))
            .always();
        world.dingtalk().on(Endpoint::AccessToken).answer(Fault::Empty(502)).times(2);
    });
    assert_eq!(came.await, [(Via::Robot, ANSWER.to_owned())]);
}
