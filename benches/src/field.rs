//! Who is measured beside whom.

use crate::{Error, gateway::Gateway, process::Running, speech::Plan};
use std::path::{Path, PathBuf};
use tokio::process::Command;

/// Where the candidates come from. Those of others are measured where they are given.
#[derive(Clone, Debug, clap::Args)]
pub struct Field {
    /// The folder of the plugin, built as it ships.
    #[arg(long, value_name = "FOLDER")]
    pub plugin: PathBuf,
    /// A bot with DingTalk's Stream SDK from PyPI: the Python of an environment that has it.
    #[arg(long, value_name = "PROGRAM")]
    pub python: Option<PathBuf>,
    /// A bot with DingTalk's Stream SDK from npm: the Node.js …
    #[arg(long, value_name = "PROGRAM", requires = "modules")]
    pub node: Option<PathBuf>,
    /// … and the `node_modules` that have it.
    #[arg(long, value_name = "FOLDER", requires = "node")]
    pub modules: Option<PathBuf>,
    /// A bot with the crate `dingtalk-stream`, built.
    #[arg(long = "crate", value_name = "PROGRAM")]
    pub rust: Option<PathBuf>,
}

/// One that acknowledges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Candidate {
    /// The limit: a loop that reads the envelope and answers.
    Bare,
    /// The plugin in a host that keeps nothing.
    Plugin,
    /// The plugin in a host that accepts durably.
    Durable,
    /// The crate `dingtalk-stream`.
    Crate,
    /// DingTalk's SDK from npm.
    Npm,
    /// DingTalk's SDK from PyPI.
    PyPi,
}

impl Candidate {
    /// Whether it is a part of this program, and so ends when it is dismissed.
    #[must_use]
    pub fn is_ours(self) -> bool {
        matches!(self, Self::Bare | Self::Plugin | Self::Durable)
    }

    /// As the tables call it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Bare => "bare loop",
            Self::Plugin => "plugin",
            Self::Durable => "plugin, durable accept",
            Self::Crate => "crate dingtalk-stream",
            Self::Npm => "SDK from npm",
            Self::PyPi => "SDK from PyPI",
        }
    }
}

impl Field {
    /// Everyone who is given, the limit first.
    #[must_use]
    pub fn candidates(&self) -> Vec<Candidate> {
        let ours = [Candidate::Bare, Candidate::Plugin, Candidate::Durable];
        let crates = self.rust.is_some().then_some(Candidate::Crate);
        let npm = self.node.is_some().then_some(Candidate::Npm);
        let pypi = self.python.is_some().then_some(Candidate::PyPi);
        ours.into_iter().chain(crates).chain(npm).chain(pypi).collect()
    }

    /// Starts one with so many connections to the gateway at `api`; what it keeps goes to `state`.
    ///
    /// # Errors
    /// When it does not start.
    pub fn start(
        &self,
        candidate: Candidate,
        api: &str,
        connections: usize,
        state: &Path,
    ) -> Result<Running, Error> {
        let count = connections.to_string();
        let script = |name: &str| Path::new(env!("CARGO_MANIFEST_DIR")).join("peers").join(name);
        let mut command = match (candidate, &self.rust, &self.node, &self.python) {
            (Candidate::Crate, Some(program), ..) => Command::new(program),
            (Candidate::Npm, _, Some(node), _) => {
                let mut command = Command::new(node);
                command
                    .arg(script("bot.mjs"))
                    .envs(self.modules.as_ref().map(|modules| ("BENCH_MODULES", modules)));
                command
            }
            (Candidate::PyPi, .., Some(python)) => {
                let mut command = Command::new(python);
                command.arg(script("bot.py"));
                command
            }
            (Candidate::Bare, ..) => {
                let mut command = this_program()?;
                command.args(["candidate", "bare", "--api", api, "--connections", &count]);
                command
            }
            (Candidate::Durable, ..) => self.loaded("durably", api, connections, state)?,
            _ => self.loaded("at-once", api, connections, state)?,
        };
        command.env("BENCH_CONNECTIONS", &count).env("DINGTALK_OPENAPI_ENDPOINT", api);
        Running::start(candidate.name(), command)
    }

    /// Starts the plugin with so many accounts, in a host that keeps nothing; without any account, the same
    /// process without the plugin.
    ///
    /// # Errors
    /// When it does not start.
    pub fn start_idle(&self, gateway: &Gateway, accounts: usize, state: &Path) -> Result<Running, Error> {
        Running::start(Candidate::Plugin.name(), self.idle(gateway, accounts, state)?)
    }

    /// Starts the plugin with one account that answers every message; the plugin is told so only if `aloud`.
    ///
    /// # Errors
    /// When it does not start.
    pub fn start_speaker(
        &self,
        gateway: &Gateway,
        plan: Plan,
        aloud: bool,
        state: &Path,
    ) -> Result<Running, Error> {
        let mut command = self.idle(gateway, 1, state)?;
        command.args(["--tokens", &plan.tokens.to_string(), "--per-second", &plan.per_second.to_string()]);
        if aloud {
            command.arg("--aloud");
        }
        Running::start(Candidate::Plugin.name(), command)
    }

    /// The plugin with so many accounts, in a host that keeps nothing, over TLS where the gateway has that.
    fn idle(&self, gateway: &Gateway, accounts: usize, state: &Path) -> Result<Command, Error> {
        let mut command = self.loaded("at-once", gateway.base(), accounts, state)?;
        if let Some(file) = gateway.authority_file() {
            command.arg("--ca-file").arg(file);
        }
        Ok(command)
    }

    fn loaded(&self, accept: &str, api: &str, accounts: usize, state: &Path) -> Result<Command, Error> {
        let mut command = this_program()?;
        command.args(["candidate", "plugin", "--accept", accept, "--api", api]);
        command.args(["--accounts", &accounts.to_string()]);
        command.arg("--plugin").arg(&self.plugin).arg("--state").arg(state);
        Ok(command)
    }
}

pub(crate) fn this_program() -> Result<Command, Error> {
    std::env::current_exe().map(Command::new).map_err(Error::system("find this program"))
}

/// A folder for what a candidate keeps.
pub(crate) fn room() -> Result<tempfile::TempDir, Error> {
    let made = tempfile::Builder::new().prefix("dingtalk-benches-").tempdir();
    made.map_err(Error::system("make a temporary directory"))
}
