//! The same work in plain Rust inside of one binary: no vtable, no stable layout, no guards.

use super::values;
use host_sdk::{
    Accepted, InboundMessage, LogField, LogLevel, LogLine, OutboundMessage, Receipt, StreamUpdate,
};
use std::{
    collections::HashMap,
    fmt::{Debug, Write as _},
    hint::black_box,
    sync::{Arc, Mutex},
};
use tokio::{
    runtime::{Builder, Runtime},
    sync::oneshot,
};
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    Layer,
    filter::Targets,
    layer::{Context, SubscriberExt},
};

/// What takes messages, behind a `dyn` as any host would have it.
trait Takes: Send + Sync {
    fn receive(&self, message: InboundMessage, answer: oneshot::Sender<Accepted>);
}

struct Taking;

impl Takes for Taking {
    fn receive(&self, message: InboundMessage, answer: oneshot::Sender<Accepted>) {
        black_box(&message);
        let _gone = answer.send(Accepted::New);
    }
}

type Waiting = (StreamUpdate, oneshot::Sender<Receipt>);

/// A channel and its host in one.
pub(crate) struct Direct {
    runtime: Runtime,
    host: Arc<dyn Takes>,
    waiting: Mutex<HashMap<String, Waiting>>,
}

impl Direct {
    pub(crate) fn new() -> Self {
        let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        Self { runtime, host: Arc::new(Taking), waiting: Mutex::default() }
    }

    /// Hands `count` messages over, in a task.
    pub(crate) fn hand_over(&self, count: u32) {
        let (host, (tell, told)) = (self.host.clone(), oneshot::channel());
        self.runtime.spawn(async move {
            for number in 0..count {
                let (accept, accepted) = oneshot::channel();
                host.receive(values::inbound(number), accept);
                assert_eq!(accepted.await.unwrap(), Accepted::New);
            }
            tell.send(()).unwrap();
        });
        told.blocking_recv().unwrap();
    }

    /// Answers from a task.
    pub(crate) fn send(&self, message: OutboundMessage) -> oneshot::Receiver<Receipt> {
        let (tell, told) = oneshot::channel();
        self.runtime.spawn(async move {
            let _gone = tell.send(Receipt::delivered("1", "pulse", message.text.len()));
        });
        told
    }

    /// Puts the update where the last one waits, which is answered.
    pub(crate) fn stream_update(&self, update: StreamUpdate) -> oneshot::Receiver<Receipt> {
        let (tell, told) = oneshot::channel();
        let overtaken = self.waiting.lock().unwrap().insert(update.stream.clone(), (update, tell));
        if let Some((_, overtaken)) = overtaken {
            let _gone = overtaken.send(Receipt::overtaken());
        }
        told
    }
}

/// Writes events as text, and hands them to nobody.
struct ToNobody;

#[derive(Default)]
struct Fields(Vec<(&'static str, String)>);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let mut text = String::new();
        write!(text, "{value:?}").unwrap();
        self.0.push((field.name(), text));
    }
}

impl<S: Subscriber> Layer<S> for ToNobody {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let fields = fields.0.iter().map(|(name, value)| LogField { name, value }).collect();
        let target = event.metadata().target();
        black_box(&LogLine { level: LogLevel::Debug, target, message: "", fields });
    }
}

/// Makes this binary's `tracing` write the lines of `on`, and not those of `off`.
pub(crate) fn log_to_nobody() {
    let targets: Targets = "info,on=debug".parse().unwrap();
    let subscriber = tracing_subscriber::registry().with(ToNobody.with_filter(targets));
    tracing::subscriber::set_global_default(subscriber).unwrap();
}

pub(crate) fn log_on(lines: u32) {
    for beat in 0..lines {
        tracing::debug!(target: "on", beat, "the heart beats");
    }
}

pub(crate) fn log_off(lines: u32) {
    for beat in 0..lines {
        tracing::debug!(target: "off", beat, "the heart beats");
    }
}
