//! A host that watches its configuration file, accounts with a DingTalk application each, and an agent that says
//! what the test tells it.

use host_mock::{
    dingtalk::{App, Card, Settings},
    host::{Agent, ConfigSource, Event, LogEntry, Options, PluginSource, Puppet, PuppetMaster, Recorded},
};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    fs,
    panic::Location,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use tempfile::TempDir;
use tests::{Discreet, Watched, plugin, section};

/// For starts and stops, on a machine that is busy.
const DEADLINE: Duration = Duration::from_secs(20);

/// A DingTalk, a host and an agent.
pub(crate) struct Stand {
    pub(crate) dingtalk: Watched,
    pub(crate) host: Discreet,
    pub(crate) agent: PuppetMaster,
    apps: BTreeMap<&'static str, App>,
    state: TempDir,
}

impl Stand {
    /// One account, `bot`, in a configuration that is changed first.
    pub(crate) async fn of(configure: impl FnOnce(&mut Value)) -> Self {
        Self::with(&["bot"], configure, |_| {}).await
    }

    /// These accounts, in a configuration that is changed first, and a host whose options are.
    pub(crate) async fn with(
        names: &[&'static str],
        configure: impl FnOnce(&mut Value),
        change: impl FnOnce(&mut Options),
    ) -> Self {
        let apps = names.iter().map(|_| App::default()).collect();
        let dingtalk = Watched::start(Settings { apps, ..Settings::default() }).await;
        let apps: BTreeMap<_, _> = names.iter().copied().zip(dingtalk.apps()).collect();
        let credentials = |(name, app): (&&str, &App)| {
            let account = json!({"clientId": app.client_id, "clientSecret": app.client_secret});
            ((*name).to_owned(), account)
        };
        let accounts: Value = apps.iter().map(credentials).collect::<serde_json::Map<_, _>>().into();
        let endpoints = section(&dingtalk)["endpoints"].clone();
        let mut config = json!({
            "session": {"dmScope": "per-account-channel-peer"},
            "channels": {"dingtalk": {
                "endpoints": endpoints, "streaming": {"intervalMs": 100}, "accounts": accounts,
            }},
        });
        configure(&mut config);
        let state = tempfile::tempdir().unwrap();
        fs::write(file(state.path()), config.to_string()).unwrap();
        let (host, agent) = start(&dingtalk, state.path(), change).await;
        Self { dingtalk, host, agent, apps, state }
    }

    /// Kills the host without a goodbye and starts it anew on the same state.
    pub(crate) async fn crashed(self) -> Self {
        let Self { dingtalk, host, agent, apps, state } = self;
        drop((host, agent));
        let (host, agent) = start(&dingtalk, state.path(), |_| {}).await;
        Self { dingtalk, host, agent, apps, state }
    }

    /// The configuration file.
    pub(crate) fn file(&self) -> PathBuf {
        file(self.state.path())
    }

    /// Where the host keeps its state.
    pub(crate) fn state(&self) -> PathBuf {
        host_state(self.state.path())
    }

    /// The application of an account.
    pub(crate) fn app(&self, account: &str) -> &App {
        &self.apps[account]
    }

    /// The configuration with a change, as text.
    pub(crate) fn changed(&self, change: impl FnOnce(&mut Value)) -> String {
        let mut config = serde_json::from_str(&fs::read_to_string(self.file()).unwrap()).unwrap();
        change(&mut config);
        config.to_string()
    }

    /// Replaces the configuration by a changed one, as editors do: by rename.
    pub(crate) fn replace(&self, change: impl FnOnce(&mut Value)) {
        let new = self.state.path().join("openclaw.json.new");
        fs::write(&new, self.changed(change)).unwrap();
        fs::rename(new, self.file()).unwrap();
    }

    /// A person writes to the bot of an account in private; the message's id.
    #[track_caller]
    pub(crate) fn says(&self, account: &str, person: &str, text: &str) -> String {
        self.push(account, person, None, text)
    }

    /// A person mentions the bot of an account in a group; the message's id.
    #[track_caller]
    pub(crate) fn says_in(&self, group: &str, account: &str, person: &str, text: &str) -> String {
        self.push(account, person, Some(group), text)
    }

    #[track_caller]
    fn push(&self, account: &str, person: &str, group: Option<&str>, text: &str) -> String {
        let mut payload = self.dingtalk.payload_to(&self.apps[account].client_id, person, group);
        payload["text"] = json!({"content": text});
        self.dingtalk.push(payload)
    }

    /// The cards that the bot of an account made and did not take back.
    pub(crate) fn cards(&self, account: &str) -> Vec<Card> {
        let app = &self.apps[account].client_id;
        let theirs = |card: &&Card| card.app == *app && card.recalled.is_none();
        self.dingtalk.look(|view| view.cards().filter(theirs).cloned().collect())
    }

    /// What people see of the bot of an account, cards before messages: each card has ended and none is empty.
    #[track_caller]
    pub(crate) fn seen(&self, account: &str) -> Vec<String> {
        let cards = self.cards(account);
        for card in &cards {
            assert!(card.has_ended() && !card.text().is_empty(), "{:?} {:?}", card.state, card.text());
        }
        let app = &self.apps[account].client_id;
        let messages: Vec<_> = self.dingtalk.look(|view| {
            view.messages().filter(|it| it.app == *app).map(|it| it.text().to_owned()).collect()
        });
        cards.iter().map(|card| card.text().to_owned()).chain(messages).collect()
    }

    /// Waits for a card of an account that shows this text.
    #[track_caller]
    pub(crate) fn shows(&self, account: &str, text: &str) -> impl Future<Output = Card> {
        let (app, text) = (self.apps[account].client_id.clone(), text.to_owned());
        self.dingtalk
            .wait_for(move |view| view.cards().find(|card| card.app == app && card.text() == text).cloned())
    }

    /// Waits until something has happened.
    #[track_caller]
    pub(crate) fn until<'a, T>(
        &'a self,
        what: &'a str,
        find: impl Fn(&Event) -> Option<T> + 'a,
    ) -> impl Future<Output = T> + 'a {
        let at = Location::caller();
        async move {
            let found = |seen: &[Recorded]| seen.iter().find_map(|entry| find(&entry.event));
            self.host.wait_for(what, found).await.unwrap_or_else(|error| panic!("{at}: {error}"))
        }
    }

    /// Waits until one message is answered by the turn that another one began.
    #[track_caller]
    pub(crate) fn joined<'a>(&'a self, one: &'a str, other: &'a str) -> impl Future<Output = ()> + 'a {
        self.until("a message joins a turn", move |event| match event {
            Event::Joined { message, turn } if message == one && turn == other => Some(()),
            _ => None,
        })
    }

    /// Waits until a message has been found to be one that may be answered.
    #[track_caller]
    pub(crate) fn admitted<'a>(&'a self, one: &'a str) -> impl Future<Output = ()> + 'a {
        self.until("a message is admitted", move |event| match event {
            Event::Admitted { message, .. } if message == one => Some(()),
            _ => None,
        })
    }

    /// Waits until a line of the log has all of these words.
    #[track_caller]
    pub(crate) fn logged<'a>(&'a self, words: &'a [&'a str]) -> impl Future<Output = String> + 'a {
        let at = Location::caller();
        async move {
            let has = |line: &&LogEntry| words.iter().all(|word| line.to_string().contains(word));
            let find = |lines: &[LogEntry]| lines.iter().find(has).map(ToString::to_string);
            self.host
                .wait_log("a line", find)
                .await
                .unwrap_or_else(|error| panic!("{at}: {words:?}: {error}"))
        }
    }

    /// Ends the stand in order: a next start would find nothing that is left to be answered.
    pub(crate) async fn end_with_nothing_left(self) {
        let Self { dingtalk, host, agent, apps, state } = self;
        host.stop().await.unwrap();
        drop(agent);
        let (host, _) = start(&dingtalk, state.path(), |_| {}).await;
        for account in apps.keys() {
            assert_eq!(host.inbox(account).unwrap().unfinished, 0, "{account}");
        }
        host.stop().await.unwrap();
    }

    /// Ends the stand in order.
    pub(crate) async fn end(self) {
        self.host.stop().await.unwrap();
    }
}

/// An agent for [`Stand::with`] in place of the one that says what the test tells it.
pub(crate) fn answered_by(agent: impl Agent) -> impl FnOnce(&mut Options) {
    move |options| options.agent = Arc::new(agent)
}

fn file(directory: &Path) -> PathBuf {
    directory.join("openclaw.json")
}

fn host_state(directory: &Path) -> PathBuf {
    directory.join("host")
}

async fn start(
    dingtalk: &Watched,
    directory: &Path,
    change: impl FnOnce(&mut Options),
) -> (Discreet, PuppetMaster) {
    let plugin = tokio::task::spawn_blocking(plugin).await.unwrap();
    let (puppet, agent) = Puppet::new();
    let (source, state) = (ConfigSource::File(file(directory)), host_state(directory));
    let mut options = Options::new(source, PluginSource::Loaded(vec![plugin]), state).agent(puppet);
    options.deadline = DEADLINE;
    change(&mut options);
    (Discreet::start(options, dingtalk.apps()).await.unwrap(), agent)
}
