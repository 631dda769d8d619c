//! Lines of the log that belong to no account.

use crate::node::Node;
use serde_json::json;

#[tokio::test]
async fn what_belongs_to_no_account_is_heard_until_the_listener_ends_and_the_filter_is_javascripts() {
    let mut node = Node::with("logs.js", &json!({}));
    assert_eq!(node.hears("filters").await, json!([false, true, true]));

    let round = ["from a task", "from blocking work"];
    assert_eq!(node.hears("own").await, json!(["started", round[0], round[1], round[0], round[1]]));
    let heard = node.hears("nobodys").await;
    assert_eq!(heard.as_array().unwrap().len(), 1, "{heard}");
    assert_eq!(heard[0]["message"], "from a task of nobody's");
    assert_eq!((&heard[0]["level"], &heard[0]["target"]), (&json!("info"), &json!("pulse::orders")));
    node.ends_well().await;
}
