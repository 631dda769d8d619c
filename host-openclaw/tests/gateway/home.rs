//! A home directory of its own, and OpenClaw's commands in it.

use serde_json::{Value, json};
use std::{
    fs,
    net::{Ipv4Addr, TcpListener},
    path::{Path, PathBuf},
    process::{Output, Stdio},
    time::Duration,
};
use tokio::{process::Command, time::timeout};

/// How long one command may take.
const PATIENCE: Duration = Duration::from_secs(300);

/// A path that `cargo xtask openclaw-e2e` provides.
#[track_caller]
pub(crate) fn provided(name: &str) -> PathBuf {
    std::env::var_os(name)
        .unwrap_or_else(|| panic!("{name} is not set: run `cargo xtask openclaw-e2e`"))
        .into()
}

/// The home of one gateway; it goes when dropped.
pub(crate) struct Home {
    directory: tempfile::TempDir,
    /// The gateway's port.
    pub(crate) port: u16,
    /// What Node.js is told besides.
    pub(crate) node_options: String,
}

impl Home {
    /// A home with a configuration that any user of OpenClaw has, and nothing of ours.
    pub(crate) fn new(model: &str) -> Self {
        let home =
            Self { directory: tempfile::tempdir().unwrap(), port: free_port(), node_options: String::new() };
        let config = json!({
            "gateway": {
                "mode": "local", "bind": "loopback", "port": home.port,
                "auth": {"mode": "token", "token": "a-token-of-this-test"},
            },
            "update": {"checkOnStart": false},
            "agents": {"defaults": {"model": {"primary": "scripted/script"}, "skipBootstrap": true}},
            // All private chats share one session otherwise.
            "session": {"dmScope": "per-channel-peer"},
            "models": {"mode": "replace", "providers": {"scripted": {
                "baseUrl": model, "apiKey": "none", "api": "openai-completions",
                "models": [{
                    "id": host_mock::model::ID, "name": "Script", "reasoning": false, "input": ["text", "image"],
                    "cost": {"input": 0, "output": 0, "cacheRead": 0, "cacheWrite": 0},
                    "contextWindow": 200_000, "maxTokens": 8192,
                }],
            }}},
        });
        fs::create_dir_all(home.state()).unwrap();
        fs::write(home.config_file(), config.to_string()).unwrap();
        home
    }

    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }

    /// What OpenClaw calls the state directory.
    pub(crate) fn state(&self) -> PathBuf {
        self.path().join(".openclaw")
    }

    fn config_file(&self) -> PathBuf {
        self.state().join("openclaw.json")
    }

    /// The section as it is written.
    pub(crate) fn section(&self) -> Value {
        let text = fs::read_to_string(self.config_file()).unwrap();
        serde_json::from_str::<Value>(&text).unwrap()["channels"]["dingtalk"].take()
    }

    /// OpenClaw with these arguments, ready to run. It finds no way out of this machine.
    pub(crate) fn openclaw(&self, arguments: &[&str]) -> Command {
        let node = provided("OPENCLAW_E2E_NODE");
        let mut command = Command::new(&node);
        command
            .arg(provided("OPENCLAW_E2E_OPENCLAW"))
            .args(arguments)
            .current_dir(self.path())
            .env_clear()
            .env("HOME", self.path())
            .env("TMPDIR", self.path())
            .env("PATH", path_with(&node))
            .env("LANG", "en_US.UTF-8")
            .env("NODE_OPTIONS", &self.node_options)
            .env("OPENCLAW_DISABLE_BONJOUR", "1")
            .env("HTTP_PROXY", NOWHERE)
            .env("HTTPS_PROXY", NOWHERE)
            .env("NO_PROXY", "127.0.0.1,localhost")
            .env("npm_config_offline", "true")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        command
    }

    /// Runs a command to its end, however that is.
    pub(crate) async fn tries(&self, arguments: &[&str]) -> Said {
        let running = self.openclaw(arguments).output();
        let output = timeout(PATIENCE, running).await;
        let output = output.unwrap_or_else(|_| panic!("openclaw {arguments:?} does not end")).unwrap();
        Said { words: arguments.join(" "), output }
    }

    /// Runs a command that has to succeed.
    pub(crate) async fn runs(&self, arguments: &[&str]) -> Said {
        let said = self.tries(arguments).await;
        assert!(said.output.status.success(), "{said}");
        said
    }

    /// Writes the section as the guides have users do it.
    pub(crate) async fn configures(&self, section: &Value) {
        self.runs(&["config", "set", "channels.dingtalk", &section.to_string(), "--json"]).await;
    }
}

/// What a command said.
pub(crate) struct Said {
    words: String,
    output: Output,
}

impl Said {
    pub(crate) fn stdout(&self) -> String {
        String::from_utf8_lossy(&self.output.stdout).into_owned()
    }

    pub(crate) fn succeeded(&self) -> bool {
        self.output.status.success()
    }

    /// All that it said, on both streams.
    pub(crate) fn everything(&self) -> String {
        format!("{}{}", self.stdout(), String::from_utf8_lossy(&self.output.stderr))
    }

    /// The JSON on its output, where other lines may come before it.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        let stdout = self.stdout();
        let begins = stdout.lines().position(|line| line.starts_with(['{', '['])).unwrap_or(0);
        let json = stdout.lines().skip(begins).collect::<Vec<_>>().join("\n");
        serde_json::from_str(&json).unwrap_or_else(|error| panic!("{error}: {self}"))
    }
}

impl std::fmt::Display for Said {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "`openclaw {}` ({}):\n{}", self.words, self.output.status, self.everything())
    }
}

/// A proxy that nobody is at: what would leave this machine fails at once.
const NOWHERE: &str = "http://127.0.0.1:9";

fn path_with(node: &Path) -> std::ffi::OsString {
    let known = std::env::var_os("PATH").unwrap_or_default();
    let folders = node.parent().map(Path::to_owned).into_iter().chain(std::env::split_paths(&known));
    std::env::join_paths(folders).unwrap()
}

fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port()
}
