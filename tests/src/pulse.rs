//! A second channel, `pulse`: a real library without a platform, see `fixtures/pulse`.

use host_sdk::{
    Accepted, Done, InboundMessage, LogLine, OpenContext, OutboundMessage,
    host::{Channel, Events, Plugin},
};
use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Arc, LazyLock, Mutex, PoisonError},
    time::Duration,
};
use tempfile::TempDir;
use xtask::dist::{Profile, channel_folder, target_directory};

/// The id of the channel.
pub const PULSE: &str = "pulse";

/// More than any answer of a channel without a platform takes.
pub const SOON: Duration = Duration::from_secs(20);

/// Built once for all tests of a process.
static BUILT: LazyLock<PathBuf> = LazyLock::new(|| {
    let target = target_directory().unwrap_or_else(|error| panic!("{error}"));
    let directory = target.join("test-plugins").join(PULSE);
    channel_folder(PULSE, Profile::Dev, &directory).unwrap_or_else(|error| panic!("{error}"));
    directory
});

/// A folder with a copy of the channel. Copies are libraries of their own to the system's linker,
/// so each has its own runtime, log filter and sinks.
pub struct PulseFolder(TempDir);

impl PulseFolder {
    /// A fresh copy.
    pub fn new() -> Self {
        let copied = Self(tempfile::tempdir().expect("a temporary directory can be made"));
        for entry in fs::read_dir(BUILT.join(PULSE)).expect("it was built") {
            let path = entry.expect("it was built").path();
            let name = path.file_name().unwrap_or_default();
            fs::copy(&path, copied.path().join(name)).expect("there is room for a copy");
        }
        copied
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// The library in it.
    pub fn library(&self) -> PathBuf {
        let (prefix, suffix) = (std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
        self.path().join(format!("{prefix}{PULSE}{suffix}"))
    }

    /// Loads it.
    #[track_caller]
    pub fn load(&self) -> Plugin {
        Plugin::load(self.path()).unwrap_or_else(|error| panic!("{error}")).0
    }
}

impl Default for PulseFolder {
    fn default() -> Self {
        Self::new()
    }
}

/// What one host, or one channel of a host, heard. Clones hear together.
#[derive(Clone, Debug, Default)]
pub struct Ears(Arc<Mutex<Vec<String>>>);

impl Ears {
    /// Takes all lines that were logged so far.
    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Notes a line as `level target message name=value …`.
    pub fn note(&self, line: &LogLine<'_>) {
        let mut text = format!("{:?} {} {}", line.level, line.target, line.message);
        for field in &line.fields {
            text.push_str(&format!(" {}={}", field.name, field.value));
        }
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(text);
    }
}

impl Events for Ears {
    fn receive(&self, _message: InboundMessage, answer: Done<Accepted>) {
        answer.answer(Ok(Accepted::New));
    }

    fn log(&self, line: &LogLine<'_>) {
        self.note(line);
    }
}

/// Opens and starts an account of `plugin`.
#[track_caller]
pub fn started(plugin: &Plugin, account: &str, events: impl Events) -> Channel {
    let context = OpenContext { account: account.to_owned(), ..Default::default() };
    let channel = plugin.open(context, events).expect("pulse opens anything");
    channel.start().wait(SOON).expect("pulse starts always");
    channel
}

/// Has the channel do what `order` says, and waits until it is done.
#[track_caller]
pub fn order(channel: &Channel, order: &str) {
    let message = OutboundMessage { text: order.to_owned(), ..Default::default() };
    channel.send(message).wait(SOON).unwrap_or_else(|error| panic!("{order}: {error}"));
}
