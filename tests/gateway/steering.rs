//! A message that comes while a turn of its session runs, in each mode of `messages.queue`.

use crate::Stand;
use host_mock::host::{Event, PuppetTurn, Recorded, TurnEnd};
use host_sdk::Phase;
use serde_json::json;
use std::{path::Path, sync::Arc};
use tests::gone;

/// A host that does so with what finds a session busy.
async fn queueing(mode: &'static str) -> Stand {
    Stand::of(move |config| config["messages"] = json!({"queue": {"mode": mode}})).await
}

/// Lin asks, and the answer begins.
async fn asked(stand: &Stand, text: &str) -> (String, PuppetTurn) {
    let id = stand.says("bot", "Lin", text);
    let turn = stand.agent.next_turn().await.unwrap();
    assert_eq!(turn.message().id, id);
    turn.say("First");
    stand.shows("bot", "First").await;
    (id, turn)
}

/// The agent's next turn says this and is done; what it was asked.
async fn says(stand: &Stand, text: &str) -> String {
    let turn = stand.agent.next_turn().await.unwrap();
    turn.say(text);
    let asked = turn.message().text.clone();
    turn.done();
    asked
}

fn ends(stand: &Stand) -> Vec<Arc<TurnEnd>> {
    let end = |entry: Recorded| match entry.event {
        Event::TurnEnded(end) => Some(end),
        _ => None,
    };
    stand.host.record().into_iter().filter_map(end).collect()
}

async fn given_up(stand: &Stand, id: &str) {
    let of_it = |event: &Event| matches!(event, Event::GivenUp { message } if message == id).then_some(());
    stand.until("a message is given up", of_it).await;
}

#[tokio::test]
async fn a_second_message_joins_the_turn_which_then_has_two_answers_with_a_card_each() {
    let stand = queueing("steer").await;
    let (first, turn) = asked(&stand, "one").await;
    let second = stand.says("bot", "Lin", "and two");
    stand.joined(&second, &first).await;
    assert_eq!(stand.cards("bot").len(), 1, "the second has no card before there is something to say");
    turn.say(" answer.");
    turn.done();
    assert_eq!(says(&stand, "Second answer.").await, "and two");
    stand.host.wait_turn(2).await.unwrap();

    let ends = ends(&stand);
    assert!(ends.iter().all(|end| end.turn == first && end.phase == Phase::Done && end.arrived()));
    assert_ne!(ends[0].stream, ends[1].stream, "its own dispatch has no final, the first one has two");
    assert_eq!(stand.seen("bot"), ["First answer.", "Second answer."]);
    stand.end_with_nothing_left().await;
}

#[tokio::test]
async fn several_join_in_order_and_each_is_answered_once_also_in_plain_messages() {
    let configure = |config: &mut serde_json::Value| {
        config["messages"] = json!({"queue": {"mode": "steer"}});
        config["channels"]["dingtalk"]["enableAICard"] = json!(false);
    };
    let stand = Stand::of(configure).await;
    let first = stand.says("bot", "Lin", "one");
    let turn = stand.agent.next_turn().await.unwrap();
    for text in ["two", "three"] {
        let next = stand.says("bot", "Lin", text);
        stand.joined(&next, &first).await;
    }
    turn.say("1");
    turn.done();
    assert_eq!((says(&stand, "2").await, says(&stand, "3").await), ("two".into(), "three".into()));
    stand.host.wait_turn(3).await.unwrap();
    assert_eq!(stand.seen("bot"), ["1", "2", "3"]);
    stand.end().await;
}

#[tokio::test]
async fn what_joined_a_turn_that_fails_has_one_of_its_own() {
    let stand = queueing("steer").await;
    let (first, turn) = asked(&stand, "one").await;
    let second = stand.says("bot", "Lin", "two");
    stand.joined(&second, &first).await;
    turn.fail("the model is gone");
    assert_eq!(says(&stand, "Second.").await, "two");
    let end = stand.host.wait_answered(&second).await.unwrap();
    assert_eq!(
        (end.phase, stand.host.wait_answered(&first).await.unwrap().phase),
        (Phase::Done, Phase::Failed)
    );
    let seen = stand.seen("bot");
    assert!(seen.len() == 2 && seen[0].contains("the model is gone") && seen[1] == "Second.", "{seen:?}");
    stand.end().await;
}

#[tokio::test]
async fn a_turn_that_says_nothing_and_is_joined_leaves_the_other_answer_alone() {
    let stand = queueing("steer").await;
    let first = stand.says("bot", "Lin", "one");
    let turn = stand.agent.next_turn().await.unwrap();
    let second = stand.says("bot", "Lin", "two");
    stand.joined(&second, &first).await;
    turn.done();
    says(&stand, "Both.").await;
    stand.host.wait_turn(2).await.unwrap();
    assert_eq!(stand.seen("bot"), ["Both."]);
    stand.end().await;
}

#[tokio::test]
async fn a_kill_in_mid_run_loses_neither_the_first_message_nor_what_had_joined_it() {
    let stand = queueing("steer").await;
    let (first, turn) = asked(&stand, "one").await;
    let second = stand.says("bot", "Lin", "two");
    stand.joined(&second, &first).await;
    let stand = stand.crashed().await;
    drop(turn);
    assert_eq!(
        (says(&stand, "First, again.").await, says(&stand, "Second.").await),
        ("one".into(), "two".into())
    );
    stand.host.wait_turn(2).await.unwrap();
    assert_eq!(stand.seen("bot"), ["First, again.", "Second."]);
    stand.end().await;
}

#[tokio::test]
async fn of_two_people_in_one_session_each_is_answered_where_they_asked() {
    let configure = |config: &mut serde_json::Value| {
        config["messages"] = json!({"queue": {"mode": "steer"}});
        config["session"] = json!({"dmScope": "main"});
    };
    let stand = Stand::of(configure).await;
    let (_, turn) = asked(&stand, "one").await;
    let other = stand.says("bot", "Mo", "two");
    stand.admitted(&other).await;
    turn.say(", Lin.");
    turn.done();
    assert_eq!(says(&stand, "Second, Mo.").await, "two");
    stand.host.wait_answered(&other).await.unwrap();
    let places: Vec<_> = stand.cards("bot").iter().map(|card| card.carriers[0].space_id.clone()).collect();
    assert_eq!(stand.seen("bot"), ["First, Lin.", "Second, Mo."]);
    assert_ne!(places[0], places[1]);
    stand.end().await;
}

#[tokio::test]
async fn a_followup_waits_for_a_turn_of_its_own() {
    let stand = queueing("followup").await;
    let (_, turn) = asked(&stand, "one").await;
    let second = stand.says("bot", "Lin", "two");
    stand.admitted(&second).await;
    turn.done();
    assert_eq!(says(&stand, "Second.").await, "two");
    assert_eq!(stand.host.wait_answered(&second).await.unwrap().phase, Phase::Done);
    assert_eq!(stand.seen("bot"), ["First", "Second."]);
    stand.end().await;
}

#[tokio::test]
async fn what_is_collected_is_answered_in_one_turn() {
    let stand = queueing("collect").await;
    let (_, turn) = asked(&stand, "one").await;
    let [second, third] = ["two", "three"].map(|text| stand.says("bot", "Lin", text));
    for id in [&second, &third] {
        stand.admitted(id).await;
    }
    turn.done();
    assert_eq!(says(&stand, "Both.").await, "two\n\nthree");
    stand.joined(&second, &third).await;
    stand.host.wait_answered(&third).await.unwrap();
    assert_eq!(stand.seen("bot"), ["First", "Both."]);
    stand.end_with_nothing_left().await;
}

#[tokio::test]
async fn an_interruption_ends_the_card_with_what_was_said_and_only_the_newest_is_answered() {
    let stand = queueing("interrupt").await;
    let (first, turn) = asked(&stand, "one").await;
    let second = stand.says("bot", "Lin", "two");
    assert_eq!(says(&stand, "Second.").await, "two");
    drop(turn);
    stand.host.wait_answered(&second).await.unwrap();
    assert_eq!(stand.host.wait_answered(&first).await.unwrap().phase, Phase::Cancelled);
    assert_eq!(stand.seen("bot"), ["First", "Second."]);
    stand.end().await;
}

#[tokio::test]
async fn a_stop_ends_the_card_decently_and_gives_up_what_had_joined() {
    let stand = queueing("steer").await;
    let (first, turn) = asked(&stand, "one").await;
    let second = stand.says("bot", "Lin", "two");
    stand.joined(&second, &first).await;
    let stop = stand.says("bot", "Lin", "/stop");
    given_up(&stand, &second).await;
    stand.host.wait_answered(&stop).await.unwrap();
    assert_eq!(stand.host.wait_answered(&first).await.unwrap().phase, Phase::Cancelled);
    assert_eq!(stand.seen("bot"), ["First", "已停止。"]);
    drop(turn);
    stand.end_with_nothing_left().await;
}

#[tokio::test]
async fn the_file_of_a_message_that_joins_or_is_collected_goes_when_its_answer_has_ended() {
    for (mode, turns) in [("steer", 3), ("collect", 2)] {
        let archive = tempfile::tempdir().unwrap();
        let stand = Stand::of(|config| {
            config["messages"] = json!({"queue": {"mode": mode}});
            config["channels"]["dingtalk"]["inboundMedia"] = json!({"dir": archive.path(), "keepDays": 0});
        })
        .await;
        let (_, turn) = asked(&stand, "one").await;
        let file = stand.dingtalk.sends_file("Lin", "a.txt", *b"words");
        let last = stand.says("bot", "Lin", "read it");
        for id in [&file, &last] {
            stand.admitted(id).await;
        }
        turn.done();

        let turn = stand.agent.next_turn().await.unwrap();
        let path = turn.message().attachments[0].path.clone();
        turn.say("I read it.");
        stand.shows("bot", "I read it.").await;
        assert_eq!(std::fs::read(&path).unwrap(), b"words", "{mode}");
        turn.done();
        gone(Path::new(&path)).await;
        if turns == 3 {
            says(&stand, "So I did.").await;
        }
        stand.host.wait_turn(turns).await.unwrap();
        stand.end().await;
    }
}
