//! From `tracing` to the hosts.
//!
//! A line that is logged inside a channel goes to that channel's host; what belongs to none, such
//! as a line of a connection pool, goes to the root sinks. What the filter keeps out costs about a
//! nanosecond and never crosses.
//!
//! Who floods a channel does not flood its log: lines of one place in the code that come too often are
//! left out, and counted. Who asks for the details of a target, from `debug` on, gets each.

use super::repeats::{Repeats, Said};
use crate::{
    abi::{LogSinkBox, RawLogField, RawLogLine},
    channel::Host,
    value::LogLevel,
};
use abi_stable::std_types::{RSlice, RStr};
use std::{
    fmt::{Debug, Write as _},
    future::Future,
    sync::{Arc, LazyLock, Mutex, Once, PoisonError, RwLock},
    time::Instant,
};
use tracing::{
    Event, Level, Metadata, Subscriber,
    callsite::Identifier,
    field::{Field, Visit},
    level_filters::LevelFilter,
    span,
    subscriber::Interest,
};
use tracing_subscriber::{
    Layer,
    filter::Targets,
    layer::{Context, SubscriberExt},
    registry::LookupSpan,
};

/// Copies of hosts in one process that may listen at once.
const MAX_SINKS: usize = 64;

tokio::task_local! {
    static CHANNEL: Host;
}

/// Runs `future` as part of the channel that reports to `host`.
pub(crate) fn within<F: Future>(host: Host, future: F) -> impl Future<Output = F::Output> {
    CHANNEL.scope(host, future)
}

/// Runs `work` as part of the channel that reports to `host`.
pub(crate) fn within_sync<T>(host: &Host, work: impl FnOnce() -> T) -> T {
    CHANNEL.sync_scope(host.clone(), work)
}

struct Sinks {
    last: u64,
    open: Vec<(u64, Arc<LogSinkBox>)>,
}

static SINKS: RwLock<Sinks> = RwLock::new(Sinks { last: 0, open: Vec::new() });
/// What was said of late on behalf of no channel.
static REPEATS: LazyLock<Mutex<Repeats<Identifier>>> = LazyLock::new(Mutex::default);
static FILTER: RwLock<Option<Targets>> = RwLock::new(None);

pub(crate) extern "C" fn add_sink(sink: LogSinkBox) -> u64 {
    let mut sinks = SINKS.write().unwrap_or_else(PoisonError::into_inner);
    if sinks.open.len() >= MAX_SINKS {
        return 0;
    }
    sinks.last += 1;
    let number = sinks.last;
    sinks.open.push((number, Arc::new(sink)));
    number
}

pub(crate) extern "C" fn remove_sink(number: u64) {
    // Dropped outside of the lock: a sink may log while it ends.
    let removed: Vec<_> = {
        let mut sinks = SINKS.write().unwrap_or_else(PoisonError::into_inner);
        sinks.open.extract_if(.., |(known, _)| *known == number).collect()
    };
    drop(removed);
}

pub(crate) extern "C" fn filter(directives: RStr<'_>) -> bool {
    let Ok(targets) = directives.as_str().parse::<Targets>() else { return false };
    *FILTER.write().unwrap_or_else(PoisonError::into_inner) = Some(targets);
    tracing::callsite::rebuild_interest_cache();
    true
}

/// Makes this library's `tracing` speak to hosts. The first caller's choice stands: in a test
/// binary that may be somebody else's.
pub(crate) fn install() {
    static INSTALL: Once = Once::new();
    INSTALL.call_once(|| {
        let _someone_was_first =
            tracing::subscriber::set_global_default(tracing_subscriber::registry().with(ToHosts));
    });
}

/// Makes panics log lines. Only for a loaded library, whose `std` is its own copy.
pub(crate) fn install_panic_hook() {
    static INSTALL: Once = Once::new();
    INSTALL.call_once(|| {
        std::panic::set_hook(Box::new(|panic| {
            let at = panic.location().map(ToString::to_string).unwrap_or_default();
            let said = panic.payload_as_str().unwrap_or("(no message)");
            tracing::error!(at, "panic: {said}");
        }));
    });
}

fn allows(metadata: &Metadata<'_>) -> bool {
    match &*FILTER.read().unwrap_or_else(PoisonError::into_inner) {
        Some(targets) => targets.would_enable(metadata.target(), metadata.level()),
        None => *metadata.level() <= Level::INFO,
    }
}

/// Whether each line is wanted, however many there are.
fn is_detailed(metadata: &Metadata<'_>) -> bool {
    let filter = FILTER.read().unwrap_or_else(PoisonError::into_inner);
    filter.as_ref().is_some_and(|targets| targets.would_enable(metadata.target(), &Level::DEBUG))
}

/// Whether this line is said, and what with it.
fn said(metadata: &Metadata<'_>) -> Option<Said> {
    if is_detailed(metadata) {
        return Some(Said::Alone);
    }
    let now = Instant::now();
    let on_line = |repeats: &Mutex<Repeats<_>>| {
        repeats.lock().unwrap_or_else(PoisonError::into_inner).on_line(metadata.callsite(), now)
    };
    CHANNEL.try_with(|host| on_line(host.repeats())).unwrap_or_else(|_| on_line(&REPEATS))
}

/// What stands beside a line in whose place, or after which, others are left out.
fn left_out(said: Said) -> Option<String> {
    match said {
        Said::Alone => None,
        Said::After(left_out) => Some(left_out.to_string()),
        Said::Last => Some("those like it, for up to a minute".to_owned()),
    }
}

struct ToHosts;

/// The fields of an event or span as text, one after the other.
#[derive(Default)]
struct Fields {
    text: String,
    /// Name and end of each.
    ends: Vec<(&'static str, usize)>,
}

impl Fields {
    fn end(&mut self, field: &Field) {
        self.ends.push((field.name(), self.text.len()));
    }

    fn iter(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let starts = std::iter::once(0).chain(self.ends.iter().map(|(_, end)| *end));
        starts.zip(&self.ends).map(|(start, (name, end))| (*name, &self.text[start..*end]))
    }
}

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.text.push_str(value);
        self.end(field);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        // Writing to a string fails only if the value's own `Debug` does; what it wrote is kept.
        let _partly = write!(self.text, "{value:?}");
        self.end(field);
    }
}

impl<S: Subscriber + for<'span> LookupSpan<'span>> Layer<S> for ToHosts {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        if allows(metadata) { Interest::always() } else { Interest::never() }
    }

    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        allows(metadata)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        let filter = FILTER.read().unwrap_or_else(PoisonError::into_inner);
        let Some(targets) = &*filter else { return Some(LevelFilter::INFO) };
        targets.iter().map(|(_, level)| level).chain(targets.default_level()).max()
    }

    fn on_new_span(&self, attributes: &span::Attributes<'_>, id: &span::Id, context: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(fields);
        }
    }

    fn on_record(&self, id: &span::Id, values: &span::Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(fields) = span.extensions_mut().get_mut::<Fields>()
        {
            values.record(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let metadata = event.metadata();
        let Some(said) = said(metadata) else { return };
        let mut own = Fields::default();
        event.record(&mut own);
        let left_out = left_out(said);
        let spans: Vec<_> = context.event_scope(event).into_iter().flatten().collect();
        let extensions: Vec<_> = spans.iter().map(|span| span.extensions()).collect();
        let around = extensions.iter().filter_map(|extensions| extensions.get::<Fields>());

        let message = own.iter().find(|(name, _)| *name == "message").map_or("", |(_, value)| value);
        let beside = own.iter().filter(|(name, _)| *name != "message");
        let fields: Vec<_> = beside
            .chain(around.flat_map(Fields::iter))
            .chain(left_out.iter().map(|left_out| ("left_out", left_out.as_str())))
            .map(|(name, value)| RawLogField { name: name.into(), value: value.into() })
            .collect();
        deliver(&RawLogLine {
            level: level(metadata.level()),
            target: metadata.target().into(),
            message: message.into(),
            fields: RSlice::from_slice(&fields),
        });
    }
}

fn deliver(line: &RawLogLine<'_>) {
    // Cloned, for while it is borrowed no call of the host's could come back in.
    if let Ok(host) = CHANNEL.try_with(Host::clone) {
        return host.log(line);
    }
    let sinks: Vec<_> = {
        let sinks = SINKS.read().unwrap_or_else(PoisonError::into_inner);
        sinks.open.iter().map(|(_, sink)| sink.clone()).collect()
    };
    for sink in sinks {
        sink.log(line);
    }
}

fn level(level: &Level) -> LogLevel {
    match *level {
        Level::ERROR => LogLevel::Error,
        Level::WARN => LogLevel::Warn,
        Level::INFO => LogLevel::Info,
        Level::DEBUG => LogLevel::Debug,
        Level::TRACE => LogLevel::Trace,
    }
}
