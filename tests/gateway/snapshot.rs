//! How every account is, as the host tells it: in OpenClaw's fields, and without a secret.

use crate::Stand;
use host_mock::host::AccountSnapshot;
use serde_json::{Value, json};

async fn of(stand: &Stand, account: &str, is_so: impl Fn(&AccountSnapshot) -> bool) -> AccountSnapshot {
    let here = || stand.host.snapshot().account(account).cloned().unwrap();
    // What the host itself knows changes with what the account reports, or before.
    stand.host.wait_status(account, |_| is_so(&here())).await.unwrap();
    here()
}

fn is(field: &'static str, value: Value) -> impl Fn(&AccountSnapshot) -> bool {
    move |account| account.get(field) == Some(&value)
}

#[tokio::test]
async fn every_account_is_there_with_what_a_person_has_to_know() {
    let configure = |config: &mut Value| {
        let accounts = &mut config["channels"]["dingtalk"]["accounts"];
        accounts["off"]["enabled"] = json!(false);
        drop(accounts["blank"].as_object_mut().unwrap().remove("clientSecret"));
        accounts["wrong"]["clientSecret"] = json!("not-the-s3cret");
        accounts["well"]["name"] = json!("The one that works");
    };
    let stand = Stand::with(&["well", "wrong", "off", "blank"], configure, |_| {}).await;
    let wrong = of(&stand, "wrong", is("lifecycle", json!("blocked"))).await;
    stand.host.wait_connected("well").await.unwrap();
    stand.dingtalk.deny_scope("Card.Instance.Write");
    let id = stand.says("well", "Lin", "hello");
    let turn = stand.agent.next_turn().await.unwrap();
    assert_eq!(stand.host.snapshot().account("well").unwrap().get("activeRuns"), Some(&json!(1)));
    turn.say("Hello.");
    turn.done();
    stand.host.wait_answered(&id).await.unwrap();

    let well = of(&stand, "well", |account| {
        ["lastInboundAt", "missingPermissions"].iter().all(|field| account.get(field).is_some())
    });
    let well = json!(well.await);
    for (field, value) in [
        ("channel", json!("dingtalk")),
        ("accountId", json!("well")),
        ("name", json!("The one that works")),
        ("enabled", json!(true)),
        ("configured", json!(true)),
        ("running", json!(true)),
        ("connected", json!(true)),
        ("lifecycle", json!("ready")),
    ] {
        assert_eq!(well[field], value, "{field}");
    }
    assert!(well["lastInboundAt"].as_i64() > Some(0), "{well}");
    assert!(well["missingPermissions"].to_string().contains("Card.Instance.Write"), "{well}");
    assert_eq!(wrong.get("running"), Some(&json!(true)), "it looks again from time to time");
    assert!(wrong.get("lastError").is_some_and(Value::is_string), "{wrong:?}");
    for (account, enabled, configured) in [("off", false, true), ("blank", true, false)] {
        let account = json!(stand.host.snapshot().account(account).unwrap());
        assert_eq!((&account["enabled"], &account["configured"]), (&json!(enabled), &json!(configured)));
        assert_eq!((&account["running"], &account["connected"]), (&json!(false), &json!(false)));
        assert!(account["reason"].as_str().is_some_and(|reason| !reason.is_empty()), "{account}");
    }
    let snapshot = stand.host.snapshot();
    let (as_json, table) = (json!(snapshot).to_string(), snapshot.to_string());
    let secrets = ["well", "off"].map(|account| stand.app(account).client_secret.clone());
    for secret in secrets.iter().map(String::as_str).chain(["not-the-s3cret"]) {
        assert!(!as_json.contains(secret) && !table.contains(secret), "{as_json}\n{table}");
    }
    let lines: Vec<_> = table.lines().collect();
    assert_eq!(lines.len(), 5, "{table}");
    assert!(lines[0].starts_with("account") && lines[0].ends_with("note"), "{table}");
    assert!(lines.iter().any(|line| line.contains("dingtalk/well") && line.contains("ready")), "{table}");
    stand.end().await;
}

#[tokio::test]
async fn an_account_that_was_switched_off_says_so() {
    let stand = Stand::with(&["bot", "other"], |_| {}, |_| {}).await;
    stand.host.wait_connected("bot").await.unwrap();
    stand.replace(|config| config["channels"]["dingtalk"]["accounts"]["bot"]["enabled"] = json!(false));
    stand.logged(&["dingtalk/bot has stopped"]).await;
    let bot = json!(stand.host.snapshot().account("bot").unwrap());
    assert_eq!(
        (&bot["running"], &bot["connected"], &bot["enabled"]),
        (&json!(false), &json!(false), &json!(false))
    );
    assert_eq!(bot["lifecycle"], "stopped");
    stand.end().await;
}
