//! The configuration file changes while the host runs: what differs is applied, and no answer is lost.

use crate::Stand;
use host_mock::host::{Address, Event, PuppetTurn};
use serde_json::{Value, json};
use std::{fs, time::Duration};

const CHANGED: &str = "the configuration has changed";

fn dingtalk(config: &mut Value) -> &mut Value {
    &mut config["channels"]["dingtalk"]
}

/// Lin asks an account, and is answered so, on a card or in a message.
async fn answers(stand: &Stand, account: &str, text: &str) {
    let id = stand.says(account, "Lin", "hello");
    let turn = stand.agent.next_turn().await.unwrap();
    turn.say(text);
    turn.done();
    let end = stand.host.wait_answered(&id).await.unwrap();
    assert!(end.arrived(), "{account}: {end:?}");
    assert_eq!(stand.seen(account).iter().filter(|seen| *seen == text).count(), 1);
}

/// Lin asks, and the answer begins to grow on a card.
async fn begun(stand: &Stand) -> PuppetTurn {
    stand.says("bot", "Lin", "a story");
    let turn = stand.agent.next_turn().await.unwrap();
    turn.say("Once");
    stand.shows("bot", "Once").await;
    turn
}

fn names(stand: &Stand) -> Vec<String> {
    stand.host.accounts().iter().map(ToString::to_string).collect()
}

#[tokio::test]
async fn an_option_holds_from_the_next_answer_on_and_the_card_that_grows_gets_all_of_its_own() {
    let stand = Stand::of(|_| {}).await;
    let turn = begun(&stand).await;
    stand.replace(|config| dingtalk(config)["enableAICard"] = json!(false));
    stand.logged(&[CHANGED, "dingtalk/bot goes on with it"]).await;
    turn.say(" upon a time.");
    turn.done();
    stand.host.wait_turn(1).await.unwrap();
    assert_eq!(stand.cards("bot").len(), 1);
    assert_eq!(stand.seen("bot"), ["Once upon a time."]);
    answers(&stand, "bot", "As a message.").await;
    assert_eq!(stand.cards("bot").len(), 1);
    stand.end().await;
}

#[tokio::test]
async fn a_change_in_place_counts_and_decides_who_may_write() {
    let stand = Stand::of(|_| {}).await;
    answers(&stand, "bot", "Welcome.").await;
    let changed = stand.changed(|config| dingtalk(config)["allowFrom"] = json!(["user0002"]));
    fs::write(stand.file(), changed).unwrap();
    stand.logged(&[CHANGED]).await;
    stand.says("bot", "Lin", "still welcome?");
    stand.logged(&["user0001 writes and may not"]).await;
    stand.end().await;
}

#[tokio::test]
async fn of_many_changes_in_a_row_the_last_one_holds() {
    let off = |config: &mut Value| {
        for account in ["two", "three"] {
            dingtalk(config)["accounts"][account]["enabled"] = json!(false);
        }
    };
    let stand = Stand::with(&["bot", "two", "three"], off, |_| {}).await;
    assert_eq!(names(&stand), ["dingtalk/bot"]);
    for number in 0..20 {
        let (two, three) = (number % 2 == 0, number % 3 == 0);
        stand.replace(|config| {
            dingtalk(config)["accounts"]["two"]["enabled"] = json!(two);
            dingtalk(config)["accounts"]["three"]["enabled"] = json!(three);
        });
    }
    stand.replace(|config| {
        dingtalk(config)["accounts"]["two"]["enabled"] = json!(false);
        dingtalk(config)["accounts"]["three"]["enabled"] = json!(true);
        dingtalk(config)["accounts"]["three"]["name"] = json!("the last");
    });
    let is_so = || {
        let three = stand.host.snapshot().account("three").cloned().unwrap();
        three.get("name") == Some(&json!("the last")) && names(&stand) == ["dingtalk/bot", "dingtalk/three"]
    };
    stand.host.wait_log("the last change", |_| is_so().then_some(())).await.unwrap();
    stand.end().await;
}

#[tokio::test]
async fn a_broken_file_changes_nothing_and_says_where_it_is_broken() {
    let stand = Stand::of(|_| {}).await;
    let good = stand.changed(|config| dingtalk(config)["enableAICard"] = json!(false));
    fs::write(stand.file(), "{\n  channels: {\n    dingtalk: { clientSecret: 's3cret' enabled: true }\n}}")
        .unwrap();
    let line = stand.logged(&["openclaw.json, line 3, column 40", "everything stays as it is"]).await;
    assert!(!line.contains("s3cret"), "{line}");
    answers(&stand, "bot", "On a card, as before.").await;
    assert_eq!(stand.cards("bot").len(), 1);

    fs::remove_file(stand.file()).unwrap();
    stand.logged(&["cannot be read", "everything stays as it is"]).await;
    answers(&stand, "bot", "Still there.").await;

    fs::write(stand.file(), good).unwrap();
    stand.logged(&[CHANGED, "goes on with it"]).await;
    answers(&stand, "bot", "As a message.").await;
    assert_eq!(stand.cards("bot").len(), 2);
    stand.end().await;
}

#[tokio::test]
async fn accounts_come_and_go_and_the_others_do_not_notice() {
    let off = |config: &mut Value| dingtalk(config)["accounts"]["two"]["enabled"] = json!(false);
    let stand = Stand::with(&["bot", "two"], off, |_| {}).await;
    stand.host.wait_connected("bot").await.unwrap();
    let turn = begun(&stand).await;
    for (round, text) in ["First.", "Second."].into_iter().enumerate() {
        stand.replace(|config| dingtalk(config)["accounts"]["two"]["enabled"] = json!(true));
        stand
            .host
            .wait_log("a start", |lines| {
                let started = lines.iter().filter(|line| line.message.contains("dingtalk/two has started"));
                (started.count() == round + 1).then_some(())
            })
            .await
            .unwrap();
        stand.host.wait_connected("two").await.unwrap();
        answers(&stand, "two", text).await;
        stand.replace(|config| dingtalk(config)["accounts"]["two"]["enabled"] = json!(false));
        stand
            .host
            .wait_log("a stop", |lines| {
                let stopped = lines.iter().filter(|line| line.message.contains("dingtalk/two has stopped"));
                (stopped.count() == round + 1).then_some(())
            })
            .await
            .unwrap();
        assert_eq!(names(&stand), ["dingtalk/bot"]);
        stand.dingtalk.wait_for(|view| (view.live_connections().count() == 1).then_some(())).await;
    }
    turn.say(" upon a time.");
    turn.done();
    stand.host.wait_turn(3).await.unwrap();
    assert_eq!(stand.seen("bot"), ["Once upon a time."]);
    assert_eq!(stand.dingtalk.look(|view| view.connections().count()), 3, "the first never connected anew");

    stand.replace(|config| drop(dingtalk(config)["accounts"].as_object_mut().unwrap().remove("bot")));
    stand.logged(&["dingtalk/bot has stopped"]).await;
    assert_eq!(stand.host.accounts(), [] as [Address; 0]);
    stand.end().await;
}

#[tokio::test]
async fn an_account_that_is_switched_off_ends_its_answers_first() {
    let stand = Stand::of(|_| {}).await;
    let turn = begun(&stand).await;
    stand.replace(|config| dingtalk(config)["accounts"]["bot"]["enabled"] = json!(false));
    stand.logged(&["dingtalk/bot stops when its answers have ended"]).await;
    turn.say(" upon a time.");
    turn.done();
    stand.logged(&[CHANGED, "dingtalk/bot has stopped"]).await;
    assert_eq!(stand.seen("bot"), ["Once upon a time."]);
    stand.end().await;
}

#[tokio::test]
async fn who_may_not_write_any_more_may_not_while_another_account_still_ends_its_answers() {
    let stand = Stand::with(&["bot", "two"], |_| {}, |_| {}).await;
    let turn = begun(&stand).await;
    stand.replace(|config| {
        dingtalk(config)["accounts"]["bot"]["enabled"] = json!(false);
        dingtalk(config)["accounts"]["two"]["allowFrom"] = json!(["user0002"]);
    });
    stand.logged(&["dingtalk/bot stops when its answers have ended"]).await;
    stand.says("two", "Lin", "still welcome?");
    stand.logged(&["user0001 writes and may not"]).await;
    turn.say(" upon a time.");
    turn.done();
    stand.logged(&[CHANGED, "dingtalk/bot has stopped"]).await;
    stand.end().await;
}

#[tokio::test]
async fn what_an_account_could_not_end_it_answers_when_it_is_switched_on_again() {
    let stand = Stand::with(&["bot"], |_| {}, |options| options.drain = Duration::ZERO).await;
    let cut_off = begun(&stand).await;
    stand.replace(|config| dingtalk(config)["accounts"]["bot"]["enabled"] = json!(false));
    stand.logged(&[CHANGED, "dingtalk/bot has stopped"]).await;
    drop(cut_off);
    stand.replace(|config| dingtalk(config)["accounts"]["bot"]["enabled"] = json!(true));
    let turn = stand.agent.next_turn().await.unwrap();
    assert_eq!(turn.message().text, "a story");
    turn.say("Once upon a time.");
    let id = turn.message().id.clone();
    turn.done();
    let whole = |event: &Event| match event {
        Event::TurnEnded(end) if end.turn == id && end.arrived() && end.text == "Once upon a time." => {
            Some(())
        }
        _ => None,
    };
    stand.until("the whole answer", whole).await;
    let seen = stand.seen("bot");
    assert_eq!(seen.iter().filter(|seen| *seen == "Once upon a time.").count(), 1, "{seen:?}");
    stand.end().await;
}

#[tokio::test]
async fn an_account_that_is_opened_anew_waits_for_its_answers() {
    let stand = Stand::of(|_| {}).await;
    let turn = begun(&stand).await;
    stand.replace(|config| dingtalk(config)["endpoints"]["allowPlain"] = json!(true));
    stand.logged(&["dingtalk/bot is opened anew when its answers have ended"]).await;
    turn.say(" upon a time.");
    turn.done();
    stand.logged(&[CHANGED, "dingtalk/bot was opened anew"]).await;
    assert_eq!(stand.seen("bot"), ["Once upon a time."]);
    answers(&stand, "bot", "Hello again.").await;
    stand.end().await;
}

#[tokio::test]
async fn an_answer_that_outlasts_its_account_is_whole_on_its_one_card() {
    let stand = Stand::with(&["bot"], |_| {}, |options| options.drain = Duration::ZERO).await;
    let turn = begun(&stand).await;
    stand.replace(|config| dingtalk(config)["endpoints"]["allowPlain"] = json!(true));
    stand.logged(&[CHANGED, "dingtalk/bot was opened anew"]).await;
    turn.say(" upon");
    stand.shows("bot", "Once upon").await;
    turn.say(" a time.");
    turn.done();
    assert!(stand.host.wait_turn(1).await.unwrap().arrived());
    assert_eq!(stand.seen("bot"), ["Once upon a time."]);
    answers(&stand, "bot", "Hello again.").await;
    stand.end_with_nothing_left().await;
}

#[tokio::test]
async fn who_answers_changes_without_touching_an_account() {
    let stand = Stand::of(|_| {}).await;
    stand.replace(|config| {
        config["bindings"] =
            json!([{"agentId": "work", "match": {"channel": "dingtalk", "accountId": "bot"}}]);
    });
    stand.logged(&[CHANGED, "nothing of it concerns an account"]).await;
    let id = stand.says("bot", "Lin", "/status");
    stand.host.wait_answered(&id).await.unwrap();
    let seen = stand.seen("bot");
    assert!(seen[0].contains("agent:work:"), "{seen:?}");
    assert_eq!(stand.dingtalk.look(|view| view.connections().count()), 1);
    stand.end().await;
}

#[tokio::test]
async fn an_account_that_cannot_start_is_told_and_is_tried_again_with_the_next_change() {
    let stand = Stand::with(
        &["bot", "two"],
        |config| {
            dingtalk(config)["accounts"]["two"]["enabled"] = json!(false);
        },
        |_| {},
    )
    .await;
    let inbox = stand.state().join("inbox/dingtalk/two.redb");
    fs::create_dir_all(&inbox).unwrap();
    stand.replace(|config| dingtalk(config)["accounts"]["two"]["enabled"] = json!(true));
    stand.logged(&[CHANGED, "dingtalk/two does not run"]).await;
    answers(&stand, "bot", "I do.").await;
    fs::remove_dir(&inbox).unwrap();
    stand.replace(|config| dingtalk(config)["accounts"]["two"]["name"] = json!("Two"));
    stand.logged(&[CHANGED, "dingtalk/two has started"]).await;
    stand.host.wait_connected("two").await.unwrap();
    answers(&stand, "two", "And I.").await;
    stand.end().await;
}
