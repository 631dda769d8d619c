//! What OpenClaw's health monitor makes of accounts: one whose credentials `DingTalk` rejects, and one that is
//! disconnected while it answers. It looks first after a minute, so this is played only when it is named.

use crate::{
    claim::{Found, Stage, claims},
    gateway::Gateway,
    lack::Lack,
    trouble::{grows, only_answer_to, whole},
    world::World,
};
use host_mock::dingtalk::{App, Endpoint, Fault};
use serde_json::{Value, json};
use std::{fs, time::Duration};
use tokio::time::sleep;

pub(crate) const STAGE: Stage = Stage {
    name: "rejected",
    begin: || Box::pin(begin()),
    claims: claims![
        rejected_credentials_are_a_status_and_no_restart,
        credentials_that_are_mended_connect,
        a_restart_by_the_health_monitor_in_mid_answer_is_not_seen,
    ],
};

/// OpenClaw's health monitor waits five minutes between its rounds, and no configuration changes that.
const SHORT_ROUNDS: &str = "
    for (const name of ['setTimeout', 'setInterval']) {
        const later = globalThis[name];
        globalThis[name] = (run, ms, ...rest) => later(run, ms === 300_000 ? 10_000 : ms, ...rest);
    }
";
/// What it says of an account in each round.
const ROUND: &str = "health-monitor: skipping restart, blocked";
/// What it says when it restarts one.
const RESTART: &str = "health-monitor: restarting (reason: disconnected)";

async fn begin() -> World {
    let mut world = World::with_apps(vec![App::default()]).await;
    world.installs().await;
    let mut section = world.credentials();
    section["clientSecret"] = json!("not-the-secret");
    world.home.configures(&section).await;
    starts(&mut world).await;
    world
}

/// Starts the gateway with short rounds.
async fn starts(world: &mut World) {
    let script = world.home.path().join("short-rounds.mjs");
    fs::write(&script, SHORT_ROUNDS).unwrap();
    let options = ("NODE_OPTIONS", format!("--import={}", script.display()));
    world.gateway = Some(Gateway::start_with(&world.home, &[options]).await);
}

async fn rejected_credentials_are_a_status_and_no_restart(world: &mut World) -> Found {
    let looks = |log: &str| log.matches(ROUND).count() >= 3 || log.contains(RESTART);
    says(world, looks, ROUND).await;
    let after = account(world).await;

    assert_eq!(after["lifecycle"], "blocked", "{after:#}");

    assert_eq!(after["running"], true, "{after:#}");
    assert!(after.get("terminalDisconnect").is_none_or(Value::is_null), "{after:#}");
    assert_eq!(after["reconnectAttempts"].as_u64().unwrap_or(0), 0, "{after:#}");
    let log = world.log();
    if log.contains(RESTART) {
        // Such a monitor remembers for ten minutes what it has restarted, which the last claim has no time for.
        world.stops().await;
        starts(world).await;
        return Err(Lack::Blocked);
    }
    let restarts: Vec<_> = log
        .lines()
        .filter(|line| {
            line.contains("restarting") || line.contains("auto-restart") || line.contains("giving up")
        })
        .collect();
    assert!(restarts.is_empty(), "{restarts:#?}");
    Ok(())
}

async fn credentials_that_are_mended_connect(world: &mut World) {
    let secret = json!(world.dingtalk.app().client_secret).to_string();
    world.home.runs(&["config", "set", "channels.dingtalk.clientSecret", &secret, "--json"]).await;
    world.dingtalk.connected().await;
    let asked = world.dingtalk.says("Lin", "#say mended");
    assert_eq!(world.answer_to(&asked).await.text(), "mended");
}

/// It restarts what is disconnected for two minutes, and waits for no turn.
async fn a_restart_by_the_health_monitor_in_mid_answer_is_not_seen(world: &mut World) {
    let asked = world.dingtalk.says("Mo", "#pace 2 #words 400");
    grows(world, &asked).await;
    let before = world.dingtalk.look(|view| view.connections().count());
    let restarts = world.log().matches(RESTART).count();
    world.dingtalk.on(Endpoint::OpenConnection).answer(Fault::refused(503, "Unavailable")).always();
    world.dingtalk.connections().reset();
    world.dingtalk.disconnected().await;

    says(world, |log| log.matches(RESTART).count() > restarts, RESTART).await;
    world.dingtalk.clear_faults();
    world.dingtalk.connected_times(before + 1).await;
    whole(&only_answer_to(world, &asked).await, 400);
    world.no_card_stays_open().await;
}

/// Waits until what the gateway has said is as `wanted`, with `text` in it.
async fn says(world: &World, wanted: impl Fn(&str) -> bool, text: &str) {
    for _ in 0..300 {
        if wanted(&world.log()) {
            return;
        }
        sleep(Duration::from_secs(1)).await;
    }
    panic!("it has not said {text:?} as often as it should within five minutes");
}

/// The account, as it is shown.
async fn account(world: &World) -> Value {
    let mut status = world.home.status(&[]).await;
    status["channelAccounts"]["dingtalk"][0].take()
}
