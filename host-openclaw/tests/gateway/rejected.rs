//! Credentials that DingTalk rejects. It takes longer than the host's health monitor needs for two rounds, so it
//! is played only when it is named.

use crate::{
    claim::{Stage, claims},
    world::World,
};
use host_mock::dingtalk::App;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::{Instant, sleep};

pub(crate) const STAGE: Stage = Stage {
    name: "rejected",
    begin: || Box::pin(begin()),
    claims: claims![rejected_credentials_are_a_status_and_no_restart, credentials_that_are_mended_connect],
};

/// The monitor begins a minute after the start, and looks once a minute then.
const ROUNDS: Duration = Duration::from_secs(60 + 2 * 60 + 20);

async fn begin() -> World {
    let mut world = World::with_apps(vec![App::default()]).await;
    world.installs().await;
    let mut section = world.credentials();
    section["clientSecret"] = json!("not-the-secret");
    world.home.configures(&section).await;
    world.home.runs(&["config", "set", "gateway.channelHealthCheckMinutes", "1", "--json"]).await;
    world.starts().await;
    world
}

async fn rejected_credentials_are_a_status_and_no_restart(world: &mut World) {
    let began = Instant::now();
    blocked(world).await;
    sleep(ROUNDS.saturating_sub(began.elapsed())).await;
    let after = blocked(world).await;

    assert_eq!(after["running"], true, "{after:#}");
    assert!(after.get("terminalDisconnect").is_none_or(Value::is_null), "{after:#}");
    assert_eq!(after["reconnectAttempts"].as_u64().unwrap_or(0), 0, "{after:#}");
    let log = world.log();
    let restarts: Vec<_> = log
        .lines()
        .filter(|line| {
            line.contains("restarting") || line.contains("auto-restart") || line.contains("giving up")
        })
        .collect();
    assert!(restarts.is_empty(), "{restarts:#?}");
}

async fn credentials_that_are_mended_connect(world: &mut World) {
    let secret = json!(world.dingtalk.app().client_secret).to_string();
    world.home.runs(&["config", "set", "channels.dingtalk.clientSecret", &secret, "--json"]).await;
    world.dingtalk.connected().await;
    let asked = world.dingtalk.says("Lin", "#say mended");
    assert_eq!(world.answer_to(&asked).await.text(), "mended");
}

/// The account, as it is shown, once it is blocked.
async fn blocked(world: &World) -> Value {
    for _ in 0..30 {
        let mut status = world.home.runs(&["channels", "status", "--json"]).await.json();
        let account = status["channelAccounts"]["dingtalk"][0].take();
        if account["lifecycle"] == "blocked" {
            return account;
        }
        sleep(Duration::from_secs(1)).await;
    }
    panic!("it is not blocked");
}
