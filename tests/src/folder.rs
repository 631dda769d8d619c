//! Copies of a plugin's folder, to be loaded as libraries of their own, or to be damaged.

use crate::Built;
use host_sdk::host::Plugin;
use std::{
    fs,
    path::{Path, PathBuf},
};
use tempfile::TempDir;

/// A copy of a plugin's folder. Copies are libraries of their own to the system's linker, so each
/// has its own runtime, log filter and sinks.
pub struct Copied {
    path: PathBuf,
    /// What it lies in, if nobody else keeps that.
    _directory: Option<TempDir>,
}

impl Copied {
    /// A fresh copy, for as long as this lives.
    pub fn of(built: &Built) -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory can be made");
        let copied = Self::within(directory.path(), "copy", built);
        Self { _directory: Some(directory), ..copied }
    }

    /// A fresh copy that is called `name`, in `directory`.
    pub fn within(directory: &Path, name: &str, built: &Built) -> Self {
        let path = directory.join(name);
        fs::create_dir(&path).expect("the directory is there, without such a name");
        for entry in fs::read_dir(built.folder()).expect("it was built") {
            let entry = entry.expect("it was built");
            // What begins with a dot is another process's, which puts the same files there, and goes meanwhile.
            if !entry.file_name().as_encoded_bytes().starts_with(b".") {
                fs::copy(entry.path(), path.join(entry.file_name())).expect("there is room for a copy");
            }
        }
        Self { path, _directory: None }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its manifest.
    pub fn manifest(&self) -> PathBuf {
        self.path.join("manifest.toml")
    }

    /// The library in it.
    #[track_caller]
    pub fn library(&self) -> PathBuf {
        let entries =
            fs::read_dir(&self.path).expect("it is there").map(|entry| entry.map(|entry| entry.path()));
        let suffix = std::env::consts::DLL_SUFFIX;
        let is_library = |path: &PathBuf| path.to_string_lossy().ends_with(suffix);
        entries.filter_map(Result::ok).find(is_library).expect("it has a library")
    }

    /// Loads it.
    #[track_caller]
    pub fn load(&self) -> Plugin {
        Plugin::load(&self.path).unwrap_or_else(|error| panic!("{error}")).0
    }

    /// Changes the manifest's text.
    #[track_caller]
    pub fn change_manifest(&self, change: impl Fn(&str) -> String) {
        let text = fs::read_to_string(self.manifest()).expect("it has a manifest");
        let changed = change(&text);
        assert_ne!(changed, text, "the manifest has no such text any more");
        fs::write(self.manifest(), changed).expect("the copy is ours");
    }

    /// Takes the library's checksum out of the manifest.
    pub fn forget_checksum(&self) {
        let lines = |text: &str| -> String {
            text.lines().filter(|line| !line.starts_with("sha256")).map(|line| format!("{line}\n")).collect()
        };
        let text = fs::read_to_string(self.manifest()).expect("it has a manifest");
        fs::write(self.manifest(), lines(&text)).expect("the copy is ours");
    }

    /// Puts a changed library in the place of the one that is there, as an upgrade does: by rename.
    /// Its checksum, which would find that out, is forgotten.
    pub fn change_library(&self, change: impl FnOnce(Vec<u8>) -> Vec<u8>) {
        self.forget_checksum();
        let (library, new) = (self.library(), self.path.join("new"));
        let bytes = fs::read(&library).expect("the library can be read");
        fs::write(&new, change(bytes)).expect("there is room for it");
        fs::rename(new, library).expect("the copy is ours");
    }
}
