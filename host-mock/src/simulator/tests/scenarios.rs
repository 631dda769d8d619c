//! Chats that are exported and played again.

use serde_json::{Value, json};

use super::super::Simulator;
use super::super::scenario::Scenario;
use super::{ask, chat, escaped, get, post, simulator};

#[tokio::test]
async fn a_chat_that_was_exported_can_be_played_again() {
    let first = simulator().await;
    let (lin, crew) = (chat(&first, "Lin").await, chat(&first, "Release crew").await);
    let (_, asked) = post(&first, "messages", json!({"chat": lin, "text": "hello"})).await;
    post(&first, "messages", json!({"chat": lin, "text": "again", "quote": asked["id"]})).await;
    let spoken = json!({"chat": lin, "voice": {"transcript": "spoken", "durationMs": 40}});
    post(&first, "messages", spoken).await;
    let aside = json!({"chat": crew, "person": "user0002", "text": "aside", "mention": false});
    post(&first, "messages", aside).await;
    post(&first, "faults", json!({"name": "latency", "on": true, "value": 5})).await;
    let exported = get(&first, "scenario").await.to_string();

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("chat.json");
    std::fs::write(&file, exported).unwrap();
    let second = simulator().await;
    Scenario::read(&file).unwrap().play(&second, |_, _| ()).await.unwrap();

    let gist = async |simulator: &Simulator, chat: &str| {
        let entries = get(simulator, &format!("entries?chat={}", escaped(chat))).await["entries"].clone();
        let gist = |it: &Value| (it["kind"].clone(), it["text"].clone(), it["quote"].clone());
        entries.as_array().unwrap().iter().map(gist).collect::<Vec<_>>()
    };
    assert_eq!(gist(&first, &lin).await, gist(&second, &lin).await);
    assert_eq!(gist(&first, &crew).await, gist(&second, &crew).await);
    assert!(second.desk.switchboard().is_on("latency"));
}

/// A robot that says one thing to the first who writes.
async fn answered(simulator: &Simulator, text: &str) {
    let webhook = simulator.dingtalk().wait_for(|view| {
        let push = view.pushes().next()?;
        push.data["sessionWebhook"].as_str().map(str::to_owned)
    });
    let webhook = webhook.await;
    let path = webhook.trim_start_matches(&simulator.dingtalk().base_url());
    let body = json!({"msgtype": "text", "text": {"content": text}}).to_string();
    assert_eq!(ask(simulator, "POST", path, &body).await.1["errcode"], 0);
}

#[tokio::test]
async fn a_scenario_that_is_played_tells_whether_the_answers_are_the_same() {
    let first = simulator().await;
    let lin = chat(&first, "Lin").await;
    post(&first, "messages", json!({"chat": lin, "text": "hello"})).await;
    answered(&first, "hi").await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("chat.json");
    std::fs::write(&file, get(&first, "scenario").await.to_string()).unwrap();
    let scenario = Scenario::read(&file).unwrap();

    let (same, other) = (simulator().await, simulator().await);
    let (played, ()) = tokio::join!(scenario.play(&same, |_, _| ()), answered(&same, "hi"));
    let (differs, ()) = tokio::join!(scenario.play(&other, |_, _| ()), answered(&other, "no"));

    played.unwrap();
    let why = differs.unwrap_err().to_string();
    assert!(why.contains("step 2") && why.contains(r#""no""#) && why.contains(r#""hi""#), "{why}");
}
