//! The packaged plugin in the real OpenClaw gateway: brings Node.js and OpenClaw, packages, and plays.
//!
//! What is claimed is in `host-openclaw/tests/gateway/`; this brings its parts together.

use crate::{
    Error,
    cargo::{Metadata, Profile, cargo, missing, words},
    dist, npm,
    openclaw::{self, PACKAGE},
    progress,
};
use std::path::PathBuf;

/// What to play, and with which OpenClaw.
#[derive(Clone, Debug, clap::Args)]
pub struct Options {
    /// The release of OpenClaw, fetched with npm.
    #[arg(long, value_name = "VERSION", default_value = openclaw::HOST)]
    pub openclaw: String,
    /// Use this Node.js instead of the one that is fetched with npm.
    #[arg(long, value_name = "PROGRAM")]
    pub node: Option<PathBuf>,
    /// The profile to build the plugin with.
    #[arg(long, default_value = "dev")]
    pub profile: Profile,
    /// Play what the READMEs have one type, and write into them what OpenClaw answers.
    #[arg(long, conflicts_with_all = ["claims", "short"])]
    pub transcript: bool,
    /// Leave out restarts, updates, packaging and neighbours: commands more than messages, and they take as long.
    #[arg(long, conflicts_with = "claims")]
    pub short: bool,
    /// Parts of the names of what to play; everything, if there are none.
    pub claims: Vec<String>,
}

/// What plays the READMEs.
const TRANSCRIPT: &str = "guide";

/// The command.
///
/// # Errors
/// When something cannot be fetched or built, or a claim does not hold.
pub fn run(options: &Options) -> Result<(), Error> {
    let target = Metadata::workspace()?.target_directory;
    let node = match &options.node {
        Some(node) => node.clone(),
        None => progress::step("bringing Node.js", || npm::node(&target))?,
    };
    let name = format!("bringing OpenClaw {}", options.openclaw);
    let openclaw = progress::step(&name, || npm::openclaw(&target, &options.openclaw, &node))?;
    let name = format!("packaging the plugin ({} profile)", options.profile.name());
    let stage = target.join("openclaw-e2e");
    let plugin = progress::step(&name, || dist::shipped_folder(options.profile, &stage))?;
    let mut command = cargo();
    command
        .args(["test", "--package", PACKAGE, "--features", "node", "--test", "gateway", "--"])
        .args(&options.claims)
        .env("OPENCLAW_E2E_NODE", node)
        .env("OPENCLAW_E2E_OPENCLAW", openclaw)
        .env("OPENCLAW_E2E_PLUGIN", plugin)
        .env("OPENCLAW_E2E_COMPILED", stage.join("compiled"));
    if options.short {
        command.arg("--short");
    }
    if options.openclaw != openclaw::HOST {
        command.arg("--may-lack");
    }
    if options.transcript {
        command.arg(TRANSCRIPT).env("OPENCLAW_E2E_WRITE", "1");
    }
    let status = command.status().map_err(missing(&command))?;
    if status.success() {
        return Ok(());
    }
    Err(Error::Failed { command: words(&command), status })
}
