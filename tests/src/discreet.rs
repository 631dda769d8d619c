//! A host that fails a test if a secret was given away.

use host_mock::{
    dingtalk::{App, given_away_by},
    host::{Host, HostError},
};
use std::{
    fs,
    ops::Deref,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

/// A host. When it ends in a test that is passing, no secret is in its log, in what its accounts say about themselves
/// or in a file that it or a plugin has written, and nobody else may read those files.
pub struct Discreet {
    /// Until it ends.
    host: Option<Host>,
    apps: Vec<App>,
    state: PathBuf,
}

impl Discreet {
    /// Watches over a host that keeps its state in `state`, and talks to a DingTalk with these `apps`.
    pub fn new(host: Host, apps: Vec<App>, state: &Path) -> Self {
        Self { host: Some(host), apps, state: state.to_owned() }
    }

    /// Stops the host in order.
    ///
    /// # Errors
    /// When an account does not stop in order.
    pub async fn stop(mut self) -> Result<(), HostError> {
        self.watch();
        let host = self.host.take().expect("it ends once");
        host.stop().await
    }

    fn watch(&self) {
        for line in self.log() {
            let told = given_away_by(&line.to_string(), &self.apps);
            assert!(told.is_empty(), "a line of the log gives away {told:?}: {line}");
        }
        let told = given_away_by(&format!("{:?}", self.snapshot()), &self.apps);
        assert!(told.is_empty(), "an account gives away {told:?}");
        for file in files(&self.state) {
            self.watch_file(&file);
        }
    }

    /// Messages that wait bring the addresses with them at which they can be answered: the inbox has to keep those.
    fn watch_file(&self, file: &Path) {
        let Ok(content) = fs::read(file) else { return }; // it was replaced meanwhile
        let told = given_away_by(&String::from_utf8_lossy(&content), &self.apps);
        let keeps_messages = file.starts_with(self.state.join("inbox"));
        assert!(told.is_empty() || keeps_messages, "{} gives away {told:?}", file.display());
        let Ok(metadata) = fs::metadata(file) else { return };
        assert_eq!(metadata.permissions().mode() & 0o777, 0o600, "{} may be read by others", file.display());
    }
}

/// The files below a directory, but for those that a test gives the host to send.
fn files(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten().map(|entry| entry.path());
    let (directories, mut files): (Vec<_>, Vec<_>) = entries.partition(|path| path.is_dir());
    let written = directories.iter().filter(|directory| !directory.ends_with("media"));
    files.extend(written.flat_map(|directory| self::files(directory)));
    files
}

impl Deref for Discreet {
    type Target = Host;

    fn deref(&self) -> &Host {
        self.host.as_ref().expect("it has not ended")
    }
}

impl Drop for Discreet {
    fn drop(&mut self) {
        if self.host.is_some() && !std::thread::panicking() {
            self.watch();
        }
    }
}
