//! The benchmark of the whole: builds the plugin and the program that measures, and brings those it is
//! measured beside; then what crossing the boundary costs, and how soon answers are seen.
//!
//! What is measured is the package `benches`, and what [`Part`] says besides; this brings its parts together.

use crate::{
    Error,
    cargo::{Build, Metadata, Profile, cargo, in_root, missing, output, root},
    dist, npm, progress, replies, sdk_conformance,
};
use std::{
    path::{Path, PathBuf},
    process::{Command, ExitStatus},
};

pub(crate) const PACKAGE: &str = "benches";

/// What can be measured alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Part {
    /// Messages that come in, beside the SDKs of others.
    Inbound,
    /// What answers cost that grow.
    Answers,
    /// What it takes to be there.
    Footprint,
    /// What crossing the boundary costs, updates of an answer among it: a bench of `host-sdk`.
    Boundary,
    /// How soon and how steadily answers are seen: `cargo xtask replies`.
    Replies,
}

impl Part {
    /// As the program of the package `benches` calls it, if that measures it.
    fn of_the_program(self) -> Option<&'static str> {
        match self {
            Self::Inbound => Some("inbound"),
            Self::Answers => Some("answers"),
            Self::Footprint => Some("footprint"),
            Self::Boundary | Self::Replies => None,
        }
    }
}

/// What to measure.
#[derive(Clone, Debug, clap::Args)]
pub struct Options {
    /// Little of everything: that it runs.
    #[arg(long)]
    pub short: bool,
    /// What to measure [default: all of it].
    #[arg(long, value_name = "PART")]
    pub only: Vec<Part>,
    /// The plugin and the bare loop alone, without the SDKs of others, which are fetched.
    #[arg(long)]
    pub alone: bool,
    /// What to measure it with [default: dist for the plugin, release for what measures; dev with --short].
    #[arg(long)]
    pub profile: Option<Profile>,
    /// The Python that makes the environment of the SDK from PyPI, 3.9 or newer.
    #[arg(long, value_name = "PROGRAM", default_value = "python3")]
    pub python: PathBuf,
}

impl Options {
    fn has(&self, part: Part) -> bool {
        self.only.is_empty() || self.only.contains(&part)
    }
}

/// The command. The tables are on standard output.
///
/// # Errors
/// When something cannot be fetched, built or started.
pub fn run(options: &Options) -> Result<ExitStatus, Error> {
    let mut status = ExitStatus::default();
    if options.only.is_empty() || options.only.iter().any(|part| part.of_the_program().is_some()) {
        status = the_program(options)?;
    }
    if status.success() && options.has(Part::Boundary) {
        let mut command = boundary(options.short);
        status = command.status().map_err(missing(&command))?;
    }
    if status.success() && options.has(Part::Replies) {
        status = replies::run(&replies::Options { short: options.short, profile: options.profile })?;
    }
    Ok(status)
}

fn the_program(options: &Options) -> Result<ExitStatus, Error> {
    let workspace = Metadata::workspace()?;
    let (target, ship) = (&workspace.target_directory, workspace.ship_directory());
    let usual = if options.short { [Profile::Dev; 2] } else { [Profile::Dist, Profile::Release] };
    let [plugin_profile, profile] = options.profile.map_or(usual, |profile| [profile; 2]);
    let name = format!("building the plugin ({} profile)", plugin_profile.name());
    let plugin = progress::step(&name, || dist::plugin_folder(plugin_profile, &target.join(PACKAGE)))?;
    let program = progress::step("building the benchmark", || {
        Build { package: PACKAGE, profile, features: "", target_directory: &ship }.program()
    })?;
    let mut command = Command::new(program);
    command.arg("run").arg("--plugin").arg(plugin);
    if options.short {
        command.arg("--short");
    }
    for part in options.only.iter().filter_map(|part| part.of_the_program()) {
        command.arg("--only").arg(part);
    }
    if !options.alone && options.has(Part::Inbound) {
        bring_others(target, &options.python, &mut command)?;
    }
    command.status().map_err(missing(&command))
}

fn boundary(short: bool) -> Command {
    let mut command = in_root(cargo());
    command.args(["bench", "--package", "host-sdk", "--features", "channel,host", "--bench", "boundary"]);
    if short {
        command.args(["--profile", "dev", "--", "--max-time", "0.2"]); // soon built, and few samples
    }
    command
}

fn bring_others(target: &Path, python: &Path, command: &mut Command) -> Result<(), Error> {
    let name = "bringing the Stream SDK for Python";
    command.arg("--python").arg(progress::step(name, || sdk_conformance::python(target, python))?);
    let node = progress::step("bringing Node.js", || npm::node(target))?;
    let modules = progress::step("bringing the Stream SDK for Node.js", || npm::stream_sdk(target, &node))?;
    command.arg("--node").arg(node).arg("--modules").arg(modules);
    let name = "building a bot with the crate dingtalk-stream";
    command.arg("--crate").arg(progress::step(name, || rust_bot(target))?);
    Ok(())
}

/// The bot that is no member of the workspace, whose dependencies are its own.
fn rust_bot(target: &Path) -> Result<PathBuf, Error> {
    let target = target.join("bench-peer");
    let mut command = cargo();
    command
        .args(["build", "--release", "--locked", "--manifest-path"])
        .arg(root().join("benches/peers/rust/Cargo.toml"))
        .arg("--target-dir")
        .arg(&target);
    output(&mut command)?;
    Ok(target.join("release").join(format!("bench-peer{}", std::env::consts::EXE_SUFFIX)))
}
