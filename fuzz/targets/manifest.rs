//! The manifest of a plugin's folder.
#![no_main]

use host_sdk::host::Manifest;
use std::{cell::OnceCell, fs};
use tempfile::TempDir;

thread_local! {
    static FOLDER: OnceCell<TempDir> = const { OnceCell::new() };
}

fuzz::target!(claim);

/// One that is read names a library beside it.
fn claim(text: &str) {
    FOLDER.with(|folder| {
        let folder = folder.get_or_init(|| tempfile::tempdir().expect("there is room for a folder")).path();
        fs::write(folder.join("manifest.toml"), text).expect("there is room for a manifest");
        let Ok(manifest) = Manifest::read(folder) else { return };
        assert!(!manifest.library.contains(['/', '\\', '\0']), "it leads out of the folder");
        assert!(!matches!(&*manifest.library, "" | "." | ".."), "it names no file");
    });
}
