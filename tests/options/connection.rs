//! How many Stream connections there are, and how old one gets.

use crate::{
    bots::{ask, bots},
    row::{Level, Row, holds},
};
use serde_json::json;
use std::time::Duration;
use tests::{World, scenarios};

pub(crate) const ROWS: &[Row] = &[
    Row {
        option: "connections",
        number: "",
        level: Level::Everywhere { standard: "1", values: [("2", "2"), ("4", "4")] },
        wrong: &[
            holds("0", "below 1", "1"),
            holds("9", "above 4", "4"),
            holds("\"two\"", "not a number", "1"),
        ],
        plays: scenarios![an_account_has_one_connection_or_as_many_as_it_says],
        elsewhere: &[],
    },
    Row {
        option: "rotateAfterSeconds",
        number: "",
        level: Level::Everywhere { standard: "1800", values: [("5", "5"), ("86400", "86400")] },
        wrong: &[
            holds("1", "below 5", "5"),
            holds("100000", "above 86400", "86400"),
            holds("\"1h\"", "not a number", "1800"),
        ],
        plays: scenarios![a_connection_without_a_message_is_replaced_when_the_account_says_so],
        elsewhere: &[("stream/silence.rs", &["f5_a_zombie_is_replaced_when_rotation_is_due_and_not_before"])],
    },
];

async fn an_account_has_one_connection_or_as_many_as_it_says() {
    let accounts =
        vec![("silent", json!({})), ("two", json!({"connections": 2})), ("four", json!({"connections": 4}))];
    let world = bots(json!({}), accounts).await;
    for (account, count) in [("four", 4), ("two", 2), ("silent", 1)] {
        has_connections(&world, account, count).await;
        ask(&world, account).await.answered("Hello, Lin.").await.card();
        assert_eq!(connections(&world, account), count, "{account}");
    }
    world.end().await;
}

async fn a_connection_without_a_message_is_replaced_when_the_account_says_so() {
    let accounts = vec![("silent", json!({})), ("restless", json!({"rotateAfterSeconds": 5}))];
    let world = bots(json!({}), accounts).await;
    has_connections(&world, "silent", 1).await;
    has_connections(&world, "restless", 2).await;
    let app = world.client_id("restless");
    let opened: Vec<_> = world.dingtalk().look(|view| {
        view.connections()
            .filter(|connection| connection.app == app)
            .map(|connection| connection.opened.at)
            .collect()
    });
    let after = opened[1] - opened[0];
    assert!(after >= Duration::from_secs(2), "after {after:?}");
    assert_eq!(connections(&world, "silent"), 1, "by default it is half an hour");
    ask(&world, "restless").await.answered("Hello, Lin.").await.card();
    world.end().await;
}

/// Waits until an account has opened so many connections.
async fn has_connections(world: &World, account: &str, count: usize) {
    let app = world.client_id(account);
    let opened = |view: host_mock::dingtalk::View<'_>| {
        view.connections().filter(|connection| connection.app == app).count() >= count
    };
    world.dingtalk().wait_for(|view| opened(view).then_some(())).await;
}

/// How many connections an account has opened.
fn connections(world: &World, account: &str) -> usize {
    let app = world.client_id(account);
    world.dingtalk().look(|view| view.connections().filter(|connection| connection.app == app).count())
}
