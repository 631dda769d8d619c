//! The demo: the plugin folder, a host that loads it, a fake DingTalk, and a person who writes.
//!
//! The host and the fake DingTalk are host-mock's; this builds both sides and brings them together.
//! Stdout is the conversation alone, stderr tells how far the building is.

use crate::{
    Error,
    cargo::{Build, Metadata, Profile, missing},
    dist, progress,
};
use std::{
    ffi::OsString,
    path::PathBuf,
    process::{Command, ExitStatus},
    time::Instant,
};

/// What the person at the terminal asked for.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Options {
    /// Play this conversation instead of reading from the terminal; once for each message.
    #[arg(long, value_name = "TEXT")]
    pub say: Vec<String>,
    /// Talk in a group instead of alone with the bot.
    #[arg(long)]
    pub group: bool,
    /// Open a page in the browser: write there, watch the card grow, and break things.
    #[arg(long)]
    pub page: bool,
    /// Build with optimisations: longer to build, nothing else to see.
    #[arg(long)]
    pub release: bool,
    /// More for `host-mock demo`; `-- --help` lists it.
    #[arg(last = true, value_name = "ARGUMENTS")]
    pub more: Vec<OsString>,
}

/// Both sides, built and ready to meet.
pub(crate) struct Stage {
    host: PathBuf,
    plugins: tempfile::TempDir,
}

impl Stage {
    /// Builds the plugin's folder into a fresh plugins directory, and the host.
    pub(crate) fn build(profile: Profile) -> Result<Self, Error> {
        let begin = Instant::now();
        let target_directory = Metadata::workspace()?.ship_directory();
        let temporary = std::env::temp_dir();
        let plugins = tempfile::Builder::new().prefix("dingtalk-demo-").tempdir();
        let plugins = plugins.map_err(Error::file("create a folder in", &temporary))?;

        let name = match profile {
            Profile::Dev => "building the plugin (dev profile: quick to build, not what ships)".to_owned(),
            other => format!("building the plugin ({} profile)", other.name()),
        };
        progress::step(&name, || dist::plugin_folder(profile, plugins.path()))?;
        let host = progress::step("building the host and the fake DingTalk", || {
            Build { package: "host-mock", profile, features: "", target_directory: &target_directory }
                .program()
        })?;
        eprintln!("== starting, {} after you asked", progress::seconds(begin));
        Ok(Self { host, plugins })
    }

    /// The host's command; its terminal is ours unless told otherwise.
    pub(crate) fn command(&self, options: &Options) -> Command {
        let mut command = Command::new(&self.host);
        command.arg("demo").arg("--plugins").arg(self.plugins.path());
        for text in &options.say {
            command.arg("--say").arg(text);
        }
        if options.group {
            command.arg("--group");
        }
        if options.page {
            command.arg("--page");
        }
        command.args(&options.more);
        command
    }

    /// Where the plugin is, to keep it out of pictures.
    pub(crate) fn plugins(&self) -> &std::path::Path {
        self.plugins.path()
    }
}

/// The command: builds, runs, cleans up, and ends as the conversation ended.
///
/// # Errors
/// When a build fails or the host cannot be started. What the host itself reports is the result.
pub fn run(options: &Options) -> Result<ExitStatus, Error> {
    ignore_interrupts()?;
    let stage = Stage::build(if options.release { Profile::Release } else { Profile::Dev })?;
    let mut command = stage.command(options);
    command.status().map_err(missing(&command))
}

/// Ctrl-C also reaches cargo and the host, which end; we stay to remove what we made.
#[cfg(unix)]
fn ignore_interrupts() -> Result<(), Error> {
    use signal_hook::{consts::SIGINT, flag};
    let noted = std::sync::Arc::default();
    let registered = flag::register(SIGINT, noted).map(drop);
    registered.map_err(Error::file("handle Ctrl-C in", crate::cargo::root()))
}

#[cfg(not(unix))]
fn ignore_interrupts() -> Result<(), Error> {
    Ok(())
}
