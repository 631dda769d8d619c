//! Every wrong value of every option in one host: each is told with its place, and stops nobody who can do without.

use crate::{
    bots::{Accounts, setup},
    row::{Level, Then, put},
};
use host_mock::host::{Event, Recorded};
use serde_json::json;
use std::collections::BTreeMap;
use tests::{Scenario, World, scenarios};

pub(crate) const ALL: &[Scenario] = scenarios![each_wrong_value_is_in_the_log_and_the_others_run];

async fn each_wrong_value_is_in_the_log_and_the_others_run() {
    let mut accounts: Accounts = Vec::new();
    let mut expected = BTreeMap::new();
    let rows = crate::rows().filter(|row| !matches!(row.level, Level::Section));
    for (row, wrong) in rows.flat_map(|row| row.wrong.iter().map(move |wrong| (row, wrong))) {
        let mut own = json!({});
        put(&mut own, row.option, wrong.written);
        let name: &str = format!("account{:02}", accounts.len()).leak();
        accounts.push((name, own));
        expected.insert(name, (row.option, wrong));
    }
    let world = World::of(setup(json!({"enableAICard": false}), accounts)).await;

    let log = world.log();
    for (account, (option, wrong)) in &expected {
        let group = option.split('.').next().unwrap();
        let place = format!("channels.dingtalk.accounts.{account}.{group}");
        let told = log.lines().any(|line| line.contains(&place) && line.contains(wrong.said));
        assert!(told, "{option}: {} of {place} is not told:\n{log}", wrong.written);
    }
    let running: Vec<_> = world.host().accounts().iter().map(|address| address.account.clone()).collect();
    for (account, (option, wrong)) in &expected {
        let runs = running.iter().any(|running| running == account);
        assert_eq!(runs, matches!(wrong.then, Then::Holds(_)), "{option}: {}", wrong.written);
        if runs {
            is_read(&world, account).await;
        }
    }
    world.end().await;
}

/// Somebody writes to an account's bot, and the host knows what to make of it.
async fn is_read(world: &World, account: &str) {
    let mut payload = world.dingtalk().payload_to(world.client_id(account), "Lin", None);
    payload["text"] = json!({"content": "hello"});
    let id = world.dingtalk().push(payload);
    let judged = |entry: &Recorded| match &entry.event {
        Event::Admitted { message, .. } | Event::TurnedAway { message, .. } => *message == id,
        _ => false,
    };
    let fate = |entries: &[Recorded]| entries.iter().any(judged).then_some(());
    world.host().wait_for(&format!("what becomes of a message to {account}"), fate).await.unwrap();
}
