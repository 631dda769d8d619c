//! A Node.js that runs one of the scripts in `tests/js`, and does as it is told.

use host_mock::dingtalk::DingTalk;
use serde_json::{Value, json};
use std::{
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    time::Duration,
};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
    time::timeout,
};

/// How long anything may take before the test fails; what is waited for takes milliseconds.
const PATIENCE: Duration = Duration::from_secs(60);

/// A path that `cargo xtask node-host` provides.
#[track_caller]
fn provided(name: &str) -> PathBuf {
    std::env::var_os(name).unwrap_or_else(|| panic!("{name} is not set: run `cargo xtask node-host`")).into()
}

/// The folder of the plugin.
#[track_caller]
pub(crate) fn plugin() -> PathBuf {
    provided("NODE_HOST_PLUGIN")
}

/// The folder of the channel without a platform.
#[track_caller]
fn pulse() -> PathBuf {
    provided("NODE_HOST_PULSE")
}

/// The folder of the addon and its `index.js`.
#[track_caller]
pub(crate) fn addon() -> PathBuf {
    provided("NODE_HOST_ADDON")
}

/// The section of an account at `dingtalk`.
fn section(dingtalk: &DingTalk) -> Value {
    let app = dingtalk.app();
    json!({
        "clientId": app.client_id,
        "clientSecret": app.client_secret,
        "endpoints": {"api": dingtalk.base_url(), "oapi": dingtalk.base_url()},
        "streaming": {"intervalMs": 100},
    })
}

/// A running script.
pub(crate) struct Node {
    child: Child,
    stdin: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
    _state: Option<tempfile::TempDir>,
}

impl Node {
    /// Runs `script` with one account at `dingtalk`, told in the variable `SETUP`.
    #[track_caller]
    pub(crate) fn run(script: &str, dingtalk: &DingTalk) -> Self {
        Self::with(script, &section(dingtalk))
    }

    /// The same with state that another process has left, or will find.
    #[track_caller]
    pub(crate) fn run_in(state: &Path, script: &str, dingtalk: &DingTalk) -> Self {
        Self::spawn(script, &section(dingtalk), state, None)
    }

    /// Runs `script` with the section `channels.dingtalk`.
    #[track_caller]
    pub(crate) fn with(script: &str, section: &Value) -> Self {
        let state = tempfile::tempdir().unwrap();
        let path = state.path().to_owned();
        Self::spawn(script, section, &path, Some(state))
    }

    #[track_caller]
    fn spawn(script: &str, section: &Value, state: &Path, own: Option<tempfile::TempDir>) -> Self {
        let setup = json!({
            "addon": addon(),
            "plugin": plugin(),
            "pulse": pulse(),
            "context": {
                "account": "default", "config": section, "home": state, "stateDir": state, "sharedStateDir": state,
            },
        });
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/js").join(script);
        let mut child = Command::new(provided("NODE_HOST_NODE"))
            .arg(script)
            .env("SETUP", setup.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let (stdin, stdout) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        Self { child, stdin, lines: BufReader::new(stdout).lines(), _state: own }
    }

    /// Has the script do something; what comes of it is heard.
    pub(crate) async fn tell(&mut self, what: &str, with: Value) {
        let line = format!("{}\n", json!({"do": what, "with": with}));
        self.stdin.write_all(line.as_bytes()).await.unwrap();
    }

    /// Writes a byte to a script that waits for one.
    pub(crate) async fn unblock(&mut self) {
        self.stdin.write_all(b"\n").await.unwrap();
    }

    /// The value of the next line, which must be a `kind`.
    pub(crate) async fn hears(&mut self, kind: &str) -> Value {
        let line = timeout(PATIENCE, self.lines.next_line()).await;
        let line = line.unwrap_or_else(|_| panic!("the script does not say {kind:?}")).unwrap();
        let line = line.unwrap_or_else(|| panic!("the script ended and did not say {kind:?}"));
        let mut said: Value = serde_json::from_str(&line).unwrap();
        assert!(said.get(kind).is_some(), "wanted {kind:?}: {line}");
        said[kind].take()
    }

    /// Has the script do something, and returns the answer.
    pub(crate) async fn asks(&mut self, what: &str, with: Value) -> Value {
        self.tell(what, with).await;
        self.hears("answer").await
    }

    /// Closes the script's input and waits until the process has ended by itself.
    pub(crate) async fn ends(self) -> ExitStatus {
        let Self { mut child, stdin, .. } = self;
        drop(stdin);
        timeout(PATIENCE, child.wait()).await.expect("nothing keeps the process alive").unwrap()
    }

    /// [`ends`](Self::ends), without a signal and without an error.
    pub(crate) async fn ends_well(self) {
        let status = self.ends().await;
        assert!(status.success(), "{status}");
    }
}
