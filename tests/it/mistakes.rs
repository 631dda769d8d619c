//! What a first-time user gets wrong: each mistake has one clear message that says what to do.

use host_mock::{
    dingtalk::{DingTalk, Settings},
    host::{ConfigSource, Host, HostError, Options, PluginSource},
};
use serde_json::json;
use std::{net::Ipv4Addr, path::Path};
use tests::{Setup, World, dingtalk, section};
use tokio::net::TcpSocket;

async fn started(config: &str, plugins: &Path) -> Result<Host, HostError> {
    let state = tempfile::tempdir().unwrap();
    let file = state.path().join("openclaw.json");
    std::fs::write(&file, config).unwrap();
    let plugins = PluginSource::Directory(plugins.to_owned());
    Host::start(Options::new(ConfigSource::File(file), plugins, state.path().join("state"))).await
}

fn plugins() -> &'static Path {
    dingtalk().plugins_directory()
}

async fn message(config: &str, plugins: &Path) -> String {
    match started(config, plugins).await {
        Ok(_) => panic!("it started"),
        Err(error) => error.to_string(),
    }
}

#[tokio::test]
async fn wrong_credentials_block_the_account_and_say_where_the_right_ones_are() {
    let world = World::try_of(Setup::configured(|section| section["clientSecret"] = json!("wrong-5ecret")))
        .await
        .unwrap();
    let status = world
        .host()
        .wait_status("dingtalk/default", |status| status.get("lifecycle") == Some(&json!("blocked")));
    let status = status.await.unwrap();
    let error = status.get("lastError").unwrap().as_str().unwrap();
    assert!(error.contains("clientId") && error.contains("clientSecret"), "{error}");
    assert!(!world.log().contains("wrong-5ecret") && !error.contains("wrong-5ecret"), "the secret is told");
}

#[tokio::test]
async fn an_unreachable_dingtalk_is_said_with_its_address() {
    let dingtalk = DingTalk::start(Settings::default()).await.unwrap();
    let mut section = section(&dingtalk);
    // Nobody listens there, and nobody else is given it.
    let held = TcpSocket::new_v4().unwrap();
    held.bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
    let address = held.local_addr().unwrap().to_string();
    let base = format!("http://{address}");
    section["endpoints"] = json!({"api": base, "oapi": base});
    let config = json!({"channels": {"dingtalk": section}}).to_string();
    let host = started(&config, plugins()).await.unwrap();
    let status = host
        .wait_status("dingtalk/default", |status| {
            status.get("lastError").is_some_and(|error| error.is_string())
        })
        .await
        .unwrap();
    let error = status.get("lastError").unwrap().as_str().unwrap().to_owned();
    assert!(error.contains(&address) || error.contains("127.0.0.1"), "{error}");
    host.stop().await.unwrap();
}

#[tokio::test]
async fn a_missing_client_id_names_the_option_and_where_to_find_its_value() {
    let said = message(r#"{ channels: { dingtalk: { clientSecret: "s" } } }"#, plugins()).await;
    assert!(said.contains("clientId") && said.contains("AppKey"), "{said}");
}

#[tokio::test]
async fn a_syntax_error_in_the_config_names_the_file_the_line_and_the_column() {
    let said = message("{\n  channels: {\n    dingtalk: { clientId: \"x\",, }\n  }\n}", plugins()).await;
    assert!(said.contains("openclaw.json") && said.contains("line 3"), "{said}");
}

#[tokio::test]
async fn a_plugins_directory_without_a_plugin_is_said() {
    let empty = tempfile::tempdir().unwrap();
    let said =
        message(r#"{ channels: { dingtalk: { clientId: "x", clientSecret: "s" } } }"#, empty.path()).await;
    assert!(said.contains(&*empty.path().to_string_lossy()) && said.contains("manifest.toml"), "{said}");
}

#[tokio::test]
async fn switched_off_at_the_top_or_in_the_account_nothing_runs_and_it_is_said() {
    for (config, option) in [
        (
            r#"{ channels: { dingtalk: { enabled: false, clientId: "x", clientSecret: "s" } } }"#,
            "`channels.dingtalk.enabled` is false",
        ),
        (
            r#"{ channels: { dingtalk: { clientId: "x", clientSecret: "s", accounts: { default: { enabled: false } } } } }"#,
            "`accounts.default.enabled` is false",
        ),
    ] {
        let said = message(config, plugins()).await;
        assert!(said.contains(option), "{said}");
    }
}
