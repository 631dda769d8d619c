//! What ships names no folder of the machine that built it: where a panic says in which file it was, the sources of
//! crates are in `/crates`.

use std::{env, fs, path::PathBuf};

/// Where the sources of crates are said to be.
const CRATES: &str = "/crates";

/// What cargo is told: flags for rustc, which are added to those that a configuration has.
pub(crate) fn arguments() -> Vec<String> {
    let flags: Vec<_> = registries().iter().map(|folder| remap(&folder.to_string_lossy())).collect();
    // A list of JSON is one of TOML.
    vec!["--config".to_owned(), format!("target.'cfg(all())'.rustflags={}", serde_json::json!(flags))]
}

fn remap(folder: &str) -> String {
    format!("--remap-path-prefix={folder}={CRATES}")
}

/// The folders in which cargo unpacks crates, one for each registry.
fn registries() -> Vec<PathBuf> {
    let home = env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| env::home_dir().map(|home| home.join(".cargo"))).unwrap_or_default();
    let entries = fs::read_dir(home.join("registry/src")).into_iter().flatten().flatten();
    let mut folders: Vec<_> = entries.map(|entry| entry.path()).collect();
    folders.sort();
    folders
}
