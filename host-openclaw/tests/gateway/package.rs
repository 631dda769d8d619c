//! The plugin as packages: other versions of its folder, and archives as npm makes them.

use crate::home::provided;
use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
};
use tokio::process::Command;

/// What differs from platform to platform: in an archive for several, each has a folder with these.
const NATIVE: [&str; 3] = ["manifest.toml", "host-openclaw.node", LIBRARY];
const LIBRARY: &str =
    if cfg!(target_os = "macos") { "libopenclaw_dingtalk.dylib" } else { "libopenclaw_dingtalk.so" };

/// The packaged folder, copied to `into`.
pub(crate) fn copy(into: &Path) {
    fs::create_dir_all(into).unwrap();
    for entry in fs::read_dir(provided("OPENCLAW_E2E_PLUGIN")).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), into.join(entry.file_name())).unwrap();
    }
}

/// The version that is packaged.
pub(crate) fn version() -> String {
    json(&provided("OPENCLAW_E2E_PLUGIN").join("package.json"))["version"].as_str().unwrap().to_owned()
}

/// The packaged folder at `into`, calling itself another version. `OPENCLAW_E2E_PREVIOUS` may name the folder of
/// an older build, which has its own library.
pub(crate) fn copy_as(version: &str, into: &Path) {
    copy(into);
    if let Some(previous) = std::env::var_os("OPENCLAW_E2E_PREVIOUS") {
        for entry in fs::read_dir(previous).unwrap() {
            let entry = entry.unwrap();
            fs::copy(entry.path(), into.join(entry.file_name())).unwrap();
        }
    }
    for file in ["package.json", "openclaw.plugin.json"] {
        let path = into.join(file);
        let mut value = json(&path);
        value["version"] = version.into();
        fs::write(path, value.to_string()).unwrap();
    }
    let path = into.join("manifest.toml");
    let manifest = fs::read_to_string(&path).unwrap();
    let lines = manifest.lines().map(|line| match line.starts_with("version = ") {
        true => format!("version = \"{version}\"\n"),
        false => format!("{line}\n"),
    });
    fs::write(path, lines.collect::<String>()).unwrap();
}

/// Moves what is native into a folder of the platform, as it lies in an archive for several.
pub(crate) fn make_room_for_others(folder: &Path) {
    let package = json(&folder.join("package.json"));
    let own = folder.join(format!(
        "{}-{}",
        package["os"][0].as_str().unwrap(),
        package["cpu"][0].as_str().unwrap()
    ));
    fs::create_dir(&own).unwrap();
    for file in NATIVE {
        fs::rename(folder.join(file), own.join(file)).unwrap();
    }
}

/// An archive, and what a registry says of it.
pub(crate) struct Packed {
    pub(crate) archive: PathBuf,
    pub(crate) integrity: String,
    pub(crate) shasum: String,
}

/// A folder as npm packs it, into `into`.
pub(crate) async fn pack(folder: &Path, into: &Path) -> Packed {
    let mut npm = Command::new("npm");
    npm.args(["pack", "--offline", "--ignore-scripts", "--loglevel=error", "--json", "--pack-destination"]);
    let output = npm.arg(into).arg(folder).output().await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said: Value = serde_json::from_slice(&output.stdout).unwrap();
    // A list, or by names, as the version of npm has it.
    let said = said.get(0).or_else(|| said.as_object()?.values().next()).unwrap();
    let text = |key: &str| said[key].as_str().unwrap().to_owned();
    Packed { archive: into.join(text("filename")), integrity: text("integrity"), shasum: text("shasum") }
}

pub(crate) fn json(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}
