//! `/stop`, `/new` and the like, by who gives them where.

use crate::Stand;
use host_mock::host::{Command, Event};
use host_sdk::Phase;
use serde_json::json;

const CREW: &str = "Release crew";

/// What the host makes of a command, and whether its author may give it.
async fn taken(stand: &Stand, id: &str) -> (Command, bool) {
    let of_it = |event: &Event| match event {
        Event::Command { message, command, authorised } if message == id => {
            Some((command.clone(), *authorised))
        }
        _ => None,
    };
    stand.until("a command", of_it).await
}

#[tokio::test]
async fn who_may_give_commands_is_said_by_lists_and_never_by_an_open_group() {
    let configure = |config: &mut serde_json::Value| {
        let accounts = &mut config["channels"]["dingtalk"]["accounts"];
        accounts["listed"]["groupAllowFrom"] = json!(["user0001"]);
        accounts["listed"]["groupPolicy"] = json!("allowlist");
        accounts["owned"]["allowFrom"] = json!(["user0001"]);
    };
    let stand = Stand::with(&["open", "listed", "owned"], configure, |_| {}).await;
    for (account, group, person, may) in [
        ("open", None, "Lin", true),
        ("open", None, "Mo", true),
        ("open", Some(CREW), "Lin", false),
        ("listed", Some(CREW), "Lin", true),
        ("owned", None, "Lin", true),
        ("owned", Some(CREW), "Lin", true),
        ("owned", Some(CREW), "Mo", false),
    ] {
        let row = format!("{account} {group:?} {person}");
        let id = match group {
            Some(group) => stand.says_in(group, account, person, "/new and the weather?"),
            None => stand.says(account, person, "/new and the weather?"),
        };
        assert_eq!(taken(&stand, &id).await, (Command::Other("new".into()), may), "{row}");
        if may {
            let turn = stand.agent.next_turn().await.unwrap();
            assert_eq!(
                (&*turn.message().id, &*turn.message().text),
                (&*id, "/new and the weather?"),
                "{row}"
            );
            turn.say(row);
            turn.done();
            stand.host.wait_answered(&id).await.unwrap();
        }
    }
    assert_eq!(stand.seen("open"), ["open None Lin", "open None Mo"]);
    assert_eq!(stand.seen("owned"), ["owned None Lin", "owned Some(\"Release crew\") Lin"]);
    stand.end_with_nothing_left().await;
}

#[tokio::test]
async fn a_stop_ends_the_turn_of_its_session_and_no_other() {
    let stand = Stand::of(|_| {}).await;
    let mut turns = Vec::new();
    for person in ["Lin", "Mo"] {
        let id = stand.says("bot", person, "a story");
        let turn = stand.agent.next_turn().await.unwrap();
        turn.say(format!("For {person}"));
        stand.shows("bot", &format!("For {person}")).await;
        turns.push((id, turn));
    }
    let stop = stand.says("bot", "Lin", "/stop");
    stand.host.wait_answered(&stop).await.unwrap();
    assert_eq!(stand.host.wait_answered(&turns[0].0).await.unwrap().phase, Phase::Cancelled);
    let (of_mo, turn) = turns.pop().unwrap();
    turn.say(", to its end.");
    turn.done();
    assert_eq!(stand.host.wait_answered(&of_mo).await.unwrap().phase, Phase::Done);
    assert_eq!(stand.seen("bot"), ["For Lin", "For Mo, to its end.", "已停止。"]);
    stand.end().await;
}

#[tokio::test]
async fn who_may_not_stop_a_turn_in_a_group_does_not_and_whoever_is_listed_does() {
    let configure = |config: &mut serde_json::Value| {
        config["channels"]["dingtalk"]["allowFrom"] = json!(["user0002"]);
    };
    let stand = Stand::of(configure).await;
    let asked = stand.says_in(CREW, "bot", "Lin", "a story");
    let turn = stand.agent.next_turn().await.unwrap();
    turn.say("Once");
    stand.shows("bot", "Once").await;
    let refused = stand.says_in(CREW, "bot", "Lin", "/stop");
    assert_eq!(taken(&stand, &refused).await, (Command::Stop, false));
    turn.say(" upon a time");
    stand.shows("bot", "Once upon a time").await;
    let allowed = stand.says_in(CREW, "bot", "Mo", "/stop");
    assert_eq!(taken(&stand, &allowed).await, (Command::Stop, true));
    assert_eq!(stand.host.wait_answered(&asked).await.unwrap().phase, Phase::Cancelled);
    stand.host.wait_answered(&allowed).await.unwrap();
    assert_eq!(stand.seen("bot"), ["Once upon a time", "已停止。"]);
    drop(turn);
    stand.end().await;
}

#[tokio::test]
async fn the_host_answers_a_stop_of_nothing_and_a_question_how_things_are_itself() {
    let stand = Stand::of(|_| {}).await;
    for text in ["/stop", "/status"] {
        let id = stand.says("bot", "Lin", text);
        assert_eq!(stand.host.wait_answered(&id).await.unwrap().phase, Phase::Done);
    }
    let seen = stand.seen("bot");
    assert_eq!(seen[0], "现在没有正在进行的回答。");
    assert!(seen[1].contains("agent:main:dingtalk:bot:direct:user0001"), "{}", seen[1]);
    assert_eq!(seen.len(), 2);
    stand.end().await;
}

#[tokio::test]
async fn a_command_waits_for_the_turn_that_it_finds_and_never_joins_it() {
    let stand = Stand::of(|config| config["messages"] = json!({"queue": {"mode": "steer"}})).await;
    stand.says("bot", "Lin", "one");
    let turn = stand.agent.next_turn().await.unwrap();
    let [new, after] = ["/new", "two"].map(|text| stand.says("bot", "Lin", text));
    for id in [&new, &after] {
        stand.admitted(id).await;
    }
    turn.say("One.");
    turn.done();
    for (id, text) in [(&new, "New."), (&after, "Two.")] {
        let turn = stand.agent.next_turn().await.unwrap();
        assert_eq!(turn.message().id, *id, "what came after the command does not overtake it");
        turn.say(text);
        turn.done();
    }
    stand.host.wait_turn(3).await.unwrap();
    assert_eq!(stand.seen("bot"), ["One.", "New.", "Two."]);
    stand.end().await;
}
