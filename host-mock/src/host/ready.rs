//! What a host needs before it runs: its configuration, its plugins, and threads that write.

use super::{Config, ConfigSource, HostError, Options, PluginSource, log::Log, plugins};
use host_sdk::{
    LogLevel,
    host::{LogSubscription, Plugin},
    inbox::Writers,
};
use std::path::Path;

/// What a host is made of.
pub(super) struct Ready {
    pub(super) config: Config,
    /// The configuration's text, if it has one.
    pub(super) text: Option<String>,
    pub(super) plugins: Vec<Plugin>,
}

/// Reads the configuration and loads the plugins, on a thread that may block.
pub(super) async fn read(options: &Options, log: &Log) -> Result<Ready, HostError> {
    let (options, log) = (options.clone(), log.clone());
    let read = tokio::task::spawn_blocking(move || {
        let environment = |name: &str| std::env::var(name).ok();
        let (config, text) = match options.config {
            ConfigSource::File(file) => {
                let text = Config::text(&file)?;
                (Config::from_text(&file, &text, &environment)?, Some(text))
            }
            ConfigSource::Value(value) => {
                (Config::from_value(Path::new("the configuration"), value, &environment)?, None)
            }
        };
        let plugins = match options.plugins {
            PluginSource::Directory(directory) => plugins::load_all(&directory, &config, &log)?,
            PluginSource::Loaded(plugins) => plugins,
        };
        Ok(Ready { config, text, plugins })
    });
    match read.await {
        Ok(read) => read,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

/// Passes on what the plugin logs without an account.
pub(super) fn listen(plugin: &Plugin, options: &Options, log: &Log) -> Option<LogSubscription> {
    if !plugin.log_filter(&options.log_filter) {
        let sentence = format!("the log filter {:?} cannot be read: it is left as it is", options.log_filter);
        log.say(LogLevel::Warn, None, sentence);
    }
    let passing_on = log.clone();
    let listening = plugin.log_to(move |line| passing_on.pass_on(None, line));
    listening
        .inspect_err(|error| {
            log.say(LogLevel::Warn, None, format!("lines of no account are not heard: {error}"))
        })
        .ok()
}

/// The threads that write for all inboxes.
pub(super) fn writers(state_dir: &Path) -> Result<Writers, HostError> {
    Writers::start(Writers::USUAL).map_err(|error| HostError::State {
        path: state_dir.to_owned(),
        reason: format!("no thread to write to it: {error}"),
        remedy: "close other programs, or raise the limit of threads",
    })
}
