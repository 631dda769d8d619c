//! A plugin that is measured.

use super::memory;
use crate::{
    gateway::Gateway,
    home::{copy_folder, provided},
    world::World,
};
use host_mock::dingtalk::App;
use serde_json::{Value, json};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// A plugin's folder, and how it is configured.
pub(crate) struct Candidate {
    pub(crate) name: String,
    folder: PathBuf,
    config: Config,
}

/// Where a plugin has its section, and what is in it. `${clientId}`, `${clientSecret}` and `${api}` stand for
/// the fake DingTalk's.
struct Config {
    channel: String,
    section: Value,
}

/// A plugin in its gateway.
pub(crate) struct Running {
    pub(crate) name: String,
    pub(crate) world: World,
    /// How often it was asked something.
    pub(crate) asked: usize,
}

impl Candidate {
    /// The least that answers.
    pub(crate) fn probe() -> Self {
        Self { name: "probe".to_owned(), folder: probe(), config: Config::plain("dingtalk-probe") }
    }

    /// The packaged plugin.
    pub(crate) fn ours() -> Self {
        let folder = provided("OPENCLAW_E2E_PLUGIN");
        Self { name: "this plugin".to_owned(), folder, config: Config::plain("dingtalk") }
    }

    /// Any other, configured as `config` says, or with what most of them know.
    pub(crate) fn peer(folder: &Path, config: Option<&Path>) -> Self {
        let package = read(&folder.join("package.json"));
        let name = package["name"].as_str().unwrap_or("peer").to_owned();
        let config = match config {
            Some(file) => Config::written(&read(file)),
            None => Config::usual(channel_of(folder, &package)),
        };
        Self { name, folder: folder.to_owned(), config }
    }

    /// Installs it in a home of its own, and starts a gateway there.
    pub(crate) async fn start(self) -> Running {
        let mut world = World::with_apps(vec![App::default()]).await;
        let folder = self.folder.to_str().unwrap();
        world.home.runs(&["plugins", "install", folder, "--force", "--accept-capabilities"]).await;
        let (channel, section) = self.section(&world);
        let place = format!("channels.{channel}");
        world.home.runs(&["config", "set", &place, &section.to_string(), "--json"]).await;
        let gateway = Gateway::start_with(&world.home, &memory::preloaded(&world)).await;
        world.gateway = Some(gateway);
        world.dingtalk.connected().await;
        Running { name: self.name, world, asked: 0 }
    }

    /// Its channel, and how that is configured in `world`.
    pub(crate) fn section(&self, world: &World) -> (&str, Value) {
        (&self.config.channel, self.config.filled(world))
    }

    /// Puts it into a folder.
    pub(crate) fn is_copied_to(&self, folder: &Path) {
        copy_folder(&self.folder, folder);
    }
}

/// The folder of the least that answers.
pub(crate) fn probe() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("bench").join("probe")
}

impl Running {
    pub(crate) async fn end(mut self) {
        self.world.end().await;
    }
}

impl Config {
    /// With options as this plugin has them.
    fn plain(channel: &str) -> Self {
        let endpoints = json!({"api": "${api}", "oapi": "${api}"});
        let section =
            json!({"clientId": "${clientId}", "clientSecret": "${clientSecret}", "endpoints": endpoints});
        Self { channel: channel.to_owned(), section }
    }

    /// With options that most plugins have.
    fn usual(channel: String) -> Self {
        let section = json!({
            "enabled": true, "clientId": "${clientId}", "clientSecret": "${clientSecret}",
            "dmPolicy": "open", "allowFrom": ["*"],
        });
        Self { channel, section }
    }

    /// As a file says it: `{"channel": "dingtalk", "section": {…}}`.
    #[track_caller]
    fn written(file: &Value) -> Self {
        let channel = file["channel"].as_str().expect("the file says no channel").to_owned();
        Self { channel, section: file["section"].clone() }
    }

    fn filled(&self, world: &World) -> Value {
        let app = world.dingtalk.app();
        let known = [
            ("${clientId}", app.client_id.as_str()),
            ("${clientSecret}", app.client_secret.as_str()),
            ("${api}", &world.dingtalk.base_url()),
        ];
        filled(&self.section, &known)
    }
}

fn filled(value: &Value, known: &[(&str, &str)]) -> Value {
    match value {
        Value::String(text) => {
            known.iter().fold(text.clone(), |text, (name, is)| text.replace(name, is)).into()
        }
        Value::Array(items) => items.iter().map(|item| filled(item, known)).collect(),
        Value::Object(fields) => {
            fields.iter().map(|(key, value)| (key.clone(), filled(value, known))).collect()
        }
        other => other.clone(),
    }
}

/// The channel that a plugin says it owns.
fn channel_of(folder: &Path, package: &Value) -> String {
    let by_package = package["openclaw"]["channel"]["id"].as_str().map(str::to_owned);
    let by_manifest =
        || read(&folder.join("openclaw.plugin.json"))["channels"][0].as_str().map(str::to_owned);
    by_package.or_else(by_manifest).unwrap_or_else(|| "dingtalk".to_owned())
}

#[track_caller]
fn read(file: &Path) -> Value {
    let text = fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}
