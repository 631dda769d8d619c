//! One open channel: an author's value behind the vtable.

use super::{
    caught,
    lanes::{Header, Lanes, Offer, Waiting},
    library::Library,
    log::{within, within_sync},
    order::Order,
    stopping::Start,
};
use crate::{
    abi::{Crossing, RawChannel, RawDone},
    channel::{Channel, Host, Newer},
    contain::{Contained, contained},
    done::Done,
    value::{
        self, Applied, Attachment, ChannelError, DirectoryListing, DirectoryQuery, ErrorCode, Json,
        LocalFile, OutboundMessage, Recall, Receipt, Registration, Report, Result, StopReason, StreamUpdate,
        raw::{
            RawAttachment, RawDirectoryListing, RawDirectoryQuery, RawLocalFile, RawOutboundMessage,
            RawRecall, RawReceipt, RawRegistration, RawReport, RawStreamUpdate,
        },
    },
};
use abi_stable::std_types::{RDuration, RString};
use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{runtime::Handle, sync::Notify};

/// Calls under way at once, per channel; more are told to come back.
const MAX_CALLS: usize = 8192;

/// Where a channel is in its life.
///
/// ```text
/// Opened -> Starting -> Running -> Stopping -> Opened     stopped in time; may start again
///              |                      |
///              v                      v
///           Opened (start failed)  Finished               did not; an old task may still be there
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Life {
    Opened,
    Starting,
    Running,
    Stopping,
    Finished,
}

/// An update with the answer that is owed for it.
type Shown = Waiting<StreamUpdate, Done<Receipt>>;

pub(super) struct Instance<C: Channel> {
    pub(super) channel: Contained<C>,
    pub(super) library: Arc<Library<C>>,
    pub(super) host: Host,
    pub(super) life: Mutex<Life>,
    /// The last start, so that a stop can have it end first.
    pub(super) start: Mutex<Option<Start>>,
    pub(super) lanes: Mutex<Lanes<StreamUpdate, Done<Receipt>>>,
    pub(super) lanes_quiet: Notify,
    order: Order,
    /// Changed configurations, each taken in before the next.
    changes: Order,
}

/// What the vtable points to.
pub(crate) struct Exporting<C: Channel>(Arc<Instance<C>>);

impl<C: Channel> Exporting<C> {
    pub(crate) fn new(channel: C, library: Arc<Library<C>>, host: Host) -> Self {
        Self(Arc::new(Instance {
            channel: Contained::new(channel),
            library,
            host,
            life: Mutex::new(Life::Opened),
            start: Mutex::default(),
            lanes: Mutex::default(),
            lanes_quiet: Notify::new(),
            order: Order::default(),
            changes: Order::default(),
        }))
    }
}

/// Locks for a moment; a panic elsewhere left nothing half-written.
pub(super) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn not_now(life: Life) -> ChannelError {
    let what = match life {
        Life::Opened | Life::Starting => "the channel is not started",
        Life::Stopping => "the channel is stopping",
        Life::Finished => "the channel did not stop in time; open it anew",
        Life::Running => "the channel is started already",
    };
    ChannelError::new(ErrorCode::State, what)
}

impl<C: Channel> Instance<C> {
    /// Runs one call as a task, if the channel's life `allows` it, and answers with its outcome.
    fn call<T, F>(
        self: &Arc<Self>,
        name: &'static str,
        allows: fn(Life) -> bool,
        done: Done<T>,
        work: impl FnOnce(Arc<Self>) -> F,
    ) where
        T: Crossing + Send + 'static,
        F: Future<Output = Result<T>> + Send + 'static,
    {
        // Held until the task is there, so that a stop finds it or it finds the stop.
        let life = locked(&self.life);
        match self.admit(*life, allows) {
            Ok(runtime) => self.spawn(name, &runtime, done, work(self.clone())),
            Err(error) => {
                drop(life); // an answer may call back in
                done.answer(Err(error));
            }
        }
    }

    fn call_running<T, F>(
        self: &Arc<Self>,
        name: &'static str,
        done: Done<T>,
        work: impl FnOnce(Arc<Self>) -> F,
    ) where
        T: Crossing + Send + 'static,
        F: Future<Output = Result<T>> + Send + 'static,
    {
        self.call(name, |life| life == Life::Running, done, work);
    }

    /// As [`call_running`](Self::call_running), also before a start.
    fn call_open<T, F>(self: &Arc<Self>, name: &'static str, done: Done<T>, work: impl FnOnce(Arc<Self>) -> F)
    where
        T: Crossing + Send + 'static,
        F: Future<Output = Result<T>> + Send + 'static,
    {
        let allows = |life| !matches!(life, Life::Stopping | Life::Finished);
        self.call(name, allows, done, |this| {
            this.host.tasks().renew();
            work(this)
        });
    }

    fn admit(&self, life: Life, allows: fn(Life) -> bool) -> Result<Handle> {
        if !allows(life) {
            return Err(not_now(life));
        }
        if self.host.tasks().len() >= MAX_CALLS {
            let error =
                ChannelError::new(ErrorCode::Busy, format!("{MAX_CALLS} calls are under way already"));
            return Err(error.retry_after(Duration::from_secs(1)));
        }
        self.library.runtime()
    }

    fn spawn<T>(
        &self,
        name: &'static str,
        runtime: &Handle,
        done: Done<T>,
        work: impl Future<Output = Result<T>> + Send + 'static,
    ) where
        T: Crossing + Send + 'static,
    {
        let host = self.host.clone();
        // Once for what is put around it, as in `Host::spawn`.
        let work: Pin<Box<dyn Future<Output = Result<T>> + Send>> = Box::pin(work);
        let work = async move {
            done.answer(caught(work).await.unwrap_or_else(|panic| Err(panicked(&host, name, &panic))));
        };
        self.host.tasks().spawn(name, runtime, within(self.host.clone(), work));
    }

    /// What a start came to. One that failed leaves nothing running.
    fn started(&self, outcome: &Result<()>) {
        let mut life = locked(&self.life);
        if *life != Life::Starting {
            return; // a stop came in between, and ends everything
        }
        *life = Life::Running;
        if outcome.is_err() {
            self.host.tasks().end();
            *life = Life::Opened;
        }
    }

    fn offer(self: &Arc<Self>, update: StreamUpdate, done: Done<Receipt>) {
        let life = locked(&self.life);
        if *life != Life::Running {
            let error = not_now(*life);
            drop(life); // an answer may call back in
            return done.answer(Err(error));
        }
        let ticket = update.phase.is_final().then(|| self.order.ticket(&update.conversation.id));
        let stream = update.stream.clone();
        let (seq, phase) = (update.seq, update.phase);
        let offered = locked(&self.lanes)
            .offer(&Header { stream: &stream, seq, phase }, Waiting { update, done, ticket });
        if matches!(offered, Offer::Drive) {
            self.drive(stream);
        }
        drop(life);
        match offered {
            Offer::Drive | Offer::Waits => {}
            Offer::Overtakes(done) | Offer::Stale(done) => done.answer(Ok(Receipt::overtaken())),
            Offer::Full(done, error) => done.answer(Err(error)),
        }
    }

    fn drive(self: &Arc<Self>, stream: String) {
        // A channel that runs has a runtime.
        let Some(runtime) = self.library.running() else { return };
        let this = self.clone();
        let driving = async move {
            while let Some((waiting, newer)) = this.next_in(&stream) {
                this.show(waiting, newer).await;
            }
            this.lanes_quiet.notify_waiters();
        };
        self.host.tasks().spawn("stream_update", &runtime, within(self.host.clone(), Box::pin(driving)));
    }

    fn next_in(&self, stream: &str) -> Option<(Shown, Newer)> {
        locked(&self.lanes).next(stream).map(|(waiting, newer)| (waiting, Newer::new(newer)))
    }

    async fn show(&self, waiting: Shown, mut newer: Newer) {
        if let Some(ticket) = &waiting.ticket {
            ticket.turn().await;
        }
        let outcome = caught(self.channel.stream_update(waiting.update, &mut newer)).await;
        let outcome = outcome.unwrap_or_else(|panic| Err(panicked(&self.host, "stream_update", &panic)));
        drop(waiting.ticket);
        waiting.done.answer(outcome);
    }
}

pub(super) fn panicked(host: &Host, name: &str, panic: &str) -> ChannelError {
    let sentence = format!("`{name}` panicked: {panic}");
    host.report(&sentence);
    ChannelError::new(ErrorCode::Panicked, sentence)
}

impl<C: Channel> RawChannel for Exporting<C> {
    fn start(&self, done: RawDone<()>) {
        let done = Done::<()>::from_raw(done);
        let mut life = locked(&self.0.life);
        let runtime = match self.0.admit(*life, |life| life == Life::Opened) {
            Ok(runtime) => runtime,
            Err(error) => {
                drop(life); // an answer may call back in
                return done.answer(Err(error));
            }
        };
        *life = Life::Starting;
        self.0.host.tasks().renew();
        let (start, mine) = Start::new();
        *locked(&self.0.start) = Some(start);
        let this = self.0.clone();
        self.0.spawn("start", &runtime, done, async move {
            let started = mine.unless_stopped(caught(this.channel.start())).await;
            let outcome = started?.unwrap_or_else(|panic| Err(panicked(&this.host, "start", &panic)));
            this.started(&outcome);
            outcome
        });
    }

    fn stop(&self, why: StopReason, deadline: RDuration, done: RawDone<()>) {
        let done = Done::<()>::from_raw(done);
        let mut life = locked(&self.0.life);
        let was = *life;
        if matches!(was, Life::Stopping | Life::Finished) {
            drop(life); // an answer may call back in
            return done.answer(Err(not_now(was)));
        }
        *life = Life::Stopping;
        drop(life);
        self.0.stop(why, was, deadline.into(), done);
    }

    fn send(&self, message: RawOutboundMessage, done: RawDone<RawReceipt>) {
        let message = OutboundMessage::from_raw(message);
        let conversation =
            message.conversation.as_ref().map_or(message.target.as_str(), |known| known.id.as_str());
        let ticket = self.0.order.ticket(conversation);
        self.0.call_running("send", Done::from_raw(done), |this| async move {
            ticket.turn().await;
            let outcome = this.channel.send(message).await;
            drop(ticket);
            outcome
        });
    }

    fn stream_update(&self, update: RawStreamUpdate, done: RawDone<RawReceipt>) {
        self.0.offer(StreamUpdate::from_raw(update), Done::from_raw(done));
    }

    fn reconfigure(&self, config: RString, done: RawDone<Applied>) {
        let config = Json::from_raw(config);
        let ticket = self.0.changes.ticket("");
        self.0.call_running("reconfigure", Done::from_raw(done), |this| async move {
            ticket.turn().await;
            let outcome = this.channel.reconfigure(config).await;
            drop(ticket);
            outcome
        });
    }

    fn fetch(&self, attachment: RawAttachment, done: RawDone<RawLocalFile>) {
        let attachment = Attachment::from_raw(attachment);
        let work = |this: Arc<Instance<C>>| async move { this.channel.fetch(attachment).await };
        self.0.call_running::<LocalFile, _>("fetch", Done::from_raw(done), work);
    }

    fn recall(&self, recall: RawRecall, done: RawDone<()>) {
        let recall = Recall::from_raw(recall);
        let work = |this: Arc<Instance<C>>| async move { this.channel.recall(recall).await };
        self.0.call_running("recall", Done::from_raw(done), work);
    }

    fn directory(&self, query: RawDirectoryQuery, done: RawDone<RawDirectoryListing>) {
        let query = DirectoryQuery::from_raw(query);
        let work = |this: Arc<Instance<C>>| async move { this.channel.directory(query).await };
        self.0.call_open::<DirectoryListing, _>("directory", Done::from_raw(done), work);
    }

    fn probe(&self, done: RawDone<RawReport>) {
        let work = |this: Arc<Instance<C>>| async move { this.channel.probe().await };
        self.0.call_open::<Report, _>("probe", Done::from_raw(done), work);
    }

    fn register(&self, ticket: RString, done: RawDone<RawRegistration>) {
        let ticket = value::Handle::from_raw(ticket);
        let work = |this: Arc<Instance<C>>| async move { this.channel.register(ticket).await };
        self.0.call_open::<Registration, _>("register", Done::from_raw(done), work);
    }

    fn metrics(&self) -> RString {
        let metrics = contained(|| within_sync(&self.0.host, || self.0.channel.metrics()));
        metrics
            .unwrap_or_else(|panic| {
                panicked(&self.0.host, "metrics", &panic);
                Json::default()
            })
            .into_raw()
    }
}

impl<C: Channel> Drop for Exporting<C> {
    fn drop(&mut self) {
        // The host let go without a stop: end the tasks; nobody is left to be told.
        self.0.host.tasks().end();
        let unanswered = std::mem::take(&mut *locked(&self.0.lanes));
        drop(unanswered);
    }
}
