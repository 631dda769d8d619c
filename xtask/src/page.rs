//! The simulator's page in a real browser: its tests, and the README's pictures of it.

use crate::{
    Error,
    cargo::{Metadata, Profile, cargo, missing, root, words},
    dist, progress,
};
use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

/// Where the pictures go.
const PICTURES: &str = "docs/images";

/// What a Chromium is called by those who distribute it.
const PROGRAMS: [&str; 5] =
    ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];

/// What to try.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Options {
    /// Parts of the names of the tests; everything, if there are none.
    pub tests: Vec<String>,
}

/// Tries the page.
///
/// # Errors
/// When there is no browser, a build fails, or a test does.
pub fn test(options: &Options) -> Result<(), Error> {
    run(&mut |command| {
        command.args(&options.tests);
    })
}

/// Draws `docs/images/`.
///
/// # Errors
/// When there is no browser, a build fails, or a picture cannot be taken.
pub fn screenshots() -> Result<(), Error> {
    let folder = root().join(PICTURES);
    std::fs::create_dir_all(&folder).map_err(Error::file("create", &folder))?;
    run(&mut |command| {
        command.args(["--ignored", "pictures"]).env("PAGE_PICTURES", &folder);
    })
}

fn run(more: &mut dyn FnMut(&mut Command)) -> Result<(), Error> {
    let browser = browser()?;
    let plugins = Metadata::workspace()?.target_directory.join("page-test");
    progress::step("building the plugin", || dist::plugin_folder(Profile::Dev, &plugins))?;
    let mut command = cargo();
    // One browser at a time: what is looked at is how it does with the machine to itself.
    command
        .args(["test", "--package", "host-mock", "--features", "browser", "--test", "page", "--"])
        .args(["--test-threads", "1", "--nocapture"])
        .env("PAGE_CHROME", browser)
        .env("PAGE_PLUGINS", plugins);
    more(&mut command);
    let status = command.status().map_err(missing(&command))?;
    if status.success() {
        return Ok(());
    }
    Err(Error::Failed { command: words(&command), status })
}

/// The browser that `CHROME` names, or the first that is on `PATH`.
fn browser() -> Result<PathBuf, Error> {
    if let Some(named) = env::var_os("CHROME") {
        return Ok(named.into());
    }
    let path = env::var_os("PATH").unwrap_or_default();
    let folders: Vec<_> = env::split_paths(&path).collect();
    let found = PROGRAMS.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    found.into_iter().find(|file| Path::is_file(file)).ok_or(Error::NoBrowser)
}
