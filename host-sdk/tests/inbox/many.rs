//! What many accounts, or many messages, cost a process in which nothing else runs.

use super::{SOON, again, message, offer, open, writers};
use host_sdk::{Accepted, InboundMessage};
use std::path::Path;

/// Tells the child where to work.
const FOLDER: &str = "INBOX_TEST_MANY";

fn threads() -> usize {
    std::fs::read_dir("/proc/self/task").unwrap().count()
}

/// What the process has in memory, in kB.
fn memory() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

#[test]
fn child() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let folder = Path::new(&folder);
    two_hundred_accounts(folder);
    five_thousand_messages(folder);
}

fn two_hundred_accounts(folder: &Path) {
    let (before, writers) = (threads(), writers());
    let started = threads();
    assert!(started > before);
    let memory_before = memory();
    let all: Vec<_> = (0..200).map(|n| open(&folder.join(n.to_string()), &writers)).collect();
    let answers: Vec<_> = all.iter().map(|open| offer(&open.inbox, message("1", "c"))).collect();
    assert!(answers.iter().all(|answer| answer.recv_timeout(SOON) == Ok(Accepted::New)));
    let grown = memory() - memory_before;
    println!("\n200 open inboxes: {} kB each", grown / 200);
    assert_eq!(threads(), started, "no account has a thread of its own");
    assert!(grown < 200 * 512, "{grown} kB");
    let closings: Vec<_> = all.iter().map(|open| open.inbox.close()).collect();
    closings.into_iter().for_each(|closing| closing.wait(SOON).unwrap());
}

fn five_thousand_messages(folder: &Path) {
    let writers = writers();
    let open = open(&folder.join("full"), &writers);
    let before = memory();
    for batch in 0..50 {
        let answers: Vec<_> = (0..100)
            .map(|n| {
                let (id, text) = (format!("{batch}/{n}"), "x".repeat(16 * 1024));
                offer(&open.inbox, InboundMessage { text, ..message(&id, &batch.to_string()) })
            })
            .collect();
        assert!(answers.iter().all(|answer| answer.recv_timeout(SOON) == Ok(Accepted::New)));
    }
    let grown = memory().saturating_sub(before);
    println!("\n5,000 waiting messages of 16 KiB: {grown} kB");
    assert!(grown < 5_000 * 16 / 4, "{grown} kB for 80,000 kB of text");
    open.inbox.close().wait(SOON).unwrap();
}

#[test]
fn neither_accounts_nor_waiting_messages_cost_threads_or_their_size_in_memory() {
    let folder = tempfile::tempdir().unwrap();
    let output = again("many::child", FOLDER, folder.path()).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    text.lines().filter(|line| line.contains("kB")).for_each(|line| println!("{line}"));
}
