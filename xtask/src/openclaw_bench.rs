//! How fast and how large the plugin is in the real OpenClaw gateway, beside the least that answers.
//!
//! What is measured is in `host-openclaw/tests/gateway/bench/`, what it is measured beside in
//! `host-openclaw/bench/`; this brings the parts together.

use crate::{
    Error,
    cargo::{Metadata, Profile, cargo, missing, words},
    dist, npm,
    openclaw::{self, PACKAGE},
    progress,
};
use serde_json::json;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// What to measure.
#[derive(Clone, Debug, clap::Args)]
pub struct Options {
    /// How many rounds: four short answers and one of three seconds each, from every plugin in turn; 0 measures
    /// only what they take of memory without a gateway.
    #[arg(long, default_value_t = 12)]
    pub rounds: usize,
    /// The release of OpenClaw, fetched with npm.
    #[arg(long, value_name = "VERSION", default_value = openclaw::HOST)]
    pub openclaw: String,
    /// The profile to build the plugin with; what ships, unless another is named.
    #[arg(long, default_value = "dist")]
    pub profile: Profile,
    /// Another DingTalk plugin: its folder, or `name@version` of an npm package. More than one may be named.
    #[arg(long, value_name = "PLUGIN")]
    pub peer: Vec<String>,
    /// How the peer of the same place is configured: a file with `{"channel": "…", "section": {…}}`, where
    /// `${clientId}`, `${clientSecret}` and `${api}` stand for the fake DingTalk's.
    #[arg(long, value_name = "FILE")]
    pub peer_config: Vec<PathBuf>,
    /// Print the figures as JSON instead of a table.
    #[arg(long)]
    pub json: bool,
}

/// The command. The table is on standard output.
///
/// # Errors
/// When something cannot be fetched, built or started.
pub fn run(options: &Options) -> Result<(), Error> {
    let target = Metadata::workspace()?.target_directory;
    let node = progress::step("bringing Node.js", || npm::node(&target))?;
    let name = format!("bringing OpenClaw {}", options.openclaw);
    let openclaw = progress::step(&name, || npm::openclaw(&target, &options.openclaw, &node))?;
    let mut peers = Vec::new();
    for (number, peer) in options.peer.iter().enumerate() {
        let folder = progress::step(&format!("bringing {peer}"), || folder_of(peer, &target, &node))?;
        let config = options.peer_config.get(number).map(|file| absolute(file)).transpose()?;
        peers.push(json!({"folder": folder, "config": config}));
    }
    let name = format!("packaging the plugin ({} profile)", options.profile.name());
    let stage = target.join("openclaw-bench");
    let plugin = progress::step(&name, || dist::shipped_folder(options.profile, &stage))?;
    let Options { rounds, openclaw: version, json, .. } = options;
    let settings = json!({"rounds": rounds, "openclaw": version, "json": json, "peers": peers});
    let mut command = cargo();
    command
        .args(["test", "--package", PACKAGE, "--features", "node", "--test", "gateway"])
        .env("OPENCLAW_E2E_NODE", node)
        .env("OPENCLAW_E2E_OPENCLAW", openclaw)
        .env("OPENCLAW_E2E_PLUGIN", plugin)
        .env("OPENCLAW_E2E_COMPILED", stage.join("compiled"))
        .env("OPENCLAW_BENCH", settings.to_string());
    let status = command.status().map_err(missing(&command))?;
    if status.success() {
        return Ok(());
    }
    Err(Error::Failed { command: words(&command), status })
}

/// A folder is taken as it is; what is none is a package of npm's.
fn folder_of(peer: &str, target: &Path, node: &Path) -> Result<PathBuf, Error> {
    if Path::new(peer).is_dir() { absolute(Path::new(peer)) } else { npm::plugin(target, peer, node) }
}

fn absolute(path: &Path) -> Result<PathBuf, Error> {
    fs::canonicalize(path).map_err(Error::file("find", path))
}
