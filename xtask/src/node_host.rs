//! The second host, tried under a real Node.js: the plugin folder, the addon, and their tests.
//!
//! ```text
//! target/node/26.10.0/        Node.js, fetched once
//! target/node-host/plugins/   a plugins directory with the plugin's folder
//! target/node-host/addon/     host-openclaw.node and index.js, as they will lie beside the plugin
//! ```

use crate::{
    Error,
    cargo::{Build, Metadata, Profile, cargo, missing, output, root, words},
    dist, progress,
};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// The version of Node.js: that of the OpenClaw releases the adapter is made for, or newer.
const NODE: &str = "26.10.0";
const PACKAGE: &str = "host-openclaw";
/// A second channel, which does as it is told.
const PULSE: &str = "pulse";
/// What the addon's `index.js` opens.
const ADDON: &str = "host-openclaw.node";

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
        None => progress::step("bringing Node.js", || node(&target.join("node")))?,
    };
    let stage = target.join("node-host");
    let plugin =
        progress::step("building the plugin", || dist::plugin_folder(Profile::Dev, &stage.join("plugins")))?;
    let pulse = progress::step("building the channel without a platform", || {
        dist::channel_folder(PULSE, Profile::Dev, &stage.join("plugins"))
    })?;
    let addon = progress::step("building the addon", || addon(&workspace, &stage.join("addon")))?;
    progress::step("testing under Node.js", || test(&node, &addon, &plugin, &pulse))
}

fn test(node: &Path, addon: &Path, plugin: &Path, pulse: &Path) -> Result<(), Error> {
    let mut command = cargo();
    command
        .args(["test", "--package", PACKAGE, "--features", "node"])
        .env("NODE_HOST_NODE", node)
        .env("NODE_HOST_ADDON", addon)
        .env("NODE_HOST_PLUGIN", plugin)
        .env("NODE_HOST_PULSE", pulse);
    let status = command.status().map_err(missing(&command))?;
    if status.success() {
        return Ok(());
    }
    Err(Error::Failed { command: words(&command), status })
}

/// Builds the addon and puts it beside its JavaScript into `folder`.
fn addon(workspace: &Metadata, folder: &Path) -> Result<PathBuf, Error> {
    let target_directory = &workspace.ship_directory();
    let build = Build { package: PACKAGE, profile: Profile::Dev, features: "node", target_directory };
    let library = build.library()?;
    fs::create_dir_all(folder).map_err(Error::file("create", folder))?;
    for (from, name) in [(library, ADDON), (root().join("host-openclaw/js/index.js"), "index.js")] {
        let (into, fresh) = (folder.join(name), folder.join(format!(".new-{name}")));
        // By rename: a process may have the old one mapped.
        fs::copy(&from, &fresh).map_err(Error::file("copy", &from))?;
        fs::rename(&fresh, &into).map_err(Error::file("replace", &into))?;
    }
    Ok(folder.to_owned())
}

/// The program, fetched into `cache` unless it is there.
fn node(cache: &Path) -> Result<PathBuf, Error> {
    let package = npm_package()?;
    let program = |folder: &Path| {
        let bin = folder.join("node_modules").join(&package).join("bin");
        bin.join(format!("node{}", std::env::consts::EXE_SUFFIX))
    };
    let folder = cache.join(NODE);
    if program(&folder).is_file() {
        return Ok(program(&folder));
    }
    fs::create_dir_all(cache).map_err(Error::file("create", cache))?;
    let fresh = tempfile::Builder::new().prefix(".new-").tempdir_in(cache);
    let fresh = fresh.map_err(Error::file("create a folder in", cache))?;
    fetch(&package, fresh.path())?;
    if !program(fresh.path()).is_file() {
        return Err(Error::NoNode { reason: format!("the npm package {package} {NODE} has no program") });
    }
    match fs::rename(fresh.path(), &folder) {
        Ok(()) => drop(fresh.keep()),
        // Another process was faster; its Node.js is as good.
        Err(_) if program(&folder).is_file() => {}
        Err(error) => return Err(Error::file("create", &folder)(error)),
    }
    Ok(program(&folder))
}

fn fetch(package: &str, folder: &Path) -> Result<(), Error> {
    let mut npm = Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" });
    npm.args(["install", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix"]);
    npm.arg(folder).arg(format!("{package}@{NODE}"));
    match output(&mut npm) {
        Err(Error::Tool { source, .. }) => Err(Error::NoNode { reason: format!("npm: {source}") }),
        other => other.map(drop),
    }
}

/// The npm package that holds nothing but Node.js for this machine.
fn npm_package() -> Result<String, Error> {
    let system = match std::env::consts::OS {
        "macos" => "darwin",
        "windows" => "win",
        other => other,
    };
    let processor = match std::env::consts::ARCH {
        "x86_64" => "x64",
        "aarch64" => "arm64",
        other => return Err(Error::NoNode { reason: format!("there is none for {other}") }),
    };
    Ok(format!("node-{system}-{processor}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn node_that_is_there_is_not_fetched_again() {
        let cache = tempfile::tempdir().unwrap();
        let bin = cache.path().join(NODE).join("node_modules").join(npm_package().unwrap()).join("bin");
        fs::create_dir_all(&bin).unwrap();
        let program = bin.join(format!("node{}", std::env::consts::EXE_SUFFIX));
        fs::write(&program, "").unwrap();

        assert_eq!(node(cache.path()).unwrap(), program);
    }
}
