//! Messages that the addon takes in by itself.

use crate::node::Node;
use host_mock::dingtalk::{DingTalk, Settings};
use serde_json::{Value, json};

/// A script whose loop does not turn until it is unblocked.
async fn stuck(state: &tempfile::TempDir, dingtalk: &DingTalk) -> Node {
    let mut node = Node::run_in(state.path(), "inbox.js", dingtalk);
    assert_eq!(node.hears("answer").await, Value::Null);
    node
}

#[tokio::test]
async fn messages_are_acknowledged_while_javascript_is_stuck_and_wait_for_it_in_their_order() {
    let dingtalk = DingTalk::start(Settings::default()).await.unwrap();
    let state = tempfile::tempdir().unwrap();
    let mut node = stuck(&state, &dingtalk).await;
    dingtalk.connected().await;

    let said: Vec<_> = (0..20).map(|number| dingtalk.says("Lin", &format!("message {number}"))).collect();
    for id in &said {
        dingtalk.acked(id).await;
    }
    node.unblock().await;
    for (number, id) in said.iter().enumerate() {
        let message = node.hears("message").await;
        assert_eq!((&message["id"], &message["text"]), (&json!(id), &json!(format!("message {number}"))));
        assert_eq!(message["replayed"], false);
    }
    node.ends_well().await;
}

#[tokio::test]
async fn what_is_not_finished_is_the_next_processs_and_what_is_finished_is_nobodys() {
    let dingtalk = DingTalk::start(Settings::default()).await.unwrap();
    let state = tempfile::tempdir().unwrap();
    let mut node = stuck(&state, &dingtalk).await;
    let [first, second] = ["first", "second"].map(|text| dingtalk.says("Lin", text));
    for id in [&first, &second] {
        dingtalk.acked(id).await;
    }
    node.unblock().await;
    let number = node.hears("message").await["number"].take();
    assert_eq!(node.hears("message").await["id"], second.as_str());
    assert_eq!(node.asks("finish", number.clone()).await, true);
    assert_eq!(node.asks("finish", number.clone()).await, false, "it is finished once");
    assert_eq!(node.asks("read", number).await, Value::Null, "and not there any more");
    assert_eq!(node.asks("second", Value::Null).await, "inUse");
    assert_eq!(node.asks("stop", Value::Null).await, Value::Null);
    node.ends_well().await;

    let mut node = stuck(&state, &dingtalk).await;
    node.unblock().await;
    let message = node.hears("message").await;
    assert_eq!((&message["id"], &message["replayed"]), (&json!(second), &json!(true)));
    // A late push of what was finished is acknowledged, and heard no more.
    dingtalk.push_again(&first);
    let third = dingtalk.says("Lin", "third");
    assert_eq!(node.hears("message").await["id"], third.as_str());
    node.ends_well().await;
}
