//! The host with a tiny channel behind the real boundary.

mod inbox;
mod tiny;

use super::*;
use host_sdk::host::Plugin;
use host_sdk::inbox::{Caps, Inbox, Writers};
use host_sdk::{
    Accepted, ChannelError, Conversation, Descriptor, Diagnostic, InboundMessage, Json, Lifecycle,
    OpenContext, OutboundMessage, Phase, Receipt, Resolved, ResolvedAccount, Result as ChannelResult,
    Severity, StreamUpdate,
    channel::{Channel, Host as ChannelHost, Newer},
    export_channel,
};
use serde::Deserialize;
use serde_json::json;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};
use tempfile::TempDir;
use tiny::Tiny;

/// A host with the channel `tiny`, and the place where it keeps its state.
struct Stand {
    host: Host,
    state: TempDir,
}

fn options(channels: serde_json::Value, state: &TempDir) -> Options {
    let plugins = PluginSource::Loaded(vec![Plugin::linked::<Tiny>().unwrap()]);
    Options::new(ConfigSource::Value(json!({ "channels": channels })), plugins, state.path())
}

async fn stand(section: serde_json::Value, agent: impl Agent) -> Stand {
    let state = tempfile::tempdir().unwrap();
    let host = Host::start(options(json!({ "tiny": section }), &state).agent(agent)).await.unwrap();
    Stand { host, state }
}

/// Why a host does not start.
async fn refusal(channels: serde_json::Value) -> String {
    let state = tempfile::tempdir().unwrap();
    Host::start(options(channels, &state)).await.unwrap_err().to_string()
}

/// One account at which these messages arrive.
fn arriving(messages: &[(&str, &str)]) -> serde_json::Value {
    json!({ "accounts": { "default": { "arriving": messages } } })
}

fn shown(host: &Host) -> Vec<StreamUpdate> {
    host.channel("default").unwrap().metrics().parse().unwrap()
}

fn position(entries: &[Recorded], wanted: impl Fn(&Event) -> bool) -> Option<usize> {
    entries.iter().position(|entry| wanted(&entry.event))
}

#[tokio::test]
async fn a_message_is_taken_then_answered_and_the_answer_arrives() {
    let stand = stand(arriving(&[("m1", "c")]), Echo).await;

    let end = stand.host.wait_turn(1).await.unwrap();
    assert!(end.arrived());
    assert_eq!((&*end.text, end.phase, &*end.stream), ("text of m1", Phase::Done, "default/m1"));

    let record = stand.host.record();
    let taken = position(&record, |event| matches!(event, Event::Offered { answer: Accepted::New, .. }));
    let started = position(&record, |event| matches!(event, Event::TurnStarted { .. }));
    let ended = position(&record, |event| matches!(event, Event::TurnEnded(_)));
    assert!(taken < started && started < ended, "{record:#?}");
}

#[tokio::test]
async fn an_answer_begins_empty_grows_whole_and_ends_once() {
    let (agent, master) = Puppet::new();
    let stand = stand(arriving(&[("m1", "c")]), agent).await;
    let turn = master.next_turn().await.unwrap();
    for (token, so_far) in [("", ""), ("Hel", "Hel"), ("lo", "Hello")] {
        turn.say(token);
        stand
            .host
            .wait_status("default", |status| status.get("shown") == Some(&so_far.into()))
            .await
            .unwrap();
    }
    turn.done();
    let end = stand.host.wait_turn(1).await.unwrap();

    let updates = shown(&stand.host);
    assert_eq!((updates[0].phase, &*updates[0].text), (Phase::Open, ""));
    assert!(updates.windows(2).all(|pair| pair[0].seq < pair[1].seq));
    let finals: Vec<_> = updates.iter().filter(|update| update.phase.is_final()).collect();
    assert_eq!((finals.len(), &*finals[0].text, finals[0].seq), (1, "Hello", end.updates));
}

#[tokio::test]
async fn one_conversation_is_answered_in_order_and_another_does_not_wait_for_it() {
    let (agent, master) = Puppet::new();
    let _stand = stand(arriving(&[("a1", "a"), ("a2", "a"), ("b1", "b")]), agent).await;
    let mut first = [master.next_turn().await.unwrap(), master.next_turn().await.unwrap()];
    first.sort_by(|one, other| one.message().id.cmp(&other.message().id));
    let [a1, b1] = first;
    assert_eq!((&*a1.message().id, &*b1.message().id), ("a1", "b1"));
    a1.done();
    assert_eq!(master.next_turn().await.unwrap().message().id, "a2");
}

#[tokio::test]
async fn an_agent_that_fails_ends_the_answer_with_its_sentence() {
    let steps = vec![Step::say("so far"), Step::Fail("the model is gone".into())];
    let stand = stand(arriving(&[("m1", "c")]), Script::new(vec![steps])).await;
    let end = stand.host.wait_turn(1).await.unwrap();
    assert_eq!((end.phase, &*end.text), (Phase::Failed, "so far\n\nthe model is gone"));
    assert_eq!(shown(&stand.host).last().unwrap().phase, Phase::Failed);
}

#[tokio::test]
async fn a_message_that_arrives_twice_is_answered_once() {
    let stand = stand(arriving(&[("m1", "c"), ("m1", "c"), ("m2", "c")]), Echo).await;
    let ends = [stand.host.wait_turn(1).await.unwrap(), stand.host.wait_turn(2).await.unwrap()];
    assert_eq!(ends.map(|end| end.turn.clone()), ["m1", "m2"]);
    let record = stand.host.record();
    let duplicate = |event: &Event| matches!(event, Event::Offered { answer: Accepted::Duplicate, .. });
    assert!(position(&record, duplicate).is_some());
}

#[tokio::test]
async fn what_a_crash_left_unanswered_is_answered_after_the_restart() {
    let (agent, master) = Puppet::new();
    let Stand { host, state } = stand(arriving(&[("m1", "a"), ("m2", "b")]), agent).await;
    let mut turns = vec![master.next_turn().await.unwrap(), master.next_turn().await.unwrap()];
    turns.retain(|turn| turn.message().id == "m2"); // m1 is done
    host.wait_turn(1).await.unwrap();
    drop(host);

    let config = json!({ "tiny": arriving(&[("m1", "a"), ("m2", "b")]) });
    let host = Host::start(options(config, &state)).await.unwrap();
    let end = host.wait_turn(1).await.unwrap();
    assert_eq!((&*end.turn, end.arrived()), ("m2", true));
    let both_offered = |entries: &[Recorded]| {
        let answers = entries.iter().filter_map(|entry| match entry.event {
            Event::Offered { answer, .. } => Some(answer),
            _ => None,
        });
        Some(answers.collect::<Vec<_>>()).filter(|answers| answers.len() == 2)
    };
    let answers = host.wait_for("both messages offered again", both_offered).await.unwrap();
    assert_eq!(answers, [Accepted::Duplicate, Accepted::Duplicate]);
}

#[tokio::test]
async fn a_stop_leaves_a_running_turn_to_the_next_start() {
    let (agent, master) = Puppet::new();
    let Stand { host, state } = stand(arriving(&[("m1", "c")]), agent).await;
    let _turn = master.next_turn().await.unwrap();
    host.stop().await.unwrap();

    let config = json!({ "tiny": { "accounts": { "default": {} } } });
    let host = Host::start(options(config, &state)).await.unwrap();
    assert_eq!(host.wait_turn(1).await.unwrap().turn, "m1");
}

#[tokio::test]
async fn a_stop_lets_out_an_answer_that_is_complete_and_the_next_start_does_not_give_it_again() {
    let slow = json!({ "accounts": { "default": { "arriving": [("m1", "c")], "last_takes_ms": 300 } } });
    let Stand { host, state } = stand(slow, Echo).await;
    host.wait_status("default", |status| status.get("ending") == Some(&"m1".into())).await.unwrap();
    host.stop().await.unwrap();

    let config = json!({ "tiny": arriving(&[("m1", "c"), ("m2", "c")]) });
    let host = Host::start(options(config, &state)).await.unwrap();
    assert_eq!(host.wait_turn(1).await.unwrap().turn, "m2");
}

#[tokio::test]
async fn a_stop_waits_for_an_answer_only_so_long_and_leaves_it_to_the_next_start() {
    let stuck = json!({ "accounts": { "default": { "arriving": [("m1", "c")], "last_takes_ms": 60_000 } } });
    let Stand { host, state } = stand(stuck, Echo).await;
    host.wait_status("default", |status| status.get("ending") == Some(&"m1".into())).await.unwrap();
    host.stop().await.unwrap();

    let config = json!({ "tiny": { "accounts": { "default": {} } } });
    let host = Host::start(options(config, &state)).await.unwrap();
    assert_eq!(host.wait_turn(1).await.unwrap().turn, "m1");
}

#[tokio::test]
async fn an_account_that_fails_is_reported_and_the_others_run() {
    let section = json!({ "accounts": {
        "bad": { "fails_at": "start" }, "worse": { "fails_at": "open" }, "good": {},
    }});
    let stand = stand(section, Echo).await;
    assert_eq!(stand.host.accounts(), [Address::new("tiny", "good")]);
    stand.host.wait_connected("good").await.unwrap();
    let log: Vec<String> = stand.host.log().iter().map(ToString::to_string).collect();
    for (account, place) in [("bad", "start"), ("worse", "open")] {
        let told = |line: &String| line.contains(account) && line.contains(&format!("fail at {place}"));
        assert!(log.iter().any(told), "{log:#?}");
    }
}

#[tokio::test]
async fn with_no_account_left_the_failure_is_the_message() {
    let message = refusal(json!({ "tiny": { "accounts": { "bad": { "fails_at": "open" } } } })).await;
    assert_eq!(message, "no account could be started: tiny/bad cannot be opened: told to fail at open");
}

#[tokio::test]
async fn an_account_runs_only_if_both_levels_let_it() {
    let account = json!({ "accounts": { "off": { "enabled": false }, "on": {} } });
    assert_eq!(stand(account, Echo).await.host.accounts(), [Address::new("tiny", "on")]);
    let off = refusal(json!({ "tiny": { "enabled": false, "accounts": { "on": {} } } })).await;
    assert!(off.contains("`channels.tiny.enabled` is false: set it to true"), "{off}");
    let off = refusal(json!({ "tiny": { "accounts": { "off": { "enabled": false } } } })).await;
    assert!(off.contains("tiny/off is switched off"), "{off}");
}

#[tokio::test]
async fn what_is_missing_is_told_in_the_plugins_words() {
    let message = refusal(json!({ "tiny": { "accounts": { "default": { "token": "" } } } })).await;
    let words = "channels.tiny.accounts.default.token: it is missing; copy it from the console";
    assert_eq!(message, format!("the configuration: there is no account to run: {words}"));
}

#[tokio::test]
async fn a_plugin_without_a_section_and_a_section_without_a_plugin_are_both_told() {
    let message = refusal(json!({ "tinny": {} })).await;
    assert!(message.contains("has no section `channels.tiny`"), "{message}");
    assert!(message.contains("no plugin serves `channels.tinny`"), "{message}");
}

#[tokio::test]
async fn a_blocked_account_says_why_it_does_not_connect() {
    let stand = stand(json!({ "accounts": { "default": { "blocked": true } } }), Echo).await;
    let error = stand.host.wait_connected("default").await.unwrap_err();
    assert_eq!(error.to_string(), "tiny/default is not connected (blocked): wrong token");
}

#[tokio::test]
async fn the_log_has_the_lines_of_a_channel_with_its_account() {
    let stand = stand(json!({ "accounts": { "default": {} } }), Echo).await;
    let started = |lines: &[LogEntry]| lines.iter().find(|line| line.message == "started").cloned();
    let line = stand.host.wait_log("the start", started).await.unwrap();
    assert_eq!(line.account, Some(Address::new("tiny", "default")));
    assert!(line.to_string().contains("answer=42"), "{line}");
}

#[tokio::test]
async fn a_stopped_host_has_told_its_channels_why() {
    let stand = stand(json!({ "accounts": { "default": {} } }), Echo).await;
    let board = stand.host.board.clone();
    stand.host.stop_because(StopReason::Reload).await.unwrap();
    let status = board.of(&Address::new("tiny", "default"));
    assert_eq!(status.get("stopped"), Some(&"reload".into()));
}

#[tokio::test]
async fn a_wait_in_vain_says_what_did_happen() {
    let state = tempfile::tempdir().unwrap();
    let mut options = options(json!({ "tiny": arriving(&[("m1", "c")]) }), &state);
    options.patience = Duration::from_millis(1);
    let host = Host::start(options).await.unwrap();
    let error = host.wait_for("a miracle", |_| None::<()>).await.unwrap_err().to_string();
    assert!(error.starts_with("waited in vain for a miracle"), "{error}");
}

#[tokio::test]
async fn whoever_waits_for_a_status_may_look_at_the_board_and_change_it() {
    let stand = stand(json!({ "accounts": { "default": {} } }), Echo).await;
    let (board, account) = (&stand.host.board, Address::new("tiny", "default"));
    let status = stand.host.wait_status("default", |status| {
        board.patch(&account, StatusPatch::new().with("looks", 2));
        status.get("looks").is_some() && board.of(&account) == *status
    });
    assert_eq!(status.await.unwrap().get("looks"), Some(&2.into()));
}

#[tokio::test]
async fn an_unknown_account_is_answered_with_the_known_ones() {
    let stand = stand(json!({ "accounts": { "default": {} } }), Echo).await;
    let error = stand.host.wait_connected("defualt").await.unwrap_err().to_string();
    assert_eq!(error, "no account is called \"defualt\": running are tiny/default");
}
