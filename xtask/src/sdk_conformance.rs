//! The official Stream SDKs against the fake DingTalk: brings them, and plays.
//!
//! What is claimed is in `host-mock/tests/sdk/`; this brings its parts together.
//!
//! ```text
//! target/sdk/python/0.24.3/  a virtual environment with DingTalk's Stream SDK from PyPI
//! target/sdk/node/2.1.5/     the one from npm
//! ```

use crate::{
    Error,
    cargo::{Metadata, cargo, missing, output, words},
    npm, progress,
};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// What is installed from PyPI: the SDK, and what it needs.
const PYTHON_PACKAGES: [&str; 4] =
    ["dingtalk-stream==0.24.3", "aiohttp==3.13.2", "requests==2.32.5", "websockets==15.0.1"];
/// The version that names the folder.
const PYTHON_SDK: &str = "0.24.3";

/// What to play it with.
#[derive(Clone, Debug, clap::Args)]
pub struct Options {
    /// The Python that makes the virtual environment, 3.9 or newer.
    #[arg(long, value_name = "PROGRAM", default_value = "python3")]
    pub python: PathBuf,
    /// Use this Node.js instead of the one that is fetched with npm.
    #[arg(long, value_name = "PROGRAM")]
    pub node: Option<PathBuf>,
}

/// The command.
///
/// # Errors
/// When something cannot be fetched or built, or a claim does not hold.
pub fn run(options: &Options) -> Result<(), Error> {
    let target = Metadata::workspace()?.target_directory;
    let python = progress::step("bringing the Stream SDK for Python", || python(&target, &options.python))?;
    let node = match &options.node {
        Some(node) => node.clone(),
        None => progress::step("bringing Node.js", || npm::node(&target))?,
    };
    let modules = progress::step("bringing the Stream SDK for Node.js", || npm::stream_sdk(&target, &node))?;
    let mut command = cargo();
    command
        .args(["test", "--package", "host-mock", "--features", "sdk", "--test", "sdk"])
        .env("SDK_PYTHON", python)
        .env("SDK_NODE", node)
        .env("SDK_MODULES", modules);
    let status = command.status().map_err(missing(&command))?;
    if status.success() {
        return Ok(());
    }
    Err(Error::Failed { command: words(&command), status })
}

/// The Python of a virtual environment that has the SDK, made in `target` unless it is there.
pub(crate) fn python(target: &Path, python: &Path) -> Result<PathBuf, Error> {
    let cache = target.join("sdk/python");
    let folder = cache.join(PYTHON_SDK);
    let program = folder.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    let whole = folder.join("whole");
    if whole.is_file() {
        return Ok(program);
    }
    // What was begun and not finished is no use, and an environment cannot be moved.
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(Error::file("remove", &folder))?;
    }
    fs::create_dir_all(&cache).map_err(Error::file("create", &cache))?;
    output(Command::new(python).args(["-m", "venv"]).arg(&folder))?;
    let mut pip = Command::new(&program);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]).args(PYTHON_PACKAGES);
    output(&mut pip)?;
    fs::write(&whole, "").map_err(Error::file("write", &whole))?;
    Ok(program)
}
