//! The loader, with the real library: it loads what ships, and names what is wrong with the rest.
//! What only a build can get wrong is in `tests/versions`.

use host_mock::{
    dingtalk::{DingTalk, Settings},
    host::{ConfigSource, Options, PluginSource},
};
use host_sdk::host::{LoadError, Manifest, Plugin, discover};
use serde_json::json;
use std::{
    fs,
    path::{Path, PathBuf},
};
use tempfile::TempDir;
use tests::{Copied, Discreet, PLUGIN, dingtalk, plugin, section};

/// A plugins directory, to be filled with damaged copies of the plugin folder.
struct Plugins(TempDir);

impl Plugins {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// A copy of the plugin folder, as it ships.
    fn copy(&self, name: &str) -> Copied {
        Copied::within(self.0.path(), name, dingtalk())
    }
}

/// One way of being wrong.
struct Wrong {
    /// What is wrong, and the name of the folder.
    what: &'static str,
    /// The error's kind.
    code: &'static str,
    /// What a person reads.
    says: &'static str,
    damage: fn(&Copied),
}

#[rustfmt::skip] // a table
const WRONG: &[Wrong] = &[
    Wrong { what: "no manifest", code: "manifest", says: "manifest.toml: ",
        damage: |copy| fs::remove_file(copy.manifest()).unwrap() },
    Wrong { what: "manifest with a wrong type", code: "manifest", says: "line 1, column 16",
        damage: |copy| copy.change_manifest(|text| format!("capabilities = 7\n{}", without(text, "capabilities"))) },
    Wrong { what: "manifest without an id", code: "manifest", says: "missing field `id`",
        damage: |copy| copy.change_manifest(|text| without(text, "id")) },
    Wrong { what: "manifest of another plugin", code: "id", says: "\"feishu\", its library is \"dingtalk\"",
        damage: |copy| copy.change_manifest(|text| text.replace("id = \"dingtalk\"", "id = \"feishu\"")) },
    Wrong { what: "another sdk", code: "sdk-version", says: "update the host",
        damage: |copy| copy.change_manifest(|text| format!("sdk = \"2.0.0\"\n{}", without(text, "sdk"))) },
    Wrong { what: "library path that leaves the folder", code: "manifest", says: "a name without a path",
        damage: |copy| copy.change_manifest(|text| text.replace("library = \"", "library = \"../")) },
    Wrong { what: "missing library", code: "file", says: "install the plugin again",
        damage: |copy| fs::remove_file(copy.library()).unwrap() },
    // Also what an unreadable library looks like to whoever may read everything.
    Wrong { what: "folder in place of the library", code: "file", says: "directory",
        damage: |copy| {
            let library = copy.library();
            fs::remove_file(&library).unwrap();
            fs::create_dir(library).unwrap();
        } },
    Wrong { what: "wrong checksum", code: "file", says: "the manifest says",
        damage: |copy| {
            let mut bytes = fs::read(copy.library()).unwrap();
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
            fs::write(copy.library(), bytes).unwrap();
        } },
    Wrong { what: "empty library", code: "file", says: "not a library",
        damage: |copy| copy.change_library(|_| Vec::new()) },
    Wrong { what: "text as library", code: "file", says: "not a library",
        damage: |copy| copy.change_library(|_| b"#!/bin/sh\necho hello\n".to_vec()) },
    Wrong { what: "early truncated library", code: "file", says: "truncated at",
        damage: |copy| copy.change_library(|whole| whole[..whole.len() / 3].to_vec()) },
    Wrong { what: "late truncated library", code: "file", says: "truncated at",
        damage: |copy| copy.change_library(|whole| whole[..whole.len() - 1].to_vec()) },
    Wrong { what: "library for another system", code: "file", says: "another system",
        damage: |copy| copy.change_library(|_| foreign_library()) },
];

/// What Linux's format says, whose header has the machine at a known place.
#[cfg(target_os = "linux")]
#[rustfmt::skip] // a table
const WRONG_ON_LINUX: &[Wrong] = &[
    Wrong { what: "library for another processor", code: "file", says: "another processor (Aarch64)",
        damage: |copy| copy.change_library(|whole| with_machine(whole, 183)) },
    Wrong { what: "program as library", code: "file", says: "not a dynamic library",
        damage: |copy| copy.change_library(with_type_relocatable) },
    Wrong { what: "library that is no plugin", code: "not-a-plugin", says: "not a channel plugin",
        damage: |copy| copy.change_library(|_| fs::read(some_other_library()).unwrap()) },
];
#[cfg(not(target_os = "linux"))]
const WRONG_ON_LINUX: &[Wrong] = &[];

#[cfg(unix)]
#[rustfmt::skip] // a table
const WRONG_ON_UNIX: &[Wrong] = &[
    Wrong { what: "library that is a link out of the folder", code: "file", says: "leaves the plugin's folder",
        damage: |copy| link_to(copy, &dingtalk().folder().join(copy.library().file_name().unwrap())) },
    Wrong { what: "library that is a link to nothing", code: "file", says: "No such file",
        damage: |copy| link_to(copy, Path::new("nothing")) },
    Wrong { what: "folder that anyone may change", code: "writable", says: "chmod o-w",
        damage: |copy| let_anyone_write(copy.path()) },
    Wrong { what: "manifest that anyone may change", code: "writable", says: "manifest.toml",
        damage: |copy| let_anyone_write(&copy.manifest()) },
    Wrong { what: "library that anyone may change", code: "writable", says: std::env::consts::DLL_SUFFIX,
        damage: |copy| let_anyone_write(&copy.library()) },
    Wrong { what: "library in a folder that anyone may change", code: "writable", says: "inner",
        damage: |copy| {
            let (library, inner) = (copy.library(), copy.path().join("inner"));
            fs::create_dir(&inner).unwrap();
            fs::rename(&library, inner.join("library")).unwrap();
            std::os::unix::fs::symlink("inner/library", library).unwrap();
            let_anyone_write(&inner);
        } },
];
#[cfg(not(unix))]
const WRONG_ON_UNIX: &[Wrong] = &[];

fn all_wrong() -> impl Iterator<Item = &'static Wrong> {
    WRONG.iter().chain(WRONG_ON_LINUX).chain(WRONG_ON_UNIX)
}

/// The manifest without one of its keys.
fn without(manifest: &str, key: &str) -> String {
    let starts = format!("{key} =");
    manifest.lines().filter(|line| !line.starts_with(&starts)).map(|line| format!("{line}\n")).collect()
}

/// The header of an empty library, for macOS; there, for Linux.
fn foreign_library() -> Vec<u8> {
    let (macos, linux): (&[u8], &[u8]) = (
        &[0xcf, 0xfa, 0xed, 0xfe, 7, 0, 0, 1, 3, 0, 0, 0, 6],
        &[0x7f, b'E', b'L', b'F', 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 62, 0, 1],
    );
    let mut header = if cfg!(target_os = "macos") { linux } else { macos }.to_vec();
    header.resize(64, 0);
    header
}

#[cfg(target_os = "linux")]
fn with_machine(mut elf: Vec<u8>, machine: u8) -> Vec<u8> {
    // The one machine of the two that this is not.
    elf[18] = if elf[18] == machine { 62 } else { machine };
    elf
}

#[cfg(target_os = "linux")]
fn with_type_relocatable(mut elf: Vec<u8>) -> Vec<u8> {
    elf[16] = 1;
    elf
}

/// The support library of the compiler, which every program of Rust's has open.
#[cfg(target_os = "linux")]
fn some_other_library() -> PathBuf {
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    let mut paths = maps.lines().filter_map(|line| line.split_whitespace().nth(5));
    paths.find(|path| path.contains("libgcc_s")).map(PathBuf::from).unwrap()
}

#[cfg(unix)]
fn link_to(copy: &Copied, target: &Path) {
    let library = copy.library();
    fs::remove_file(&library).unwrap();
    std::os::unix::fs::symlink(target, library).unwrap();
}

#[cfg(unix)]
fn let_anyone_write(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    let mode = fs::metadata(path).unwrap().permissions().mode();
    fs::set_permissions(path, fs::Permissions::from_mode(mode | 0o002)).unwrap();
}

#[track_caller]
fn refused(folder: &Path) -> LoadError {
    match Plugin::load(folder) {
        Ok(_) => panic!("{} loaded", folder.display()),
        Err(error) => error,
    }
}

#[test]
fn the_folder_that_ships_is_found_and_loads() {
    assert_eq!(discover(dingtalk().plugins_directory()).unwrap(), [dingtalk().folder()]);
    let plugin = plugin();
    assert_eq!(plugin.descriptor().id, PLUGIN);
    let schema: serde_json::Value = plugin.descriptor().config_schema.parse().unwrap();
    assert!(schema["properties"]["clientId"].is_object());
    assert_ne!(schema["additionalProperties"], false);
}

#[test]
fn every_wrong_library_is_an_error_of_its_own() {
    for wrong in all_wrong() {
        let plugins = Plugins::new();
        let copy = plugins.copy("copy"); // whose path the message may repeat
        (wrong.damage)(&copy);
        let error = refused(copy.path());
        assert_eq!(error.code(), wrong.code, "{}: {error}", wrong.what);
        assert!(error.to_string().contains(wrong.says), "{}: {error}", wrong.what);
    }
}

/// A good plugin, and those of the wrong ones that are `chosen` to stand in its way.
fn good_among_wrong(chosen: impl Fn(&[&Wrong], &Wrong) -> bool) -> (Plugins, Vec<&'static Wrong>) {
    let plugins = Plugins::new();
    plugins.copy("good").change_manifest(|text| format!("{text}homepage = \"https://example.com\"\n"));
    let mut among: Vec<&Wrong> = Vec::new();
    // A folder without a manifest is not even found.
    for wrong in all_wrong().filter(|wrong| wrong.what != "no manifest") {
        if chosen(&among, wrong) {
            (wrong.damage)(&plugins.copy(wrong.what));
            among.push(wrong);
        }
    }
    (plugins, among)
}

#[test]
fn the_good_plugin_loads_among_one_of_each_kind_of_wrong_ones() {
    let is_first_of_its_kind =
        |among: &[&Wrong], wrong: &Wrong| !among.iter().any(|other| other.code == wrong.code);
    let (plugins, wrong) = good_among_wrong(is_first_of_its_kind);
    let found = discover(plugins.0.path()).unwrap();
    let loaded: Vec<_> = found.iter().filter_map(|folder| Plugin::load(folder).ok()).collect();

    assert_eq!(found.len(), wrong.len() + 1);
    let ids: Vec<_> = loaded.iter().map(|(plugin, _)| &*plugin.descriptor().id).collect();
    assert_eq!(ids, [PLUGIN]);
}

#[tokio::test]
async fn a_host_runs_the_good_plugin_and_logs_what_is_wrong_with_each_of_the_others() {
    let (plugins, wrong) = good_among_wrong(|_, _| true);
    let dingtalk = DingTalk::start(Settings::default()).await.unwrap();
    let config = ConfigSource::Value(json!({"channels": {PLUGIN: section(&dingtalk)}}));
    let state = tempfile::tempdir().unwrap();
    let source = PluginSource::Directory(plugins.0.path().to_owned());
    let options = Options::new(config, source, state.path());
    let host = Discreet::start(options, dingtalk.apps()).await.unwrap();
    dingtalk.connected().await;

    let log: Vec<String> = host.log().iter().map(ToString::to_string).collect();
    for Wrong { what, says, .. } in wrong {
        let named = |line: &&String| line.contains("is left out") && line.contains(&format!("/{what}"));
        let line = log.iter().find(named).unwrap_or_else(|| panic!("no word of {what}: {log:#?}"));
        assert!(line.contains(says), "{line}");
    }
    let unknown = log.iter().any(|line| line.contains("does not know: homepage"));
    assert!(unknown, "{log:#?}");
    host.stop().await.unwrap();
}

#[test]
fn a_plugins_directory_that_cannot_be_read_is_an_error_with_its_path() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("file");
    fs::write(&file, "").unwrap();
    for (path, reason) in [(directory.path().join("absent"), "No such file"), (file, "Not a directory")] {
        let error = discover(&path).unwrap_err();
        assert!(matches!(error, LoadError::Directory { .. }) && error.code() == "directory", "{error:?}");
        let said = error.to_string();
        assert!(said.contains(&*path.to_string_lossy()) && said.contains(reason), "{said}");
    }
}

#[cfg(unix)]
#[test]
fn a_plugins_directory_where_anyone_may_put_another_folder_is_refused_unless_it_is_like_tmp() {
    use std::os::unix::fs::PermissionsExt;
    let plugins = Plugins::new();
    let copy = plugins.copy("copy");
    let_anyone_write(plugins.0.path());
    let error = refused(copy.path());
    assert_eq!(error, LoadError::Writable { path: plugins.0.path().canonicalize().unwrap() });

    fs::set_permissions(plugins.0.path(), fs::Permissions::from_mode(0o1777)).unwrap();
    Plugin::load(copy.path()).unwrap();
}

#[test]
fn another_sdk_is_refused_with_both_versions() {
    let plugins = Plugins::new();
    let copy = plugins.copy("newer");
    copy.change_manifest(|text| format!("sdk = \"2.7.1\"\n{}", without(text, "sdk")));
    let error = refused(copy.path()).to_string();
    assert!(error.contains("2.7.1") && error.contains(&plugin().descriptor().sdk), "{error}");
}

#[test]
fn a_key_that_the_host_does_not_know_is_noted_and_the_plugin_loads() {
    let plugins = Plugins::new();
    let copy = plugins.copy("newer");
    copy.change_manifest(|text| format!("{text}homepage = \"https://example.com\"\n"));
    let (_plugin, manifest): (Plugin, Manifest) = Plugin::load(copy.path()).unwrap();
    assert_eq!(manifest.unknown_keys, ["homepage"]);
}

#[cfg(unix)]
#[test]
fn a_folder_and_a_library_may_be_links_that_stay_inside() {
    let plugins = Plugins::new();
    let copy = plugins.copy("real");
    let library = copy.library();
    fs::rename(&library, copy.path().join("library.1")).unwrap();
    std::os::unix::fs::symlink("library.1", &library).unwrap();
    let linked = plugins.0.path().join("linked");
    std::os::unix::fs::symlink(copy.path(), &linked).unwrap();
    Plugin::load(&linked).unwrap();
}
