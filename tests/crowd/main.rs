//! Many accounts, in a process where nothing else runs: its threads are counted.
#![cfg(target_os = "linux")]
#![allow(missing_docs, reason = "a test binary")]
#![allow(clippy::unwrap_used, reason = "a test may")]

use host_sdk::StopReason;
use std::time::Instant;
use tests::{
    pulse,
    pulse::{Ears, SOON, order, started},
};

const ACCOUNTS: usize = 200;

fn threads() -> usize {
    std::fs::read_dir("/proc/self/task").unwrap().count()
}

#[test]
fn two_hundred_accounts_run_on_the_threads_of_one() {
    let plugin = pulse().plugin();
    let without = threads();
    let first = started(&plugin, "account 0", Ears::default());
    order(&first, "elsewhere"); // so that the thread for blocking work is there too
    let with_one = threads();
    assert!(with_one > without, "the runtime has threads of its own");

    let more: Vec<_> =
        (1..ACCOUNTS).map(|number| started(&plugin, &format!("account {number}"), Ears::default())).collect();
    for channel in &more {
        order(channel, "levels");
    }
    // A thread for blocking work that has had none for a while ends.
    assert!(threads() <= with_one, "{} threads after {with_one}", threads());

    let stops: Vec<_> =
        more.iter().chain([&first]).map(|channel| channel.stop(StopReason::Shutdown, SOON)).collect();
    for stop in stops {
        stop.wait(SOON).unwrap();
    }
    drop((first, more));
    // The thread that answers a stop ends a moment after its answer.
    let patience = Instant::now() + SOON;
    while threads() > without && Instant::now() < patience {
        std::thread::yield_now();
    }
    assert_eq!(threads(), without, "the runtime ended with the last account");
}
