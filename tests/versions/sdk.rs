//! Another version of host-sdk: the one of this tree, changed at lines that are quoted.

use crate::fixtures::{project, write_if_changed};
use std::{collections::BTreeMap, fs, path::Path};

/// A host-sdk, all of its sources in memory.
#[derive(Clone)]
pub(crate) struct Sdk {
    version: String,
    /// By path from the package's folder.
    files: BTreeMap<String, String>,
}

impl Sdk {
    /// The SDK of this tree.
    pub(crate) fn current() -> Self {
        let mut files = BTreeMap::new();
        read_files(&project().join("host-sdk"), "", &mut files);
        let version = files["Cargo.toml"].lines().find_map(|line| line.strip_prefix("version = "));
        let version = version.unwrap().trim_matches('"').to_owned();
        Self { version, files }
    }

    pub(crate) fn version(&self) -> &str {
        &self.version
    }

    /// The next version with `part` (0: major, 1: minor, 2: patch) raised by `by`.
    pub(crate) fn raised(self, part: usize, by: u64) -> Self {
        let mut numbers: Vec<u64> = self.version.split('.').map(|number| number.parse().unwrap()).collect();
        numbers[part] += by;
        numbers[part + 1..].fill(0);
        let version = numbers.iter().map(u64::to_string).collect::<Vec<_>>().join(".");
        let line = |version: &str| format!("\nversion = \"{version}\"\n");
        let raised = self.clone().replace("Cargo.toml", &line(&self.version), &line(&version));
        Self { version, ..raised }
    }

    /// Writes `text` after the one place in `file` that reads `anchor`.
    pub(crate) fn after(self, file: &str, anchor: &str, text: &str) -> Self {
        self.replace(file, anchor, &format!("{anchor}{text}"))
    }

    /// Writes `text` before the one place in `file` that reads `anchor`.
    pub(crate) fn before(self, file: &str, anchor: &str, text: &str) -> Self {
        self.replace(file, anchor, &format!("{text}{anchor}"))
    }

    /// Writes `new` in the one place in `file` that reads `old`.
    pub(crate) fn replace(mut self, file: &str, old: &str, new: &str) -> Self {
        let text = self.files.get_mut(file).unwrap_or_else(|| panic!("host-sdk has no {file} any more"));
        let found = text.matches(old).count();
        assert_eq!(found, 1, "host-sdk/{file} reads {found} times, not once: {old:?}; quote another line");
        *text = text.replace(old, new);
        self
    }

    /// Puts the package into `folder`, with a workspace around it that it inherits from.
    pub(crate) fn write(&self, folder: &Path) {
        crate::fixtures::write_workspace(folder, "\"host-sdk\"");
        for (path, text) in &self.files {
            write_if_changed(&folder.join("host-sdk").join(path), text);
        }
    }
}

/// All of it, also the tests: cargo wants every file that the manifest names.
fn read_files(folder: &Path, prefix: &str, files: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = format!("{prefix}{}", path.file_name().unwrap().to_str().unwrap());
        if path.is_dir() {
            read_files(&path, &format!("{name}/"), files);
        } else {
            files.insert(name, fs::read_to_string(&path).unwrap());
        }
    }
}
