//! The fixtures: built once, all by one cargo, below the target directory.
//!
//! ```text
//! versions/
//!   sdk/1.2.0/host-sdk/   the changed SDKs, each in a workspace to inherit from
//!   fixtures/             one workspace: a plugin per SDK, a host for some, a library that is none
//!   target/               what cargo makes of them
//! ```

use crate::{
    changes::{additions, field_added, fields_swapped, method_inserted, root_panics},
    programs,
    sdk::Sdk,
};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::LazyLock,
};
use tempfile::TempDir;

/// Which SDK something is built with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Built {
    /// That of this tree, 1.1.
    Now,
    /// The next minor version, 1.2, with one of every addition.
    NextMinor,
    /// The next major version, 2.0, with a struct that has changed.
    NextMajor,
    /// A patch, with a struct that has a field more.
    FieldAdded,
    /// A patch, with a struct whose fields are in another order.
    FieldsSwapped,
    /// A patch, with a method between older ones.
    MethodInserted,
    /// A patch, whose root function panics.
    RootPanics,
}

use Built::{FieldAdded, FieldsSwapped, MethodInserted, NextMajor, NextMinor, Now, RootPanics};

const ALL: [Built; 7] = [Now, NextMinor, NextMajor, FieldAdded, FieldsSwapped, MethodInserted, RootPanics];
const HOSTS: [Built; 3] = [Now, NextMinor, NextMajor];

/// Plugins beside those, each with the features that make it what it is.
const VARIANTS: [(&str, Built, &str); 3] = [
    (DESCRIBE_PANICS, Now, "\"describe-panics\""),
    (MODEST, NextMinor, ""),
    (DEMANDING, NextMinor, "\"later\", \"demanding\""),
];

/// A plugin that panics when it is asked what it is.
pub(crate) const DESCRIBE_PANICS: &str = "postbox_describe_panics";
/// A plugin of the next minor version that uses nothing new.
pub(crate) const MODEST: &str = "postbox_modest";
/// A plugin of the next minor version that cannot do without what is new.
pub(crate) const DEMANDING: &str = "postbox_demanding";

impl Built {
    pub(crate) fn sdk(self) -> Sdk {
        let sdk = Sdk::current();
        match self {
            Now => sdk,
            NextMinor => additions(sdk).raised(1, 1),
            NextMajor => field_added(sdk).raised(0, 1),
            FieldAdded => field_added(sdk).raised(2, 1),
            FieldsSwapped => fields_swapped(sdk).raised(2, 2),
            MethodInserted => method_inserted(sdk).raised(2, 3),
            RootPanics => root_panics(sdk).raised(2, 4),
        }
    }

    pub(crate) fn version(self) -> String {
        self.sdk().version().to_owned()
    }

    fn named(self, what: &str) -> String {
        format!("{what}_{self:?}").to_lowercase()
    }
}

/// A plugin that anyone could have installed.
pub(crate) struct Installed {
    directory: TempDir,
}

impl Installed {
    /// The plugin built with `built`, with an honest manifest.
    pub(crate) fn plugin(built: Built) -> Self {
        Self::library(&built.named("postbox"), &built.version())
    }

    /// The library of the fixture `package`, said to be built with the SDK `sdk`.
    pub(crate) fn library(package: &str, sdk: &str) -> Self {
        let installed = Self { directory: tempfile::tempdir().unwrap() };
        let (prefix, suffix) = (std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
        let file = format!("{prefix}{package}{suffix}");
        fs::copy(artifacts().join(&file), installed.folder().join(&file)).unwrap();
        let manifest =
            format!("id = \"postbox\"\nversion = \"0.1.0\"\nsdk = \"{sdk}\"\nlibrary = \"{package}\"\n");
        fs::write(installed.folder().join("manifest.toml"), manifest).unwrap();
        installed
    }

    /// The library in it.
    pub(crate) fn library_file(&self) -> PathBuf {
        let suffix = std::env::consts::DLL_SUFFIX;
        let files = fs::read_dir(self.folder()).unwrap().map(|entry| entry.unwrap().path());
        files.into_iter().find(|path| path.to_string_lossy().ends_with(suffix)).unwrap()
    }

    /// The program of the host built with `built`.
    pub(crate) fn host(built: Built) -> PathBuf {
        artifacts().join(format!("{}{}", built.named("host"), std::env::consts::EXE_SUFFIX))
    }

    pub(crate) fn folder(&self) -> &Path {
        self.directory.path()
    }

    /// What the host built with `host` says of it, line by line.
    pub(crate) fn under(&self, host: Built) -> Vec<String> {
        let ended = programs::run(Command::new(Self::host(host)).arg(self.folder()));
        let said = String::from_utf8(ended.stdout).unwrap();
        assert!(ended.status.success(), "{}{said}{}", ended.status, String::from_utf8_lossy(&ended.stderr));
        said.lines().map(str::to_owned).collect()
    }
}

/// The root of this tree.
pub(crate) fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// Where cargo has put what it made.
fn artifacts() -> &'static Path {
    static BUILT: LazyLock<PathBuf> = LazyLock::new(build);
    &BUILT
}

fn build() -> PathBuf {
    let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join("versions");
    fs::create_dir_all(&place).unwrap();
    // Another process may be at it too; the lock goes with the file.
    let alone = fs::File::create(place.join("lock")).unwrap();
    alone.lock().unwrap();
    for built in ALL {
        let sdk = built.sdk();
        sdk.write(&place.join("sdk").join(sdk.version()));
    }
    write_packages(&place.join("fixtures"));
    run_cargo(&place);
    place.join("target/debug")
}

fn run_cargo(place: &Path) {
    let mut cargo = xtask::cargo();
    cargo.current_dir(place.join("fixtures")).args(["build", "--workspace", "--offline", "--target-dir"]);
    cargo.arg(place.join("target"));
    // Nobody debugs them, and less to write is less to wait for.
    cargo.env("CARGO_PROFILE_DEV_DEBUG", "false").env("CARGO_INCREMENTAL", "0");
    let made = cargo.output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
}

fn write_packages(folder: &Path) {
    let mut members = Vec::new();
    let mut member = |name: String, manifest: String| {
        let head = format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n");
        write_if_changed(&folder.join(&name).join("Cargo.toml"), &format!("{head}{manifest}"));
        members.push(format!("\"{name}\""));
    };
    for built in ALL {
        member(built.named("postbox"), library("plugin.rs") + &features(built) + &sdk(built, "channel"));
    }
    for built in HOSTS {
        let name = built.named("host");
        let program = format!("[[bin]]\nname = \"{name}\"\npath = {}\n", source("host.rs"));
        member(name, program + &features(built) + &sdk(built, "host"));
    }
    for (name, built, feature) in VARIANTS {
        member(name.to_owned(), library("plugin.rs") + &with_default(feature) + &sdk(built, "channel"));
    }
    member("stranger".to_owned(), library("stranger.rs"));

    write_workspace(folder, &members.join(", "));
    // What the tree is built with is here already, so nothing has to be fetched.
    fs::copy(project().join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
}

fn library(file: &str) -> String {
    format!("[lib]\ncrate-type = [\"cdylib\"]\npath = {}\n", source(file))
}

fn source(file: &str) -> String {
    format!("{:?}", project().join("tests/fixtures/versions").join(file))
}

/// What a fixture does: all that its SDK can.
fn features(built: Built) -> String {
    with_default(if built == NextMinor { "\"later\"" } else { "" })
}

fn with_default(features: &str) -> String {
    format!("[features]\ndefault = [{features}]\nlater = []\ndescribe-panics = []\ndemanding = []\n")
}

fn sdk(built: Built, side: &str) -> String {
    let version = built.version();
    format!("[dependencies.host-sdk]\npath = \"../../sdk/{version}/host-sdk\"\nfeatures = [\"{side}\"]\n")
}

/// A workspace like that of this tree, with other members.
pub(crate) fn write_workspace(folder: &Path, members: &str) {
    let manifest = fs::read_to_string(project().join("Cargo.toml")).unwrap();
    let lines = manifest.lines().filter(|line| !line.starts_with("default-members = "));
    let manifest: String = lines
        .map(|line| match line.strip_prefix("members = ") {
            Some(_) => format!("members = [{members}]\n"),
            None => format!("{line}\n"),
        })
        .collect();
    write_if_changed(&folder.join("Cargo.toml"), &manifest);
}

/// Leaves a file alone that is right, so that cargo does not build it again.
pub(crate) fn write_if_changed(path: &Path, text: &str) {
    if fs::read_to_string(path).is_ok_and(|found| found == text) {
        return;
    }
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}
