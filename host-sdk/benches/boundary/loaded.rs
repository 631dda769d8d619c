//! The channel `pulse` and the plugin, built as they ship.

use super::values;
use host_sdk::{
    Accepted, Done, InboundMessage, LogLine, OpenContext,
    host::{Channel, Events, Plugin},
};
use std::{
    fs,
    hint::black_box,
    path::{Path, PathBuf},
    process::Command,
    sync::LazyLock,
    time::Duration,
};
use tempfile::TempDir;

/// More than any answer takes.
pub(crate) const SOON: Duration = Duration::from_secs(10);

/// A plugins directory with both in it, and their folders.
struct Built {
    pulse: PathBuf,
    plugin: PathBuf,
    _directory: TempDir,
}

static BUILT: LazyLock<Built> = LazyLock::new(|| {
    let directory = tempfile::tempdir().unwrap();
    let build = |package: &str| {
        let mut command = Command::new(env!("CARGO"));
        command.current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
        command.args(["xtask", "dist", "--package", package, "--out"]).arg(directory.path());
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let said = String::from_utf8(output.stdout).unwrap();
        PathBuf::from(said.lines().next().unwrap())
    };
    Built { pulse: build("pulse"), plugin: build("plugin"), _directory: directory }
});

/// Takes every message at once, and looks at every line.
struct Taking;

impl Events for Taking {
    fn receive(&self, message: InboundMessage, answer: Done<Accepted>) {
        black_box(&message);
        answer.answer(Ok(Accepted::New));
    }

    fn log(&self, line: &LogLine<'_>) {
        black_box(line);
    }
}

/// The loaded channel `pulse`.
pub(crate) fn plugin() -> Plugin {
    Plugin::load(&BUILT.pulse).unwrap().0
}

/// An account of it that runs.
pub(crate) fn started() -> Channel {
    let channel = plugin().open(OpenContext::default(), Taking).unwrap();
    channel.start().wait(SOON).unwrap();
    channel
}

/// Has `channel` do something, and waits until it is done.
pub(crate) fn order(channel: &Channel, order: &str) {
    channel.send(values::outbound(order)).wait(SOON).unwrap();
}

/// A folder with the plugin that ships; the system's linker has not seen it before.
pub(crate) fn copy_of_the_plugin(with_sha256: bool) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(&BUILT.plugin).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, folder.path().join(path.file_name().unwrap())).unwrap();
    }
    if !with_sha256 {
        forget_sha256(&folder.path().join("manifest.toml"));
    }
    folder
}

/// The library in `folder`.
pub(crate) fn library_in(folder: &Path) -> PathBuf {
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let is_library = |path: &PathBuf| path.to_string_lossy().ends_with(std::env::consts::DLL_SUFFIX);
    files.into_iter().find(is_library).unwrap()
}

fn forget_sha256(manifest: &Path) {
    let text = fs::read_to_string(manifest).unwrap();
    let kept: Vec<_> = text.lines().filter(|line| !line.starts_with("sha256")).collect();
    fs::write(manifest, kept.join("\n")).unwrap();
}
