//! Log lines on their way to JavaScript.

use crate::listener::{Queue, written};
use host_sdk::LogLine;
use napi::{Status, bindgen_prelude::Function, threadsafe_function::ThreadsafeFunctionCallMode::NonBlocking};
use serde::Serialize;
use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicU64, Ordering},
};

/// Log lines that wait for JavaScript, apart from the events; more are counted and dropped.
const LINES: usize = 1024;

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

/// Where log lines wait.
pub(crate) struct Lines {
    queue: Queue<String, LINES>,
    lost: AtomicU64,
}

impl Lines {
    /// Lines for `listener`, which is called with one JSON text each.
    pub(crate) fn new(listener: &Function<'_, String, ()>) -> napi::Result<Self> {
        let queue = listener.build_threadsafe_function().weak::<true>().max_queue_size::<LINES>().build()?;
        Ok(Self { queue, lost: AtomicU64::new(0) })
    }

    /// Puts a line behind the others. Waits for nothing.
    pub(crate) fn add(&self, line: &LogLine<'_>) {
        let lost = self.lost.swap(0, Ordering::Relaxed);
        let line = Line {
            level: line.level.name().unwrap_or_default(),
            target: line.target,
            message: line.message,
            fields: line.fields.iter().rev().map(|field| (field.name, field.value)).collect(),
            lost,
        };
        if self.queue.call(written(&line), NonBlocking) != Status::Ok {
            self.lost.fetch_add(lost + 1, Ordering::Relaxed);
        }
    }
}
