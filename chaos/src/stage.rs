//! Where a run takes place: the fake DingTalk, a directory, and one host's process after the other.

use crate::{Error, Process};
use host_mock::dingtalk::{App, DingTalk, Person, Settings};
use serde_json::json;
use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};
use tempfile::TempDir;
use tokio::{process::Command, sync::mpsc};

/// What a stage is made of.
#[derive(Clone, Debug)]
pub struct StageOptions {
    /// The plugins directory.
    pub plugins: PathBuf,
    /// The program that is the host: this package's own.
    pub program: PathBuf,
    /// What the fake DingTalk's choices come from.
    pub seed: u64,
    /// How many people write, each in a conversation of their own.
    pub people: u32,
    /// How many connections the plugin is configured to keep.
    pub connections: u32,
    /// How many accounts there are, each with an application of its own.
    pub apps: u32,
    /// Where the first account is told that DingTalk is, if elsewhere.
    pub slow_base: Option<String>,
    /// What is set in the environment of the host's process.
    pub environment: Vec<(&'static str, &'static str)>,
    /// The host's process is not ended by a file that may not grow, but told.
    pub outlives_limits: bool,
    /// How long the agent thinks.
    pub thinks: Duration,
    /// How many pushes, calls and messages the fake DingTalk remembers: more than a round has.
    pub remember: usize,
}

impl StageOptions {
    /// A stage for the plugin in `plugins`, with the host's process in `program`.
    #[must_use]
    pub fn new(plugins: PathBuf, program: PathBuf) -> Self {
        let (people, thinks) = (200, Duration::ZERO);
        Self {
            plugins,
            program,
            seed: 1,
            people,
            connections: 1,
            apps: 1,
            slow_base: None,
            environment: Vec::new(),
            outlives_limits: false,
            thinks,
            remember: 20_000,
        }
    }
}

/// A running fake DingTalk, and what a host needs to be started.
#[derive(Debug)]
pub struct Stage {
    options: StageOptions,
    dingtalk: DingTalk,
    directory: TempDir,
    lives: u32,
    bell: mpsc::UnboundedSender<String>,
}

impl Stage {
    /// Starts the fake DingTalk; the ids of the messages that the agent begins with are told to the receiver.
    ///
    /// # Errors
    /// When there is no port or no directory to be had.
    pub async fn open(options: StageOptions) -> Result<(Self, mpsc::UnboundedReceiver<String>), Error> {
        let settings = Settings {
            seed: options.seed,
            apps: (0..options.apps).map(app).collect(),
            people: (0..options.people).map(|number| Person::new(&person(number), &person(number))).collect(),
            // Half of all servers never greet (DingTalk protocol, §2.10 F9).
            greets: options.seed.is_multiple_of(2),
            qps: None,
            ping_every: Some(Duration::from_secs(5)),
            repush_times: crate::plan::REPUSH_TIMES,
            remember: options.remember,
            ..Settings::default()
        };
        let dingtalk = DingTalk::start(settings).await.map_err(Error::system("open a port on 127.0.0.1"))?;
        let directory = tempfile::Builder::new().prefix("openclaw-chaos-").tempdir();
        let directory = directory.map_err(Error::system("make a temporary directory"))?;
        let (bell, rung) = mpsc::unbounded_channel();
        let stage = Self { options, dingtalk, directory, lives: 0, bell };
        fs::write(stage.file("openclaw.json"), stage.config().to_string())
            .map_err(Error::system("write the configuration"))?;
        Ok((stage, rung))
    }

    /// The fake DingTalk.
    #[must_use]
    pub fn dingtalk(&self) -> &DingTalk {
        &self.dingtalk
    }

    /// How many people write.
    #[must_use]
    pub fn people(&self) -> u32 {
        self.options.people
    }

    /// The agent's record; it is not there before the first line.
    #[must_use]
    pub fn record(&self) -> PathBuf {
        self.file("record")
    }

    /// The number of the newest process, from 1.
    #[must_use]
    pub fn life(&self) -> u32 {
        self.lives
    }

    /// Starts the next process, which works with what the last one left.
    ///
    /// # Errors
    /// When the program cannot be started.
    pub fn start_host(&mut self) -> Result<Process, Error> {
        self.lives += 1;
        let mut command = self.program();
        command.arg("host");
        command.envs(self.options.environment.iter().copied());
        command.arg("--plugins").arg(&self.options.plugins);
        command.arg("--config").arg(self.file("openclaw.json"));
        command.arg("--state").arg(self.file("state"));
        command.arg("--record").arg(self.record());
        command.arg("--log").arg(self.file("log"));
        command.arg("--life").arg(self.lives.to_string());
        command.arg("--thinks").arg(self.options.thinks.as_millis().to_string());
        Process::start(command, self.bell.clone())
    }

    /// Leaves everything that was written where it is.
    #[must_use]
    pub fn keep(self) -> PathBuf {
        self.directory.keep()
    }

    /// What host and plugin log.
    #[must_use]
    pub fn log(&self) -> PathBuf {
        self.file("log")
    }

    /// What is ignored stays so in the program that a shell becomes.
    fn program(&self) -> Command {
        if !self.options.outlives_limits {
            return Command::new(&self.options.program);
        }
        let mut command = Command::new("sh");
        command.args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\""]).arg(&self.options.program);
        command
    }

    fn file(&self, name: &str) -> PathBuf {
        Path::new(self.directory.path()).join(name)
    }

    fn config(&self) -> serde_json::Value {
        let (app, base) = (self.dingtalk.app(), self.dingtalk.base_url());
        let mut section = json!({
            "enabled": true,
            "clientId": app.client_id,
            "clientSecret": app.client_secret,
            "endpoints": {"api": base, "oapi": base},
            // One call for an answer: it is the way of messages that is tried here.
            "enableAICard": false,
        });
        if self.options.connections > 1 {
            section["connections"] = json!(self.options.connections);
        }
        for (number, app) in self.dingtalk.apps().iter().enumerate().filter(|_| self.options.apps > 1) {
            let account = &mut section["accounts"][format!("account{number}")];
            *account = json!({"clientId": app.client_id, "clientSecret": app.client_secret});
            if let Some(base) = self.options.slow_base.as_ref().filter(|_| number == 0) {
                account["endpoints"] = json!({"api": base, "oapi": base});
            }
        }
        if let Some(top) = section.as_object_mut().filter(|_| self.options.apps > 1) {
            top.retain(|option, _| !matches!(option.as_str(), "clientId" | "clientSecret"));
        }
        json!({"channels": {"dingtalk": section}})
    }
}

fn app(number: u32) -> App {
    if number == 0 { App::default() } else { App::new(&format!("dingfakeapp{:08}", number + 1)) }
}

/// The name of one of the people.
#[must_use]
pub(crate) fn person(number: u32) -> String {
    format!("person{number:04}")
}
