//! One host with an account for each row of a table.

use host_mock::{
    dingtalk::{App, Group, Message, Person, Settings},
    host::{ConfigSource, Event, Host, Options, PluginSource, Recorded, Route},
};
use serde_json::{Value, json};
use std::{collections::BTreeMap, panic::Location};
use tempfile::TempDir;
use tests::{Discreet, Watched, plugin, section};

/// A person, and their staff id.
pub(crate) const LIN: (&str, &str) = ("Lin", "user0001");
/// Another.
pub(crate) const MO: (&str, &str) = ("Mo", "user0002");
/// A group.
pub(crate) const CREW: &str = "Release crew";
/// Another.
pub(crate) const OTHERS: &str = "Another crew";

/// What somebody hears who has written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    /// The agent's answer.
    Answer,
    /// A notice with these words.
    Told(String),
    Nothing,
}

impl Heard {
    /// Whether it is a notice that has these words.
    pub(crate) fn tells(&self, words: &str) -> bool {
        matches!(self, Self::Told(text) if text.contains(words))
    }
}

/// An account of a table: its name, and what it says itself.
pub(crate) type Row = (&'static str, Value);

/// An account of a table.
pub(crate) fn row(name: &'static str, options: Value) -> Row {
    (name, options)
}

/// A DingTalk with an application for each row, and a host that echoes.
pub(crate) struct Stand {
    dingtalk: Watched,
    host: Discreet,
    state: TempDir,
    config: Value,
    apps: BTreeMap<&'static str, App>,
}

impl Stand {
    /// Of these accounts, and nothing else that is said.
    pub(crate) async fn of(rows: Vec<Row>) -> Self {
        Self::configured(json!({}), rows, json!({})).await
    }

    /// Of these accounts; `top` is said for all of them, and `beside` beside the channels.
    pub(crate) async fn configured(top: Value, rows: Vec<Row>, beside: Value) -> Self {
        Self::made_of(Settings::default(), top, rows, beside).await
    }

    /// Of these accounts, in an organisation of these people.
    pub(crate) async fn with_people(people: Vec<Person>, rows: Vec<Row>) -> Self {
        Self::made_of(Settings { people, ..Settings::default() }, json!({}), rows, json!({})).await
    }

    async fn made_of(settings: Settings, top: Value, rows: Vec<Row>, beside: Value) -> Self {
        let apps = rows.iter().map(|_| App::default()).collect();
        let groups = vec![Group::default(), Group::new(OTHERS)];
        let dingtalk = Watched::start(Settings { apps, groups, ..settings }).await;
        let mut apps = BTreeMap::new();
        let mut accounts = json!({});
        for ((name, mut options), app) in rows.into_iter().zip(dingtalk.apps()) {
            options["clientId"] = json!(app.client_id);
            options["clientSecret"] = json!(app.client_secret);
            accounts[name] = options;
            apps.insert(name, app);
        }
        let mut channel = json!({
            "enableAICard": false, "endpoints": section(&dingtalk)["endpoints"], "accounts": accounts,
        });
        extend(&mut channel, top);
        let mut config = json!({"channels": {"dingtalk": channel}});
        extend(&mut config, beside);
        let state = tempfile::tempdir().unwrap();
        let host = start(&dingtalk, &config, &state).await;
        Self { dingtalk, host, state, config, apps }
    }

    /// Ends the host in order and starts it anew on the same state.
    pub(crate) async fn restarted(self) -> Self {
        self.reconfigured(|_| {}).await
    }

    /// As [`restarted`](Self::restarted), with the section `channels.dingtalk` changed between.
    pub(crate) async fn reconfigured(self, change: impl FnOnce(&mut Value)) -> Self {
        let Self { dingtalk, host, state, mut config, apps } = self;
        host.stop().await.unwrap();
        change(&mut config["channels"]["dingtalk"]);
        let host = start(&dingtalk, &config, &state).await;
        Self { dingtalk, host, state, config, apps }
    }

    pub(crate) fn dingtalk(&self) -> &Watched {
        &self.dingtalk
    }

    pub(crate) fn host(&self) -> &Host {
        &self.host
    }

    pub(crate) fn state(&self) -> &TempDir {
        &self.state
    }

    /// A person writes to the bot of an account in private.
    #[track_caller]
    pub(crate) fn private(&self, account: &str, person: (&str, &str)) -> impl Future<Output = Heard> {
        self.heard(account, self.message(account, person, None))
    }

    /// A person mentions the bot of an account in a group.
    #[track_caller]
    pub(crate) fn group(
        &self,
        account: &str,
        group: &str,
        person: (&str, &str),
    ) -> impl Future<Output = Heard> {
        self.heard(account, self.message(account, person, Some(group)))
    }

    /// A message to the bot of an account, to be changed and [`heard`](Self::heard).
    #[track_caller]
    pub(crate) fn message(&self, account: &str, person: (&str, &str), group: Option<&str>) -> Value {
        let mut payload = self.dingtalk.payload_to(&self.apps[account].client_id, person.0, group);
        payload["text"] = json!({"content": "hello"});
        payload
    }

    /// What comes of a message.
    #[track_caller]
    pub(crate) fn heard(&self, account: &str, payload: Value) -> impl Future<Output = Heard> {
        let at = Location::caller();
        let conversation = payload["conversationId"].as_str().unwrap().to_owned();
        let robot = self.apps[account].client_id.clone();
        let written = move |stand: &Self| -> Vec<String> {
            let ours = |message: &&Message| message.app == robot && message.conversation == conversation;
            stand
                .dingtalk
                .look(|view| view.messages().filter(ours).map(|message| message.text().to_owned()).collect())
        };
        let before = written(self).len();
        let id = self.dingtalk.push(payload);
        async move {
            let notice =
                self.host.wait_for(&format!("what becomes of {id}"), |seen| fate(seen, &id)).await.unwrap();
            if notice.is_none() {
                self.host.wait_answered(&id).await.unwrap();
            }
            let after = written(self).split_off(before);
            match (notice, after.as_slice()) {
                (None, [answer]) if answer == "hello" => Heard::Answer,
                (Some(Some(_)), [text]) => Heard::Told(text.clone()),
                (Some(None), []) => Heard::Nothing,
                other => panic!("{at}: {id}: {other:?}"),
            }
        }
    }

    /// Where the last admitted message went, and whether its author may give commands.
    pub(crate) fn last_route(&self) -> (Route, bool) {
        let admitted = |entry: &Recorded| match &entry.event {
            Event::Admitted { route, command_authorised, .. } => Some((route.clone(), *command_authorised)),
            _ => None,
        };
        self.host.record().iter().rev().find_map(admitted).unwrap()
    }

    /// Ends the stand in order.
    pub(crate) async fn end(self) {
        self.host.stop().await.unwrap();
    }
}

/// `None` until it is known; then `None` for an admitted message, and the notice for another.
fn fate(seen: &[Recorded], id: &str) -> Option<Option<Option<String>>> {
    seen.iter().rev().find_map(|entry| match &entry.event {
        Event::Admitted { message, .. } if message == id => Some(None),
        Event::TurnedAway { message, notice, .. } if message == id => Some(Some(notice.clone())),
        _ => None,
    })
}

async fn start(dingtalk: &Watched, config: &Value, state: &TempDir) -> Discreet {
    let plugin = tokio::task::spawn_blocking(plugin).await.unwrap();
    let config = ConfigSource::Value(config.clone());
    let options = Options::new(config, PluginSource::Loaded(vec![plugin]), state.path());
    Discreet::start(options, dingtalk.apps()).await.unwrap()
}

fn extend(object: &mut Value, more: Value) {
    let Value::Object(more) = more else { panic!("an object") };
    object.as_object_mut().unwrap().extend(more);
}
