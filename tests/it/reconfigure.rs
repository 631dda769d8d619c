//! What a change of each option takes while the account runs, seen at the connections of the fake DingTalk.

use host_mock::dingtalk::{Connection, DingTalk, Settings};
use host_sdk::{Applied, Json};
use serde_json::{Value, json};
use std::{collections::BTreeSet, path::Path};
use tests::{Setup, World, plugin};

/// A change of each option there is. One that is new needs a row here.
fn changes(secret: &Path) -> Vec<(&'static str, Value)> {
    let authority = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/certificates/authority.pem");
    vec![
        ("enabled", json!(false)),
        ("name", json!("Main Bot")),
        ("clientId", json!("dingother")),
        ("clientSecret", json!({"file": secret})),
        ("defaultAccount", json!("default")),
        ("accounts", json!({"default": {}})),
        ("dmPolicy", json!("pairing")),
        ("allowFrom", json!(["manager0001"])),
        ("groupPolicy", json!("disabled")),
        ("groupAllowFrom", json!(["*"])),
        ("groups", json!({"*": {"requireMention": false}})),
        ("requireMention", json!(false)),
        ("longTaskNoticeDelayMs", json!(50_000)),
        ("longTaskNoticeText", json!("One moment.")),
        ("enableAICard", json!(false)),
        ("cardTemplateId", json!("mine.schema")),
        ("cardTemplateKey", json!("answer")),
        ("streaming", json!({"intervalMs": 700})),
        ("streaming.intervalMs", json!(700)),
        ("thinkingMark", json!(true)),
        ("stopButton", json!(false)),
        ("mentionSender", json!(true)),
        ("budget", json!({"apiCallsPerDay": 5_000})),
        ("budget.apiCallsPerMonth", json!(5_000)),
        ("budget.apiCallsPerDay", json!(5_000)),
        ("budget.messagesPerMonth", json!(5_000)),
        ("maxFileSizeMB", json!(1)),
        ("inboundMedia", json!({"keepDays": 1})),
        ("inboundMedia.dir", json!("~/files")),
        ("inboundMedia.keepDays", json!(0)),
        ("locale", json!("en")),
        ("region", json!("overseas")),
        ("endpoints", json!({"api": "http://127.0.0.1:1"})),
        ("endpoints.api", json!("http://127.0.0.1:1")),
        ("endpoints.oapi", json!("http://127.0.0.1:1")),
        ("endpoints.allowPlain", json!(true)),
        ("connections", json!(2)),
        ("rotateAfterSeconds", json!(3600)),
        ("proxy", json!("none")),
        ("caFile", json!(authority)),
        ("streaming.mode", json!("partial")),
        ("streaming.chunkMode", json!("length")),
        ("streaming.preview", json!({})),
        ("streaming.block", json!({})),
        ("textChunkLimit", json!(2_000)),
        ("responsePrefix", json!("Bot: ")),
        ("configWrites", json!(false)),
        ("healthMonitor", json!({})),
        ("historyLimit", json!(5)),
        ("dmHistoryLimit", json!(5)),
        ("contextVisibility", json!("all")),
    ]
}

fn changed(base: &Value, path: &str, value: Value) -> Value {
    let mut section = base.clone();
    match path.split_once('.') {
        Some((group, name)) => section[group][name] = value,
        None => section[path] = value,
    }
    section
}

async fn reconfigure(world: &World, section: &Value) -> Applied {
    world.host().channel("default").unwrap().reconfigure(Json::new(section)).await.unwrap()
}

fn effects() -> Value {
    plugin().resolve(&Json::new(&json!({}))).unwrap().effects.parse().unwrap()
}

fn opened(dingtalk: &DingTalk) -> usize {
    dingtalk.look(|view| view.connections().count())
}

/// Waits until one connection stands, which is not among the first `before`.
async fn replaced(dingtalk: &DingTalk, before: usize) -> (Connection, Connection) {
    let replaced = dingtalk.wait_for(|view| {
        let mut live = view.live_connections();
        let (new, old) = (live.next()?, view.connections().nth(before - 1)?);
        (live.next().is_none() && old.closed.is_some()).then(|| (old.clone(), new.clone()))
    });
    replaced.await
}

/// A message comes in and is taken.
async fn is_served(world: &World) {
    let message = world.dingtalk().says("Lin", "hello");
    world.agent().next_turn().await.unwrap().done();
    world.dingtalk().acked(&message).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_option_takes_what_the_plugin_says_it_takes() {
    let world = World::start().await;
    let dingtalk = world.dingtalk();
    let folder = tempfile::tempdir().unwrap();
    let secret = folder.path().join("secret");
    std::fs::write(&secret, &dingtalk.app().client_secret).unwrap();
    let (base, effects) = (tests::section(dingtalk), effects());
    let rows = changes(&secret);
    let named: BTreeSet<&str> = rows.iter().map(|(path, _)| *path).collect();
    let options: BTreeSet<&str> = effects.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(named, options, "each option has a row");

    for (path, value) in rows {
        let section = changed(&base, path, value);
        // The list of accounts is the host's matter: what this account is does not change with it.
        let effect = if path == "accounts" { "live" } else { effects[path].as_str().unwrap() };
        for section in [&section, &base] {
            let before = opened(dingtalk);
            let applied = reconfigure(&world, section).await;
            match effect {
                "live" => assert_eq!(applied, Applied::Live, "{path}"),
                "reopen" if section == &base => {
                    assert_eq!(applied, Applied::Live, "{path}: nothing was changed")
                }
                "reopen" => assert_eq!(applied, Applied::NeedsReopen, "{path}"),
                _ => {
                    assert_eq!(applied, Applied::Reconnecting, "{path}");
                    let (old, new) = replaced(dingtalk, before).await;
                    assert!(
                        old.closed.is_some_and(|(closed, _)| new.opened < closed),
                        "{path}: there was a gap"
                    );
                }
            }
            is_served(&world).await;
            let more = opened(dingtalk) - before;
            let expected = usize::from(effect == "reconnect" || (path == "connections" && section != &base));
            if path == "connections" {
                let wanted = 1 + expected;
                dingtalk.wait_for(|view| (view.live_connections().count() == wanted).then_some(())).await;
            } else {
                assert_eq!(more, expected, "{path}: connections made for it");
            }
        }
    }
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_changed_live_counts_for_the_next_message() {
    let world = World::of(Setup { dingtalk: Settings::default(), ..Setup::default() }).await;
    let base = changed(&tests::section(world.dingtalk()), "enableAICard", json!(false));
    let say = async |text: &str| {
        world.dingtalk().says("Lin", "hello");
        let turn = world.agent().next_turn().await.unwrap();
        turn.say(text);
        turn.done();
    };
    reconfigure(&world, &base).await;
    say("plain").await;
    assert_eq!(world.dingtalk().message_to("Lin").await.text(), "plain");
    reconfigure(&world, &changed(&base, "enableAICard", json!(true))).await;
    say("on a card").await;
    assert_eq!(world.dingtalk().closed_card().await.text(), "on a card");

    reconfigure(&world, &changed(&base, "inboundMedia", json!({"dir": "~/elsewhere", "keepDays": 0}))).await;
    world.dingtalk().sends_file("Lin", "a.txt", *b"content");
    let turn = world.agent().next_turn().await.unwrap();
    let path = turn.message().attachments[0].path.clone();
    assert!(Path::new(&path).starts_with(world.home().join("elsewhere")), "{path}");
    turn.done();
    let gone = async {
        while Path::new(&path).exists() {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await; // a file system tells nobody
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(60), gone).await.unwrap();

    reconfigure(&world, &changed(&base, "maxFileSizeMB", json!(0))).await;
    world.dingtalk().sends_file("Lin", "b.txt", *b"content");
    let turn = world.agent().next_turn().await.unwrap();
    assert_eq!(turn.message().attachments[0].path, "");
    turn.done();
    world.end().await;
}

#[tokio::test]
async fn a_secret_that_cannot_be_read_changes_nothing() {
    let world = World::start().await;
    let section =
        changed(&tests::section(world.dingtalk()), "clientSecret", json!({"file": "/nowhere/secret"}));
    let refused =
        world.host().channel("default").unwrap().reconfigure(Json::new(&section)).await.unwrap_err();
    assert!(refused.message.contains("/nowhere/secret"), "{refused:?}");
    is_served(&world).await;
    assert_eq!(opened(world.dingtalk()), 1);
    world.end().await;
}
