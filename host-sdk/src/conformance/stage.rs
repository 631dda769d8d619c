//! A host for one account, which writes down what it hears.

use super::{Holds, Subject, demand};
use crate::{
    done::Done,
    host::{Channel, Events, Pending},
    value::{
        Accepted, Action, ActionAnswer, ChannelError, ErrorCode, InboundMessage, LogLine, OpenContext,
        OutboundMessage, Phase, StatusPatch, StopReason, StreamUpdate,
    },
};
use std::{
    sync::{Arc, Mutex, PoisonError, mpsc},
    time::Instant,
};

/// How a host takes what it hears.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Mood {
    Listens,
    /// It panics at everything.
    Panics,
    /// Nothing may be heard any more.
    ExpectsSilence,
}

struct Ears {
    mood: Arc<Mutex<Mood>>,
    heard: Mutex<mpsc::Sender<Heard>>,
}

enum Heard {
    Message(Box<InboundMessage>),
    /// A `lastError`.
    Trouble(String),
    /// A callback came when none may.
    Noise(&'static str),
    /// A callback came, and is about to panic.
    Panic(&'static str),
}

impl Ears {
    /// Takes a callback in as the mood is; `true`: as a host does.
    fn listen(&self, callback: &'static str) -> bool {
        let mood = *self.mood.lock().unwrap_or_else(PoisonError::into_inner);
        match mood {
            Mood::Listens => true,
            Mood::Panics => {
                self.tell(Heard::Panic(callback));
                panic!("the host panics in `{callback}`, to see who minds")
            }
            Mood::ExpectsSilence => {
                self.tell(Heard::Noise(callback));
                false
            }
        }
    }

    fn tell(&self, heard: Heard) {
        // The stage may be gone: then nobody asks any more.
        drop(self.heard.lock().unwrap_or_else(PoisonError::into_inner).send(heard));
    }
}

impl Events for Ears {
    fn receive(&self, message: InboundMessage, answer: Done<Accepted>) {
        if self.listen("receive") {
            self.tell(Heard::Message(message.into()));
            answer.answer(Ok(Accepted::New));
        }
    }

    fn action(&self, _: Action, answer: Done<ActionAnswer>) {
        if self.listen("action") {
            answer.answer(Ok(ActionAnswer::default()));
        }
    }

    fn status(&self, patch: StatusPatch) {
        if self.listen("status")
            && let Some(error) = patch.get("lastError").and_then(|error| error.as_str())
        {
            self.tell(Heard::Trouble(error.to_owned()));
        }
    }

    fn log(&self, _: &LogLine<'_>) {
        self.listen("log");
    }
}

/// One account and its host.
pub(super) struct Stage<'a> {
    subject: &'a dyn Subject,
    pub(super) channel: Channel,
    mood: Arc<Mutex<Mood>>,
    heard: mpsc::Receiver<Heard>,
}

impl<'a> Stage<'a> {
    /// The first account, opened.
    pub(super) fn open(subject: &'a dyn Subject) -> Result<Self, String> {
        let first = subject.contexts().into_iter().next().ok_or("there is no account to open")?;
        Self::of(subject, first)
    }

    /// The first account, started.
    pub(super) fn start(subject: &'a dyn Subject) -> Result<Self, String> {
        let stage = Self::open(subject)?;
        stage.starts()?;
        Ok(stage)
    }

    pub(super) fn of(subject: &'a dyn Subject, context: OpenContext) -> Result<Self, String> {
        let mood = Arc::new(Mutex::new(Mood::Listens));
        let (tell, heard) = mpsc::channel();
        let ears = Ears { mood: mood.clone(), heard: Mutex::new(tell) };
        let opened = subject.plugin().open(context, ears);
        let channel = opened.map_err(|error| format!("the account does not open: {error}"))?;
        Ok(Self { subject, channel, mood, heard })
    }

    pub(super) fn mood(&self, mood: Mood) {
        *self.mood.lock().unwrap_or_else(PoisonError::into_inner) = mood;
    }

    /// Writes `text` and waits until it has arrived.
    pub(super) fn receives(&self, text: &str) -> Result<InboundMessage, String> {
        self.writes(text, |heard| match heard {
            Heard::Message(message) if message.text == text => Some(*message),
            _ => None,
        })
    }

    /// Writes `text` and waits until the host has panicked over a message.
    pub(super) fn panics_over(&self, text: &str) -> Holds {
        self.writes(text, |heard| matches!(heard, Heard::Panic("receive")).then_some(()))
    }

    fn writes<T>(&self, text: &str, arrived: impl Fn(Heard) -> Option<T>) -> Result<T, String> {
        self.subject.write(text);
        let patience = self.subject.patience();
        let until = Instant::now() + patience;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let heard = self.heard.recv_timeout(left);
            let heard =
                heard.map_err(|_| format!("{text:?} was written and did not arrive within {patience:?}"))?;
            if let Some(arrived) = arrived(heard) {
                return Ok(arrived);
            }
        }
    }

    pub(super) fn starts(&self) -> Holds {
        self.answer("the start", self.channel.start())
    }

    pub(super) fn stops(&self) -> Holds {
        self.answer("the stop", self.stop(StopReason::Shutdown))
    }

    pub(super) fn stop(&self, why: StopReason) -> Pending<()> {
        self.channel.stop(why, self.subject.patience())
    }

    /// The answer to `what`, which has to be a good one.
    pub(super) fn answer<T>(&self, what: &str, pending: Pending<T>) -> Result<T, String> {
        self.wait(pending).map_err(|error| format!("{what} is answered with {:?}: {error}", error.code))
    }

    /// The answer to `what`, which has to be a good one or a reason, and no accident.
    pub(super) fn reasoned<T>(&self, what: &str, pending: Pending<T>) -> Result<Option<T>, String> {
        const ACCIDENTS: [ErrorCode; 4] =
            [ErrorCode::State, ErrorCode::Cancelled, ErrorCode::Panicked, ErrorCode::Timeout];
        match self.wait(pending) {
            Err(error) if ACCIDENTS.contains(&error.code) => {
                Err(format!("{what} is answered with {:?}: {error}", error.code))
            }
            Err(error) if error.message.is_empty() => {
                Err(format!("{what} is answered with {:?} and not a word", error.code))
            }
            answer => Ok(answer.ok()),
        }
    }

    pub(super) fn wait<T>(&self, pending: Pending<T>) -> Result<T, ChannelError> {
        pending.wait(self.subject.patience())
    }

    /// What people were shown.
    pub(super) fn shown(&self) -> Vec<String> {
        self.subject.shown()
    }

    /// The first panic that the plugin has reported since anything was last heard.
    pub(super) fn unhurt(&self) -> Holds {
        let trouble = self.heard.try_iter().filter_map(|heard| match heard {
            Heard::Trouble(error) if error.contains(" panicked: ") => Some(error),
            _ => None,
        });
        trouble.map(Err).next().unwrap_or(Ok(()))
    }

    /// Drops the channel and waits until the plugin has let go of the host; says what was heard
    /// meanwhile that may not be.
    pub(super) fn ends(self) -> Result<(), String> {
        let Self { channel, heard, subject, .. } = self;
        drop(channel);
        let patience = subject.patience();
        loop {
            match heard.recv_timeout(patience) {
                Ok(Heard::Noise(callback)) => return Err(format!("`{callback}` was called after the stop")),
                Ok(Heard::Message(_) | Heard::Trouble(_) | Heard::Panic(_)) => {}
                Err(mpsc::RecvTimeoutError::Disconnected) => return Ok(()),
                Err(mpsc::RecvTimeoutError::Timeout) => {
                    return Err(format!("the plugin holds on to the host for more than {patience:?}"));
                }
            }
        }
    }
}

/// That each of them has its answer by now, whatever it is.
pub(super) fn all_answered<T>(what: &str, pending: Vec<Pending<T>>) -> Result<(), String> {
    let asked = pending.len();
    let (tell, told) = mpsc::channel();
    for pending in pending {
        let tell = tell.clone();
        pending.then(move |_| {
            let _too_late_to_count = tell.send(());
        });
    }
    let answered = told.try_iter().count();
    demand(answered == asked, || format!("of {asked} {what}, {answered} were answered"))
}

/// An answer to `message` as a whole.
pub(super) fn reply(message: &InboundMessage, text: &str) -> OutboundMessage {
    OutboundMessage {
        conversation: Some(message.conversation.clone()),
        reply: message.reply.clone(),
        text: text.to_owned(),
        ..Default::default()
    }
}

/// A state of the answer `stream` to `message`.
pub(super) fn state(
    message: &InboundMessage,
    stream: &str,
    seq: u64,
    phase: Phase,
    text: &str,
) -> StreamUpdate {
    StreamUpdate {
        turn: stream.to_owned(),
        stream: stream.to_owned(),
        seq,
        phase,
        text: text.to_owned(),
        conversation: message.conversation.clone(),
        reply: message.reply.clone(),
        ..Default::default()
    }
}
