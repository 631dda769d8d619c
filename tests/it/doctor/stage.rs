//! What a switch may turn: the simulator, the section, this machine as the bot sees it.

use host_mock::{
    host::{ConfigSource, Examination, Options, PluginSource},
    proxy::Proxy,
    simulator::{AllowedHosts, Simulator},
};
use host_sdk::Check;
use serde_json::{Value, json};
use std::{path::PathBuf, time::Duration};
use tempfile::TempDir;
use tests::{TlsFront, plugin, section};

/// A bot that is examined, and everything that it needs.
pub(super) struct Stage {
    pub(super) simulator: Simulator,
    /// Its section.
    pub(super) section: Value,
    /// A proxy that leads to the fake DingTalk, whatever it is asked for.
    pub(super) proxy: Proxy,
    /// Encrypts the way to the fake DingTalk, with a certificate of an authority that nobody knows.
    pub(super) front: TlsFront,
    /// Another authority.
    stranger: TlsFront,
    /// A directory for whatever else it takes.
    place: TempDir,
    /// How much room the host gives it on disk.
    pub(super) free_bytes: Option<u64>,
    /// Which account is examined.
    pub(super) account: &'static str,
}

impl Stage {
    pub(super) async fn new() -> Self {
        let simulator = Simulator::start(Default::default(), AllowedHosts::default()).await.unwrap();
        let (proxy, front) = (Proxy::start().await.unwrap(), TlsFront::start().await);
        proxy.leads_to(simulator.dingtalk().address());
        front.leads_to()(simulator.dingtalk().address());
        Self {
            section: section(simulator.dingtalk()),
            simulator,
            proxy,
            front,
            stranger: TlsFront::start().await,
            place: tempfile::tempdir().unwrap(),
            free_bytes: None,
            account: "dingtalk/default",
        }
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.place.path().join(name)
    }

    /// Sets an option.
    pub(super) fn set(&mut self, option: &str, value: impl Into<Value>) {
        self.section[option] = value.into();
    }

    /// The bot reaches DingTalk at `base`.
    pub(super) fn reach(&mut self, base: &str) {
        self.simulator.dingtalk().is_reached_at(base);
        self.section["endpoints"] = json!({"api": base, "oapi": base});
    }

    /// The bot reaches DingTalk encrypted, and knows the authority.
    pub(super) fn encrypt(&mut self) {
        let (url, file) = (self.front.url(), self.front.authority_file());
        self.reach(&url);
        self.section["caFile"] = json!(file);
    }

    /// The authority that the bot knows is another one.
    pub(super) fn distrust(&mut self) {
        self.encrypt();
        self.section["caFile"] = json!(self.stranger.authority_file());
    }

    /// The bot goes through the proxy.
    pub(super) fn proxied(&mut self) {
        self.section["proxy"] = json!(self.proxy.url());
    }

    /// The proxy leads to what encrypts.
    pub(super) fn encrypt_behind_proxy(&mut self) {
        self.encrypt();
        self.proxied();
        self.proxy.leads_to(self.front.address());
    }

    pub(super) async fn examined(&self) -> Examination {
        let plugin = tokio::task::spawn_blocking(plugin).await.unwrap();
        let config = ConfigSource::Value(json!({"channels": {"dingtalk": self.section}}));
        let mut options = Options::new(config, PluginSource::Loaded(vec![plugin]), self.path("state"));
        options.probe_time = Some(Duration::from_secs(150)); // the machine may be busy; calls end sooner
        options.free_bytes = self.free_bytes;
        Examination::of(&options, Some(self.account)).await.unwrap()
    }
}

/// A check by its name, and what was found.
pub(super) fn named(check: &Check) -> String {
    format!("{} {}", check.name, check.code)
}
