//! `kill -9` in the middle of everything.

use super::{SOON, again, message, offer, open, writers};
use host_sdk::{Accepted, inbox::Waiting};
use std::{
    collections::BTreeSet,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::Stdio,
};

/// Tells the child where to work.
const FOLDER: &str = "INBOX_TEST_KILL";
/// How many messages the child offers at once; it finishes the first half of them.
const ROUND: u32 = 40;

/// Runs until it is killed, and says which messages it was told are durable.
#[test]
fn child() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let writers = writers();
    let open = open(Path::new(&folder), &writers);
    // After all that earlier generations have offered.
    let first = open.left.last().map_or(0, |waiting| waiting.id.parse::<u32>().unwrap() / ROUND + 1);
    open.left.iter().filter(|waiting| ends(waiting)).for_each(|waiting| open.inbox.finished(waiting));
    let mut out = std::io::stdout();
    writeln!(out, "\nready").unwrap();
    for round in first.. {
        let ids = round * ROUND..(round + 1) * ROUND;
        let offers: Vec<_> = ids
            .map(|id| (id, offer(&open.inbox, message(&format!("{id:08}"), &format!("c{}", id % 7)))))
            .collect();
        for (id, answer) in offers {
            assert_eq!(answer.recv_timeout(SOON), Ok(Accepted::New));
            writeln!(out, "new {id}").unwrap();
        }
        for waiting in open.waiting.iter().take(ROUND as usize) {
            if ends(&waiting) {
                open.inbox.finished(&waiting);
            } else {
                open.inbox.started(&waiting);
            }
        }
    }
}

fn ends(waiting: &Waiting) -> bool {
    waiting.id.parse::<u32>().unwrap() % ROUND < ROUND / 2
}

/// Lets a child run until it has said so much, and kills it. Says what it was told is durable.
fn killed_after(folder: &Path, lines: usize) -> BTreeSet<u32> {
    let mut command = again("kill::child", FOLDER, folder);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut said = BufReader::new(child.stdout.take().unwrap());
    let (mut new, mut line) = (BTreeSet::new(), String::new());
    while said.read_line(&mut line).unwrap() > 0 {
        // The last line may be cut off in the middle.
        if let Some(id) = line.strip_suffix('\n').and_then(|line| line.strip_prefix("new ")) {
            new.insert(id.parse().unwrap());
        }
        if new.len() == lines {
            child.kill().unwrap();
        }
        line.clear();
    }
    child.wait().unwrap();
    assert!(new.len() >= lines, "the child ended by itself");
    new
}

#[test]
fn what_was_answered_new_is_handed_over_once_after_a_kill_and_what_was_finished_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let mut all = BTreeSet::new();
    for lines in [1, 57, 400, 131, 799] {
        all.append(&mut killed_after(folder.path(), lines));
        let writers = writers();
        let open = open(folder.path(), &writers);
        let left: Vec<u32> = open.left.iter().map(|waiting| waiting.id.parse().unwrap()).collect();
        assert!(left.is_sorted_by(|one, next| one < next), "once, and oldest first: {left:?}");
        let (last, left) = (*all.last().unwrap() / ROUND, BTreeSet::from_iter(left));
        for id in &all {
            if id % ROUND >= ROUND / 2 {
                assert!(left.contains(id), "{id} was answered `New` and is lost");
            } else if id / ROUND < last {
                assert!(!left.contains(id), "{id} was finished before {last} rounds were answered");
            }
        }
        open.inbox.close().wait(SOON).unwrap();
    }
}
