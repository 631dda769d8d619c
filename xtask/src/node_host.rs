//! The second host, tried under a real Node.js: the plugin folder, the addon, and their tests.
//!
//! ```text
//! target/node-host/plugins/   a plugins directory with the plugin's folder
//! target/node-host/addon/     host-openclaw.node and index.js, as they will lie beside the plugin
//! ```

use crate::{
    Error,
    cargo::{Metadata, Profile, cargo, missing, output, root, words},
    dist, npm,
    openclaw::{self, ADDON, PACKAGE},
    progress,
};
use std::{
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// A second channel, which does as it is told.
const PULSE: &str = "pulse";

/// What to try it with.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Options {
    /// Use this Node.js instead of the one that is fetched with npm.
    #[arg(long, value_name = "PROGRAM")]
    pub node: Option<PathBuf>,
}

/// The command: brings Node.js, builds both sides, and runs the package's tests.
///
/// # Errors
/// When Node.js cannot be had, a build fails, or a test does. Nothing is skipped.
pub fn run(options: &Options) -> Result<(), Error> {
    let workspace = Metadata::workspace()?;
    let target = &workspace.target_directory;
    let node = match &options.node {
        Some(node) => node.clone(),
        None => progress::step("bringing Node.js", || npm::node(target))?,
    };
    let stage = target.join("node-host");
    let plugin =
        progress::step("building the plugin", || dist::plugin_folder(Profile::Dev, &stage.join("plugins")))?;
    let pulse = progress::step("building the channel without a platform", || {
        dist::channel_folder(PULSE, Profile::Dev, &stage.join("plugins"))
    })?;
    let addon = progress::step("building the addon", || addon(&workspace, &stage.join("addon")))?;
    progress::step("checking the JavaScript's types", || types(&node, target))?;
    progress::step("testing the JavaScript by itself", || scripts(&node))?;
    progress::step("testing under Node.js", || test(&node, &addon, &plugin, &pulse))
}

/// What TypeScript says of the JavaScript that ships, by `host-openclaw/tsconfig.json`.
fn types(node: &Path, target: &Path) -> Result<(), Error> {
    let (typescript, types) = npm::typescript(target)?;
    let mut command = Command::new(node);
    command.current_dir(root().join(PACKAGE)).arg(typescript).args(["--project", ".", "--typeRoots"]);
    run_to_its_end(command.arg(types))
}

/// The tests of what JavaScript decides, which need neither side of the addon.
fn scripts(node: &Path) -> Result<(), Error> {
    let mut command = Command::new(node);
    command.current_dir(root().join(PACKAGE)).args(["--test", "tests/unit/*.test.js"]);
    output(&mut command).map(drop)
}

fn test(node: &Path, addon: &Path, plugin: &Path, pulse: &Path) -> Result<(), Error> {
    let mut command = cargo();
    command
        .args(["test", "--package", PACKAGE, "--features", "node", "--lib", "--test", "node"])
        .env("NODE_HOST_NODE", node)
        .env("NODE_HOST_ADDON", addon)
        .env("NODE_HOST_PLUGIN", plugin)
        .env("NODE_HOST_PULSE", pulse);
    run_to_its_end(&mut command)
}

fn run_to_its_end(command: &mut Command) -> Result<(), Error> {
    let status = command.status().map_err(missing(command))?;
    if status.success() {
        return Ok(());
    }
    Err(Error::Failed { command: words(command), status })
}

/// Builds the addon and puts it beside its JavaScript into `folder`.
fn addon(workspace: &Metadata, folder: &Path) -> Result<PathBuf, Error> {
    let library = openclaw::addon(workspace, Profile::Dev)?;
    fs::create_dir_all(folder).map_err(Error::file("create", folder))?;
    place(&library, folder, ADDON.as_ref())?;
    for script in openclaw::scripts()? {
        place(&script, folder, script.file_name().unwrap_or_default())?;
    }
    Ok(folder.to_owned())
}

/// Copies a file into a folder, by rename: a process may have the old one mapped.
fn place(from: &Path, folder: &Path, name: &OsStr) -> Result<(), Error> {
    let (into, fresh) = (folder.join(name), folder.join(".new"));
    fs::copy(from, &fresh).map_err(Error::file("copy", from))?;
    fs::rename(&fresh, &into).map_err(Error::file("replace", &into))
}
