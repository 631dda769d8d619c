//! The channel: what a host asks of one account.

use crate::{
    clock,
    config::{self, Effect, LiveAccount},
    ledger::AnswerKey,
    message::ReplyHandle,
    opened::{self, Opened, Shared},
    outbound, probe, registration,
    reply::Reply,
    running::Running,
    setup,
};
use host_sdk::{
    Applied, Attachment, ChannelError, Descriptor, DirectoryListing, DirectoryQuery, ErrorCode, Handle, Json,
    LocalFile, OpenContext, OutboundMessage, Outcome, Recall, Receipt, Registration, Report, Resolved,
    Result, StatusPatch, StopReason, StreamUpdate,
    channel::{Channel, Host, Newer},
};
use serde_json::Value;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What the plugin can do, in words that hosts know.
const CAPABILITIES: [&str; 6] = ["direct", "group", "stream", "media", "recall", "directory"];

/// One DingTalk bot.
pub struct DingTalk {
    opened: Opened,
    running: Mutex<Option<Arc<Running>>>,
}

impl DingTalk {
    /// Shows one state of an answer.
    async fn show(
        &self,
        running: &Arc<Running>,
        update: &StreamUpdate,
        newer: &mut Newer,
    ) -> Result<Receipt> {
        let opened = &self.opened;
        let held = opened.shared.growing.hold(&running.owner, &update.stream, || begin(running, update));
        let (mut held, evicted) = match held {
            Ok(held) => held,
            Err(NotBegun::Answered) => return Ok(Receipt::answered()),
            Err(NotBegun::Unusable(error)) => return Err(error),
        };
        if let Some(mut evicted) = evicted {
            let running = running.clone();
            opened.host.spawn("sealing", async move { evicted.seal(&running.surfaces).await });
        }
        let Some(reply) = held.reply() else { return Ok(Receipt::default()) };
        let updating = reply.update(update, &running.surfaces, newer);
        if update.phase.is_final() {
            let outcome = updating.await;
            held.finish();
            return Ok(outcome?);
        }
        tokio::select! {
            outcome = updating => Ok(outcome?),
            // Whoever ends the card, or goes on with it, must not wait for a slow request.
            () = running.stop.cancelled() => Ok(Receipt::overtaken()),
        }
    }

    /// Tells the host when a message, or the last text of an answer, went out.
    fn tell_outbound(&self, receipt: &Result<Receipt>) {
        let Ok(receipt) = receipt else { return };
        if receipt.parts.iter().any(|part| part.outcome == Outcome::Delivered) {
            self.opened.host.status(StatusPatch::new().with("lastOutboundAt", clock::unix_ms()));
        }
    }

    fn running(&self) -> Result<Arc<Running>> {
        let running = self.lock().clone();
        running.ok_or_else(|| ChannelError::new(ErrorCode::State, "the account is not running"))
    }

    fn lock(&self) -> MutexGuard<'_, Option<Arc<Running>>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Channel for DingTalk {
    type Shared = Shared;

    fn describe() -> Descriptor {
        Descriptor {
            id: "dingtalk".to_owned(),
            name: "DingTalk".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            capabilities: CAPABILITIES.map(str::to_owned).into(),
            config_schema: config::schema(),
            extra: Json::new(&extra()),
            setup: setup::setup(),
            ..Descriptor::default()
        }
    }

    fn resolve(section: &Json) -> Resolved {
        config::resolve(&section.parse().unwrap_or_default())
    }

    fn open(context: OpenContext, shared: Arc<Shared>, host: Host) -> Result<Self> {
        let section = context.config.parse().unwrap_or_default();
        let read = if opened::registers(&context) { config::applicant } else { config::account };
        let account = LiveAccount::new(read(&section, &context.account, &context.locale)?);
        let opened = Opened { context, account, shared, host, tally: Arc::default() };
        Ok(Self { opened, running: Mutex::default() })
    }

    async fn start(&self) -> Result<()> {
        if self.opened.registers() {
            let what = "the account was opened to be registered; open it anew with what that gave";
            return Err(ChannelError::new(ErrorCode::State, what));
        }
        let running = Running::assemble(&self.opened).await?;
        // Before anything can come in, for what comes in is answered.
        *self.lock() = Some(running.clone());
        running.begin(&self.opened);
        Ok(())
    }

    async fn stop(&self, why: StopReason) {
        let running = self.lock().take();
        if let Some(running) = running {
            running.end(why).await;
        }
    }

    async fn send(&self, message: OutboundMessage) -> Result<Receipt> {
        let running = self.running()?;
        let receipt = running.outbound.send(&running.surfaces, &message).await;
        running.files.sent(&message);
        self.tell_outbound(&receipt);
        receipt
    }

    async fn recall(&self, recall: Recall) -> Result<()> {
        let running = self.running()?;
        running.outbound.recall(&running.surfaces, &recall).await
    }

    async fn stream_update(&self, update: StreamUpdate, newer: &mut Newer) -> Result<Receipt> {
        let running = self.running()?;
        running.files.answering(&update);
        let receipt = self.show(&running, &update, newer).await;
        if update.phase.is_final() || receipt.as_ref().is_ok_and(|receipt| receipt.answered) {
            running.files.answered(&update);
            self.tell_outbound(&receipt);
        }
        receipt
    }

    async fn fetch(&self, attachment: Attachment) -> Result<LocalFile> {
        let running = self.running()?;
        Ok(running.files.fetch(&attachment).await?)
    }

    async fn reconfigure(&self, section: Json) -> Result<Applied> {
        let section = section.parse().unwrap_or_default();
        let context = &self.opened.context;
        let account = config::account(&section, &context.account, &context.locale)?;
        let change = self.opened.account.get().change_to(&account);
        if change == Effect::Reopen {
            return Ok(Applied::NeedsReopen);
        }
        let running = self.lock().clone();
        let Some(running) = running else {
            self.opened.account.set(account); // it starts as this
            return Ok(Applied::Live);
        };
        let account = Arc::new(account);
        let way = match change {
            Effect::Reconnect => Some(self.opened.way(&account).await?),
            _ => None,
        };
        if way.as_ref().is_some_and(|(_, credentials)| credentials.client_id != running.client_id()) {
            return Ok(Applied::NeedsReopen); // what it refers to has another one now
        }
        let applied = if way.is_some() { Applied::Reconnecting } else { Applied::Live };
        self.opened.account.set(account.clone());
        running.adopt(&account, way);
        Ok(applied)
    }

    async fn directory(&self, query: DirectoryQuery) -> Result<DirectoryListing> {
        let running = self.running().ok();
        let directory = match &running {
            Some(running) => running.outbound.directory().clone(),
            None => self.opened.directory().await?,
        };
        Ok(directory.list(&query))
    }

    async fn register(&self, ticket: Handle) -> Result<Registration> {
        registration::register(&self.opened, &ticket).await
    }

    async fn probe(&self) -> Result<Report> {
        Ok(probe::probe(&self.opened).await)
    }

    fn metrics(&self) -> Json {
        let tally = &self.opened.tally;
        let mut metrics =
            serde_json::json!({ "stream": tally.snapshot(), "growingReplies": 0, "times": tally.times() });
        if let Ok(running) = self.running() {
            let times = running.surfaces.api().times();
            metrics["times"]["card"] = times.card.snapshot();
            metrics["times"]["call"] = times.calls.snapshot();
            metrics["growingReplies"] = self.opened.shared.growing.count(&running.owner).into();
            metrics["limits"] = running.surfaces.api().limits();
            metrics["ledger"] = running.surfaces.ledger().snapshot();
            metrics["budget"] = running.surfaces.budget();
            metrics["budget"]["byKind"] = running.surfaces.api().budget().by_kind();
        }
        Json::new(&metrics)
    }
}

/// How ids are written, and what the numbers of [`DingTalk::metrics`] mean.
fn extra() -> Value {
    let mut extra = config::notation();
    extra["metrics"] = serde_json::from_str(include_str!("metrics.json")).unwrap_or_default();
    extra
}

/// Why an answer is not begun.
enum NotBegun {
    /// It was given to its end before.
    Answered,
    Unusable(ChannelError),
}

/// The answer that an update is about, which nobody knows here yet.
fn begin(running: &Running, update: &StreamUpdate) -> Result<Reply, NotBegun> {
    let to = ReplyHandle::decode(&update.reply);
    let to = to.map_err(|error| NotBegun::Unusable(outbound::unusable(error)))?;
    let answer = AnswerKey::new(&to.msg_id, &update.stream);
    if running.surfaces.ledger().known(&answer).ended {
        return Err(NotBegun::Answered);
    }
    Ok(Reply::new(to, update, &running.surfaces))
}
