//! A host that fails a test if a secret was given away.

use host_mock::{
    dingtalk::{App, given_away_by},
    host::{Host, HostError, LogEntry, LogSink, Options, RecordSink, Recorded},
};
use std::{
    fmt::Display,
    fs,
    ops::Deref,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

/// What is repeated of what gives something away.
const REPEATED: usize = 10;

/// A host. When it ends in a test that is passing, no secret is in any line of its log at trace level, in the messages
/// that it was handed and what its calls were answered with, errors included, as these print themselves, all that of its
/// stop included, in what its accounts say about themselves, or in a file that it or a plugin has written, and nobody
/// else may read those files, or the directories that they are in.
pub struct Discreet {
    /// Until it ends.
    host: Option<Host>,
    apps: Vec<App>,
    state: PathBuf,
    heard: Heard,
}

/// Of what was logged, and of what happened, some of that which gives something away.
#[derive(Clone, Default)]
struct Heard(Arc<Mutex<Vec<String>>>);

impl Discreet {
    /// Starts a host that says whatever it could say, and talks to a DingTalk with these `apps`.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn start(mut options: Options, apps: Vec<App>) -> Result<Self, HostError> {
        "trace".clone_into(&mut options.log_filter);
        let (heard, state) = (Heard::default(), options.state_dir.clone());
        options.log_sink = Some(heard.logged(options.log_sink.take(), apps.clone()));
        options.record_sink = Some(heard.recorded(options.record_sink.take(), apps.clone()));
        let host = Host::start(options).await?;
        Ok(Self { host: Some(host), apps, state, heard })
    }

    /// Stops the host in order.
    ///
    /// # Errors
    /// When an account does not stop in order.
    pub async fn stop(mut self) -> Result<(), HostError> {
        self.watch_accounts();
        let host = self.host.take().expect("it ends once");
        let outcome = host.stop().await;
        self.watch_what_stays();
        outcome
    }

    fn watch_accounts(&self) {
        let told = given_away_by(&format!("{:?}", self.snapshot()), &self.apps);
        assert!(told.is_empty(), "an account gives away {told:?}");
    }

    fn watch_what_stays(&self) {
        let telltale = self.heard.0.lock().unwrap_or_else(PoisonError::into_inner);
        assert!(telltale.is_empty(), "what was logged, or happened, gives away {telltale:#?}");
        self.watch_directory(&self.state);
    }

    /// But for the directories of a test's own: what it gives the host to send, and what `~` means.
    fn watch_directory(&self, directory: &Path) {
        let entries = fs::read_dir(directory).into_iter().flatten().flatten().map(|entry| entry.path());
        let (directories, files): (Vec<_>, Vec<_>) = entries.partition(|path| path.is_dir());
        files.iter().for_each(|file| self.watch_file(file));
        let own =
            |directory: &&PathBuf| !directory.ends_with("media") && **directory != self.state.join("home");
        for directory in directories.iter().filter(own) {
            let Ok(metadata) = fs::metadata(directory) else { continue }; // it was removed meanwhile
            let mode = metadata.permissions().mode() & 0o777;
            assert_eq!(mode, 0o700, "{} may be entered by others", directory.display());
        }
        let looked_into = directories.iter().filter(|directory| !directory.ends_with("media"));
        looked_into.for_each(|directory| self.watch_directory(directory));
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

impl Heard {
    fn logged(&self, next: Option<LogSink>, apps: Vec<App>) -> LogSink {
        let heard = self.clone();
        Arc::new(move |entry: &LogEntry| {
            next.iter().for_each(|next| next(entry));
            let line = entry.to_string();
            heard.hold(&line, &line, &apps);
        })
    }

    fn recorded(&self, next: Option<RecordSink>, apps: Vec<App>) -> RecordSink {
        let heard = self.clone();
        Arc::new(move |recorded: &Recorded| {
            next.iter().for_each(|next| next(recorded));
            heard.hold(&format!("{recorded:?}"), recorded, &apps);
        })
    }

    fn hold(&self, all: &str, shown: impl Display, apps: &[App]) {
        let told = given_away_by(all, apps);
        if told.is_empty() {
            return;
        }
        let mut telltale = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if telltale.len() < REPEATED {
            telltale.push(format!("{told:?}: {shown}"));
        }
    }
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
            self.watch_accounts();
            // What it still says while it ends is heard, too.
            drop(self.host.take());
            self.watch_what_stays();
        }
    }
}
