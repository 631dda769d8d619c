//! Loading, opening, starting and stopping again and again leaves nothing behind.
//!
//! `ROUNDS=1000 cargo test -p tests --test rounds` is the long form.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test may, also in the functions it is made of")]

use host_mock::dingtalk::Settings;
use host_sdk::{
    Accepted, Conversation, Done, InboundMessage, OpenContext, OutboundMessage, StopReason,
    host::{Events, Plugin},
};
use std::{
    fs,
    time::{Duration, Instant},
};
use tests::{Watched, context, section};
use tokio::runtime::Builder;

const SOON: Duration = Duration::from_secs(10);
/// Rounds of each channel, unless `ROUNDS` says otherwise.
const ROUNDS: usize = 60;
/// Rounds before anything is measured: what is made once is made by then.
const WARM_UP: usize = 20;
/// In kilobytes: what an allocator keeps and gives back as it likes. It does not grow with the rounds.
const SLACK: usize = 1024;
/// The same for a plugin with TLS, HTTP and a DingTalk in the same process.
const MORE_SLACK: usize = 4 * SLACK;

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

    /// What it has once all that ends has ended: a thread ends a moment after its last word.
    fn settled(before: &Self) -> Self {
        let patience = Instant::now() + SOON;
        loop {
            let now = Self::now();
            let is_settled = now.threads <= before.threads && now.files <= before.files;
            if is_settled || Instant::now() > patience {
                return now;
            }
            std::thread::yield_now();
        }
    }
}

struct Polite;

impl Events for Polite {
    fn receive(&self, _: InboundMessage, answer: Done<Accepted>) {
        answer.answer(Ok(Accepted::New));
    }
}

/// One round of the channel that does as it is told.
async fn obedient() {
    let (plugin, _manifest) = Plugin::load(tests::obedient().folder()).unwrap();
    let context = OpenContext { account: "echo".into(), ..Default::default() };
    let channel = plugin.open(context, Polite).unwrap();
    channel.start().await.unwrap();
    let conversation = Some(Conversation { id: "c".into(), ..Default::default() });
    let message = OutboundMessage { conversation, text: "hello".into(), ..Default::default() };
    channel.send(message).await.unwrap();
    channel.stop(StopReason::Shutdown, SOON).await.unwrap();
}

/// One round of the plugin that ships, with a DingTalk that ends with it: connected, spoken to,
/// and answering.
async fn dingtalk() {
    let dingtalk = Watched::start(Settings::default()).await;
    let state = tempfile::tempdir().unwrap();
    let (plugin, _manifest) = Plugin::load(tests::dingtalk().folder()).unwrap();
    let context = context("default", &section(&dingtalk), state.path());
    let channel = plugin.open(context, Polite).unwrap();
    channel.start().await.unwrap();
    dingtalk.connected().await;
    let asked = dingtalk.says("Lin", "hello");
    dingtalk.acked(&asked).await;
    let message =
        OutboundMessage { target: "user:user0002".into(), text: "news".into(), ..Default::default() };
    channel.send(message).await.unwrap();
    channel.stop(StopReason::Shutdown, SOON).await.unwrap();
}

/// Does `round` as often as is asked for, and compares what the process has.
fn assert_leaves_nothing_behind<F: Future<Output = ()>>(what: &str, slack: usize, round: impl Fn() -> F) {
    let rounds = std::env::var("ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(ROUNDS);
    // One runtime for all of this side; its thread is this one.
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let run = |rounds| (0..rounds).for_each(|_| runtime.block_on(round()));
    run(WARM_UP);
    let before = Holdings::now();
    run(rounds);
    let after = Holdings::settled(&before);
    println!("{what}, {rounds} rounds: {before:?}, then {after:?}");
    assert!(after.files <= before.files, "{what}: {before:?}, then {after:?}");
    assert!(after.threads <= before.threads, "{what}: {before:?}, then {after:?}");
    assert!(after.memory <= before.memory + slack, "{what}: {before:?}, then {after:?}");
}

#[test]
fn threads_files_and_memory_come_back_to_where_they_were() {
    // One after the other: what a process has cannot be told apart.
    assert_leaves_nothing_behind("obedient", SLACK, obedient);
    assert_leaves_nothing_behind("dingtalk", MORE_SLACK, dingtalk);
}
