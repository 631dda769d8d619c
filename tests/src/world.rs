//! A fake DingTalk, a host, and an agent that says what the test tells it.

use crate::{Copied, Discreet, Watched, library};
use host_mock::{
    dingtalk::{App, Card, DingTalk, Settings},
    host::{Agent, ConfigSource, Host, HostError, Options, PluginSource, Puppet, PuppetMaster},
};
use host_sdk::{Json, OpenContext, host::Plugin, inbox};
use serde_json::{Value, json};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use tempfile::TempDir;

/// For starts and stops, some of which hang for most of it: OpenClaw's five seconds are too few for that on a
/// machine that is busy.
const DEADLINE: Duration = Duration::from_secs(20);

/// What a world is made of.
pub struct Setup {
    /// The fake DingTalk's settings.
    pub dingtalk: Settings,
    /// Accounts in place of the only one, and what each says itself; each has an application of its own.
    pub accounts: Vec<(&'static str, Value)>,
    /// Is shown the section `channels.dingtalk` before it is used.
    pub configure: Box<dyn FnOnce(&mut Value)>,
    /// Where clients are told that the fake DingTalk is, if something stands before it.
    pub reached_at: Option<String>,
    /// Is shown the fake DingTalk's address before anybody comes.
    pub introduce: Box<dyn FnOnce(std::net::SocketAddr)>,
    /// What the host's inbox holds.
    pub inbox: inbox::Settings,
    /// Who answers; the [`agent`](World::agent) that says what the test tells it, unless told otherwise.
    pub agent: Option<Arc<dyn Agent>>,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            dingtalk: Settings::default(),
            accounts: Vec::new(),
            configure: Box::new(|_| {}),
            reached_at: None,
            introduce: Box::new(|_| {}),
            inbox: inbox::Settings::default(),
            agent: None,
        }
    }
}

impl Setup {
    /// A world whose section `channels.dingtalk` is changed first.
    pub fn configured(configure: impl FnOnce(&mut Value) + 'static) -> Self {
        Self { configure: Box::new(configure), ..Self::default() }
    }
}

/// A running world. It ends when it is dropped.
pub struct World {
    dingtalk: Watched,
    host: Discreet,
    agent: PuppetMaster,
    state: TempDir,
    section: Value,
    /// A copy of the plugin, if the host has one of its own.
    library: Option<Copied>,
}

/// The section `channels.dingtalk` for one account at `dingtalk`.
pub fn section(dingtalk: &DingTalk) -> Value {
    let app = dingtalk.app();
    json!({
        "enabled": true,
        "clientId": app.client_id,
        "clientSecret": app.client_secret,
        "endpoints": {"api": dingtalk.base_url(), "oapi": dingtalk.base_url()},
        "streaming": {"intervalMs": 100},
    })
}

/// Gives each account an application, unless it has credentials itself.
fn share_out(section: &mut Value, accounts: Vec<(&'static str, Value)>, apps: Vec<App>) {
    let top = section.as_object_mut().expect("a section is an object");
    top.retain(|option, _| !matches!(option.as_str(), "clientId" | "clientSecret"));
    for ((name, own), app) in accounts.into_iter().zip(apps) {
        let account = &mut section["accounts"][name];
        *account = json!({"clientId": app.client_id, "clientSecret": app.client_secret});
        for (option, value) in own.as_object().into_iter().flatten() {
            account[option] = value.clone();
        }
    }
}

/// What an account is opened with whose every directory is `directory`.
pub fn context(account: &str, config: &Value, directory: &Path) -> OpenContext {
    let directory = directory.to_string_lossy().into_owned();
    OpenContext {
        account: account.into(),
        config: Json::new(config),
        state_dir: directory.clone(),
        shared_state_dir: directory.clone(),
        home: directory,
        ..OpenContext::default()
    }
}

impl World {
    /// A world with one account, connected.
    pub async fn start() -> Self {
        Self::of(Setup::default()).await
    }

    /// A world as `setup` says, connected.
    #[track_caller]
    pub fn of(setup: Setup) -> impl Future<Output = Self> {
        let at = std::panic::Location::caller();
        async move {
            let world = Self::try_of(setup).await.unwrap_or_else(|error| panic!("{at}: {error}"));
            world.dingtalk.connected().await;
            world
        }
    }

    /// A world as `setup` says, connected or not.
    ///
    /// # Errors
    /// When the host does not start.
    pub async fn try_of(mut setup: Setup) -> Result<Self, HostError> {
        let apps = setup.accounts.len().max(setup.dingtalk.apps.len());
        setup.dingtalk.apps.resize_with(apps, App::default);
        let dingtalk = Watched::start(setup.dingtalk).await;
        let mut section = section(&dingtalk);
        if !setup.accounts.is_empty() {
            share_out(&mut section, setup.accounts, dingtalk.apps());
        }
        if let Some(base) = setup.reached_at {
            dingtalk.is_reached_at(&base);
            section["endpoints"] = json!({"api": base, "oapi": base});
        }
        (setup.introduce)(dingtalk.address());
        (setup.configure)(&mut section);
        let state = tempfile::tempdir().expect("a temporary directory can be made");
        let (host, agent) =
            start_host(dingtalk.apps(), section.clone(), &state, setup.inbox, setup.agent, plugin().await)
                .await?;
        Ok(Self { dingtalk, host, agent, state, section, library: None })
    }

    /// The fake DingTalk.
    pub fn dingtalk(&self) -> &DingTalk {
        &self.dingtalk
    }

    /// The host.
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// The Client ID of an account's application.
    pub fn client_id(&self, account: &str) -> &str {
        let written = self.section.pointer(&format!("/accounts/{account}/clientId"));
        written.and_then(Value::as_str).expect("the account's application is written down")
    }

    /// Who speaks for the agent.
    pub fn agent(&self) -> &PuppetMaster {
        &self.agent
    }

    /// The directory that the host allows files to be sent from.
    pub fn media(&self) -> PathBuf {
        media(&self.state)
    }

    /// Where the host, and below it the plugin, keeps its state.
    pub fn state(&self) -> &Path {
        self.state.path()
    }

    /// What `~` means to the plugin.
    pub fn home(&self) -> PathBuf {
        self.state.path().join("home")
    }

    /// Everything the host and the plugin logged, one line each.
    pub fn log(&self) -> String {
        self.host.log().iter().map(|entry| format!("{entry}\n")).collect()
    }

    /// Kills the host without a goodbye and starts it anew on the same state.
    pub async fn crash_and_restart(self) -> Self {
        let Self { dingtalk, host, agent, state, section, library } = self;
        drop((host, agent));
        Self::again(dingtalk, state, section, library).await
    }

    /// Stops the host in order and starts it anew on the same state.
    pub async fn stop_and_restart(self) -> Self {
        let Self { dingtalk, host, state, section, library, .. } = self;
        host.stop().await.expect("the plugin stops in time");
        Self::again(dingtalk, state, section, library).await
    }

    async fn again(dingtalk: Watched, state: TempDir, section: Value, library: Option<Copied>) -> Self {
        let inbox = inbox::Settings::default();
        let started = start_host(dingtalk.apps(), section.clone(), &state, inbox, None, plugin().await).await;
        let (host, agent) = started.expect("it had started before");
        Self { dingtalk, host, agent, state, section, library }
    }

    /// As [`crash_and_restart`](Self::crash_and_restart), but the plugin knows nothing of what was in memory
    /// before, as in a process of its own. `meanwhile` is shown the state directory.
    pub async fn crash_and_start_anew(self, meanwhile: impl FnOnce(&Path)) -> Self {
        let Self { dingtalk, host, agent, state, section, library: _ } = self;
        drop((host, agent));
        meanwhile(state.path());
        let library = tokio::task::spawn_blocking(|| Copied::of(library::dingtalk()));
        let library = library.await.expect("there is room for a copy");
        let inbox = inbox::Settings::default();
        let started = start_host(dingtalk.apps(), section.clone(), &state, inbox, None, library.load());
        let (host, agent) = started.await.expect("it had started before");
        Self { dingtalk, host, agent, state, section, library: Some(library) }
    }

    /// Ends the world in order, and looks at the newest card then.
    pub async fn end_and_look(self) -> Card {
        self.host.stop().await.expect("the plugin stops in time");
        self.dingtalk.look(|view| view.cards().next_back().cloned()).expect("there is a card")
    }

    /// Ends the host in order, and leaves DingTalk.
    pub async fn end_host(self) -> Watched {
        self.host.stop().await.expect("the plugin stops in time");
        self.dingtalk
    }

    /// Ends the world in order.
    pub async fn end(self) {
        self.host.stop().await.expect("the plugin stops in time");
    }
}

async fn plugin() -> Plugin {
    tokio::task::spawn_blocking(library::plugin).await.expect("building does not panic")
}

fn media(state: &TempDir) -> PathBuf {
    state.path().join("media")
}

async fn start_host(
    apps: Vec<App>,
    section: Value,
    state: &TempDir,
    inbox: inbox::Settings,
    answers: Option<Arc<dyn Agent>>,
    plugin: Plugin,
) -> Result<(Discreet, PuppetMaster), HostError> {
    let (puppet, agent) = Puppet::new();
    let config = ConfigSource::Value(json!({"channels": {"dingtalk": section}}));
    let mut options = Options::new(config, PluginSource::Loaded(vec![plugin]), state.path()).agent(puppet);
    options.inbox = inbox;
    options.deadline = DEADLINE;
    if let Some(answers) = answers {
        options.agent = answers;
    }
    std::fs::create_dir_all(media(state)).expect("the state directory is ours");
    options.media_roots = vec![media(state)];
    Ok((Discreet::start(options, apps).await?, agent))
}
