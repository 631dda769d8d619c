//! A host that writes down what it hears, and what it says.

use crate::plugin;
use host_sdk::{
    Accepted, Conversation, Done, InboundMessage, LogLine, OpenContext, OutboundMessage, Phase, Result,
    StatusPatch, StreamUpdate, host::Events,
};
use std::{
    sync::{Mutex, MutexGuard, PoisonError, mpsc},
    time::Duration,
};

/// Longer than anything takes that works.
pub(crate) const SOON: Duration = Duration::from_secs(60);

/// What a host heard.
#[derive(Debug)]
pub(crate) enum Heard {
    Message(Box<InboundMessage>, Done<Accepted>),
    Status(StatusPatch),
    Log(String),
}

/// Channels share the two threads of their library: one test at a time keeps one of them.
pub(crate) fn alone_with_a_thread() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(crate) struct Ears(Mutex<mpsc::Sender<Heard>>);

impl Ears {
    fn hear(&self, heard: Heard) {
        let _test_is_over = self.0.lock().unwrap().send(heard);
    }
}

impl Events for Ears {
    fn receive(&self, message: InboundMessage, answer: Done<Accepted>) {
        self.hear(Heard::Message(Box::new(message), answer));
    }

    fn status(&self, patch: StatusPatch) {
        self.hear(Heard::Status(patch));
    }

    fn log(&self, line: &LogLine<'_>) {
        self.hear(Heard::Log(format!("{:?} {} {:?}", line.level, line.message, line.fields)));
    }
}

pub(crate) fn open(account: &str) -> Result<(host_sdk::host::Channel, mpsc::Receiver<Heard>)> {
    let (ears, heard) = mpsc::channel();
    let context = OpenContext { account: account.to_owned(), ..Default::default() };
    Ok((plugin().open(context, Ears(Mutex::new(ears)))?, heard))
}

pub(crate) fn started(account: &str) -> (host_sdk::host::Channel, mpsc::Receiver<Heard>) {
    let (channel, heard) = open(account).unwrap();
    channel.start().wait(SOON).unwrap();
    (channel, heard)
}

#[track_caller]
pub(crate) fn until<T>(heard: &mpsc::Receiver<Heard>, mut wanted: impl FnMut(Heard) -> Option<T>) -> T {
    loop {
        if let Some(found) = wanted(heard.recv_timeout(SOON).unwrap()) {
            return found;
        }
    }
}

#[track_caller]
pub(crate) fn status(heard: &mpsc::Receiver<Heard>, key: &str) -> String {
    until(heard, |heard| match heard {
        Heard::Status(patch) => Some(patch.get(key)?.as_str()?.to_owned()),
        _ => None,
    })
}

pub(crate) fn message(text: &str) -> OutboundMessage {
    let conversation = Conversation { id: "c".into(), ..Default::default() };
    OutboundMessage { conversation: Some(conversation), text: text.into(), ..Default::default() }
}

pub(crate) fn update(seq: u64, phase: Phase, text: &str) -> StreamUpdate {
    let conversation = Conversation { id: "c".into(), ..Default::default() };
    StreamUpdate { stream: "s".into(), seq, phase, text: text.into(), conversation, ..Default::default() }
}
