//! Accounts that share a Client ID: one is connected, and the others say why they are not.

use host_sdk::StopReason;
use serde_json::{Value, json};
use std::time::Duration;
use tests::{Setup, World};

const SOON: Duration = Duration::from_secs(60);

/// A section whose accounts all have the credentials that the section has.
fn shared_by(section: &mut Value, accounts: &[&str]) {
    let own = json!({"clientId": section["clientId"], "clientSecret": section["clientSecret"]});
    let accounts = accounts.iter().map(|id| ((*id).to_owned(), own.clone()));
    section["accounts"] = Value::Object(accounts.collect());
    section.as_object_mut().unwrap().retain(|key, _| !key.starts_with("client"));
}

async fn stop(world: &World, account: &str, why: StopReason) {
    world.host().channel(account).unwrap().stop(why, SOON).await.unwrap();
}

/// What a blocked account says.
async fn blocked(world: &World, account: &str) -> String {
    let is_blocked = |status: &host_sdk::StatusPatch| {
        status.get("lifecycle") == Some(&json!("blocked")) && status.get("connected") == Some(&json!(false))
    };
    let status = world.host().wait_status(account, is_blocked).await.unwrap();
    status.get("lastError").and_then(Value::as_str).unwrap().to_owned()
}

#[tokio::test]
async fn the_second_of_two_accounts_with_one_client_id_is_blocked_until_the_first_stops() {
    let world = World::of(Setup::configured(|section| shared_by(section, &["main", "spare"]))).await;
    let said = blocked(&world, "spare").await;
    assert!(said.contains("`spare`") && said.contains("`main`") && said.contains("Client ID"), "{said}");
    assert!(said.contains("an application of its own"), "{said}");
    world.host().wait_connected("main").await.unwrap();
    world.dingtalk().wait_for(|view| (view.live_connections().count() == 1).then_some(())).await;

    let message = world.dingtalk().says("Lin", "hello");
    world.agent().next_turn().await.unwrap().done();
    world.dingtalk().acked(&message).await;

    stop(&world, "main", StopReason::Shutdown).await;
    let is_up = |status: &host_sdk::StatusPatch| status.get("connected") == Some(&json!(true));
    let status = world.host().wait_status("spare", is_up).await.unwrap();
    assert_eq!(status.get("lastError"), Some(&Value::Null));
    world.dingtalk().says("Lin", "still there?");
    world.agent().next_turn().await.unwrap().done();
}

#[tokio::test]
async fn client_ids_that_come_from_files_are_compared_by_value() {
    let files = tempfile::tempdir().unwrap();
    let folder = files.path().to_owned();
    let configure = move |section: &mut Value| {
        let client_id = section["clientId"].as_str().unwrap().to_owned();
        shared_by(section, &["a", "b"]);
        for (account, written) in [("a", client_id.clone()), ("b", format!(" {client_id}\n"))] {
            let file = folder.join(account);
            std::fs::write(&file, written).unwrap();
            section["accounts"][account]["clientId"] = json!({"file": file});
        }
    };
    let world = World::of(Setup::configured(configure)).await;
    let said = blocked(&world, "b").await;
    assert!(said.contains("`a`") && said.contains("`b`"), "{said}");
    world.host().wait_connected("a").await.unwrap();
    world.dingtalk().wait_for(|view| (view.live_connections().count() == 1).then_some(())).await;
    world.end().await;
}

#[tokio::test]
async fn an_account_that_is_opened_anew_keeps_its_connection_from_the_one_that_waits() {
    let world = World::of(Setup::configured(|section| shared_by(section, &["a", "b"]))).await;
    blocked(&world, "b").await;
    let again = world.host().channel("a").unwrap();
    again.stop(StopReason::Reload, SOON).await.unwrap();
    again.start().await.unwrap();
    world.host().wait_connected("a").await.unwrap();
    blocked(&world, "b").await;
    world.end().await;
}
