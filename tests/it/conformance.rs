//! The claims that every channel has to pass: ours does, and the example.

use host_mock::dingtalk::{DingTalk, Settings};
use host_sdk::{
    OpenContext,
    conformance::{Subject, examine},
    host::Plugin,
};
use serde_json::json;
use std::{fs, io::Write, time::Duration};
use tempfile::TempDir;
use tests::{context, file_channel, plugin, section};
use tokio::runtime::Runtime;

/// Accounts that run at once.
const ACCOUNTS: usize = 3;
/// Long enough for a push that arrives to be acknowledged.
const REPUSH: Duration = Duration::from_secs(1);

struct Files(TempDir);

impl Subject for Files {
    fn plugin(&self) -> Plugin {
        file_channel().plugin()
    }

    fn contexts(&self) -> Vec<OpenContext> {
        let path = |name: &str| self.0.path().join(name);
        let config = |number| json!({"inbox": path(&format!("in-{number}")), "outbox": path("out")});
        (0..ACCOUNTS).map(|number| context("default", &config(number), self.0.path())).collect()
    }

    fn write(&self, text: &str) {
        let mut inbox =
            fs::OpenOptions::new().create(true).append(true).open(self.0.path().join("in-0")).unwrap();
        writeln!(inbox, "{text}").unwrap();
    }

    fn shown(&self) -> Vec<String> {
        let outbox = fs::read_to_string(self.0.path().join("out")).unwrap_or_default();
        outbox.lines().map(str::to_owned).collect()
    }
}

#[test]
fn the_example_keeps_what_every_channel_promises() {
    assert_eq!(examine(|| Files(tempfile::tempdir().unwrap())), []);
}

/// A platform on which nobody ever sees anything.
struct Blind(Files);

impl Subject for Blind {
    fn plugin(&self) -> Plugin {
        self.0.plugin()
    }

    fn contexts(&self) -> Vec<OpenContext> {
        self.0.contexts()
    }

    fn write(&self, text: &str) {
        self.0.write(text);
    }

    fn shown(&self) -> Vec<String> {
        Vec::new()
    }
}

#[test]
fn a_channel_that_shows_nothing_is_found_out() {
    let findings = examine(|| Blind(Files(tempfile::tempdir().unwrap())));
    let claims: Vec<_> = findings.iter().map(|finding| finding.claim).collect();
    assert!(claims.len() == 7 && claims[4].contains("call order"), "{findings:?}");
}

struct Bots {
    /// The fake lives on it.
    runtime: Runtime,
    dingtalk: DingTalk,
    state: TempDir,
}

impl Bots {
    fn new() -> Self {
        let runtime = Runtime::new().unwrap();
        // What is pushed into a connection that is just being left is pushed again.
        let settings = Settings { callback_repush_after: Some(REPUSH), ..Settings::default() };
        let dingtalk = runtime.block_on(DingTalk::start(settings)).unwrap();
        Self { runtime, dingtalk, state: tempfile::tempdir().unwrap() }
    }
}

impl Subject for Bots {
    fn plugin(&self) -> Plugin {
        plugin()
    }

    fn contexts(&self) -> Vec<OpenContext> {
        vec![context("default", &section(&self.dingtalk), self.state.path())]
    }

    fn write(&self, text: &str) {
        let _inside = self.runtime.enter();
        self.dingtalk.says("Lin", text);
    }

    fn shown(&self) -> Vec<String> {
        self.dingtalk.look(|view| {
            let messages = view.messages().map(|message| (message.sent.seq, message.text().to_owned()));
            let cards = view
                .cards()
                .filter_map(|card| Some((card.finalized.or(card.closed)?.seq, card.text().to_owned())));
            let mut shown: Vec<_> = messages.chain(cards).collect();
            shown.sort();
            shown.into_iter().map(|(_, text)| text).collect()
        })
    }
}

#[test]
fn ours_keeps_what_every_channel_promises() {
    assert_eq!(examine(Bots::new), []);
}
