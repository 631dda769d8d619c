//! The loader, with the real library: it loads what ships, and names what is wrong with the rest.

use host_sdk::host::{LoadError, Plugin, discover};
use std::{
    fs,
    path::{Path, PathBuf},
};
use tempfile::TempDir;
use tests::{PLUGIN, plugin, plugin_directory, plugins_directory};

/// A copy of the plugin folder, to be damaged.
struct Copied {
    directory: TempDir,
}

impl Copied {
    fn new() -> Self {
        let copied = Self { directory: tempfile::tempdir().unwrap() };
        fs::create_dir(copied.folder()).unwrap();
        for entry in fs::read_dir(plugin_directory()).unwrap() {
            let path = entry.unwrap().path();
            fs::copy(&path, copied.folder().join(path.file_name().unwrap())).unwrap();
        }
        copied
    }

    fn folder(&self) -> PathBuf {
        self.directory.path().join(PLUGIN)
    }

    fn library(&self) -> PathBuf {
        let suffix = std::env::consts::DLL_SUFFIX;
        let is_library = |path: &PathBuf| path.to_string_lossy().ends_with(suffix);
        fs::read_dir(self.folder()).unwrap().map(|entry| entry.unwrap().path()).find(is_library).unwrap()
    }

    /// Changes the manifest; without its checksum, so that the library can be changed too.
    fn manifest(&self, change: impl Fn(&str) -> String) {
        let path = self.folder().join("manifest.toml");
        let text = fs::read_to_string(&path).unwrap();
        let unchecked: String =
            text.lines().filter(|line| !line.starts_with("sha256")).map(|line| format!("{line}\n")).collect();
        fs::write(path, change(&unchecked)).unwrap();
    }

    #[track_caller]
    fn refused(&self) -> LoadError {
        match Plugin::load(&self.folder()) {
            Ok(_) => panic!("it loaded"),
            Err(error) => error,
        }
    }
}

fn unchanged(text: &str) -> String {
    text.to_owned()
}

#[test]
fn the_folder_that_ships_is_found_and_loads() {
    assert_eq!(discover(plugins_directory()).unwrap(), [plugin_directory()]);
    let plugin = plugin();
    assert_eq!(plugin.descriptor().id, PLUGIN);
    let schema: serde_json::Value = plugin.descriptor().config_schema.parse().unwrap();
    assert!(schema["properties"]["clientId"].is_object());
    assert_ne!(schema["additionalProperties"], false);
}

#[test]
fn a_missing_library_is_named() {
    let copied = Copied::new();
    let library = copied.library();
    fs::remove_file(&library).unwrap();
    let error = copied.refused();
    assert_eq!(error.code(), "file");
    assert!(error.to_string().contains(&*library.to_string_lossy()), "{error}");
}

#[test]
fn a_changed_library_does_not_match_its_checksum() {
    let copied = Copied::new();
    let mut bytes = fs::read(copied.library()).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(copied.library(), bytes).unwrap();
    assert!(copied.refused().to_string().contains("sha256"));
}

#[test]
fn damaged_and_foreign_files_are_turned_away_before_the_linker_sees_them() {
    let whole = fs::read(Copied::new().library()).unwrap();
    let mut other_processor = whole.clone();
    other_processor[18] ^= 0x80; // ELF: the machine
    let cases: [(&str, &[u8]); 5] = [
        ("empty", b""),
        ("text", b"not a library\n"),
        ("truncated early", &whole[..whole.len() / 3]),
        ("truncated late", &whole[..whole.len() - 1]),
        ("another processor", &other_processor),
    ];
    for (name, bytes) in cases {
        let copied = Copied::new();
        copied.manifest(unchanged);
        fs::write(copied.library(), bytes).unwrap();
        assert_eq!(copied.refused().code(), "file", "{name}");
    }
}

#[test]
fn another_sdk_is_refused_with_both_versions_and_the_remedy() {
    let copied = Copied::new();
    let sdk = format!("sdk = \"{}\"", plugin().descriptor().sdk);
    copied.manifest(|text| text.replace(&sdk, "sdk = \"2.0.0\""));
    let error = copied.refused();
    assert_eq!(error.code(), "sdk-version");
    assert!(error.to_string().contains("2.0.0") && error.to_string().contains("update the host"), "{error}");
}

#[test]
fn a_manifest_that_speaks_of_another_plugin_is_refused() {
    let copied = Copied::new();
    copied.manifest(|text| text.replace("id = \"dingtalk\"", "id = \"feishu\""));
    let error = copied.refused();
    assert_eq!(error.code(), "id");
    assert!(error.to_string().contains("feishu") && error.to_string().contains(PLUGIN), "{error}");
}

#[test]
fn a_library_that_is_no_plugin_is_said_to_be_none() {
    let Some(other) = some_other_library() else {
        panic!("this test needs libgcc_s, which Rust programs on Linux are linked with")
    };
    let copied = Copied::new();
    copied.manifest(unchanged);
    fs::copy(other, copied.library()).unwrap();
    assert_eq!(copied.refused().code(), "not-a-plugin");
}

/// A library that this process was linked with, and that is none of ours.
fn some_other_library() -> Option<PathBuf> {
    let maps = fs::read_to_string("/proc/self/maps").ok()?;
    let paths = maps.lines().filter_map(|line| line.split_whitespace().nth(5)).map(Path::new);
    paths.filter(|path| path.to_string_lossy().contains("libgcc_s")).map(Path::to_owned).next()
}
