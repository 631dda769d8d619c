//! An account's inbox, as JavaScript holds it.

use crate::{
    failure::Failure,
    line::Desk,
    listener::{Queue, written},
    promise::promise_after,
};
use host_sdk::{
    InboundMessage, LogLevel,
    inbox::{self, InboxError, Listener, Settings, Waiting, Writers},
};
use napi::{
    Env, Result, Status, Task,
    bindgen_prelude::{AsyncTask, Function, Object},
    threadsafe_function::ThreadsafeFunctionCallMode::NonBlocking,
};
use napi_derive::napi;
use serde::Serialize;
use std::{
    io,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError, Weak},
};

/// News that wait for JavaScript, apart from messages; more are dropped.
const NEWS: usize = 64;

/// What JavaScript hears of an inbox besides that something waits.
#[derive(Serialize)]
#[serde(tag = "event", rename_all = "camelCase")]
enum News<'a> {
    /// A line has begun, where there was none.
    Waiting,
    /// The first of a flood was dropped: whoever wrote it is to be told.
    Flooded { message: &'a InboundMessage },
    /// Something that whoever runs the host should know.
    Log { level: &'static str, message: &'a str },
}

/// The threads that write for the inboxes of one plugin: there while one of these is open.
#[derive(Clone, Debug, Default)]
pub(crate) struct SharedWriters(Arc<Mutex<Weak<Writers>>>);

impl SharedWriters {
    fn get(&self) -> io::Result<Arc<Writers>> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(writers) = kept.upgrade() {
            return Ok(writers);
        }
        let writers = Arc::new(Writers::start(Writers::USUAL)?);
        *kept = Arc::downgrade(&writers);
        Ok(writers)
    }
}

/// Listens on the writers' threads, and waits for nothing.
struct Ears {
    desk: Arc<Desk>,
    news: Queue<String, NEWS>,
    /// Beside the news: however much waits, it takes the one place that it has.
    bell: Queue<(), 1>,
}

impl Ears {
    fn tell(&self, news: &News<'_>) {
        // Full: there is a flood of floods. The inbox's own figures count what was dropped.
        let _told = self.news.call(written(news), NonBlocking);
    }
}

impl Listener for Ears {
    fn waiting(&self, message: Arc<Waiting>) {
        self.desk.line().join(message);
        let _rung = self.bell.call((), NonBlocking);
    }

    fn flooded(&self, message: &InboundMessage) {
        self.tell(&News::Flooded { message });
    }

    fn log(&self, level: LogLevel, sentence: String) {
        self.tell(&News::Log { level: level.name().unwrap_or_default(), message: &sentence });
    }
}

/// One account's inbox: what was accepted waits here until its turn has ended.
#[napi]
pub struct Inbox {
    inbox: inbox::Inbox,
    desk: Arc<Desk>,
    /// Until it is closed: JavaScript may take long to let go of it.
    writers: Arc<Mutex<Option<Arc<Writers>>>>,
}

impl Inbox {
    /// What a channel offers its messages to.
    pub(crate) fn offers(&self) -> inbox::Inbox {
        self.inbox.clone()
    }
}

#[napi]
impl Inbox {
    /// What is next in line, as JSON without its content; `null` when nothing waits.
    #[napi]
    pub fn next(&self) -> Option<String> {
        self.desk.line().next().map(|waiting| written(&Head::of(&waiting)))
    }

    /// Reads a message that is not finished, and notes that its turn starts. `null`: it is finished.
    #[napi]
    pub fn read(&self, number: i64) -> AsyncTask<Reading> {
        let waiting = self.desk.line().find(number);
        AsyncTask::new(Reading { inbox: self.inbox.clone(), waiting })
    }

    /// Notes that the turn of a message has ended. `false`: it had before.
    #[napi]
    pub fn finish(&self, number: i64) -> bool {
        let finished = self.desk.line().finish(number);
        finished.is_some_and(|waiting| {
            self.inbox.finished(&waiting);
            true
        })
    }

    /// How many are not finished.
    #[napi]
    pub fn unfinished(&self) -> u32 {
        u32::try_from(self.inbox.figures().unfinished).unwrap_or(u32::MAX)
    }

    /// Writes what was handed in, and gives the file up.
    #[napi]
    pub fn close<'env>(&self, env: &'env Env) -> Result<Object<'env>> {
        let writers = self.writers.clone();
        promise_after(env, self.inbox.close(), move || {
            drop(writers.lock().unwrap_or_else(PoisonError::into_inner).take());
        })
    }
}

/// A message that waits, as it is written.
#[derive(Serialize)]
struct Head<'a> {
    number: u64,
    id: &'a str,
    conversation: &'a str,
    thread: &'a str,
    sender: &'a str,
    attempts: u32,
    replayed: bool,
}

impl<'a> Head<'a> {
    fn of(waiting: &'a Waiting) -> Self {
        let Waiting { id, conversation, thread, sender, attempts, replayed, .. } = waiting;
        let (attempts, replayed) = (*attempts, *replayed);
        Self { number: waiting.number(), id, conversation, thread, sender, attempts, replayed }
    }
}

/// Reads one message, on a thread that may block.
pub struct Reading {
    inbox: inbox::Inbox,
    waiting: Option<Arc<Waiting>>,
}

impl Task for Reading {
    type Output = Option<String>;
    type JsValue = Option<String>;

    fn compute(&mut self) -> Result<Option<String>> {
        let Some(waiting) = &self.waiting else { return Ok(None) };
        let message = self.inbox.read(waiting).map_err(Failure::from)?;
        if message.is_some() {
            self.inbox.started(waiting);
        }
        Ok(message.as_ref().map(written))
    }

    fn resolve(&mut self, _: Env, message: Option<String>) -> Result<Option<String>> {
        Ok(message)
    }
}

/// Opens an inbox, on a thread that may block.
pub struct Opening {
    file: PathBuf,
    writers: SharedWriters,
    ears: Option<Ears>,
}

impl Opening {
    /// An opening of `file`, whose news are told to `news` as JSON text.
    pub(crate) fn new(
        file: String,
        writers: SharedWriters,
        news: &Function<'_, String, ()>,
    ) -> Result<AsyncTask<Self>> {
        let bell = news
            .build_threadsafe_function::<()>()
            .weak::<true>()
            .max_queue_size::<1>()
            .build_callback(|_| Ok(written(&News::Waiting)))?;
        let news = news.build_threadsafe_function().weak::<true>().max_queue_size::<NEWS>().build()?;
        let ears = Some(Ears { desk: Arc::default(), news, bell });
        Ok(AsyncTask::new(Self { file: file.into(), writers, ears }))
    }
}

impl Task for Opening {
    type Output = Inbox;
    type JsValue = Inbox;

    fn compute(&mut self) -> Result<Inbox> {
        let again = || napi::Error::new(Status::GenericFailure, "an inbox is opened once");
        let ears = self.ears.take().ok_or_else(again)?;
        let desk = ears.desk.clone();
        let writers = self.writers.get().map_err(|error| no_thread(&self.file, &error))?;
        let opened = inbox::Inbox::open(&self.file, Settings::default(), &writers, ears);
        let (inbox, left) = opened.map_err(Failure::from)?;
        desk.line().join_before(left);
        Ok(Inbox { inbox, desk, writers: Arc::new(Mutex::new(Some(writers))) })
    }

    fn resolve(&mut self, _: Env, inbox: Inbox) -> Result<Inbox> {
        Ok(inbox)
    }
}

fn no_thread(file: &std::path::Path, error: &io::Error) -> Failure {
    InboxError::Unusable { file: file.to_owned(), reason: error.to_string() }.into()
}
