//! More messages than wait for JavaScript.

use crate::node::Node;
use host_mock::dingtalk::{DingTalk, Person, Settings};
use serde_json::Value;
use std::{collections::BTreeSet, time::Duration};

/// More than the addon's queue and fewer than the plugin hands over at once.
const PEOPLE: usize = 600;
/// The length of the addon's queue.
const QUEUED: usize = 256;

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

#[tokio::test]
async fn of_a_flood_what_finds_no_room_is_refused_and_comes_again_and_nothing_accepted_is_lost() {
    let people = (0..PEOPLE).map(|number| Person::new(&format!("staff{number}"), &format!("P{number}")));
    let settings = Settings {
        people: people.collect(),
        callback_repush_after: Some(Duration::from_secs(1)),
        repush_times: 100,
        ping_every: None,
        ..Settings::default()
    };
    let dingtalk = DingTalk::start(settings).await.unwrap();
    let mut node = Node::run("flood.js", &dingtalk);
    node.hears("answer").await;
    dingtalk.connected().await;

    let said: BTreeSet<_> = (0..PEOPLE).map(|number| dingtalk.says(&format!("P{number}"), "hello")).collect();
    // All were pushed again while JavaScript was stuck, and the plugin has read that far.
    let pushed_again = |id: &String| {
        let id = id.clone();
        dingtalk.wait_for(move |view| view.push(&id).filter(|push| push.deliveries.len() > 1).map(drop))
    };
    for id in &said {
        pushed_again(id).await;
    }
    dingtalk.connections().ping();
    dingtalk
        .wait_for(|view| view.connections().find(|connection| connection.pings_answered > 0).map(drop))
        .await;
    assert_eq!(dingtalk.look(|view| view.pushes().filter(|push| push.ack().is_some()).count()), 0);
    node.unblock().await;

    let waited = node.hears("waited").await;
    let mut heard: Vec<_> = waited["ids"].as_array().unwrap().iter().map(text).collect();
    // More find room while the first are taken.
    assert!((QUEUED..=PEOPLE).contains(&heard.len()), "{} waited", heard.len());
    let refused = waited["refused"].as_u64().unwrap();
    assert!(refused >= (PEOPLE - QUEUED) as u64, "{refused} were refused");
    while heard.len() < PEOPLE {
        heard.push(text(&node.hears("message").await));
    }
    for id in &said {
        dingtalk.acked(id).await;
    }
    let distinct: BTreeSet<_> = heard.iter().cloned().collect();
    assert_eq!(distinct.len(), heard.len(), "none is heard twice");
    assert_eq!(distinct, said, "all are heard");
    node.ends_well().await;
}
