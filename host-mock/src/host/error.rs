//! Why the host cannot run, and what a person does about it.

use host_sdk::{ChannelError, host::LoadError};
use std::{fmt, path::PathBuf};

/// Why the host cannot run; each message says what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HostError {
    /// The configuration file is not there or not readable.
    #[error("{} cannot be read: {reason}", .file.display())]
    ConfigUnreadable {
        /// The file.
        file: PathBuf,
        /// Why not, and what to do.
        reason: String,
    },
    /// The configuration is not JSON5.
    #[error(
        "{}, line {line}, column {column}: {reason}. The file is JSON5: correct that place, or look just \
         before it for a missing comma, quote or bracket",
        .file.display()
    )]
    ConfigSyntax {
        /// The file.
        file: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// What the parser says.
        reason: String,
    },
    /// A part of the configuration that the host itself reads has the wrong type.
    #[error("{}: `{at}` is {found}, but must be {expected}: correct it", .file.display())]
    ConfigShape {
        /// The file.
        file: PathBuf,
        /// Where, as in `plugins.allow`.
        at: String,
        /// What is there.
        found: &'static str,
        /// What should be there.
        expected: &'static str,
    },
    /// The configuration names an environment variable that is not set.
    #[error(
        "{}: `{at}` refers to the environment variable {name}, which is not set: set it before starting the \
         host, or write the value there",
        .file.display()
    )]
    EnvironmentMissing {
        /// The file.
        file: PathBuf,
        /// Where.
        at: String,
        /// The variable.
        name: String,
    },
    /// The plugins directory is not there or not readable.
    #[error("{} cannot be read as the plugins directory ({reason}): create it, or name another", .path.display())]
    PluginsUnreadable {
        /// The directory.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// The plugins directory has no plugin in it.
    #[error(
        "{} has no plugin in it: put a plugin's folder there, the one that holds its manifest.toml \
         (`cargo xtask dist` makes the one of dingtalk)",
        .path.display()
    )]
    NoPlugin {
        /// The directory.
        path: PathBuf,
    },
    /// Every plugin that was found is broken.
    #[error("no plugin could be loaded{}", Lines(.broken.iter().map(ToString::to_string)))]
    NoneLoaded {
        /// What is wrong with each.
        broken: Vec<LoadError>,
    },
    /// There are plugins, but nothing that may run.
    #[error("{}: there is no account to run{}", .file.display(), Lines(.reasons.iter().cloned()))]
    NothingToRun {
        /// The configuration file.
        file: PathBuf,
        /// Why, for every channel and account that came into question.
        reasons: Vec<String>,
    },
    /// Every account that was to run failed to open or start.
    #[error("no account could be started{}", Lines(.failed.iter().cloned()))]
    NoneStarted {
        /// How each failed.
        failed: Vec<String>,
    },
    /// A directory or file of the host's own state is unusable.
    #[error("{} cannot be used ({reason}): {remedy}", .path.display())]
    State {
        /// The file or directory.
        path: PathBuf,
        /// Why not.
        reason: String,
        /// What to do.
        remedy: &'static str,
    },
    /// Nobody was let in.
    #[error("nobody was approved: {reason}; `pairing list {channel}` has those who wait")]
    NotApproved {
        /// The channel.
        channel: String,
        /// Why not.
        reason: String,
    },
    /// No plugin has this id, or none was named where there are several.
    #[error("{}: installed are {}", unknown_plugin(.name), .known.join(", "))]
    UnknownPlugin {
        /// The id; empty if none was named.
        name: String,
        /// The ids of those that are there.
        known: Vec<String>,
    },
    /// No account has this name.
    #[error("no account is called {name:?}: running are {}", .known.join(", "))]
    UnknownAccount {
        /// The name.
        name: String,
        /// The accounts that run.
        known: Vec<String>,
    },
    /// An account does not reach its platform.
    #[error("{account} is not connected ({lifecycle}): {reason}")]
    NotConnected {
        /// The account.
        account: String,
        /// Where it stands, in the plugin's word.
        lifecycle: String,
        /// The plugin's own last error, or where to look.
        reason: String,
    },
    /// Something that was waited for did not happen in time.
    #[error("waited in vain for {what}; what happened:\n{happened}")]
    WaitedInVain {
        /// What was waited for.
        what: String,
        /// The last things that did happen, one a line.
        happened: String,
    },
    /// Some accounts did not stop in time.
    #[error("not everything stopped in order{}", Lines(.failed.iter().map(|(who, why)| format!("{who}: {why}"))))]
    NotStopped {
        /// Which, and why.
        failed: Vec<(String, ChannelError)>,
    },
}

impl HostError {
    /// Whether a person has to correct something that they wrote or installed.
    pub fn is_for_a_person(&self) -> bool {
        !matches!(
            self,
            Self::NoneStarted { .. }
                | Self::NotConnected { .. }
                | Self::WaitedInVain { .. }
                | Self::NotStopped { .. }
        )
    }
}

fn unknown_plugin(name: &str) -> String {
    if name.is_empty() { "name a plugin".into() } else { format!("no plugin is called {name:?}") }
}

/// After a colon: one reason on the same line, several below each other.
struct Lines<I>(I);

impl<I: Iterator<Item = String> + Clone> fmt::Display for Lines<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut reasons = self.0.clone();
        match (reasons.next(), reasons.next()) {
            (Some(only), None) => write!(f, ": {only}"),
            _ => {
                f.write_str(":")?;
                self.0.clone().try_for_each(|reason| write!(f, "\n  - {reason}"))
            }
        }
    }
}
