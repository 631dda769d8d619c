//! All that takes part: the fake DingTalk, the model, a home, and the gateway in it.

use crate::{
    claim::Found,
    gateway::Gateway,
    home::{CONSENT, Home, NO_COMMAND, Said},
    lack::Lack,
    registry::Registry,
    secrets::redacted,
};
use host_mock::{
    dingtalk::{App, Card, DingTalk, Group, Message, Person, Settings, View, given_away_by},
    model::Model,
};
use serde_json::{Value, json};
use std::{
    process::ExitStatus,
    time::{Duration, Instant},
};
use tokio::time::sleep;

/// How long DingTalk may wait for anything; a cold first turn takes seconds, and a busy machine more.
const PATIENCE: Duration = Duration::from_secs(180);
/// What OpenClaw says of a plugin that it cannot replace before a turn has ended.
pub(crate) const BUSY: &str = "active retained work";
/// What older releases say when a plugin is installed, whether a gateway runs or not.
const RESTART: &str = "Restart the gateway to load plugins";

/// How often it is looked whether the log says something.
const PACE: Duration = Duration::from_millis(100);

/// One gateway and what is around it.
pub(crate) struct World {
    pub(crate) dingtalk: DingTalk,
    pub(crate) model: Model,
    /// It ends before its home does.
    pub(crate) gateway: Option<Gateway>,
    pub(crate) home: Home,
    pub(crate) registry: Option<Registry>,
    /// Whether it came to its end; one that did not tells why, when it is dropped.
    has_ended: bool,
}

/// The people of every world, beside Lin and Mo.
const PEOPLE: [&str; 6] = ["An", "Bo", "Chen", "Dai", "Fei", "Guo"];

/// How many more there are, `Person 0` and so on.
pub(crate) const CROWD: usize = 200;

impl World {
    /// Everything but the plugin and the gateway.
    pub(crate) async fn with_apps(apps: Vec<App>) -> Self {
        let mut settings = Settings { apps, patience: PATIENCE, ..Settings::default() };
        for (number, nick) in PEOPLE.into_iter().enumerate() {
            settings.people.push(Person::new(&format!("staff{number}"), nick));
        }
        let crowd =
            (0..CROWD).map(|number| Person::new(&format!("crowd{number}"), &format!("Person {number}")));
        settings.people.extend(crowd);
        settings.groups.push(Group::new("Side room"));
        let dingtalk = DingTalk::start(settings).await.unwrap();
        let model = Model::start().await.unwrap();
        let home = Home::new(&model.base_url());
        Self { dingtalk, model, gateway: None, home, registry: None, has_ended: false }
    }

    /// [`with_apps`](Self::with_apps), the plugin in its place, `section` written and the gateway connected.
    pub(crate) async fn with(apps: Vec<App>, section: impl FnOnce(&Self) -> Value) -> Self {
        let mut world = Self::with_apps(apps).await;
        world.home.has_plugin().await;
        let section = section(&world);
        world.home.edits(|config| config["channels"]["dingtalk"] = section);
        world.starts().await;
        world.dingtalk.connected().await;
        world
    }

    /// Installs the packaged plugin as a user does who has its folder.
    pub(crate) async fn installs(&self) {
        let said = self.home.installs().await;
        assert!(said.succeeded(), "{said}");
    }

    /// The same while a gateway runs.
    pub(crate) async fn updates(&self) -> Found {
        let said = self.home.installs().await;
        self.loads_what_is_there(&said).await
    }

    /// Has the gateway load what a command has put in place, where the command says that it could not yet. An older
    /// one has to be restarted for it.
    pub(crate) async fn loads_what_is_there(&self, said: &Said) -> Found {
        if said.everything().contains(BUSY) {
            return self.reloads().await;
        }
        assert!(said.succeeded(), "{said}");
        if said.everything().contains(RESTART) { Err(Lack::PluginReload) } else { Ok(()) }
    }

    /// Has the gateway load the plugin anew, which it refuses while a turn is under way.
    pub(crate) async fn reloads(&self) -> Found {
        self.reloads_plugin("dingtalk").await
    }

    /// The same with any plugin.
    pub(crate) async fn reloads_plugin(&self, id: &str) -> Found {
        let began = Instant::now();
        loop {
            let said = self.home.tries(&["plugins", "reload", id, CONSENT.trim()]).await;
            if said.succeeded() {
                return Ok(());
            }
            if said.everything().contains(NO_COMMAND) {
                return Err(Lack::PluginReload);
            }
            assert!(said.everything().contains(BUSY) && began.elapsed() < PATIENCE, "{said}");
        }
    }

    /// Starts the gateway.
    pub(crate) async fn starts(&mut self) {
        self.gateway = Some(Gateway::start(&self.home).await);
    }

    /// Starts it, unless it ends each time while it starts.
    pub(crate) async fn tries_to_start(&mut self) -> Result<(), ExitStatus> {
        self.gateway = Some(Gateway::try_to_start(&self.home, &[]).await?);
        Ok(())
    }

    /// Ends the gateway, if there is one.
    pub(crate) async fn stops(&mut self) {
        if let Some(gateway) = self.gateway.take() {
            gateway.stop().await;
        }
    }

    /// Ends the gateway as a crash does.
    pub(crate) async fn kills(&mut self) {
        if let Some(gateway) = self.gateway.take() {
            gateway.kill().await;
        }
    }

    /// Ends everything.
    pub(crate) async fn end(&mut self) {
        self.stops().await;
        self.has_ended = true;
    }

    /// Where a section finds the fake DingTalk.
    pub(crate) fn endpoints(&self) -> Value {
        json!({"api": self.dingtalk.base_url(), "oapi": self.dingtalk.base_url()})
    }

    /// What a section needs to be one bot.
    pub(crate) fn credentials(&self) -> Value {
        let app = self.dingtalk.app();
        json!({"clientId": app.client_id, "clientSecret": app.client_secret, "endpoints": self.endpoints()})
    }

    /// The secret of an application.
    pub(crate) fn secret_of(&self, client_id: &str) -> String {
        let found = self.dingtalk.apps().into_iter().find(|app| app.client_id == client_id);
        found.unwrap().client_secret
    }

    /// The card that answered a message, when it has ended; there is no other.
    pub(crate) async fn answer_to(&self, message: &str) -> Card {
        self.dingtalk.ended_card_of(message).await
    }

    /// The message to `place` that says `text`; others may come before it.
    pub(crate) async fn told(&self, place: &str, text: &str) -> Message {
        self.dingtalk
            .wait_for(|view| view.messages_in(place).find(|message| message.text() == text).cloned())
            .await
    }

    /// Waits until every card has ended that somebody sees: a probe makes one that nobody does, and leaves it.
    pub(crate) async fn no_card_stays_open(&self) {
        fn open(view: View<'_>) -> impl Iterator<Item = &Card> {
            view.open_cards().filter(|card| !card.carriers.is_empty())
        }
        let all_ended = |view: View<'_>| open(view).next().is_none().then_some(());
        let waited = self.dingtalk.try_wait_for(PATIENCE, all_ended).await;
        let open: Vec<_> = self.dingtalk.look(|view| open(view).cloned().collect());
        assert!(waited.is_ok(), "{open:#?}");
    }

    /// Waits until the gateway has said `text`.
    pub(crate) async fn says_in_the_log(&self, text: &str) {
        self.says_in_one_line(&[text]).await;
    }

    /// Waits until the gateway has said all of these in one line.
    pub(crate) async fn says_in_one_line(&self, texts: &[&str]) {
        let began = Instant::now();
        let says = |line: &str| texts.iter().all(|text| line.contains(text));
        while !self.log().lines().any(says) {
            assert!(began.elapsed() < PATIENCE, "it does not say {texts:?}");
            sleep(PACE).await;
        }
    }

    /// What the gateway told its terminal, without secrets.
    pub(crate) fn log(&self) -> String {
        let [terminal, _] = self.home.log_files();
        redacted(&std::fs::read_to_string(terminal).unwrap_or_default(), &self.dingtalk.apps())
    }

    /// The secrets that are in any of its logs, by name.
    pub(crate) fn secrets_in_logs(&self) -> Vec<&'static str> {
        let logs = self.home.log_files().map(|file| std::fs::read_to_string(file).unwrap_or_default());
        given_away_by(&logs.concat(), &self.dingtalk.apps())
    }

    /// What happened, for whoever has to find out why a claim fails.
    pub(crate) fn report(&self) -> String {
        let log = self.log();
        let lines: Vec<_> = log.lines().collect();
        let last = lines[lines.len().saturating_sub(60)..].join("\n");
        let seen = redacted(&self.dingtalk.look(|view| view.report()), &self.dingtalk.apps());
        let asked = self.model.asked();
        let times = asked.len();
        let text: String =
            asked.last().map(|asked| asked.text.chars().take(800).collect()).unwrap_or_default();
        format!(
            "the gateway said last:\n{last}\n\nthe model was asked {times} times, last:\n{text}\n\n{seen}"
        )
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if !self.has_ended {
            println!("{}", self.report());
        }
    }
}
