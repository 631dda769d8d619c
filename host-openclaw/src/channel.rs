//! One open account, as JavaScript holds it.

use crate::{
    failure::{parse, word},
    listener::Answers,
    promise::{promise, promise_after},
};
use host_sdk::{Accepted, Handle, host};
use napi::{Env, Result, bindgen_prelude::Object};
use napi_derive::napi;
use std::{sync::Arc, time::Duration};

/// One open account. When JavaScript drops it, it ends without a goodbye.
#[napi]
pub struct Channel {
    channel: host::Channel,
    answers: Arc<Answers>,
}

impl Channel {
    pub(crate) fn new(channel: host::Channel, answers: Arc<Answers>) -> Self {
        Self { channel, answers }
    }
}

#[napi]
impl Channel {
    /// Sets the account going.
    #[napi]
    pub fn start<'env>(&self, env: &'env Env) -> Result<Object<'env>> {
        promise(env, self.channel.start())
    }

    /// Ends the account. Until it has ended JavaScript may still answer; what it owes then is dropped.
    #[napi]
    pub fn stop<'env>(&self, env: &'env Env, why: String, deadline_ms: u32) -> Result<Object<'env>> {
        let why = word("a reason to stop", why)?;
        let answers = self.answers.clone();
        let stopping = self.channel.stop(why, Duration::from_millis(deadline_ms.into()));
        promise_after(env, stopping, move || answers.forget())
    }

    /// Sends a whole message, an `OutboundMessage`.
    #[napi]
    pub fn send<'env>(&self, env: &'env Env, message: String) -> Result<Object<'env>> {
        promise(env, self.channel.send(parse("an OutboundMessage", &message)?))
    }

    /// Shows one state of a growing answer, a `StreamUpdate`.
    #[napi]
    pub fn stream_update<'env>(&self, env: &'env Env, update: String) -> Result<Object<'env>> {
        promise(env, self.channel.stream_update(parse("a StreamUpdate", &update)?))
    }

    /// Takes a changed section of the configuration in.
    #[napi]
    pub fn reconfigure<'env>(&self, env: &'env Env, config: String) -> Result<Object<'env>> {
        promise(env, self.channel.reconfigure(parse("a section", &config)?))
    }

    /// Brings the bytes behind an `Attachment` into a file.
    #[napi]
    pub fn fetch<'env>(&self, env: &'env Env, attachment: String) -> Result<Object<'env>> {
        promise(env, self.channel.fetch(parse("an Attachment", &attachment)?))
    }

    /// Takes back what a `Recall` names.
    #[napi]
    pub fn recall<'env>(&self, env: &'env Env, recall: String) -> Result<Object<'env>> {
        promise(env, self.channel.recall(parse("a Recall", &recall)?))
    }

    /// Whom a `DirectoryQuery` names, as a `DirectoryListing`.
    #[napi]
    pub fn directory<'env>(&self, env: &'env Env, query: String) -> Result<Object<'env>> {
        promise(env, self.channel.directory(parse("a DirectoryQuery", &query)?))
    }

    /// Examines configuration, credentials and platform.
    #[napi]
    pub fn probe<'env>(&self, env: &'env Env) -> Result<Object<'env>> {
        promise(env, self.channel.probe())
    }

    /// Has the platform make what the account needs; a `Registration`.
    #[napi]
    pub fn register<'env>(&self, env: &'env Env, ticket: String) -> Result<Object<'env>> {
        promise(env, self.channel.register(Handle::new(ticket)))
    }

    /// Counters and gauges by name.
    #[napi]
    pub fn metrics(&self) -> String {
        self.channel.metrics().as_str().to_owned()
    }

    /// Answers the message of `token`: `new`, `duplicate` or `refused`. `false`: nobody waits for it.
    #[napi]
    pub fn accept(&self, token: i64, accepted: String) -> Result<bool> {
        let accepted: Accepted = word("an answer to a message", accepted)?;
        let answer = self.answers.messages.take(token);
        Ok(answer.map(|answer| answer.answer(Ok(accepted))).is_some())
    }

    /// Answers the action of `token` with an `ActionAnswer`. `false`: nobody waits for it.
    #[napi]
    pub fn answer_action(&self, token: i64, answered: String) -> Result<bool> {
        let answered = parse("an ActionAnswer", &answered)?;
        let answer = self.answers.actions.take(token);
        Ok(answer.map(|answer| answer.answer(Ok(answered))).is_some())
    }
}
