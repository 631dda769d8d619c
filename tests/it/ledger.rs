//! The host is killed at each step of an answer's life. Whoever asked sees the whole answer once, and no
//! card stays open.

use host_mock::{
    dingtalk::{Card, DingTalk, Endpoint, Fault},
    host::{Event, LogEntry, PuppetTurn},
};
use serde_json::json;
use std::{fs, path::Path, time::Duration};
use tests::{Setup, World};

const ANSWER: &str = "Hello, Lin.";

/// The next process, whose agent is asked again and says the same.
async fn played_again(world: World) -> World {
    let world = world.crash_and_start_anew(|_| {}).await;
    let turn = world.agent().next_turn().await.unwrap();
    turn.say(ANSWER);
    turn.done();
    world.host().wait_turn(1).await.unwrap();
    world
}

/// There is one card, it is closed, and it has the whole answer; beside it is nothing.
#[track_caller]
fn is_answered_on_one_card(dingtalk: &DingTalk) {
    let cards: Vec<Card> = dingtalk.look(|view| view.cards().cloned().collect());
    let texts: Vec<_> = cards.iter().map(Card::text).collect();
    assert_eq!(texts, [ANSWER]);
    assert!(cards[0].closed.is_some(), "{:?}", cards[0]);
    let messages: Vec<_> = dingtalk.look(|view| view.messages().map(|it| it.text().to_owned()).collect());
    assert!(messages.is_empty(), "{messages:?}");
}

/// What people were told in messages.
fn messages(world: &World) -> Vec<String> {
    world.dingtalk().look(|view| view.messages().map(|message| message.text().to_owned()).collect())
}

/// The host has seen that it need not ask the agent.
async fn is_known_to_be_answered(world: &World) {
    let known = |event: &Event| matches!(event, Event::AnsweredBefore { .. });
    let find = |entries: &[_]| {
        entries.iter().any(|entry: &host_mock::host::Recorded| known(&entry.event)).then_some(())
    };
    let found = world.host().wait_for("an answer that was given before", find).await;
    found.unwrap_or_else(|error| panic!("{error}\n{}", world.log()));
}

/// A turn whose card shows all of the answer. At its end `endpoint` is called, with this fault.
async fn killed_at(endpoint: Endpoint, fault: Fault) -> World {
    let world = World::start().await;
    world.dingtalk().says("Lin", "hello");
    let turn = world.agent().next_turn().await.unwrap();
    turn.say(ANSWER);
    world.dingtalk().card_showing(ANSWER).await;
    let before = world.dingtalk().look(|view| view.calls_to(endpoint).count());
    world.dingtalk().on(endpoint).answer(fault).once();
    turn.done();
    // When it has come, not when it is over: the plugin does not wait for its answer for ever.
    world.dingtalk().wait_for(|view| view.calls_to(endpoint).nth(before).map(drop)).await;
    world
}

#[tokio::test]
async fn killed_while_the_card_is_created_and_it_never_is() {
    let world = World::start().await;
    world.dingtalk().on(Endpoint::CreateAndDeliver).answer(Fault::Hang).once();
    world.dingtalk().says("Lin", "hello");
    world.dingtalk().wait_for(|view| view.calls_to(Endpoint::CreateAndDeliver).next().map(drop)).await;
    let world = played_again(world).await;
    is_answered_on_one_card(world.dingtalk());
    world.end().await;
}

#[tokio::test]
async fn killed_when_the_card_is_created_and_the_answer_was_not_heard() {
    let world = World::start().await;
    let slow = Fault::SlowAnswer(Duration::from_secs(60));
    world.dingtalk().on(Endpoint::CreateAndDeliver).answer(slow).once();
    world.dingtalk().says("Lin", "hello");
    world.dingtalk().wait_for(|view| view.cards().next().map(|_| ())).await;
    let world = played_again(world).await;
    is_answered_on_one_card(world.dingtalk());
    world.end().await;
}

#[tokio::test]
async fn killed_while_the_card_grows() {
    let world = World::start().await;
    world.dingtalk().says("Lin", "hello");
    let turn = world.agent().next_turn().await.unwrap();
    turn.say("Hello");
    world.dingtalk().card_showing("Hello").await;
    let world = played_again(world).await;
    is_answered_on_one_card(world.dingtalk());
    world.end().await;
}

#[tokio::test]
async fn killed_while_the_last_text_is_on_its_way() {
    let world = killed_at(Endpoint::Streaming, Fault::Hang).await;
    let world = world.crash_and_start_anew(|_| {}).await;
    world.dingtalk().closed_card().await;
    is_answered_on_one_card(world.dingtalk());
    world.end().await;
}

#[tokio::test]
async fn killed_after_the_last_text_and_before_the_card_was_closed() {
    let world = killed_at(Endpoint::UpdateCard, Fault::Hang).await;
    let world = world.crash_and_start_anew(|_| {}).await;
    is_known_to_be_answered(&world).await;
    world.dingtalk().closed_card().await;
    is_answered_on_one_card(world.dingtalk());
    world.end().await;
}

#[tokio::test]
async fn killed_after_the_card_was_closed_and_before_the_host_knew() {
    let slow = Fault::SlowAnswer(Duration::from_secs(60));
    let world = killed_at(Endpoint::UpdateCard, slow).await;
    world.dingtalk().closed_card().await;
    let world = world.crash_and_start_anew(|_| {}).await;
    is_known_to_be_answered(&world).await;
    is_answered_on_one_card(world.dingtalk());
    world.end().await;
}

/// Waits until the plugin has written `words` down, which it does as they leave. A file system tells nobody
/// of that.
async fn written_down(world: &World, words: &str) {
    let looking = async {
        while !journals(world.state()).iter().any(|journal| journal.contains(words)) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), looking).await.expect("it is written down");
}

/// The text of every ledger below a directory.
fn journals(directory: &Path) -> Vec<String> {
    // Files come and go meanwhile.
    let paths = fs::read_dir(directory).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path()));
    let text = |path: &Path| path.ends_with("ledger.journal").then(|| fs::read_to_string(path).ok())?;
    paths.flat_map(|path| if path.is_dir() { journals(&path) } else { Vec::from_iter(text(&path)) }).collect()
}

fn forget_messages(state: &Path) {
    fs::remove_dir_all(state.join("inbox")).unwrap();
}

#[tokio::test]
async fn a_card_whose_turn_does_not_come_back_keeps_its_words_and_says_that_it_was_interrupted() {
    let world = World::start().await;
    world.dingtalk().says("Lin", "hello");
    let turn = world.agent().next_turn().await.unwrap();
    turn.say("Hello");
    world.dingtalk().card_showing("Hello").await;
    written_down(&world, "Hello").await;
    let world = world.crash_and_start_anew(forget_messages).await;
    let card = world.dingtalk().closed_card().await;
    assert!(card.text().starts_with("Hello") && card.text().contains("中断"), "{}", card.text());
    let status = world.host().wait_status("default", |status| status.get("recoveredCards").is_some());
    assert_eq!(
        status.await.unwrap().get("recoveredCards"),
        Some(&json!({"adopted": 0, "sealed": 1, "failed": 0}))
    );
    world.end().await;
}

/// A turn whose card shows "Hello", and that is played again.
async fn goes_on() -> (World, String, PuppetTurn) {
    let world = World::start().await;
    world.dingtalk().says("Lin", "hello");
    let begun = world.agent().next_turn().await.unwrap();
    begun.say("Hello");
    let card = world.dingtalk().card_showing("Hello").await.out_track_id;
    written_down(&world, "Hello").await;
    let world = world.crash_and_start_anew(|_| {}).await;
    drop(begun); // who hangs up before that has answered
    let turn = world.agent().next_turn().await.unwrap();
    (world, card, turn)
}

#[tokio::test]
async fn a_turn_that_is_stopped_before_it_says_anything_again_leaves_the_words_on_its_card() {
    let (world, card, _turn) = goes_on().await;
    world.dingtalk().push_card_callback("Lin", &card, json!({"action": "stop"}));
    assert_eq!(world.dingtalk().closed_card().await.text(), "Hello");
    world.end().await;
}

#[tokio::test]
async fn a_turn_that_ends_without_a_word_when_it_is_played_again_says_that_it_was_interrupted() {
    let (world, _, turn) = goes_on().await;
    turn.done();
    let text = world.dingtalk().closed_card().await.text().to_owned();
    assert!(text.starts_with("Hello\n") && text.contains("中断"), "{text}");
    world.end().await;
}

#[tokio::test]
async fn what_is_left_open_is_ended_also_where_dingtalk_is_busy() {
    let world = World::start().await;
    world.dingtalk().says("Lin", "hello");
    let turn = world.agent().next_turn().await.unwrap();
    turn.say("Hello");
    world.dingtalk().card_showing("Hello").await;
    world.dingtalk().on(Endpoint::Streaming).answer(Fault::Qps).times(2);
    world.dingtalk().on(Endpoint::UpdateCard).answer(Fault::LostAnswer).once();
    let world = world.crash_and_start_anew(forget_messages).await;
    world.dingtalk().closed_card().await;
    world.end().await;
}

/// A world that answers in messages.
async fn plain() -> World {
    World::of(Setup::configured(|section| section["enableAICard"] = json!(false))).await
}

/// Lin asks, and the agent says it all.
async fn answers(world: &World) {
    world.dingtalk().says("Lin", "hello");
    let turn = world.agent().next_turn().await.unwrap();
    turn.say(ANSWER);
    turn.done();
}

#[tokio::test]
async fn a_message_that_arrived_and_whose_answer_was_not_heard_is_not_sent_again() {
    let world = plain().await;
    let slow = Fault::SlowAnswer(Duration::from_secs(60));
    world.dingtalk().on(Endpoint::SendBySession).answer(slow).once();
    answers(&world).await;
    world.dingtalk().wait_for(|view| view.messages().next().map(|_| ())).await;
    let world = world.crash_and_start_anew(|_| {}).await;
    is_known_to_be_answered(&world).await;
    assert_eq!(messages(&world), [ANSWER]);
    world.end().await;
}

#[tokio::test]
async fn a_message_that_surely_did_not_leave_is_sent_by_the_next_process() {
    let world = plain().await;
    world.dingtalk().on(Endpoint::SendBySession).answer(Fault::too_fast()).once();
    answers(&world).await;
    let refused =
        |lines: &[LogEntry]| lines.iter().any(|it| it.to_string().contains("not taken yet")).then_some(());
    world.host().wait_log("a message that was not taken", refused).await.unwrap();
    let world = played_again(world).await;
    assert_eq!(messages(&world), [ANSWER]);
    world.end().await;
}
