//! What a host is started with.

use super::{
    agent::{Agent, Echo},
    log::LogSink,
    record::RecordSink,
    reluctance::Reluctance,
};
use host_sdk::{host::Plugin, inbox::Settings};
use std::{fmt, path::PathBuf, sync::Arc, time::Duration};

/// How long a channel may take to start or to stop in OpenClaw.
const DEADLINE: Duration = Duration::from_secs(5);

/// Where the configuration comes from.
#[derive(Clone, Debug)]
pub enum ConfigSource {
    /// An `openclaw.json`, which is JSON5. The host watches it, and applies what changes.
    File(PathBuf),
    /// A configuration that was never text.
    Value(serde_json::Value),
}

/// Where the plugins come from.
#[derive(Clone, Debug)]
pub enum PluginSource {
    /// A plugins directory: each of its directories that holds a `manifest.toml` is one.
    Directory(PathBuf),
    /// Plugins that are loaded, or linked, already.
    Loaded(Vec<Plugin>),
}

/// What a host is started with.
#[derive(Clone)]
pub struct Options {
    /// The configuration.
    pub config: ConfigSource,
    /// The plugins.
    pub plugins: PluginSource,
    /// Where the host keeps its state; made if it is not there.
    pub state_dir: PathBuf,
    /// What `~` means to plugins; `home` in the state directory, unless told otherwise, so that
    /// nobody's real home is written to by accident.
    pub home: PathBuf,
    /// Where outbound files may come from.
    pub media_roots: Vec<PathBuf>,
    /// What the inbox of each account holds, and for how long.
    pub inbox: Settings,
    /// The language to speak where the configuration names none; `zh-CN` unless told otherwise.
    pub locale: String,
    /// Who answers; [`Echo`] unless told otherwise.
    pub agent: Arc<dyn Agent>,
    /// Which lines plugins log, as in `info,openclaw_dingtalk=debug`.
    pub log_filter: String,
    /// Is called with every line of the log.
    pub log_sink: Option<LogSink>,
    /// Is called with everything that happens.
    pub record_sink: Option<RecordSink>,
    /// How willingly messages are taken in; at once unless told otherwise, also while the host runs.
    pub reluctance: Reluctance,
    /// How long an account that a changed configuration stops or opens anew waits for its turns; a minute
    /// unless told otherwise.
    pub drain: Duration,
    /// How long an account may take to start, to stop, or to take in a change; five seconds unless told otherwise,
    /// as in OpenClaw.
    pub deadline: Duration,
    /// How long an account may take to examine itself; the channel's own time, unless told otherwise.
    pub probe_time: Option<Duration>,
    /// How many more bytes an account may keep on disk, where that is less than the disk has.
    pub free_bytes: Option<u64>,
    /// How long waits take at most; a minute unless told otherwise.
    pub patience: Duration,
}

impl Options {
    /// A host that echoes.
    pub fn new(config: ConfigSource, plugins: PluginSource, state_dir: impl Into<PathBuf>) -> Self {
        let state_dir = state_dir.into();
        Self {
            config,
            plugins,
            home: state_dir.join("home"),
            state_dir,
            media_roots: Vec::new(),
            inbox: Settings::default(),
            locale: "zh-CN".into(),
            agent: Arc::new(Echo),
            log_filter: "info".into(),
            log_sink: None,
            record_sink: None,
            reluctance: Reluctance::default(),
            drain: Duration::from_secs(60),
            deadline: DEADLINE,
            probe_time: None,
            free_bytes: None,
            patience: Duration::from_secs(60),
        }
    }

    /// Lets `agent` answer.
    #[must_use]
    pub fn agent(mut self, agent: impl Agent) -> Self {
        self.agent = Arc::new(agent);
        self
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not the configuration: given as a value, it holds the secrets themselves.
        f.debug_struct("Options")
            .field("plugins", &self.plugins)
            .field("state_dir", &self.state_dir)
            .finish_non_exhaustive()
    }
}
