//! What DingTalk calls cost, and what becomes of answers as the budget runs out.

use host_mock::dingtalk::{Call, Endpoint, Fault, Via};
use host_sdk::{Applied, Json};
use serde_json::{Value, json};
use tests::World;

/// What is counted: calls of the interface but for those that DingTalk gives away.
fn is_counted(call: &&Call) -> bool {
    let is_free = matches!(
        call.endpoint,
        Some(
            Endpoint::AccessToken
                | Endpoint::GetToken
                | Endpoint::OpenConnection
                | Endpoint::Connect
                | Endpoint::SendBySession
        ) | None
    );
    !is_free
}

fn budget(world: &World) -> Value {
    let metrics: Value = world.host().channel("default").unwrap().metrics().parse().unwrap();
    metrics["budget"].clone()
}

/// Answers a message of Lin's with some words.
async fn answer(world: &World, number: usize) {
    world.dingtalk().says("Lin", "hello");
    let turn = world.agent().next_turn().await.unwrap();
    turn.say("Hello, ");
    turn.say("Lin.");
    turn.done();
    world.host().wait_turn(number).await.unwrap();
}

async fn cap(world: &World, caps: Value) {
    let mut section = tests::section(world.dingtalk());
    section["budget"] = caps;
    let applied = world.host().channel("default").unwrap().reconfigure(Json::new(&section)).await.unwrap();
    assert_eq!(applied, Applied::Live);
}

#[tokio::test]
async fn every_call_that_dingtalk_counts_is_counted() {
    let world = World::start().await;
    answer(&world, 1).await;
    let calls = world.dingtalk().look(|view| view.calls().filter(is_counted).count());
    let budget = budget(&world);
    assert!(calls >= 3);
    assert_eq!(budget["apiCalls"]["month"], calls);
    assert_eq!(budget["apiCalls"]["today"], calls);
    assert_eq!(budget["byKind"]["month"]["card"], 2, "created and closed");
    assert_eq!(budget["level"], "ample");
    assert_eq!(budget["kept"], true);
    world.end().await;
}

#[tokio::test]
async fn what_was_refused_for_its_rate_costs_nothing() {
    let world = World::start().await;
    world.dingtalk().on(Endpoint::Streaming).answer(Fault::Qps).times(1);
    answer(&world, 1).await;
    let calls = world.dingtalk().look(|view| view.calls().filter(is_counted).count());
    assert_eq!(budget(&world)["apiCalls"]["month"], calls - 1);
    world.end().await;
}

#[tokio::test]
async fn as_the_budget_runs_out_answers_get_simpler_and_are_still_given() {
    let world = World::start().await;
    for number in 1..=3 {
        answer(&world, number).await;
    }
    let spent = budget(&world)["apiCalls"]["month"].as_u64().unwrap();

    cap(&world, json!({"apiCallsPerDay": spent * 10 / 9})).await;
    assert_eq!(budget(&world)["level"], "twoCalls");
    answer(&world, 4).await;
    let partial = |call: &&Call| call.body["isFinalize"] == false;
    let simple = world.dingtalk().finished_card().await;
    assert_eq!(simple.text(), "Hello, Lin.");
    let shown = |call: &&Call| call.body["outTrackId"] == simple.out_track_id.as_str();
    assert_eq!(world.dingtalk().look(|view| view.calls().filter(shown).filter(partial).count()), 0);

    cap(&world, json!({"apiCallsPerDay": 1})).await;
    answer(&world, 5).await;
    let message = world.dingtalk().message_to("Lin").await;
    assert_eq!((message.text(), message.via), ("Hello, Lin.", Via::Webhook));
    assert_eq!(world.dingtalk().look(|view| view.cards().count()), 4);
    assert_eq!(budget(&world)["messages"]["month"], 1);

    cap(&world, json!({})).await;
    answer(&world, 6).await;
    assert_eq!(world.dingtalk().look(|view| view.cards().count()), 5, "who lifts the cap has cards again");
    world.end().await;
}

#[tokio::test]
async fn when_dingtalk_has_no_calls_left_answers_are_messages_and_the_log_says_so_once() {
    let world = World::start().await;
    world.dingtalk().on(Endpoint::CreateAndDeliver).answer(Fault::MonthlyQuota).always();
    answer(&world, 1).await;
    answer(&world, 2).await;
    assert_eq!(world.dingtalk().look(|view| view.messages_in("Lin").count()), 2);
    assert_eq!(world.dingtalk().look(|view| view.calls_to(Endpoint::CreateAndDeliver).count()), 1);
    assert_eq!(world.log().matches("API calls of this month are used up").count(), 1, "{}", world.log());
    assert_eq!(budget(&world)["exhausted"], true);
    world.end().await;
}

#[tokio::test]
async fn a_stop_to_which_dingtalk_answers_nothing_ends_in_time_and_forgets_no_call() {
    let world = World::start().await;
    world.dingtalk().says("Lin", "hello");
    let turn = world.agent().next_turn().await.unwrap();
    for (more, shown) in [("Hello", "Hello"), (", Lin", "Hello, Lin")] {
        turn.say(more);
        world.dingtalk().card_showing(shown).await;
    }
    let spent = budget(&world)["apiCalls"]["month"].as_u64().unwrap();
    assert!(spent >= 1);
    // What ends the card hangs for longer than the host waits.
    world.dingtalk().on(Endpoint::Streaming).answer(Fault::Hang).always();
    world.dingtalk().on(Endpoint::UpdateCard).answer(Fault::Hang).always();
    let world = world.stop_and_restart().await;
    assert!(budget(&world)["apiCalls"]["month"].as_u64().unwrap() >= spent);
    world.dingtalk().on(Endpoint::Streaming).recover();
    world.dingtalk().on(Endpoint::UpdateCard).recover();
    world.end().await;
}
