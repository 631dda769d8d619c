//! Loading, opening, starting and stopping again and again leaves nothing behind.
//!
//! `ROUNDS=1000 cargo test -p tests --test rounds` is the long form.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test may, also in the functions it is made of")]

use host_sdk::{
    Accepted, Conversation, Done, InboundMessage, OpenContext, OutboundMessage, StopReason,
    host::{Events, Plugin},
};
use std::{fs, path::Path, time::Duration};

const SOON: Duration = Duration::from_secs(10);
/// Rounds before anything is measured: what is made once is made by then.
const WARM_UP: usize = 20;
/// In kilobytes: what an allocator keeps and gives back as it likes.
const SLACK: usize = 1024;

/// What the process has.
#[derive(Debug)]
struct Holdings {
    threads: usize,
    files: usize,
    /// Resident memory, in kilobytes.
    memory: usize,
}

impl Holdings {
    fn now() -> Self {
        let status = fs::read_to_string("/proc/self/status").unwrap();
        let number = |key: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(key)).unwrap();
            line.split_whitespace().next().unwrap().parse().unwrap()
        };
        let files = fs::read_dir("/proc/self/fd").unwrap().count();
        Self { threads: number("Threads:"), files, memory: number("VmRSS:") }
    }
}

struct Polite;

impl Events for Polite {
    fn receive(&self, _: InboundMessage, answer: Done<Accepted>) {
        answer.answer(Ok(Accepted::New));
    }
}

/// One round of everything.
fn round(folder: &Path) {
    let (plugin, _manifest) = Plugin::load(folder).unwrap();
    let context = OpenContext { account: "echo".into(), ..Default::default() };
    let channel = plugin.open(context, Polite).unwrap();
    channel.start().wait(SOON).unwrap();
    let conversation = Some(Conversation { id: "c".into(), ..Default::default() });
    let message = OutboundMessage { conversation, text: "hello".into(), ..Default::default() };
    channel.send(message).wait(SOON).unwrap();
    channel.stop(StopReason::Shutdown, SOON).wait(SOON).unwrap();
}

#[test]
fn threads_files_and_memory_come_back_to_where_they_were() {
    let rounds = std::env::var("ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(60);
    let folder = tests::obedient().folder();
    (0..WARM_UP).for_each(|_| round(folder));
    let before = Holdings::now();

    (0..rounds).for_each(|_| round(folder));

    let after = Holdings::now();
    println!("{rounds} rounds: {before:?}, then {after:?}");
    assert_eq!(after.files, before.files);
    assert!(after.threads <= before.threads, "{before:?}, then {after:?}");
    assert!(after.memory <= before.memory + SLACK, "{before:?}, then {after:?}");
}
