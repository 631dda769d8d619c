//! What comes from npm: a Node.js, and programs that run in it. Each is fetched once, into the target
//! directory.
//!
//! ```text
//! target/node/26.10.0/       Node.js
//! target/openclaw/2026.9.6/  a release of OpenClaw
//! target/sdk/node/2.1.5/     DingTalk's Stream SDK
//! target/typescript/        TypeScript, and what it knows of Node.js
//! target/peers/name/1.2.3/   another plugin, in the version that was asked for
//! ```

use crate::{Error, cargo::output, platform::Platform};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// The version of Node.js: that of the OpenClaw releases the adapter is made for, or newer.
pub(crate) const NODE: &str = "26.10.0";
const TYPESCRIPT: &str = "5.9.3";
const NODE_TYPES: &str = "26.6.6";

/// How often npm is tried, which itself tries each request three times.
const TRIES: usize = 3;

/// The version of DingTalk's own Stream SDK.
const STREAM_SDK: &str = "2.1.5";

/// Node.js, fetched into `target` unless it is there.
///
/// # Errors
/// When npm is missing or fails, or there is no Node.js for this machine.
pub(crate) fn node(target: &Path) -> Result<PathBuf, Error> {
    node_for(Platform::here(), NODE, target)
}

/// A version of Node.js for a platform, which this machine may not be able to run.
///
/// # Errors
/// When npm is missing or fails, or there is no Node.js for the platform.
pub(crate) fn node_for(platform: Platform, version: &str, target: &Path) -> Result<PathBuf, Error> {
    let package = node_package(platform)?;
    let (program, cache) = match platform.os {
        "win32" => (format!("{package}/bin/node.exe"), package.as_str()),
        _ if platform == Platform::here() => (format!("{package}/bin/node"), "node"),
        _ => (format!("{package}/bin/node"), package.as_str()),
    };
    let node = Package { name: &package, version, file: &program, node: None, platform, is_whole: false };
    node.bring(&target.join(cache))
}

/// The program of an OpenClaw release, fetched into `target` unless it is there.
///
/// # Errors
/// When npm is missing or fails, or there is no such release.
pub(crate) fn openclaw(target: &Path, version: &str, node: &Path) -> Result<PathBuf, Error> {
    let package = Package {
        name: "openclaw",
        version,
        file: "openclaw/openclaw.mjs",
        node: Some(node),
        platform: Platform::here(),
        is_whole: false,
    };
    package.bring(&target.join("openclaw"))
}

/// The folder that holds the official Stream SDK and what it needs, fetched into `target` unless it is there.
///
/// # Errors
/// When npm is missing or fails.
pub(crate) fn stream_sdk(target: &Path, node: &Path) -> Result<PathBuf, Error> {
    let file = "dingtalk-stream/dist/index.mjs";
    let platform = Platform::here();
    let package = Package {
        name: "dingtalk-stream",
        version: STREAM_SDK,
        file,
        node: Some(node),
        platform,
        is_whole: false,
    };
    package.bring(&target.join("sdk/node"))?;
    Ok(target.join("sdk/node").join(STREAM_SDK).join("node_modules"))
}

/// The folder of another plugin, `name@version`, fetched into `target` unless it is there.
///
/// # Errors
/// When it names no version, npm is missing or fails, or there is no such package.
pub(crate) fn plugin(target: &Path, peer: &str, node: &Path) -> Result<PathBuf, Error> {
    let Some((name, version)) = peer.rsplit_once('@').filter(|(name, _)| !name.is_empty()) else {
        let reason =
            "it is no folder, and a package is named with its version, as in `name@1.2.3`".to_owned();
        return Err(Error::NotFetched { package: peer.to_owned(), reason });
    };
    let file = format!("{name}/package.json");
    let cache = target.join("peers").join(name.replace('/', "-"));
    let platform = Platform::here();
    let package = Package { name, version, file: &file, node: Some(node), platform, is_whole: true };
    package.bring(&cache).map(|file| file.parent().map(Path::to_owned).unwrap_or_default())
}

/// What checks the types of JavaScript: the program of TypeScript, and the folder of Node.js's types.
///
/// # Errors
/// When npm is missing or fails.
pub(crate) fn typescript(target: &Path) -> Result<(PathBuf, PathBuf), Error> {
    let bring = |name: &str, version, file: &str| {
        let platform = Platform::here();
        let package = Package { name, version, file, node: None, platform, is_whole: false };
        package.bring(&target.join("typescript").join(name.replace('/', "-")))
    };
    let program = bring("typescript", TYPESCRIPT, "typescript/bin/tsc")?;
    let types = bring("@types/node", NODE_TYPES, "@types/node/package.json")?;
    Ok((program, types.ancestors().nth(2).map(Path::to_owned).unwrap_or_default()))
}

/// A package of which one file is wanted.
struct Package<'a> {
    name: &'a str,
    version: &'a str,
    /// The file, below `node_modules`.
    file: &'a str,
    /// The Node.js that npm is to run in: npm leaves out native parts that are not for the one it runs in.
    node: Option<&'a Path>,
    /// What it is to run on.
    platform: Platform,
    /// Whether its folder is to hold all that it needs but for its host, so that the folder can be copied.
    is_whole: bool,
}

impl Package<'_> {
    fn bring(&self, cache: &Path) -> Result<PathBuf, Error> {
        let folder = cache.join(self.version);
        if self.file_in(&folder).is_file() {
            return Ok(self.file_in(&folder));
        }
        fs::create_dir_all(cache).map_err(Error::file("create", cache))?;
        let fresh = tempfile::Builder::new().prefix(".new-").tempdir_in(cache);
        let fresh = fresh.map_err(Error::file("create a folder in", cache))?;
        self.install(fresh.path())?;
        if !self.file_in(fresh.path()).is_file() {
            return Err(self.failed("it lacks the file that it is fetched for"));
        }
        match fs::rename(fresh.path(), &folder) {
            Ok(()) => drop(fresh.keep()),
            // Another process was faster; what it fetched is as good.
            Err(_) if self.file_in(&folder).is_file() => {}
            Err(error) => return Err(Error::file("create", &folder)(error)),
        }
        Ok(self.file_in(&folder))
    }

    fn file_in(&self, folder: &Path) -> PathBuf {
        folder.join("node_modules").join(self.file)
    }

    /// A registry that fails once is asked again; what npm has fetched before, it has in its own cache.
    fn install(&self, folder: &Path) -> Result<(), Error> {
        let mut tried = self.try_to_install(folder);
        for _ in 1..TRIES {
            let Err(error) = tried else { break };
            println!("{error}; once more");
            tried = self.try_to_install(folder);
        }
        tried
    }

    fn try_to_install(&self, folder: &Path) -> Result<(), Error> {
        let mut npm = Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" });
        // Packages bring scripts; none of those wanted here needs its own.
        npm.args(["install", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]);
        if self.is_whole {
            npm.args(["--install-strategy=nested", "--legacy-peer-deps"]);
        }
        if self.platform != Platform::here() {
            npm.arg("--force"); // it is for another machine, and not to be run by npm
        }
        npm.arg("--prefix").arg(folder).arg(format!("{}@{}", self.name, self.version));
        if let Some(node) = self.node.and_then(Path::parent) {
            let known = std::env::var_os("PATH").unwrap_or_default();
            let folders = std::iter::once(node.to_owned()).chain(std::env::split_paths(&known));
            // No folder of PATH, and none of ours, has a colon in its name.
            npm.env("PATH", std::env::join_paths(folders).unwrap_or(known));
        }
        match output(&mut npm) {
            Err(Error::Tool { source, .. }) => Err(self.failed(&format!("npm: {source}"))),
            other => other.map(drop),
        }
    }

    fn failed(&self, reason: &str) -> Error {
        Error::NotFetched { package: format!("{}@{}", self.name, self.version), reason: reason.to_owned() }
    }
}

/// The npm package that holds nothing but Node.js for a platform.
fn node_package(platform: Platform) -> Result<String, Error> {
    let Platform { os, cpu, libc } = platform;
    if libc == Some("musl") || !["x64", "arm64"].contains(&cpu) {
        let reason = format!("there is none for {}", platform.name());
        return Err(Error::NotFetched { package: "Node.js".to_owned(), reason });
    }
    Ok(format!("node-{}-{cpu}", if os == "win32" { "win" } else { os }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_is_not_fetched_again() {
        let target = tempfile::tempdir().unwrap();
        let openclaw_s = target.path().join("openclaw/1.2.3/node_modules/openclaw");
        fs::create_dir_all(&openclaw_s).unwrap();
        fs::write(openclaw_s.join("openclaw.mjs"), "").unwrap();

        assert_eq!(
            openclaw(target.path(), "1.2.3", Path::new("node")).unwrap(),
            openclaw_s.join("openclaw.mjs")
        );
    }

    #[test]
    fn another_plugin_is_named_with_its_version_and_not_fetched_again() {
        let target = tempfile::tempdir().unwrap();
        let folder = target.path().join("peers/@some-plugin/1.2.3/node_modules/@some/plugin");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("package.json"), "{}").unwrap();
        let plugin = |peer| plugin(target.path(), peer, Path::new("node"));

        assert_eq!(plugin("@some/plugin@1.2.3").unwrap(), folder);
        for unclear in ["@some/plugin", "plugin"] {
            assert!(plugin(unclear).unwrap_err().to_string().contains("version"), "{unclear}");
        }
    }
}
