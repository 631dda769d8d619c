//! One turn: the agent answers one message, and the channel shows the answer as it grows.

use super::{
    Address,
    accounts::Accounts,
    agent::{Agent, Delta},
    files,
    log::Log,
    record::{Event, Record, TurnEnd},
    routing::Routing,
};
use futures_util::StreamExt;
use host_sdk::{
    ChannelError, ErrorCode, InboundMessage, LogLevel, Phase, Receipt, Result as ChannelResult, StreamUpdate,
    host::{Channel, Pending},
    inbox::Waiting,
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
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
    pub(super) routing: Arc<Routing>,
    pub(super) record: Record,
    pub(super) log: Log,
    /// The host stops: what the agent has not ended by then is left to the next start.
    pub(super) stopping: CancellationToken,
}

impl Stage {
    /// Answers one message if its author may write, and puts down that it is done with. What the agent has
    /// said to its end is delivered also when the host stops meanwhile: the next start would say it once more.
    pub(super) async fn play(&self, job: Job) {
        let Some(Some((mut reply, phase))) = self.stopping.run_until_cancelled(self.work(job)).await else {
            return;
        };
        let receipt = self.deliver(&mut reply, phase).await;
        self.finish(reply, phase, receipt);
    }

    /// Has the agent say its answer.
    async fn work(&self, job: Job) -> Option<(Reply, Phase)> {
        let message = self.read(&job).await?;
        if !self.admits(&job, &message).await {
            return None;
        }
        let mut reply = Reply::new(job, message);
        let is_replayed = reply.job.waiting.replayed;
        if is_replayed && self.was_answered(&mut reply).await {
            self.finish_answered(reply);
            return None;
        }
        let started = Event::TurnStarted { turn: reply.turn.clone(), stream: reply.stream.clone() };
        self.record.note(&reply.job.account, started);
        if !is_replayed {
            self.show(&mut reply); // the turn runs
        }
        let phase = self.speak(&mut reply).await;
        Some((reply, phase))
    }

    /// Fetches the content of the message, which has waited on disk.
    async fn read(&self, job: &Job) -> Option<Arc<InboundMessage>> {
        let inbox = self.accounts.get(&job.account)?.inbox;
        inbox.started(&job.waiting);
        let waiting = job.waiting.clone();
        let read = tokio::task::spawn_blocking(move || inbox.read(&waiting)).await;
        match read {
            Ok(Ok(Some(message))) => {
                let message = Arc::new(message);
                if job.waiting.replayed {
                    self.record.note(&job.account, Event::Replayed { message: message.clone() });
                }
                return Some(message);
            }
            Ok(Ok(None)) => self.log_unread(job, "it is not there any more"),
            Ok(Err(error)) => self.log_unread(job, error),
            Err(error) => self.log_unread(job, error),
        }
        None
    }

    fn log_unread(&self, job: &Job, why: impl std::fmt::Display) {
        let id = &job.waiting.id;
        let sentence = format!("{id} cannot be read, and is left to the next start: {why}");
        self.log.say(LogLevel::Error, Some(&job.account), sentence);
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
        let Reply { job: Job { account, waiting }, turn, stream, .. } = reply;
        if let Some(running) = self.accounts.get(&account) {
            running.inbox.finished(&waiting);
        }
        self.record.note(&account, Event::AnsweredBefore { turn, stream });
    }

    /// Passes every piece of the answer on as it comes.
    async fn speak(&self, reply: &mut Reply) -> Phase {
        let stops = self.accounts.get(&reply.job.account).map(|account| account.stops).unwrap_or_default();
        let running = stops.begin(&reply.turn, &reply.message);
        let fetching = files::fetch(&self.accounts, &reply.job.account, reply.message.clone(), &self.log);
        match running.stop.run_until_cancelled(fetching).await {
            Some(message) => reply.message = message,
            None => return Phase::Cancelled,
        }
        let mut answer = self.agent.answer(&reply.message);
        loop {
            let delta = tokio::select! {
                biased;
                () = running.stop.cancelled() => return Phase::Cancelled,
                delta = answer.next() => delta,
            };
            let Some(delta) = delta else { return Phase::Done };
            match delta {
                Delta::Text(text) => reply.text.push_str(&text),
                Delta::Status(status) => reply.status = status,
                Delta::Failed(sentence) => {
                    reply.break_off(&sentence);
                    return Phase::Failed;
                }
            }
            self.show(reply);
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
        self.in_time(&reply.job.account, |channel| channel.stream_update(update)).await
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

    fn finish(&self, reply: Reply, phase: Phase, receipt: ChannelResult<Receipt>) {
        let Reply { job: Job { account, waiting }, turn, stream, text, seq, .. } = reply;
        if let Err(error) = &receipt {
            log_loss(&self.log, &account, &waiting.id, error);
        }
        let end = TurnEnd { turn, stream, phase, text, updates: seq, receipt };
        if !end.is_left()
            && let Some(account) = self.accounts.get(&account)
        {
            account.inbox.finished(&waiting);
        }
        self.record.note(&account, Event::TurnEnded(Arc::new(end)));
    }
}

fn log_loss(log: &Log, account: &Address, message: &str, error: &ChannelError) {
    log.say(LogLevel::Error, Some(account), format!("the answer to {message} was not delivered: {error}"));
}

/// An answer as far as it has come.
struct Reply {
    job: Job,
    message: Arc<InboundMessage>,
    turn: String,
    stream: String,
    seq: u64,
    text: String,
    status: String,
    trouble_told: Arc<AtomicBool>,
}

impl Reply {
    fn new(job: Job, message: Arc<InboundMessage>) -> Self {
        Self {
            turn: message.id.clone(),
            stream: format!("{}/{}", job.account.account, message.id),
            job,
            message,
            seq: 0,
            text: String::new(),
            status: String::new(),
            trouble_told: Arc::default(),
        }
    }

    /// Ends the text with a sentence about why it ends.
    fn break_off(&mut self, sentence: &str) {
        if !self.text.is_empty() {
            self.text.push_str("\n\n");
        }
        self.text.push_str(sentence);
    }

    fn update(&mut self, phase: Phase) -> StreamUpdate {
        self.seq += 1;
        StreamUpdate {
            turn: self.turn.clone(),
            stream: self.stream.clone(),
            seq: self.seq,
            phase,
            text: self.text.clone(),
            status: self.status.clone(),
            conversation: self.message.conversation.clone(),
            reply: self.message.reply.clone(),
            ..StreamUpdate::default()
        }
    }
}
