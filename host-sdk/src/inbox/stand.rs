//! A clerk with a clock that is moved by hand and a disk that breaks on demand, for tests.

use super::{
    Listener, Settings, Waiting,
    breaking::Disk,
    clerk::{Clerk, Now, Work},
};
use crate::{
    done::Done,
    value::{Accepted, Conversation, Handle, InboundMessage, LogLevel, Sender},
};
use std::{
    fs,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, mpsc},
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// What the clerk has told since it was opened.
#[derive(Debug, Default)]
pub(super) struct Heard {
    pub(super) waiting: Vec<Arc<Waiting>>,
    pub(super) flooded: Vec<String>,
    pub(super) log: Vec<String>,
}

#[derive(Clone, Debug, Default)]
struct Ear(Arc<Mutex<Heard>>);

impl Ear {
    fn heard(&self) -> MutexGuard<'_, Heard> {
        self.0.lock().unwrap()
    }
}

impl Listener for Ear {
    fn waiting(&self, message: Arc<Waiting>) {
        self.heard().waiting.push(message);
    }

    fn flooded(&self, message: &InboundMessage) {
        self.heard().flooded.push(message.id.clone());
    }

    fn log(&self, _level: LogLevel, sentence: String) {
        self.heard().log.push(sentence);
    }
}

/// One open inbox, without threads.
pub(super) struct Stand {
    folder: TempDir,
    pub(super) disk: Disk,
    pub(super) settings: Settings,
    clerk: Option<Clerk>,
    ear: Ear,
    pub(super) left: Vec<Arc<Waiting>>,
    pub(super) now: Now,
}

/// A message whose handle can be found in a file.
pub(super) fn message(id: &str, sender: &str, conversation: &str) -> InboundMessage {
    InboundMessage {
        id: id.into(),
        sender: Sender { id: sender.into(), ..Default::default() },
        conversation: Conversation { id: conversation.into(), ..Default::default() },
        text: format!("text of {id}"),
        reply: Handle::new(handle(id)),
        ..Default::default()
    }
}

pub(super) fn handle(id: &str) -> String {
    format!("<handle of {id}>")
}

impl Stand {
    pub(super) fn new(settings: Settings) -> Self {
        Self::at(tempfile::tempdir().unwrap(), settings, Now { instant: Instant::now(), epoch_ms: 0 })
    }

    fn at(folder: TempDir, settings: Settings, now: Now) -> Self {
        let (disk, ear) = (Disk::default(), Ear::default());
        let file = folder.path().join("inbox.redb");
        let (clerk, left) = Clerk::open(&file, disk.wrap(), settings.clone(), Arc::new(ear.clone())).unwrap();
        Self { folder, disk, settings, clerk: Some(clerk), ear, left, now }
    }

    /// Closes it, and opens it again.
    pub(super) fn reopened(mut self) -> Self {
        self.close();
        Self::at(self.folder, self.settings, self.now)
    }

    pub(super) fn close(&mut self) {
        self.clerk.take().unwrap().close(self.now);
    }

    /// What a successor finds after this process was killed just now.
    pub(super) fn killed(self) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::copy(self.file(), folder.path().join("inbox.redb")).unwrap();
        Self::at(folder, self.settings.clone(), self.now)
    }

    pub(super) fn file(&self) -> PathBuf {
        self.folder.path().join("inbox.redb")
    }

    /// Whether these bytes are anywhere in the file.
    pub(super) fn file_has(&self, text: &str) -> bool {
        fs::read(self.file()).unwrap().windows(text.len()).any(|bytes| bytes == text.as_bytes())
    }

    pub(super) fn heard(&self) -> MutexGuard<'_, Heard> {
        self.ear.heard()
    }

    pub(super) fn left_ids(&self) -> Vec<&str> {
        self.left.iter().map(|waiting| &*waiting.id).collect()
    }

    /// Lets time pass, and the clerk look what it is time for.
    pub(super) fn pass(&mut self, time: Duration) {
        self.now.instant += time;
        self.now.epoch_ms += i64::try_from(time.as_millis()).unwrap();
        self.work(vec![]);
    }

    pub(super) fn work(&mut self, work: Vec<Work>) -> Option<Instant> {
        self.clerk.as_mut().unwrap().work(work, self.now)
    }

    /// Offers them all at once.
    pub(super) fn offer(&mut self, messages: Vec<InboundMessage>) -> Vec<Accepted> {
        let (tell, told) = mpsc::channel();
        let offers = messages.into_iter().map(|message| {
            let tell = tell.clone();
            Work::Offer(Arc::new(message), Done::new(move |answer| tell.send(answer.unwrap()).unwrap()))
        });
        let offers = offers.collect();
        self.work(offers);
        drop(tell);
        told.iter().collect()
    }

    /// Offers one message by somebody in some conversation.
    pub(super) fn one(&mut self, id: &str) -> Accepted {
        self.offer(vec![message(id, "", "c")])[0]
    }

    fn number_of(&self, id: &str) -> u64 {
        let heard = self.heard();
        let mut all = self.left.iter().chain(&heard.waiting);
        all.rfind(|waiting| waiting.id == id).unwrap().number()
    }

    pub(super) fn start(&mut self, id: &str) {
        let number = self.number_of(id);
        self.work(vec![Work::Started(number)]);
    }

    pub(super) fn finish(&mut self, id: &str) -> Option<Instant> {
        let number = self.number_of(id);
        self.work(vec![Work::Finished(number, id.into())])
    }
}
