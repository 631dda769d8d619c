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
    env, fs,
    process::Command,
    time::{Duration, Instant},
};
use tests::{Watched, context, section};
use tokio::runtime::Builder;

const SOON: Duration = Duration::from_secs(60);
/// The one test, which is run again in a process of its own.
const NAME: &str = "threads_files_and_memory_come_back_to_where_they_were";
/// Rounds of each channel, unless `ROUNDS` says otherwise.
const ROUNDS: usize = 60;
/// Rounds before anything is measured: what is made once is made by then.
const WARM_UP: usize = 20;
/// In kilobytes: what even a thrifty allocator keeps. It does not grow with the rounds.
const SLACK: usize = 512;
/// So often all rounds are played before memory is said to grow: what is held grows each time, what the
/// allocator keeps of a moment in which much came together, on a busy machine, does not.
const REPETITIONS: usize = 4;
/// What makes glibc's allocator give back what is free, so that what is left is what is held. It looks
/// at them once, when a process starts.
const THRIFT: [(&str, &str); 3] =
    [("MALLOC_ARENA_MAX", "1"), ("MALLOC_TRIM_THRESHOLD_", "65536"), ("MALLOC_TOP_PAD_", "0")];

/// What the process has.
#[derive(Debug)]
struct Holdings {
    threads: usize,
    files: usize,
    /// Resident memory that is of no file, in kilobytes.
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
        Self { threads: number("Threads:"), files, memory: number("RssAnon:") }
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
fn assert_leaves_nothing_behind<F: Future<Output = ()>>(what: &str, round: impl Fn() -> F) {
    let rounds = env::var("ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(ROUNDS);
    // All of this side, on this thread; what it has ends with the runtime, and is not measured.
    let run = |rounds| {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        (0..rounds).for_each(|_| runtime.block_on(round()));
    };
    run(WARM_UP);
    for _ in 0..REPETITIONS {
        let before = Holdings::now();
        run(rounds);
        let after = Holdings::settled(&before);
        println!("{what}, {rounds} rounds: {before:?}, then {after:?}");
        assert!(after.files <= before.files, "{what}: {before:?}, then {after:?}");
        assert!(after.threads <= before.threads, "{what}: {before:?}, then {after:?}");
        if after.memory <= before.memory + SLACK {
            return;
        }
    }
    panic!("{what}: memory grows with every {rounds} rounds");
}

fn is_thrifty() -> bool {
    THRIFT.iter().all(|(name, value)| env::var(name).is_ok_and(|set| set == *value))
}

#[test]
fn threads_files_and_memory_come_back_to_where_they_were() {
    if !is_thrifty() {
        let mut again = Command::new(env::current_exe().unwrap());
        let ended = again.args(["--exact", NAME, "--nocapture"]).envs(THRIFT).output().unwrap();
        print!("{}", String::from_utf8_lossy(&ended.stdout));
        assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
        return;
    }
    // One after the other: what a process has cannot be told apart.
    assert_leaves_nothing_behind("obedient", obedient);
    assert_leaves_nothing_behind("dingtalk", dingtalk);
}
