//! Loading, as often and from wherever.

use crate::node::Node;
use host_mock::dingtalk::{DingTalk, Settings};
use host_sdk::host::Plugin;
use serde_json::json;
use std::path::Path;

#[tokio::test]
async fn the_addon_initialises_again_on_other_threads_and_from_a_copy() {
    let dingtalk = DingTalk::start(Settings::default()).await.unwrap();
    let mut node = Node::run("loading.js", &dingtalk);
    let loaded = json!({"id": "dingtalk", "accounts": ["default"]});

    assert_eq!(node.hears("twice").await, json!([loaded, loaded]));
    assert_eq!(node.hears("workers").await, json!([loaded, loaded, loaded, loaded]));
    assert_eq!(node.hears("copy").await, loaded);
    let hosts = node.hears("hosts").await;
    assert_eq!(hosts["waits"], "waits for the earlier connection of account `default` to end");
    assert_eq!(hosts["connected"], json!([1, 1]), "each hears the log of its own account");
    assert_eq!(node.hears("unknown").await, json!([[], ["homepage"]]));

    let refused = node.hears("refused").await;
    let error = Plugin::load(Path::new(refused["directory"].as_str().unwrap())).unwrap_err();
    assert_eq!(refused["name"], "ChannelError");
    assert_eq!(refused["code"], error.code());
    assert_eq!(refused["message"], error.to_string(), "in the loader's own words");
    node.ends_well().await;
}
