//! A home directory of its own, and OpenClaw's commands in it.

use crate::{commands, lack, leftovers};
use serde_json::{Value, json};
use std::{
    fs,
    net::{Ipv4Addr, TcpListener},
    path::{Path, PathBuf},
    process::{Output, Stdio},
    sync::atomic::{AtomicU32, Ordering::Relaxed},
    time::{Duration, Instant},
};
use tokio::{io::AsyncWriteExt, process::Command, time::timeout};

/// How long one command may take.
const PATIENCE: Duration = Duration::from_secs(300);
/// How long a gateway may take to say how its channels are, in ms.
const STATUS: &str = "120000";

/// How one consents to what a plugin may do; older releases do not know the option, and say so.
pub(crate) const CONSENT: &str = " --accept-capabilities";
pub(crate) const NO_OPTION: &str = "does not recognize option";
/// What it says to the words of a command that it does not know.
pub(crate) const NO_COMMAND: &str = "Too many arguments for this command";

/// A path that `cargo xtask openclaw-e2e` provides.
#[track_caller]
pub(crate) fn provided(name: &str) -> PathBuf {
    std::env::var_os(name)
        .unwrap_or_else(|| panic!("{name} is not set: run `cargo xtask openclaw-e2e`"))
        .into()
}

/// The home of one gateway; it goes when dropped, with what still runs in it.
pub(crate) struct Home {
    directory: tempfile::TempDir,
    /// The gateway's port.
    pub(crate) port: u16,
    /// Where npm finds packages; nowhere without it.
    pub(crate) registry: Option<String>,
}

impl Home {
    /// A home with a configuration that any user of OpenClaw has, and nothing of ours.
    pub(crate) fn new(model: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let home = Self { directory, port: free_port(), registry: None };
        let config = json!({
            "gateway": {
                "mode": "local", "bind": "loopback", "port": home.port,
                "auth": {"mode": "token", "token": "a-token-of-this-test"},
            },
            "update": {"checkOnStart": false},
            // All that it can say, as it is looked through for secrets.
            "logging": {"level": "debug", "file": home.log_files()[1]},
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

    /// Where gateways write what they would tell a terminal, and what they log.
    pub(crate) fn log_files(&self) -> [PathBuf; 2] {
        ["terminal.log", "openclaw.log"].map(|name| self.path().join(name))
    }

    /// The section as it is written.
    pub(crate) fn section(&self) -> Value {
        self.config()["channels"]["dingtalk"].take()
    }

    fn config(&self) -> Value {
        let text = fs::read_to_string(self.config_file()).unwrap();
        serde_json::from_str(&text).unwrap()
    }

    /// Changes the configuration as one does with an editor, in the file that there is. Of two files that replace it
    /// within milliseconds the second may get the inode of the one that the first replaced: OpenClaw's watcher takes it
    /// for the file that it watches, stays with one that is gone, and hears of no change any more.
    pub(crate) fn edits(&self, change: impl FnOnce(&mut Value)) {
        let mut config = self.config();
        change(&mut config);
        fs::write(self.config_file(), format!("{config:#}")).unwrap();
    }

    /// Puts the packaged plugin where OpenClaw looks for plugins by itself, and enables it. That is quicker
    /// than a command, which some releases insist on.
    pub(crate) async fn has_plugin(&self) {
        if lack::is_possible() {
            let said = self.installs().await;
            assert!(said.succeeded(), "{said}");
            return;
        }
        copy_plugin(&self.state().join("extensions/dingtalk"));
        self.edits(|config| config["plugins"]["entries"]["dingtalk"]["enabled"] = json!(true));
    }

    /// Installs the packaged plugin as a user does who has its folder; what that said.
    pub(crate) async fn installs(&self) -> Said {
        let folder = provided("OPENCLAW_E2E_PLUGIN");
        let folder = folder.to_str().unwrap();
        self.tries(&["plugins", "install", folder, "--force", CONSENT.trim()]).await
    }

    /// OpenClaw with these arguments, ready to run.
    pub(crate) fn openclaw(&self, arguments: &[&str]) -> Command {
        commands::ran(arguments.iter().copied());
        let mut command = self.command(&provided("OPENCLAW_E2E_NODE"));
        command.arg(provided("OPENCLAW_E2E_OPENCLAW")).args(arguments);
        command
    }

    /// Node.js with a script, ready to run.
    pub(crate) fn node(&self, script: &Path) -> Command {
        let mut command = self.command(&provided("OPENCLAW_E2E_NODE"));
        command.arg(script);
        command
    }

    /// What somebody types, with `openclaw` on the path, at the shell.
    pub(crate) async fn types(&self, line: &str) -> Said {
        commands::typed(line);
        let mut command = self.command(Path::new("/bin/sh"));
        let [node, openclaw] = ["OPENCLAW_E2E_NODE", "OPENCLAW_E2E_OPENCLAW"].map(provided);
        // A function, as it needs no file that may be run.
        let openclaw = format!(r#"openclaw() {{ '{}' '{}' "$@"; }}"#, node.display(), openclaw.display());
        command.arg("-c").arg(format!("{openclaw}\n{line}"));
        ended(command, line).await
    }

    /// A program in this home, which finds no way out of this machine.
    fn command(&self, program: &Path) -> Command {
        let node = provided("OPENCLAW_E2E_NODE");
        let mut command = Command::new(program);
        command
            .current_dir(self.path())
            .env_clear()
            .env("HOME", self.path())
            .env("TMPDIR", self.path())
            .env("PATH", path_with(&node))
            .env("LANG", "en_US.UTF-8")
            .env("OPENCLAW_DISABLE_BONJOUR", "1")
            // What was compiled for one home serves all others, in the first process.
            .env("NODE_COMPILE_CACHE", provided("OPENCLAW_E2E_COMPILED"))
            .env("OPENCLAW_PACKAGED_COMPILE_CACHE_RESPAWNED", "1")
            .env("OPENCLAW_NO_RESPAWN", "1")
            .env("HTTP_PROXY", NOWHERE)
            .env("HTTPS_PROXY", NOWHERE)
            .env("NO_PROXY", "127.0.0.1,localhost")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        match &self.registry {
            Some(registry) => command.env("npm_config_registry", registry),
            None => command.env("npm_config_offline", "true"),
        };
        command
    }

    /// Runs a command to its end, however that is; without consent to what a plugin may do, where OpenClaw asks for
    /// none.
    pub(crate) async fn tries(&self, arguments: &[&str]) -> Said {
        let said = ended(self.openclaw(arguments), &format!("openclaw {}", arguments.join(" "))).await;
        let consents = arguments.contains(&CONSENT.trim());
        if !consents || !said.everything().contains(NO_OPTION) {
            return said;
        }
        let plain: Vec<_> =
            arguments.iter().copied().filter(|argument| *argument != CONSENT.trim()).collect();
        ended(self.openclaw(&plain), &format!("openclaw {}", plain.join(" "))).await
    }

    /// Runs a command that reaches nothing, not even this machine, where the system lets us cut it off; else
    /// whatever it asks for beyond is refused, as for all commands.
    pub(crate) async fn without_network(&self, arguments: &[&str]) -> Said {
        let mut alone = self.command(Path::new("unshare"));
        alone.args(["--user", "--map-current-user", "--net"]);
        let is_permitted = alone.arg("true").output().await.is_ok_and(|output| output.status.success());
        println!(
            "the network is {}",
            if is_permitted { "cut off" } else { "behind a proxy that nobody is at" }
        );
        if !is_permitted {
            return self.tries(arguments).await;
        }
        let mut command = self.command(Path::new("unshare"));
        command.args(["--user", "--map-current-user", "--net"]);
        command.args(["OPENCLAW_E2E_NODE", "OPENCLAW_E2E_OPENCLAW"].map(provided)).args(arguments);
        ended(command, &format!("openclaw {}", arguments.join(" "))).await
    }

    /// Runs a command, with what a person types: each line answers a question.
    pub(crate) async fn answers(&self, arguments: &[&str], typed: &str) -> Said {
        let mut command = self.openclaw(arguments);
        let mut running = command.stdin(Stdio::piped()).spawn().unwrap();
        let mut input = running.stdin.take().unwrap();
        // A command that ends before it has read all of it says so itself.
        let _unread = input.write_all(typed.as_bytes()).await;
        drop(input);
        let output = timeout(PATIENCE, running.wait_with_output()).await;
        let output = output.unwrap_or_else(|_| panic!("openclaw {arguments:?} does not end")).unwrap();
        Said { words: arguments.join(" "), output }
    }

    /// Runs a command that has to succeed until it says `text`.
    pub(crate) async fn runs_until(&self, arguments: &[&str], text: &str) -> Said {
        let began = Instant::now();
        loop {
            let said = self.runs(arguments).await;
            if said.stdout().contains(text) || began.elapsed() > PATIENCE {
                return said;
            }
        }
    }

    /// What `channels status` says, with all the time that a busy machine takes; `more` may be `--probe`.
    pub(crate) async fn status(&self, more: &[&str]) -> Value {
        let asked = [&["channels", "status", "--json", "--timeout", STATUS][..], more].concat();
        self.runs(&asked).await.json()
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

impl Drop for Home {
    fn drop(&mut self) {
        leftovers::end(self.path());
    }
}

async fn ended(mut command: Command, words: &str) -> Said {
    let output = timeout(PATIENCE, command.output()).await;
    let output = output.unwrap_or_else(|_| panic!("`{words}` does not end")).unwrap();
    Said { words: words.to_owned(), output }
}

/// Copies the packaged plugin into a folder.
pub(crate) fn copy_plugin(into: &Path) {
    copy_folder(&provided("OPENCLAW_E2E_PLUGIN"), into);
}

/// Copies the files of a folder.
pub(crate) fn copy_folder(from: &Path, into: &Path) {
    fs::create_dir_all(into).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), into.join(entry.file_name())).unwrap();
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

    /// All that it said without the frames and line ends that make it fit a terminal.
    pub(crate) fn on_one_line(&self) -> String {
        let everything = self.everything();
        let words = everything.split(|character: char| character.is_whitespace() || character == '│');
        words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
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
        write!(f, "`{}` ({}):\n{}", self.words, self.output.status, self.everything())
    }
}

/// A proxy that nobody is at: what would leave this machine fails at once.
const NOWHERE: &str = "http://127.0.0.1:9";

fn path_with(node: &Path) -> std::ffi::OsString {
    let known = std::env::var_os("PATH").unwrap_or_default();
    let folders = node.parent().map(Path::to_owned).into_iter().chain(std::env::split_paths(&known));
    std::env::join_paths(folders).unwrap()
}

/// A port that nobody listens at, and that no system gives to who wants any: until the gateway is there, others
/// want many. It comes with those after it, which are the gateway's, too.
fn free_port() -> u16 {
    static MADE: AtomicU32 = AtomicU32::new(0);
    let nobody_listens = |port: u16| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok();
    let is_free = |port: &u16| (*port..port + 5).all(nobody_listens);
    let port = || {
        let place = std::process::id().wrapping_add(MADE.fetch_add(1, Relaxed)) % 500;
        20_000 + 20 * u16::try_from(place).unwrap()
    };
    std::iter::repeat_with(port).take(500).find(is_free).unwrap()
}
