//! A message, its answer, and what is sent besides.

use crate::node::Node;
use host_mock::dingtalk::{DingTalk, Endpoint, Fault, Person, Reach, Settings};
use serde_json::{Value, json};

async fn world() -> (DingTalk, Node) {
    world_of(Settings::default()).await
}

async fn world_of(settings: Settings) -> (DingTalk, Node) {
    let dingtalk = DingTalk::start(settings).await.unwrap();
    let mut node = Node::run("host.js", &dingtalk);
    assert_eq!(node.asks("start", json!([])).await, Value::Null);
    dingtalk.connected().await;
    (dingtalk, node)
}

fn is_acked(dingtalk: &DingTalk, id: &str) -> bool {
    dingtalk.look(|view| view.push(id).unwrap().ack().is_some())
}

fn update(message: &Value, seq: u64, phase: &str, text: &str) -> Value {
    json!([{
        "turn": "t1", "stream": "s1", "seq": seq, "phase": phase, "text": text,
        "conversation": message["conversation"], "reply": message["reply"],
    }])
}

#[tokio::test]
async fn a_message_is_acknowledged_after_javascript_accepted_it_and_its_answer_grows_on_one_card() {
    let (dingtalk, mut node) = world().await;

    let asked = dingtalk.says("Lin", "hello");
    let message = node.hears("message").await;
    assert_eq!(message["text"], "hello");
    assert_eq!(message["sender"]["name"], "Lin");
    assert!(!is_acked(&dingtalk, &asked), "JavaScript has it, but has not accepted it");
    node.tell("accept", json!({"id": message["id"], "answer": "new"})).await;
    dingtalk.acked(&asked).await;

    let whole = "Hello, Lin. This is the whole answer.";
    for (seq, end) in [(1, 0), (2, 5), (3, 11)] {
        let receipt = node.asks("streamUpdate", update(&message, seq, "open", &whole[..end])).await;
        assert_eq!(receipt["overtaken"], false, "{receipt}");
    }
    let receipt = node.asks("streamUpdate", update(&message, 4, "done", whole)).await;
    assert_eq!(receipt["shown"], whole.len());
    assert_eq!(dingtalk.closed_card().await.text(), whole);
    assert_eq!(dingtalk.look(|view| view.cards().count()), 1);
    assert_eq!(dingtalk.look(|view| view.messages().count()), 0, "the card says it all");

    assert_eq!(node.asks("stop", json!(["shutdown", 5000])).await, Value::Null);
    dingtalk.disconnected().await;
    node.ends_well().await;
    assert_eq!(dingtalk.violations().len(), 0, "{:?}", dingtalk.violations());
}

#[tokio::test]
async fn a_message_of_the_host_s_own_is_delivered_or_fails_with_a_code_and_when_to_try_again() {
    let mut people =
        vec![Person::new("user0001", "Lin"), Person::new("user0002", "Mo"), Person::new("busy1", "Busy")];
    people[2].reach = Reach::FlowControlled;
    let (dingtalk, mut node) = world_of(Settings { people, ..Settings::default() }).await;

    let receipt = node.asks("send", json!([{"target": "user:user0002", "text": "news"}])).await;
    assert_eq!(receipt["parts"][0]["outcome"], "delivered", "{receipt}");
    assert_eq!(dingtalk.message_to("Mo").await.text(), "news");

    dingtalk.on(Endpoint::BatchSend).answer(Fault::Denied("qyapi_robot_sendmsg".into())).always();
    node.tell("send", json!([{"target": "user:user0002", "text": "more"}])).await;
    let failure = node.hears("failure").await;
    assert_eq!((&failure["name"], &failure["code"]), (&json!("ChannelError"), &json!("permission")));
    assert!(failure["message"].as_str().unwrap().contains("qyapi_robot_sendmsg"), "{failure}");

    dingtalk.on(Endpoint::BatchSend).recover();
    node.tell("send", json!([{"target": "user:busy1", "text": "more"}])).await;
    let failure = node.hears("failure").await;
    assert_eq!(failure["code"], "rateLimited", "{failure}");
    assert!(failure["retryAfterMs"].is_u64(), "{failure}");
    node.ends_well().await;
}

#[tokio::test]
async fn what_javascript_passes_wrongly_or_too_early_is_its_own_failure() {
    let dingtalk = DingTalk::start(Settings::default()).await.unwrap();
    let mut node = Node::run("host.js", &dingtalk);
    for (what, with, code) in [
        ("send", json!([{"text": "too early"}]), "state"),
        ("send", json!([{"text": 1}]), "argument"),
        ("stop", json!(["boredom", 10]), "argument"),
    ] {
        node.tell(what, with).await;
        let failure = node.hears("failure").await;
        assert_eq!(failure["code"], code, "{failure}");
        assert_eq!(failure["retryAfterMs"], Value::Null);
    }
    node.ends_well().await;
}

#[tokio::test]
async fn a_listener_that_throws_has_refused_and_the_message_comes_again() {
    let (dingtalk, mut node) = world().await;

    let asked = dingtalk.says("Lin", "throw");
    node.hears("message").await;
    assert_eq!(node.hears("failed").await, json!({"where": "message", "message": "not yet"}));
    // Whatever is said now is answered after the refusal has arrived.
    assert_eq!(node.asks("probe", json!([])).await["ok"], true);
    assert!(!is_acked(&dingtalk, &asked));

    dingtalk.push_again(&asked);
    let message = node.hears("message").await;
    assert_eq!(message["id"], asked.as_str());
    node.tell("accept", json!({"id": message["id"], "answer": "duplicate"})).await;
    dingtalk.acked(&asked).await;
    node.ends_well().await;
}

#[tokio::test]
async fn a_stop_waits_for_no_message_that_javascript_never_answers() {
    let (dingtalk, mut node) = world().await;

    let asked = dingtalk.says("Lin", "hello");
    let message = node.hears("message").await;
    assert_eq!(node.asks("stop", json!(["reload", 5000])).await, Value::Null);
    assert!(!is_acked(&dingtalk, &asked));

    // Too late: nobody waits for it, and nothing breaks. Started anew, the account hears it anew.
    node.tell("accept", json!({"id": message["id"], "answer": "new"})).await;
    assert_eq!(node.asks("start", json!([])).await, Value::Null);
    dingtalk.push_again(&asked);
    let message = node.hears("message").await;
    assert!(!is_acked(&dingtalk, &asked), "the late answer was for the one before");
    node.tell("accept", json!({"id": message["id"], "answer": "new"})).await;
    dingtalk.acked(&asked).await;
    node.ends_well().await;
}

#[tokio::test]
async fn javascript_hears_of_the_status_and_of_log_lines() {
    let (dingtalk, mut node) = world().await;
    node.asks("await", json!({"key": "connected", "value": true})).await;
    node.asks("await", json!({"key": "logged", "value": true})).await;
    // Awaited before it happens, for it does not last: whoever has answered this has read that.
    node.tell("await", json!({"key": "connected", "value": false})).await;
    assert_eq!(node.asks("probe", json!([])).await["ok"], true);
    dingtalk.connections().reset();
    assert_eq!(node.hears("answer").await, true);
    node.asks("await", json!({"key": "connected", "value": true})).await;
    node.ends_well().await;
}

#[tokio::test]
async fn a_channel_examines_itself_takes_changes_in_and_counts() {
    let (dingtalk, mut node) = world().await;

    let report = node.asks("probe", json!([])).await;
    assert_eq!(report["ok"], true, "{report}");
    let app = dingtalk.app();
    let section =
        json!({"clientId": app.client_id, "clientSecret": app.client_secret, "enableAICard": false});
    let applied = node.asks("reconfigure", json!([section])).await;
    assert!(["live", "reconnecting", "needsReopen"].contains(&applied.as_str().unwrap()), "{applied}");
    assert!(node.asks("metrics", json!([])).await.is_object());
    node.ends_well().await;
}
