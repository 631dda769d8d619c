//! A loaded plugin, as JavaScript holds it.

use crate::{
    channel::Channel,
    doorman::Doorman,
    failure::{Failure, parse},
    inbox::{Inbox, Opening, SharedWriters},
    lines::Lines,
    listener::{Answers, Listener},
    state::Places,
};
use host_sdk::{
    Json,
    access::{Notation, Rules},
    host,
};
use napi::{
    Result,
    bindgen_prelude::{AsyncTask, Function},
};
use napi_derive::napi;
use std::{collections::BTreeMap, path::Path, sync::Arc};

/// A loaded plugin. Its library stays loaded until the process ends.
#[napi]
pub struct Plugin {
    plugin: host::Plugin,
    unknown_keys: Vec<String>,
    writers: SharedWriters,
}

/// Loads the plugin in `directory`; milliseconds, and it answers at once, as hosts' configuration
/// is read at once.
#[napi]
pub fn load(directory: String) -> Result<Plugin> {
    let (plugin, manifest) = host::Plugin::load(Path::new(&directory)).map_err(Failure::from)?;
    Ok(Plugin { plugin, unknown_keys: manifest.unknown_keys, writers: SharedWriters::default() })
}

#[napi]
impl Plugin {
    /// Its `Descriptor`.
    #[napi]
    pub fn describe(&self) -> String {
        text(&Json::new(self.plugin.descriptor()))
    }

    /// Keys of its manifest that this host does not know.
    #[napi]
    pub fn unknown_keys(&self) -> Vec<String> {
        self.unknown_keys.clone()
    }

    /// What a section of the configuration means, as `Resolved`.
    #[napi]
    pub fn resolve(&self, config: String) -> Result<String> {
        let config: Json = parse("a section", &config)?;
        let resolved = self.plugin.resolve(&config).map_err(Failure::from)?;
        Ok(text(&Json::new(&resolved)))
    }

    /// Makes the places of an account below `root`, closed to others: `stateDir`, `sharedStateDir`,
    /// `inbox` and `outbound`.
    #[napi]
    pub fn places(&self, root: String, account: String) -> Result<String> {
        Ok(text(&Json::new(&Places::make(Path::new(&root), &account)?)))
    }

    /// Opens an inbox. `news` is called with JSON text when something waits, and with what else there is
    /// to say of it.
    #[napi]
    pub fn open_inbox(&self, file: String, news: Function<'_, String, ()>) -> Result<AsyncTask<Opening>> {
        Opening::new(file, self.writers.clone(), &news)
    }

    /// What accounts say of themselves by `metrics`, by id, as Prometheus reads it.
    #[napi]
    pub fn exposition(&self, metrics: String) -> Result<String> {
        let metrics: BTreeMap<String, Json> = parse("metrics by account", &metrics)?;
        let descriptor = self.plugin.descriptor();
        let catalogue = host::Catalogue::of(descriptor);
        let mut exposition = host::Exposition::default();
        for (account, metrics) in &metrics {
            exposition.add(&catalogue, &descriptor.id, account, metrics);
        }
        Ok(exposition.to_string())
    }

    /// A link as a QR code of half blocks, in black on white; nothing where it has more columns.
    #[napi]
    pub fn qr_code(&self, link: String, columns: u32) -> Option<String> {
        let columns = usize::try_from(columns).unwrap_or(usize::MAX);
        host::qr_code(&link, columns, true).map(|drawn| drawn.trim_end().to_owned())
    }

    /// Who may talk, by the settings of a resolved account.
    #[napi]
    pub fn doorman(&self, settings: String) -> Result<Doorman> {
        let settings: Json = parse("settings", &settings)?;
        let notation = Notation::of(self.plugin.descriptor());
        Ok(Doorman::new(Rules::read(&settings, &notation)))
    }

    /// Opens one account with an `OpenContext`. `events` is called with each event and `lines` with
    /// each log line as JSON text; neither may throw. With an inbox that takes the messages in.
    #[napi]
    pub fn open(
        &self,
        context: String,
        events: Function<'_, String, ()>,
        lines: Function<'_, String, ()>,
        inbox: Option<&Inbox>,
    ) -> Result<Channel> {
        let context = parse("an OpenContext", &context)?;
        let answers = Arc::new(Answers::default());
        let inbox = inbox.map(Inbox::offers);
        let listener = Listener::new(answers.clone(), inbox, &events, &lines)?;
        let channel = self.plugin.open(context, listener).map_err(Failure::from)?;
        Ok(Channel::new(channel, answers))
    }

    /// Calls `lines` with each log line that belongs to no account as JSON text, until the answer is
    /// told to end or dropped.
    #[napi]
    pub fn log_to(&self, lines: Function<'_, String, ()>) -> Result<LogSubscription> {
        let lines = Lines::new(&lines)?;
        let subscription = self.plugin.log_to(move |line| lines.add(line)).map_err(Failure::from)?;
        Ok(LogSubscription(Some(subscription)))
    }

    /// Says which lines are logged, as in `info,openclaw_dingtalk=debug`, for all accounts. `false`:
    /// that cannot be read, and nothing changed.
    #[napi]
    pub fn log_filter(&self, directives: String) -> bool {
        self.plugin.log_filter(&directives)
    }
}

/// Keeps a listener of the log in place.
#[napi]
pub struct LogSubscription(Option<host::LogSubscription>);

#[napi]
impl LogSubscription {
    /// Ends it.
    #[napi]
    pub fn end(&mut self) {
        self.0 = None;
    }
}

fn text(json: &Json) -> String {
    json.as_str().to_owned()
}
