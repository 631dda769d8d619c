//! The inbox with its threads: what its host sees, and what is left when that is killed.
#![allow(missing_docs, reason = "a test binary")]
#![allow(clippy::unwrap_used, reason = "a test may")]

#[cfg(unix)]
mod kill;
#[cfg(target_os = "linux")]
mod many;
mod threads;

use host_sdk::{
    Accepted, Conversation, Done, InboundMessage,
    inbox::{Inbox, Listener, Settings, Waiting, Writers},
};
use std::{
    path::Path,
    sync::{Arc, mpsc},
    time::Duration,
};

/// Longer than anything takes that works.
const SOON: Duration = Duration::from_secs(60);

/// Sends what waits on.
struct Ear(mpsc::Sender<Arc<Waiting>>);

impl Listener for Ear {
    fn waiting(&self, message: Arc<Waiting>) {
        self.0.send(message).ok();
    }
}

/// An open inbox, with what was left in it and what comes.
struct Open {
    inbox: Inbox,
    left: Vec<Arc<Waiting>>,
    waiting: mpsc::Receiver<Arc<Waiting>>,
}

fn open(folder: &Path, writers: &Writers) -> Open {
    let (tell, waiting) = mpsc::channel();
    let opened = Inbox::open(folder.join("inbox.redb"), Settings::default(), writers, Ear(tell));
    let (inbox, left) = opened.unwrap();
    Open { inbox, left, waiting }
}

fn writers() -> Writers {
    Writers::start(Writers::USUAL).unwrap()
}

fn message(id: &str, conversation: &str) -> InboundMessage {
    let conversation = Conversation { id: conversation.into(), ..Default::default() };
    InboundMessage { id: id.into(), conversation, ..Default::default() }
}

/// Offers a message, and says where its answer will be.
fn offer(inbox: &Inbox, message: InboundMessage) -> mpsc::Receiver<Accepted> {
    let (tell, told) = mpsc::channel();
    inbox.offer(message, Done::new(move |answer| tell.send(answer.unwrap()).unwrap()));
    told
}

/// This test binary once more, as a process of its own that runs the test `name` with `value` in the
/// variable `key`.
fn again(name: &str, key: &str, value: &Path) -> std::process::Command {
    let mut command = std::process::Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", name, "--nocapture", "--test-threads=1"]).env(key, value);
    command
}
