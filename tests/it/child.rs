//! A host in a process of its own, because its environment is part of the test.

use host_mock::{
    dingtalk::App,
    host::{ConfigSource, Host, Options, PluginSource, Puppet},
};
use serde_json::{Value, json};
use std::process::Command;
use tests::{Discreet, plugin};

/// Names the section of the host's configuration.
const SECTION: &str = "TEST_SECTION";

/// In that process: starts the host, and stops it after `part`.
pub(crate) async fn play(part: impl AsyncFnOnce(&Host)) {
    let section: Value = serde_json::from_str(&std::env::var(SECTION).unwrap()).unwrap();
    let plugin = tokio::task::spawn_blocking(plugin).await.unwrap();
    let state = tempfile::tempdir().unwrap();
    let [id, secret] = ["clientId", "clientSecret"].map(|key| section[key].as_str().unwrap().to_owned());
    let app = App { client_secret: secret, ..App::new(&id) };
    let config = ConfigSource::Value(json!({"channels": {"dingtalk": section}}));
    let (puppet, _agent) = Puppet::new();
    let options = Options::new(config, PluginSource::Loaded(vec![plugin]), state.path()).agent(puppet);
    let host = Discreet::start(options, vec![app]).await.unwrap();
    part(&host).await;
    host.stop().await.unwrap();
}

/// Has the ignored test `name`, which plays a part, pass in such a process.
pub(crate) async fn passes(name: &str, section: &Value, environment: impl FnOnce(&mut Command)) {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args([name, "--exact", "--ignored"]).env(SECTION, section.to_string());
    environment(&mut child);
    let output = tokio::task::spawn_blocking(move || child.output()).await.unwrap().unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    // A name that no test has is a success, too.
    assert!(output.status.success() && told.contains("1 passed"), "{told}");
}
