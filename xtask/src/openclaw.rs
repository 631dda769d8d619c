//! What the OpenClaw gateway needs in the plugin folder, beside what every host needs.
//!
//! ```text
//! dingtalk/
//!   package.json           where OpenClaw finds the entry
//!   openclaw.plugin.json   what it reads before any code runs: the schema of `channels.dingtalk`
//!   *.js                   the entry, and what it imports
//!   host-openclaw.node     the addon, for the platform that package.json names
//! ```

use crate::{
    Error,
    cargo::{Build, Metadata, Profile, root},
    dist::Files,
    manifest::Manifest,
    platform::Platform,
};
use serde_json::{Value, json};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// The package of the addon and its JavaScript.
pub(crate) const PACKAGE: &str = "host-openclaw";
/// The name of the package that npm, and OpenClaw's installer, know.
pub(crate) const NPM_PACKAGE: &str = "openclaw-dingtalk";
/// What its JavaScript opens.
pub(crate) const ADDON: &str = "host-openclaw.node";
/// The file that OpenClaw loads.
const ENTRY: &str = "index.js";
/// What it loads where it asks about the channel and does not run it.
const SETUP_ENTRY: &str = "setup-entry.js";
/// What OpenClaw reads first, as a test of the plugin keeps it.
const PLUGIN_JSON: &str = "openclaw.plugin.json";
/// The release that the adapter is proved with.
pub(crate) const HOST: &str = "2026.9.6";
/// The oldest that it works in; one before that refuses the installation, and says why.
const OLDEST: &str = "2026.7.35";

/// The files with their names in the folder, around an addon that is built for `platform`.
pub(crate) fn files(addon: &Path, manifest: &Manifest, platform: Platform) -> Result<Files, Error> {
    let mut files = vec![(ADDON.to_owned(), fs::read(addon).map_err(Error::file("read", addon))?)];
    files.extend(portable(manifest, &platform.npm_fields())?);
    Ok(files)
}

/// Those that are the same on every platform, but for what `package.json` says of platforms.
pub(crate) fn portable(manifest: &Manifest, platforms: &[(&'static str, Value)]) -> Result<Files, Error> {
    let mut files = Vec::new();
    for script in scripts()? {
        let name = script.file_name().unwrap_or_default().to_string_lossy().into_owned();
        files.push((name, fs::read(&script).map_err(Error::file("read", &script))?));
    }
    let plugin = plugin_json(manifest)?;
    files.push((PLUGIN_JSON.to_owned(), pretty(&plugin)));
    // Last, as a folder without it is none that OpenClaw loads.
    let mut package = package_json(manifest, &plugin);
    for (field, value) in platforms {
        package[*field] = value.clone();
    }
    files.push(("package.json".to_owned(), pretty(&package)));
    Ok(files)
}

/// Builds the addon.
pub(crate) fn addon(workspace: &Metadata, profile: Profile) -> Result<PathBuf, Error> {
    let target_directory = &workspace.ship_directory();
    Build { package: PACKAGE, profile, features: "node", target_directory }.library()
}

/// The addon's JavaScript.
pub(crate) fn scripts() -> Result<Vec<PathBuf>, Error> {
    let folder = folder().join("js");
    let entries = fs::read_dir(&folder).and_then(|entries| entries.collect::<Result<Vec<_>, _>>());
    let mut scripts: Vec<_> = entries
        .map_err(Error::file("list", &folder))?
        .into_iter()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "js"))
        .collect();
    scripts.sort();
    Ok(scripts)
}

fn folder() -> PathBuf {
    root().join(PACKAGE)
}

/// The source with the version that ships.
fn plugin_json(manifest: &Manifest) -> Result<Value, Error> {
    let path = folder().join(PLUGIN_JSON);
    let text = fs::read_to_string(&path).map_err(Error::file("read", &path))?;
    let unusable = |reason: String| Error::Unusable { file: "host-openclaw/openclaw.plugin.json", reason };
    let mut plugin: Value = serde_json::from_str(&text).map_err(|error| unusable(error.to_string()))?;
    if plugin["id"] != manifest.id() {
        return Err(unusable(format!("its id is not {:?}, which manifest.toml has", manifest.id())));
    }
    plugin["version"] = json!(manifest.version().to_string());
    Ok(plugin)
}

/// What npm, and OpenClaw's installer, read of the package.
fn package_json(manifest: &Manifest, plugin: &Value) -> Value {
    let floor = format!(">={OLDEST}");
    json!({
        "name": NPM_PACKAGE,
        "version": manifest.version().to_string(),
        "description": plugin["description"],
        "license": "MIT OR Apache-2.0",
        "type": "module",
        "openclaw": {
            "extensions": [format!("./{ENTRY}")],
            "setupEntry": format!("./{SETUP_ENTRY}"),
            "channel": {
                "id": manifest.id(),
                "label": plugin["name"],
                "selectionLabel": plugin["name"],
                "docsPath": format!("/channels/{}", manifest.id()),
                "blurb": plugin["description"],
                "aliases": ["dingding", "钉钉"],
                "markdownCapable": true,
                // To us `open` alone means everyone; OpenClaw would warn that it means nobody.
                "doctorCapabilities": {"openDmRequiresAllowFromWildcard": false, "groupModel": "hybrid"},
                "cliAddOptions": [
                    {"flags": "--client-id <id>", "description": "Client ID (AppKey) of the DingTalk application"},
                    {"flags": "--client-secret <secret>", "description": "Client Secret (AppSecret)"},
                ],
            },
            "install": {"minHostVersion": floor},
            "compat": {"pluginApi": floor},
        },
    })
}

fn pretty(value: &Value) -> Vec<u8> {
    format!("{value:#}\n").into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_package_names_an_entry_that_exists_and_what_it_is_for() {
        let manifest = Manifest::read().unwrap();
        let plugin = plugin_json(&manifest).unwrap();
        let package = package_json(&manifest, &plugin);

        for entry in [&package["openclaw"]["extensions"][0], &package["openclaw"]["setupEntry"]] {
            let entry = entry.as_str().unwrap().trim_start_matches("./");
            assert!(scripts().unwrap().iter().any(|script| script.ends_with(Path::new(entry))), "{entry}");
        }
        assert_eq!(package["version"], plugin["version"]);
        assert_eq!(package["openclaw"]["channel"]["id"], plugin["channels"][0]);
    }
}
