//! A loaded plugin, as JavaScript holds it.

use crate::{
    channel::Channel,
    failure::{Failure, parse},
    lines::Lines,
    listener::{Answers, Listener},
};
use host_sdk::{Json, host};
use napi::{Result, bindgen_prelude::Function};
use napi_derive::napi;
use std::{path::Path, sync::Arc};

/// A loaded plugin. Its library stays loaded until the process ends.
#[napi]
pub struct Plugin {
    plugin: host::Plugin,
    unknown_keys: Vec<String>,
}

/// Loads the plugin in `directory`; milliseconds, and it answers at once, as hosts' configuration
/// is read at once.
#[napi]
pub fn load(directory: String) -> Result<Plugin> {
    let (plugin, manifest) = host::Plugin::load(Path::new(&directory)).map_err(Failure::from)?;
    Ok(Plugin { plugin, unknown_keys: manifest.unknown_keys })
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

    /// Opens one account with an `OpenContext`. `events` is called with each event and `lines` with
    /// each log line as JSON text; neither may throw.
    #[napi]
    pub fn open(
        &self,
        context: String,
        events: Function<'_, String, ()>,
        lines: Function<'_, String, ()>,
    ) -> Result<Channel> {
        let context = parse("an OpenContext", &context)?;
        let answers = Arc::new(Answers::default());
        let listener = Listener::new(answers.clone(), &events, &lines)?;
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
