//! A day of messages in minutes: builds the plugin and the program that plays it.
//!
//! What is played, and what is claimed of it, is in the package `benches`.

use crate::{
    Error,
    bench::PACKAGE,
    cargo::{Build, Metadata, Profile, missing},
    dist, progress,
};
use std::process::{Command, ExitStatus};

/// A day of so many messages is worth an optimised build.
const LONG: u64 = 100_000;

/// What to play.
#[derive(Clone, Debug, clap::Args)]
pub struct Options {
    /// How many messages people write.
    #[arg(long, default_value_t = 1_000_000)]
    pub messages: u64,
    /// How many applications they write to, with an account and a connection each.
    #[arg(long, default_value_t = 10)]
    pub accounts: usize,
    /// What to build it with [default: dist for the plugin and release for what plays; dev below 100000 messages].
    #[arg(long)]
    pub profile: Option<Profile>,
}

/// The command. The table is on standard output.
///
/// # Errors
/// When something cannot be built or started.
pub fn run(options: &Options) -> Result<ExitStatus, Error> {
    let workspace = Metadata::workspace()?;
    let usual = if options.messages < LONG { [Profile::Dev; 2] } else { [Profile::Dist, Profile::Release] };
    let [plugin_profile, profile] = options.profile.map_or(usual, |profile| [profile; 2]);
    let name = format!("building the plugin ({} profile)", plugin_profile.name());
    let stage = workspace.target_directory.join("soak");
    let plugin = progress::step(&name, || dist::plugin_folder(plugin_profile, &stage))?;
    let program = progress::step("building the program that plays the day", || {
        Build { package: PACKAGE, profile, features: "", target_directory: &workspace.ship_directory() }
            .program()
    })?;
    let mut command = Command::new(program);
    command.arg("soak").arg("--plugin").arg(plugin).args(["--messages", &options.messages.to_string()]);
    command.args(["--accounts", &options.accounts.to_string()]);
    command.status().map_err(missing(&command))
}
