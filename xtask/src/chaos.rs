//! The reliability proof: builds the plugin, the host that loads it and the fake DingTalk, and plays a plan.
//!
//! What is played, and how its result is computed, is the package `chaos`; this brings its parts together.

use crate::{
    Error,
    cargo::{Build, Metadata, Profile, missing, words},
    dist, progress,
};
use std::{
    path::PathBuf,
    process::{Command, ExitStatus},
};

const PACKAGE: &str = "chaos";
/// A run of so many messages is worth an optimised build.
const LONG: u32 = 20_000;

/// What to play.
#[derive(Clone, Debug, clap::Args)]
pub struct Options {
    /// How many messages are pushed.
    #[arg(long, default_value_t = 3_000)]
    pub messages: u32,
    /// What decides the plan; another one each time unless told.
    #[arg(long)]
    pub seed: Option<u64>,
    /// How many connections the plugin keeps.
    #[arg(long, default_value_t = 1)]
    pub connections: u32,
    /// The profile to build everything with [default: dev, and release from 20000 messages on].
    #[arg(long)]
    pub profile: Option<Profile>,
    /// Builds a plugin that is wrong on purpose.
    #[arg(long)]
    pub mutant: Option<Mutant>,
    /// Succeeds only if the proof finds something, as it must with a mutant.
    #[arg(long)]
    pub expect_failure: bool,
}

impl Options {
    /// What is quick to build, unless the run takes minutes itself.
    fn profile(&self) -> Profile {
        let usual = if self.messages < LONG { Profile::Dev } else { Profile::Release };
        self.profile.unwrap_or(usual)
    }
}

/// A burst, or floods.
#[derive(Clone, Debug, clap::Args)]
pub struct BurstOptions {
    /// The profile to build everything with.
    #[arg(long, default_value = "release")]
    pub profile: Profile,
    /// More of it; `-- --help` lists it.
    #[arg(last = true, value_name = "ARGUMENTS")]
    pub more: Vec<std::ffi::OsString>,
}

/// A plugin that is wrong on purpose, to see that the proof finds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Mutant {
    /// Acknowledges a message before the host has taken it.
    AckFirst,
    /// Does not know a message that is pushed again.
    NoDedupe,
}

impl Mutant {
    /// The feature of the plugin that makes it so.
    fn feature(self) -> &'static str {
        match self {
            Self::AckFirst => "mutant-ack-first",
            Self::NoDedupe => "mutant-no-dedupe",
        }
    }
}

/// The command: builds, plays, and ends as the proof ended. What it prints is the proof's.
///
/// # Errors
/// When a build fails, the proof cannot be played, or a failure that was expected did not come.
pub fn run(options: &Options) -> Result<ExitStatus, Error> {
    let stage = Stage::build(options.profile(), options.mutant)?;
    let mut command = stage.command("run");
    command.arg("--messages").arg(options.messages.to_string());
    command.arg("--connections").arg(options.connections.to_string());
    if let Some(seed) = options.seed {
        command.arg("--seed").arg(seed.to_string());
    }
    let status = command.status().map_err(missing(&command))?;
    if !options.expect_failure {
        return Ok(status);
    }
    // 1 is what the proof ends with when it has found something; all else says that it was not played.
    match status.code() {
        Some(1) => {
            println!("found, as it had to be");
            Ok(ExitStatus::default())
        }
        Some(0) => Err(Error::NothingFound { command: words(&command) }),
        _ => Err(Error::Failed { command: words(&command), status }),
    }
}

/// The command: builds, plays what the program `chaos` calls `name`, and ends as it ended.
///
/// # Errors
/// When a build fails, or the program cannot be started.
pub fn more(name: &str, options: &BurstOptions) -> Result<ExitStatus, Error> {
    let stage = Stage::build(options.profile, None)?;
    let mut command = stage.command(name);
    command.args(&options.more);
    command.status().map_err(missing(&command))
}

/// Everything that takes part, built.
struct Stage {
    program: PathBuf,
    plugins: tempfile::TempDir,
}

impl Stage {
    fn build(profile: Profile, mutant: Option<Mutant>) -> Result<Self, Error> {
        let target_directory = Metadata::workspace()?.ship_directory();
        let temporary = std::env::temp_dir();
        let plugins = tempfile::Builder::new().prefix("dingtalk-chaos-").tempdir();
        let plugins = plugins.map_err(Error::file("create a folder in", &temporary))?;
        let name = format!("building the plugin ({} profile)", profile.name());
        progress::step(&name, || match mutant {
            None => dist::plugin_folder(profile, plugins.path()),
            Some(mutant) => dist::mutant_folder(profile, mutant.feature(), plugins.path()),
        })?;
        let program = progress::step("building the host and the fake DingTalk", || {
            Build { package: PACKAGE, profile, features: "", target_directory: &target_directory }.program()
        })?;
        Ok(Self { program, plugins })
    }

    fn command(&self, name: &str) -> Command {
        let mut command = Command::new(&self.program);
        command.arg(name).arg("--plugins").arg(self.plugins.path());
        command
    }
}
