//! One turn: the agent answers a message, and what joins it meanwhile, and the channel shows the answers as they
//! grow.

use super::{
    Address,
    accounts::Accounts,
    admission::Admitted,
    agent::{Agent, Delta},
    conduct::Conduct,
    course::Course,
    files,
    log::Log,
    record::{Event, Record, TurnEnd},
    reply::Reply,
};
use futures_util::StreamExt;
use host_sdk::{
    ChannelError, ErrorCode, InboundMessage, LogLevel, Phase, Receipt, Result as ChannelResult,
    host::{Channel, Pending},
    inbox::{InboxError, Waiting},
};
use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// How long a channel may take to deliver a last update; it has its own limits far below.
const DELIVERY: Duration = Duration::from_secs(120);
/// How long a turn that is run again waits to hear whether its answer was given already.
const ANSWERED: Duration = Duration::from_secs(5);

/// A message that is to be answered.
#[derive(Clone, Debug)]
pub(super) struct Job {
    pub(super) account: Address,
    pub(super) waiting: Arc<Waiting>,
}

/// What turns are played on.
#[derive(Clone)]
pub(super) struct Stage {
    pub(super) accounts: Accounts,
    pub(super) agent: Arc<dyn Agent>,
    pub(super) conduct: watch::Receiver<Arc<Conduct>>,
    pub(super) record: Record,
    pub(super) log: Log,
    /// The language of the host's own words.
    pub(super) locale: String,
    /// The host stops: what the agent has not ended by then is left to the next start.
    pub(super) stopping: CancellationToken,
}

impl Stage {
    /// Plays a turn: answers the message that begins it, and then what has joined it meanwhile. What the agent
    /// has said to its end is delivered also when the host stops: the next start would say it once more.
    pub(super) async fn play(&self, admitted: Admitted, course: &Course) {
        let _until_it_ends = self.accounts.get(&admitted.job.account).map(|account| account.stops.playing());
        let mut answered = self.unless_stopping(self.answer(admitted, course)).await;
        while let Some((mut reply, phase)) = answered {
            let receipt = self.deliver(&mut reply, phase).await;
            let is_over = self.finish(&reply, phase, receipt) || phase != Phase::Done;
            answered = if is_over { None } else { self.unless_stopping(self.go_on(&reply, course)).await };
        }
    }

    /// Says something that is the host's own word.
    pub(super) async fn say(&self, admitted: Admitted, text: String) {
        let Some(Some(message)) = self.stopping.run_until_cancelled(self.read(&admitted.job)).await else {
            return;
        };
        let mut reply = Reply::new(admitted, message);
        if reply.job.waiting.replayed && self.was_answered(&mut reply).await {
            return self.finish_answered(reply);
        }
        reply.text = text;
        let receipt = self.deliver(&mut reply, Phase::Done).await;
        self.finish(&reply, Phase::Done, receipt);
    }

    /// `None` also where the host stops meanwhile.
    async fn unless_stopping<T>(&self, working: impl Future<Output = Option<T>>) -> Option<T> {
        self.stopping.run_until_cancelled(working).await.flatten()
    }

    /// Has the agent answer the message that begins a turn, and those that are answered with it.
    async fn answer(&self, admitted: Admitted, course: &Course) -> Option<(Reply, Phase)> {
        let mut message = self.read(&admitted.job).await?;
        if !admitted.with.is_empty() {
            message = self.together(&admitted.with, message).await;
        }
        let mut reply = Reply::new(admitted, message);
        let is_replayed = reply.job.waiting.replayed;
        if is_replayed && self.was_answered(&mut reply).await {
            self.finish_answered(reply);
            return None;
        }
        self.begins(&mut reply, !is_replayed);
        let phase = self.speak(&mut reply, course).await;
        Some((reply, phase))
    }

    /// Has the agent answer what joined the turn of `before`, if anything did.
    async fn go_on(&self, before: &Reply, course: &Course) -> Option<(Reply, Phase)> {
        loop {
            let joined = course.next()?;
            let Some(message) = self.read(&joined.job).await else { continue };
            let mut reply = before.next(joined, message);
            self.begins(&mut reply, false);
            let phase = self.speak(&mut reply, course).await;
            return Some((reply, phase));
        }
    }

    fn begins(&self, reply: &mut Reply, is_shown: bool) {
        let started = Event::TurnStarted { turn: reply.turn.clone(), stream: reply.stream.clone() };
        self.record.note(&reply.job.account, started);
        if is_shown {
            self.show(reply); // the turn runs
        }
    }

    /// Fetches the content of the message, which has waited on disk.
    async fn read(&self, job: &Job) -> Option<Arc<InboundMessage>> {
        let inbox = self.accounts.get(&job.account)?.inbox;
        inbox.started(&job.waiting);
        let waiting = job.waiting.clone();
        let read = tokio::task::spawn_blocking(move || inbox.read(&waiting)).await;
        let read = read.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()));
        self.there(job, read).map(Arc::new)
    }

    /// What was read, if it was there; else that is logged.
    pub(super) fn there<T>(&self, job: &Job, read: Result<Option<T>, InboxError>) -> Option<T> {
        let why = match read {
            Ok(Some(there)) => return Some(there),
            Ok(None) => "it is not there any more".to_owned(),
            Err(error) => error.to_string(),
        };
        let id = &job.waiting.id;
        let sentence = format!("{id} cannot be read, and is left to the next start: {why}");
        self.log.say(LogLevel::Error, Some(&job.account), sentence);
        None
    }

    /// Several messages as one: what the earlier ones say stands before what the last one does.
    async fn together(&self, earlier: &[Job], last: Arc<InboundMessage>) -> Arc<InboundMessage> {
        let mut all = InboundMessage { text: String::new(), attachments: Vec::new(), ..(*last).clone() };
        for job in earlier {
            let Some(message) = self.read(job).await else { continue };
            all.text.push_str(&message.text);
            all.text.push_str("\n\n");
            all.attachments.extend(message.attachments.iter().cloned());
        }
        all.text.push_str(&last.text);
        all.attachments.extend(last.attachments.iter().cloned());
        Arc::new(all)
    }

    /// Whether an earlier run gave the answer to its end and did not live to write that down.
    async fn was_answered(&self, reply: &mut Reply) -> bool {
        let Some(account) = self.accounts.get(&reply.job.account) else { return false };
        let shown = account.channel.stream_update(reply.update(Phase::Open));
        drop(account);
        let shown = tokio::time::timeout(ANSWERED, shown).await;
        matches!(shown, Ok(Ok(receipt)) if receipt.answered)
    }

    fn finish_answered(&self, reply: Reply) {
        reply.with.iter().chain([&reply.job]).for_each(|job| self.finished(job));
        let Reply { job: Job { account, .. }, turn, stream, .. } = reply;
        self.record.note(&account, Event::AnsweredBefore { turn, stream });
    }

    /// Passes every piece of the answer on as it comes.
    async fn speak(&self, reply: &mut Reply, course: &Course) -> Phase {
        let stops = self.accounts.get(&reply.job.account).map(|account| account.stops).unwrap_or_default();
        let _under_way = stops.begin(&reply.turn, &reply.message, course.stop.clone());
        let fetching = files::fetch(&self.accounts, &reply.job.account, reply.message.clone(), &self.log);
        match course.stop.run_until_cancelled(fetching).await {
            Some(message) => reply.message = message,
            None => return Phase::Cancelled,
        }
        let mut answer = self.agent.answer_as(&reply.agent, &reply.message);
        loop {
            let delta = tokio::select! {
                biased;
                () = course.stop.cancelled() => return Phase::Cancelled,
                delta = answer.next() => delta,
            };
            let Some(delta) = delta else {
                reply.is_complete();
                return Phase::Done;
            };
            match delta {
                Delta::Text(text) => reply.text.push_str(&text),
                Delta::Status(status) => reply.status = status,
                Delta::NoFinal => return Phase::Cancelled,
                Delta::Failed(sentence) => {
                    reply.break_off(&sentence);
                    return Phase::Failed;
                }
            }
            if !reply.may_be_nothing() {
                self.show(reply);
            }
        }
    }

    /// Shows how far the answer has come; what becomes of it does not matter, the next one follows.
    fn show(&self, reply: &mut Reply) {
        let update = reply.update(Phase::Open);
        let Some(account) = self.accounts.get(&reply.job.account) else { return };
        let (log, address, told) = (self.log.clone(), reply.job.account.clone(), reply.trouble_told.clone());
        account.channel.stream_update(update).then(move |shown| {
            // The first failure tells what the others would.
            if let Err(error) = shown
                && error.code != ErrorCode::Cancelled
                && !told.swap(true, Ordering::Relaxed)
            {
                log.say(LogLevel::Warn, Some(&address), format!("an update was not shown: {error}"));
            }
        });
    }

    async fn deliver(&self, reply: &mut Reply, phase: Phase) -> ChannelResult<Receipt> {
        reply.status.clear();
        let update = reply.update(phase);
        let account = &reply.job.account;
        loop {
            let generation = self.accounts.generation(account);
            let asked = self.in_time(account, |channel| channel.stream_update(update.clone())).await;
            match asked {
                Err(error) if is_stopped(&error) && self.accounts.successor(account, generation).await => {}
                receipt => return receipt,
            }
        }
    }

    /// Asks the channel of an account for something, and waits for its answer.
    pub(super) async fn in_time<T>(
        &self,
        account: &Address,
        ask: impl FnOnce(&Channel) -> Pending<T>,
    ) -> ChannelResult<T> {
        let gone = || ChannelError::new(ErrorCode::State, "the account does not run any more");
        // Not held while waiting: a channel lives for as long as anyone holds it.
        let asked = ask(&self.accounts.get(account).ok_or_else(gone)?.channel);
        let late = |_| ChannelError::new(ErrorCode::Timeout, format!("no answer within {DELIVERY:?}"));
        tokio::time::timeout(DELIVERY, asked).await.map_err(late)?
    }

    /// Puts down what became of an answer; whether it is left to the next start.
    fn finish(&self, reply: &Reply, phase: Phase, receipt: ChannelResult<Receipt>) -> bool {
        let Job { account, waiting } = &reply.job;
        if let Err(error) = &receipt {
            log_loss(&self.log, account, &waiting.id, error);
        }
        let (turn, stream, text) = (reply.turn.clone(), reply.stream.clone(), reply.text.clone());
        let end = TurnEnd { turn, stream, phase, text, updates: reply.seq, receipt };
        let is_left = end.is_left();
        if !is_left {
            reply.with.iter().chain([&reply.job]).for_each(|job| self.finished(job));
        }
        self.record.note(account, Event::TurnEnded(Arc::new(end)));
        is_left
    }

    /// Nothing is left to be done for a message.
    pub(super) fn finished(&self, job: &Job) {
        if let Some(account) = self.accounts.get(&job.account) {
            account.inbox.finished(&job.waiting);
        }
    }
}

/// Whether it was not delivered because the account was stopped.
pub(super) fn is_stopped(error: &ChannelError) -> bool {
    matches!(error.code, ErrorCode::Cancelled | ErrorCode::State)
}

fn log_loss(log: &Log, account: &Address, message: &str, error: &ChannelError) {
    log.say(LogLevel::Error, Some(account), format!("the answer to {message} was not delivered: {error}"));
}
