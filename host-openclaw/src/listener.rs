//! What a channel tells, on its way to JavaScript.

use crate::{lines::Lines, owed::Owed};
use host_sdk::{
    Accepted, Action, ActionAnswer, Done, InboundMessage, Json, LogLine, StatusPatch, host::Events,
    inbox::Inbox,
};
use napi::{
    Status,
    bindgen_prelude::Function,
    threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode::NonBlocking},
};
use serde::Serialize;
use std::{
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Events that wait for JavaScript; a message beyond them is refused.
const EVENTS: usize = 256;

/// A bounded way to a function of JavaScript's that takes text. Weak: it does not keep the process
/// alive.
pub(crate) type Queue<T, const BOUND: usize> = ThreadsafeFunction<T, (), String, Status, false, true, BOUND>;

/// What JavaScript hears, as it is written.
#[derive(Serialize)]
#[serde(tag = "event", rename_all = "camelCase")]
enum Event<'a> {
    Message { token: i64, message: &'a InboundMessage },
    Action { token: i64, action: &'a Action },
    Status { status: &'a StatusPatch },
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
    /// What takes messages in, instead of JavaScript.
    inbox: Option<Inbox>,
    events: Queue<String, EVENTS>,
    /// Beside the events: however often the status changes, it takes the one place that it has.
    status: Queue<(), 1>,
    lines: Lines,
    changes: Arc<Changes>,
}

impl Listener {
    /// A listener that calls `events` and `lines` with one JSON text each.
    pub(crate) fn new(
        answers: Arc<Answers>,
        inbox: Option<Inbox>,
        events: &Function<'_, String, ()>,
        lines: &Function<'_, String, ()>,
    ) -> napi::Result<Self> {
        let changes = Arc::new(Changes::default());
        let unseen = changes.clone();
        let status = move |_| Ok(written(&Event::Status { status: &unseen.take() }));
        let status = events
            .build_threadsafe_function::<()>()
            .weak::<true>()
            .max_queue_size::<1>()
            .build_callback(status)?;
        let events = events.build_threadsafe_function().weak::<true>().max_queue_size::<EVENTS>().build()?;
        Ok(Self { answers, inbox, events, status, lines: Lines::new(lines)?, changes })
    }

    /// Whether the event is on its way.
    fn tell(&self, event: &Event<'_>) -> bool {
        self.events.call(written(event), NonBlocking) == Status::Ok
    }
}

/// Changes of the status that JavaScript has not seen yet.
#[derive(Default)]
struct Changes(Mutex<StatusPatch>);

impl Changes {
    /// Adds a change; `true`: it is the first.
    fn add(&self, patch: StatusPatch) -> bool {
        let mut unseen = self.unseen();
        let first = unseen.is_empty();
        unseen.merge(patch);
        first
    }

    fn take(&self) -> StatusPatch {
        mem::take(&mut *self.unseen())
    }

    fn unseen(&self) -> MutexGuard<'_, StatusPatch> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A value as JSON text.
pub(crate) fn written(value: &impl Serialize) -> String {
    Json::new(value).as_str().to_owned()
}

impl Events for Listener {
    fn receive(&self, message: InboundMessage, answer: Done<Accepted>) {
        if let Some(inbox) = &self.inbox {
            return inbox.offer(message, answer);
        }
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
        if self.changes.add(patch) {
            // The place is free: what was in it has been taken, or this would not be the first.
            let _told = self.status.call((), NonBlocking);
        }
    }

    fn log(&self, line: &LogLine<'_>) {
        self.lines.add(line);
    }
}
