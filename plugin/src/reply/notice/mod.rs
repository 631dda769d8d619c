//! The long-task notice (O7): in plain mode, a word to who waits long for an answer.

mod waiting;

use super::Surfaces;
use crate::{
    api::{robot::RobotMessage, webhook::WebhookMessage},
    clock,
    error::{Error, ErrorKind, Result},
    markdown,
    message::ReplyHandle,
};
use futures_util::{StreamExt, stream::FuturesUnordered};
use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{
    sync::Notify,
    time::{sleep_until, timeout},
};
use waiting::{Next, Waiting};

/// A notice that takes longer than this to go out is given up: a reply may wait behind it.
const PATIENCE: Duration = Duration::from_secs(3);

/// An account's notices.
pub(super) struct Notices {
    waiting: Mutex<Waiting>,
    /// Somebody waits who did not.
    armed: Notify,
    /// A notice has gone out.
    gone: Notify,
}

impl Notices {
    /// Those of a process that begins now.
    pub(super) fn new() -> Self {
        let waiting = Mutex::new(Waiting::new(clock::unix_ms()));
        Self { waiting, armed: Notify::new(), gone: Notify::new() }
    }

    /// The answer to `to` is worked on, and nothing of it is seen.
    pub(super) fn arm(&self, to: &ReplyHandle, delay: Duration) {
        self.waiting().arm(to, delay, clock::moment());
        self.armed.notify_one();
    }

    /// There is a reply to the message, or there will be none; a notice that is just going out is
    /// waited for, so that it cannot arrive after the reply.
    pub(super) async fn settle(&self, msg_id: &str) {
        let mut is_going_out = self.waiting().settle(msg_id);
        while is_going_out {
            let gone = self.gone.notified();
            is_going_out = self.waiting().is_going_out(msg_id);
            if is_going_out {
                gone.await;
            }
        }
    }

    /// Sends what is due, for ever.
    pub(super) async fn run(&self, surfaces: &Surfaces) {
        let mut going_out = FuturesUnordered::new();
        loop {
            let next = self.waiting().next(clock::now());
            let until = match next {
                Next::Send(to) => {
                    going_out.push(self.send(surfaces, to));
                    continue;
                }
                Next::Wait(until) => Some(until),
                Next::Rest => None,
            };
            tokio::select! {
                () = async { sleep_until(until.unwrap_or_else(clock::now).into()).await }, if until.is_some() => {}
                () = self.armed.notified() => {}
                Some(()) = going_out.next() => {}
            }
        }
    }

    async fn send(&self, surfaces: &Surfaces, to: Box<ReplyHandle>) {
        let _gone = Gone { notices: self, msg_id: &to.msg_id };
        let options = surfaces.options();
        if options.long_task_notice.is_none() {
            return; // switched off meanwhile
        }
        let text = options.long_task_text.as_deref().unwrap_or(options.wording.long_task());
        let sent = timeout(PATIENCE, say(surfaces, &to, text)).await;
        match sent.unwrap_or_else(|_| Err(Error::new(ErrorKind::Timeout { ambiguous: true }, NOTICE))) {
            Ok(()) => tracing::debug!(msg_id = to.msg_id, "told that it takes long"),
            Err(error) => {
                tracing::warn!(msg_id = to.msg_id, "not told that it takes long: {}", error.sentence());
            }
        }
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

const NOTICE: &str = "telling that it takes long";

/// Says that a notice has gone out, also when it was given up.
struct Gone<'a> {
    notices: &'a Notices,
    msg_id: &'a str,
}

impl Drop for Gone<'_> {
    fn drop(&mut self) {
        self.notices.waiting().gone(self.msg_id);
        self.notices.gone.notify_waiters();
    }
}

/// Says `text` once: through the webhook, else as the robot. It is not worth a second try.
async fn say(surfaces: &Surfaces, to: &ReplyHandle, text: &str) -> Result<()> {
    let api = surfaces.api();
    let title = markdown::title(text, surfaces.wording().message_title());
    if let Some(webhook) = to.webhook_at(clock::unix_ms()) {
        match api.reply(webhook, &WebhookMessage::markdown(&*title, text), &()).await {
            Err(error) if !error.is_ambiguous() => {
                tracing::debug!(error = %error, "the session webhook did not take a notice");
            }
            outcome => return outcome,
        }
    }
    let (robot_code, message) = (surfaces.robot_code(to), RobotMessage::markdown(&title, text));
    match &to.staff_id {
        _ if to.is_group() => {
            api.send_to_group(robot_code, &to.conversation_id, &message, &()).await.map(drop)
        }
        Some(staff_id) => api.send_to_person(robot_code, staff_id, &message, &()).await.map(drop),
        None => Ok(()), // nobody can be told
    }
}
