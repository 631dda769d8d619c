//! The benchmark of replies: builds the plugin, and the program that plays answers with it.
//!
//! What is played and measured is the package `replies`; this brings its parts together.

use crate::{
    Error,
    cargo::{Build, Metadata, Profile, missing, output},
    dist, progress,
};
use std::{
    path::PathBuf,
    process::{Command, ExitStatus},
};

const PACKAGE: &str = "replies";

/// What to play.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct Options {
    /// Few answers and short ones: that it runs, and that every answer is seen whole and once.
    #[arg(long)]
    pub short: bool,
    /// The profile to build everything with [default: release, and dev with --short].
    #[arg(long)]
    pub profile: Option<Profile>,
}

/// The command: builds, plays, and ends as the benchmark ended. What it prints is the benchmark's.
///
/// # Errors
/// When a build fails, or the program cannot be started.
pub fn run(options: &Options) -> Result<ExitStatus, Error> {
    let usual = if options.short { Profile::Dev } else { Profile::Release };
    let stage = Stage::build(options.profile.unwrap_or(usual))?;
    let mut command = stage.command("run");
    if options.short {
        command.arg("--short");
    }
    command.status().map_err(missing(&command))
}

/// A picture of a card that grows, as an SVG.
///
/// # Errors
/// When a build fails, or the answer cannot be played.
pub(crate) fn picture(profile: Profile) -> Result<String, Error> {
    let stage = Stage::build(profile)?;
    let drawn = progress::step("playing an answer", || output(&mut stage.command("picture")))?;
    Ok(String::from_utf8_lossy(&drawn).trim_end().to_owned())
}

/// Everything that takes part, built.
struct Stage {
    program: PathBuf,
    plugins: tempfile::TempDir,
}

impl Stage {
    fn build(profile: Profile) -> Result<Self, Error> {
        let target_directory = Metadata::workspace()?.ship_directory();
        let temporary = std::env::temp_dir();
        let plugins = tempfile::Builder::new().prefix("dingtalk-replies-").tempdir();
        let plugins = plugins.map_err(Error::file("create a folder in", &temporary))?;
        let name = format!("building the plugin ({} profile)", profile.name());
        progress::step(&name, || dist::plugin_folder(profile, plugins.path()))?;
        let program = progress::step("building the benchmark, the host and the fake DingTalk", || {
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
