//! What a channel tells, on its way to JavaScript.

use crate::owed::Owed;
use host_sdk::{
    Accepted, Action, ActionAnswer, Done, InboundMessage, Json, LogLine, StatusPatch, host::Events,
};
use napi::{
    Status,
    bindgen_prelude::Function,
    threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode::NonBlocking},
};
use serde::Serialize;
use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

/// Events that wait for JavaScript; a message beyond them is refused.
const EVENTS: usize = 256;
/// Log lines that wait for JavaScript, apart from the events; more are counted and dropped.
const LINES: usize = 1024;

/// A bounded way to a function of JavaScript's. Weak: it does not keep the process alive.
type Queue<const BOUND: usize> = ThreadsafeFunction<String, (), String, Status, false, true, BOUND>;

/// What JavaScript hears, as it is written.
#[derive(Serialize)]
#[serde(tag = "event", rename_all = "camelCase")]
enum Event<'a> {
    Message { token: i64, message: &'a InboundMessage },
    Action { token: i64, action: &'a Action },
    Status { status: &'a StatusPatch },
}

/// A log line, as it is written.
#[derive(Serialize)]
struct Line<'a> {
    level: &'static str,
    target: &'a str,
    message: &'a str,
    fields: BTreeMap<&'a str, &'a str>,
    /// Lines before this one that found the queue full.
    lost: u64,
}

/// The answers that JavaScript owes to one channel.
#[derive(Debug, Default)]
pub(crate) struct Answers {
    pub(crate) messages: Owed<Done<Accepted>>,
    pub(crate) actions: Owed<Done<ActionAnswer>>,
}

impl Answers {
    /// Drops what is owed, which cancels it.
    pub(crate) fn forget(&self) {
        self.messages.forget();
        self.actions.forget();
    }
}

/// Passes a channel's events on. Called on the plugin's threads, and waits for nothing.
pub(crate) struct Listener {
    answers: Arc<Answers>,
    events: Queue<EVENTS>,
    lines: Queue<LINES>,
    /// Changes of the status that found the queue full; they go out with the next one.
    unsent: Mutex<StatusPatch>,
    lost: AtomicU64,
}

impl Listener {
    /// A listener that calls `events` and `lines` with one JSON text each.
    pub(crate) fn new(
        answers: Arc<Answers>,
        events: &Function<'_, String, ()>,
        lines: &Function<'_, String, ()>,
    ) -> napi::Result<Self> {
        Ok(Self {
            answers,
            events: events.build_threadsafe_function().weak::<true>().max_queue_size::<EVENTS>().build()?,
            lines: lines.build_threadsafe_function().weak::<true>().max_queue_size::<LINES>().build()?,
            unsent: Mutex::default(),
            lost: AtomicU64::new(0),
        })
    }

    /// Whether the event is on its way.
    fn tell(&self, event: &Event<'_>) -> bool {
        self.events.call(Json::new(event).as_str().to_owned(), NonBlocking) == Status::Ok
    }
}

impl Events for Listener {
    fn receive(&self, message: InboundMessage, answer: Done<Accepted>) {
        let token = match self.answers.messages.keep(answer) {
            Ok(token) => token,
            Err(answer) => return answer.answer(Ok(Accepted::Refused)),
        };
        if !self.tell(&Event::Message { token, message: &message })
            && let Some(answer) = self.answers.messages.take(token)
        {
            answer.answer(Ok(Accepted::Refused));
        }
    }

    fn action(&self, action: Action, answer: Done<ActionAnswer>) {
        let token = match self.answers.actions.keep(answer) {
            Ok(token) => token,
            Err(answer) => return answer.answer(Ok(ActionAnswer::default())),
        };
        if !self.tell(&Event::Action { token, action: &action })
            && let Some(answer) = self.answers.actions.take(token)
        {
            answer.answer(Ok(ActionAnswer::default()));
        }
    }

    fn status(&self, patch: StatusPatch) {
        // Held while it is told, so that two patches keep their order.
        let mut unsent = self.unsent.lock().unwrap_or_else(PoisonError::into_inner);
        unsent.merge(patch);
        if self.tell(&Event::Status { status: &unsent }) {
            *unsent = StatusPatch::new();
        }
    }

    fn log(&self, line: &LogLine<'_>) {
        let lost = self.lost.swap(0, Ordering::Relaxed);
        let line = Line {
            level: line.level.name().unwrap_or_default(),
            target: line.target,
            message: line.message,
            fields: line.fields.iter().rev().map(|field| (field.name, field.value)).collect(),
            lost,
        };
        if self.lines.call(Json::new(&line).as_str().to_owned(), NonBlocking) != Status::Ok {
            self.lost.fetch_add(lost + 1, Ordering::Relaxed);
        }
    }
}
