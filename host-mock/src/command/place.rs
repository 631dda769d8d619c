//! Where a host's things are: below `~/.openclaw`, unless told otherwise.

use super::{Exit, Failure};
use std::path::{Path, PathBuf};

/// The configuration.
#[derive(Clone, Debug, clap::Args)]
pub struct ConfigFile {
    /// The configuration [default: ~/.openclaw/openclaw.json].
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// The plugins.
#[derive(Clone, Debug, clap::Args)]
pub struct PluginsDirectory {
    /// The plugins directory: a plugin's folder lies in it [default: ~/.openclaw/extensions].
    #[arg(long, value_name = "DIR")]
    plugins: Option<PathBuf>,
}

/// What a host remembers.
#[derive(Clone, Debug, clap::Args)]
pub struct StateDirectory {
    /// The host's state directory [default: ~/.openclaw/host-mock].
    #[arg(long, value_name = "DIR")]
    state: Option<PathBuf>,
}

impl ConfigFile {
    /// Where it is.
    ///
    /// # Errors
    /// When nothing was said and nobody's home is known.
    pub fn path(&self) -> Result<PathBuf, Failure> {
        below_home(self.config.as_deref(), "openclaw.json", "--config")
    }
}

impl PluginsDirectory {
    /// Where they are.
    ///
    /// # Errors
    /// When nothing was said and nobody's home is known.
    pub fn path(&self) -> Result<PathBuf, Failure> {
        below_home(self.plugins.as_deref(), "extensions", "--plugins")
    }
}

impl StateDirectory {
    /// Where it is; it need not be there.
    ///
    /// # Errors
    /// When nothing was said and nobody's home is known.
    pub fn path(&self) -> Result<PathBuf, Failure> {
        below_home(self.state.as_deref(), "host-mock", "--state")
    }
}

/// All three.
#[derive(Clone, Debug, clap::Args)]
pub struct Places {
    #[command(flatten)]
    config: ConfigFile,
    #[command(flatten)]
    plugins: PluginsDirectory,
    #[command(flatten)]
    state: StateDirectory,
}

/// Where all three are.
#[derive(Clone, Debug)]
pub struct Found {
    /// The configuration.
    pub config: PathBuf,
    /// The plugins directory.
    pub plugins: PathBuf,
    /// The state directory; it need not be there.
    pub state: PathBuf,
}

impl Places {
    /// Where they are.
    ///
    /// # Errors
    /// When one was not said and nobody's home is known.
    pub fn found(&self) -> Result<Found, Failure> {
        Ok(Found { config: self.config.path()?, plugins: self.plugins.path()?, state: self.state.path()? })
    }
}

/// The home of whoever runs this.
pub(super) fn home() -> Option<PathBuf> {
    std::env::home_dir().filter(|home| !home.as_os_str().is_empty())
}

fn below_home(told: Option<&Path>, name: &str, option: &str) -> Result<PathBuf, Failure> {
    let usual = || home().map(|home| home.join(".openclaw").join(name));
    let path = told.map(Path::to_owned).or_else(usual);
    path.ok_or_else(|| Failure::new(Exit::Wrong, format!("HOME is not set: say where it is with {option}")))
}
