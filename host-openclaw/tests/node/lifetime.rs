//! Ends of the process, and of accounts.

use crate::node::Node;
use host_mock::dingtalk::{DingTalk, Settings};
use serde_json::{Value, json};

/// Each exit meets the plugin's threads at another moment.
const EXITS: u64 = 8;

#[tokio::test]
async fn a_running_account_does_not_keep_the_process_alive() {
    let dingtalk = DingTalk::start(Settings::default()).await.unwrap();
    let mut node = Node::run("host.js", &dingtalk);
    assert_eq!(node.asks("start", json!([])).await, Value::Null);
    dingtalk.connected().await;

    node.ends_well().await;
    dingtalk.disconnected().await;
}

#[tokio::test]
async fn an_exit_in_the_middle_of_an_answer_is_an_ordinary_exit() {
    let dingtalk = DingTalk::start(Settings::default()).await.unwrap();
    for round in 0..EXITS {
        let mut node = Node::run("host.js", &dingtalk);
        assert_eq!(node.asks("start", json!([])).await, Value::Null);
        dingtalk.says("Lin", "hello");
        let message = node.hears("message").await;
        for seq in 1..=round {
            let text = "word ".repeat(usize::try_from(seq).unwrap());
            let update = json!([{
                "turn": "t", "stream": format!("s{round}"), "seq": seq, "text": text,
                "conversation": message["conversation"], "reply": message["reply"],
            }]);
            node.tell("streamUpdate", update).await;
        }
        node.tell("exit", Value::Null).await;
        node.ends_well().await;
    }
}

#[tokio::test]
async fn an_account_that_nobody_has_any_more_keeps_nothing_of_javascripts() {
    let mut node = Node::with("forgotten.js", &json!({}));
    assert_eq!(node.hears("gone").await, json!([true, true]), "stopped, and merely dropped");
    node.ends_well().await;
}
