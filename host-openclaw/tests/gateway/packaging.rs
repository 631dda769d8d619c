//! The folder in the hands of OpenClaw's own commands. No gateway runs here unless a claim starts one.

use crate::{
    claim::{Stage, claims},
    home::{Home, provided},
    world::World,
};
use host_mock::dingtalk::App;
use serde_json::json;
use std::{
    fs,
    path::{Path, PathBuf},
};
use tokio::process::Command;

pub(crate) const STAGE: Stage = Stage {
    name: "packaging",
    begin: || Box::pin(World::with_apps(vec![App::default()])),
    claims: claims![
        a_folder_that_is_dropped_in_and_enabled_answers,
        an_account_is_added_by_a_command,
        keys_of_other_plugins_keep_no_gateway_from_starting,
        a_tarball_is_installed_without_a_network,
        an_uninstalled_plugin_leaves_a_healthy_gateway,
    ],
};

async fn a_folder_that_is_dropped_in_and_enabled_answers(world: &mut World) {
    drop_in(&world.home);
    // What was not installed by a command has to be trusted by name.
    world.home.runs(&["plugins", "enable", "dingtalk", "--accept-capabilities"]).await;
    world.home.configures(&world.credentials()).await;
    world.starts().await;
    world.dingtalk.connected().await;
    let asked = world.dingtalk.says("Lin", "#say dropped in");
    let answer = world.answer_to(&asked).await;
    world.stops().await;
    forget(&world.home).await;
    assert_eq!(answer.text(), "dropped in");
}

async fn an_account_is_added_by_a_command(world: &mut World) {
    drop_in(&world.home);
    let app = world.dingtalk.app();
    let credentials = ["--client-id", &app.client_id, "--client-secret", &app.client_secret];
    let add = [&["channels", "add", "--channel", "dingtalk"][..], &credentials].concat();
    world.home.runs(&add).await;
    let section = world.home.section();
    forget(&world.home).await;
    assert_eq!(section["clientId"], app.client_id, "{section:#}");
    assert_eq!(section["clientSecret"], app.client_secret);
}

async fn keys_of_other_plugins_keep_no_gateway_from_starting(world: &mut World) {
    drop_in(&world.home);
    fs::write(extension(&world.home).join("one-file-too-many.txt"), "left by an older release").unwrap();
    let mut section = world.credentials();
    section["gatewayToken"] = json!("of another plugin");
    section["streaming"] = json!(true);
    section["messageType"] = json!("card");
    section["accounts"] = json!({"default": {"robotCode": "x", "agentId": 1, "streaming": "partial"}});
    world.home.configures(&section).await;
    let verdict = world.home.runs(&["config", "validate"]).await;
    forget(&world.home).await;
    assert!(verdict.everything().contains("valid"), "{verdict}");
}

async fn a_tarball_is_installed_without_a_network(world: &mut World) {
    let tarball = pack(world.home.path()).await;
    let tarball = tarball.to_str().unwrap();
    let refused = world.home.tries(&["plugins", "install", tarball]).await;
    assert!(!refused.succeeded(), "who installs it has to say that they trust it: {refused}");
    world.home.runs(&["plugins", "install", tarball, "--force", "--accept-capabilities"]).await;

    let plugin = world.home.runs(&["plugins", "inspect", "dingtalk", "--runtime", "--json"]).await;
    assert!(plugin.everything().contains("\"loaded\""), "{plugin}");
}

async fn an_uninstalled_plugin_leaves_a_healthy_gateway(world: &mut World) {
    world.home.configures(&world.credentials()).await;
    world.home.runs(&["plugins", "uninstall", "dingtalk", "--force"]).await;
    assert!(!extension(&world.home).exists(), "nothing of the folder stays");
    world.home.runs(&["config", "validate"]).await;
    world.starts().await;
    world.stops().await;
}

/// Where OpenClaw looks for plugins by itself.
fn extension(home: &Home) -> PathBuf {
    home.state().join("extensions/dingtalk")
}

fn drop_in(home: &Home) {
    let (from, into) = (provided("OPENCLAW_E2E_PLUGIN"), extension(home));
    fs::create_dir_all(&into).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), into.join(entry.file_name())).unwrap();
    }
}

/// Undoes all of it, the section first: OpenClaw takes no command while there is one that nobody owns.
async fn forget(home: &Home) {
    home.runs(&["config", "unset", "channels.dingtalk"]).await;
    fs::remove_dir_all(extension(home)).unwrap();
}

/// The folder as npm packs it.
async fn pack(into: &Path) -> PathBuf {
    let folder = provided("OPENCLAW_E2E_PLUGIN");
    let mut npm = Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" });
    npm.args(["pack", "--offline", "--ignore-scripts", "--loglevel=error", "--pack-destination"]);
    let output = npm.arg(into).arg(&folder).output().await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    into.join(String::from_utf8_lossy(&output.stdout).trim())
}
