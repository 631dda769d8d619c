//! Who writes: takes what has gathered, commits it at once, then answers.

use super::{
    InboxError, Listener, Settings, Waiting,
    book::{Book, Verdict},
    place::{Opened, Place, Wrap},
    store::{Fault, Memory, Shelf, Store, Tables},
};
use crate::{
    done::Done,
    value::{Accepted, InboundMessage, LogLevel},
};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant, SystemTime},
};

/// When the ends of turns are written again that could not be.
const RETRY: Duration = Duration::from_secs(1);

/// The time, by both clocks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Now {
    pub(super) instant: Instant,
    pub(super) epoch_ms: i64,
}

impl Now {
    pub(super) fn read() -> Self {
        let epoch = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Self { instant: Instant::now(), epoch_ms: i64::try_from(epoch.as_millis()).unwrap_or(i64::MAX) }
    }
}

/// What is to be written.
#[derive(Debug)]
pub(super) enum Work {
    /// A message, with whom to answer.
    Offer(Arc<InboundMessage>, Done<Accepted>),
    /// A turn was started for a message.
    Started(u64),
    /// The turn of a message, of this number and id, has ended.
    Finished(u64, String),
}

type Offer = (Arc<InboundMessage>, Done<Accepted>);

/// What an inbox has done since it was opened, and what is left to do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Accepted, now or earlier, and not finished.
    pub unfinished: usize,
    /// Answered `New`.
    pub new: u64,
    /// Answered `Duplicate`.
    pub duplicates: u64,
    /// Answered `Refused`.
    pub refused: u64,
    /// Answered `Dropped`.
    pub dropped: u64,
}

/// Where readers find the store, which may be exchanged behind their back.
pub(super) type Shelves = Arc<Mutex<Option<Shelf>>>;

/// Where anyone reads what was done: whoever is told of something finds it counted.
pub(super) type Board = Arc<Mutex<Figures>>;

/// Who writes for one inbox. Is told the time, and called by one thread at a time.
pub(super) struct Clerk {
    place: Place,
    /// `None` after a failure, until it is opened again.
    store: Option<Store>,
    /// Whether book and store are known to hold the same.
    agreed: bool,
    shelves: Shelves,
    book: Book,
    settings: Settings,
    listener: Arc<dyn Listener>,
    /// Starts and ends of turns that are still to be written.
    owed: Vec<Work>,
    /// When the file has to be rid of what was finished.
    erase_at: Option<Instant>,
    retry_at: Option<Instant>,
    /// The earliest time at which it is certain to be called again.
    wake_at: Option<Instant>,
    failing: bool,
    board: Board,
}

impl Clerk {
    /// Opens the inbox, and says what had been left unfinished, oldest first.
    pub(super) fn open(
        file: &Path,
        wrap: Wrap,
        settings: Settings,
        listener: Arc<dyn Listener>,
    ) -> Result<(Self, Vec<Arc<Waiting>>), InboxError> {
        let place = Place::claim(file, wrap)?;
        let Opened { store, contents, set_aside } = place.open()?;
        if let Some(aside) = set_aside {
            let sentence = format!(
                "{} was damaged: what could be read of it is kept, the rest is in {}",
                file.display(),
                aside.display()
            );
            listener.log(LogLevel::Error, sentence);
        }
        let left: Vec<_> = contents.waiting.into_iter().map(Arc::new).collect();
        let mut clerk = Self {
            book: Book::new(settings.caps, left.iter().cloned()),
            shelves: Arc::default(),
            store: None,
            agreed: true,
            place,
            settings,
            listener,
            owed: Vec::new(),
            erase_at: None,
            retry_at: None,
            wake_at: None,
            failing: false,
            board: Arc::new(Mutex::new(Figures { unfinished: left.len(), ..Figures::default() })),
        };
        clerk.shelve(Some(store));
        // A predecessor that was killed had no time for it.
        clerk.erase(Instant::now());
        Ok((clerk, left))
    }

    pub(super) fn shelves(&self) -> Shelves {
        self.shelves.clone()
    }

    pub(super) fn board(&self) -> Board {
        self.board.clone()
    }

    /// Writes, answers, and tidies up where it is time to. Says when to call again at the latest, if
    /// that was not said before.
    pub(super) fn work(&mut self, work: Vec<Work>, now: Now) -> Option<Instant> {
        let mut offers = Vec::new();
        for work in work {
            match work {
                Work::Offer(message, answer) => offers.push((message, answer)),
                note => self.owed.push(note),
            }
        }
        if !offers.is_empty() || !self.owed.is_empty() {
            let verdicts = self.write(&offers, now);
            self.count(&verdicts);
            offers.into_iter().zip(verdicts).for_each(|(offer, verdict)| self.reply(offer, verdict));
        }
        if self.erase_at.is_some_and(|at| at <= now.instant) {
            self.erase(now.instant);
        }
        self.next_wake(now.instant)
    }

    /// Writes what is owed, erases what is finished, and lets go of the file.
    pub(super) fn close(mut self, now: Now) {
        if !self.owed.is_empty() {
            self.write(&[], now);
        }
        if !self.owed.is_empty() {
            let count = self.owed.len();
            let sentence = format!(
                "{count} notes of turns could not be written: finished messages may be worked on again"
            );
            self.listener.log(LogLevel::Error, sentence);
        }
        if self.erase_at.is_some() {
            self.erase(now.instant);
        }
        self.shelve(None);
    }

    /// Forgets the open store, whose state nobody knows, and opens it again when there is work.
    pub(super) fn distrust_store(&mut self) {
        self.agreed = false;
        self.shelve(None);
    }

    fn write(&mut self, offers: &[Offer], now: Now) -> Vec<Verdict> {
        let mut verdicts = Vec::with_capacity(offers.len());
        let written = self.agree().and_then(|()| self.commit(offers, now, &mut verdicts));
        match written {
            Ok(()) => self.written(now),
            Err(fault) => self.not_written(&fault, offers, &mut verdicts, now),
        }
        verdicts
    }

    fn commit(&mut self, offers: &[Offer], now: Now, verdicts: &mut Vec<Verdict>) -> Result<(), Fault> {
        let Self { store: Some(store), book, settings, owed, .. } = self else { return Ok(()) };
        let memory = Memory { at_most: settings.remember_at_most, age: settings.remember_for };
        store.change(|tables| {
            owed.iter().try_for_each(|note| write_note(tables, note, now))?;
            tables.forget(now.epoch_ms, memory)?;
            for (message, _) in offers {
                let verdict = book.judge(message, tables.is_finished(&message.id)?);
                if let Verdict::New(waiting) = &verdict {
                    let number = waiting.number();
                    verdicts.push(verdict);
                    tables.put(number, &body_of(message)?)?;
                } else {
                    verdicts.push(verdict);
                }
            }
            Ok(())
        })
    }

    fn written(&mut self, now: Now) {
        for note in self.owed.drain(..) {
            if let Work::Finished(number, _) = note {
                self.book.strike(number);
                self.erase_at.get_or_insert(now.instant + self.settings.erase_within);
            }
        }
        self.retry_at = None;
        if std::mem::take(&mut self.failing) {
            self.listener.log(LogLevel::Info, "the inbox can be written again".into());
        }
    }

    fn not_written(&mut self, fault: &Fault, offers: &[Offer], verdicts: &mut Vec<Verdict>, now: Now) {
        for ((message, _), verdict) in offers.iter().zip(verdicts.drain(..)) {
            match verdict {
                Verdict::New(waiting) => self.book.strike(waiting.number()),
                // Over a cap, perhaps, with what could not be stored just now.
                Verdict::Dropped { first: true } => self.book.end_flood(message),
                _ => {}
            }
        }
        verdicts.resize(offers.len(), Verdict::Refused);
        self.distrust_store();
        // What waits can be read meanwhile.
        drop(self.reopen());
        self.retry_at = (!self.owed.is_empty()).then(|| now.instant + RETRY);
        if !std::mem::replace(&mut self.failing, true) {
            let error = self.place.error(Fault::Failed(fault.to_string()));
            self.listener
                .log(LogLevel::Error, format!("messages are refused until this is put right: {error}"));
        }
    }

    fn count(&self, verdicts: &[Verdict]) {
        let mut figures = self.board.lock().unwrap_or_else(PoisonError::into_inner);
        for verdict in verdicts {
            let count = match verdict {
                Verdict::New(_) => &mut figures.new,
                Verdict::Duplicate => &mut figures.duplicates,
                Verdict::Refused => &mut figures.refused,
                Verdict::Dropped { .. } => &mut figures.dropped,
            };
            *count += 1;
        }
        figures.unfinished = self.book.unfinished();
    }

    fn reply(&self, (message, answer): Offer, verdict: Verdict) {
        let accepted = match &verdict {
            Verdict::New(_) => Accepted::New,
            Verdict::Duplicate => Accepted::Duplicate,
            Verdict::Refused => Accepted::Refused,
            Verdict::Dropped { .. } => Accepted::Dropped,
        };
        let listener = &self.listener;
        tell(|| listener.answering(&message, accepted));
        tell(|| answer.answer(Ok(accepted)));
        tell(|| match verdict {
            Verdict::New(waiting) => listener.waiting(waiting),
            Verdict::Dropped { first: true } => listener.flooded(&message),
            Verdict::Refused if message.id.is_empty() => {
                let sentence = "refused a message that has no id: the plugin must give each one";
                listener.log(LogLevel::Error, sentence.into());
            }
            _ => {}
        });
    }

    /// Brings book and store to agree after a failure: what became of that commit is not known.
    fn agree(&mut self) -> Result<(), Fault> {
        self.reopen()?;
        let Self { store: Some(store), book, agreed: false, .. } = self else { return Ok(()) };
        let stored = store.numbers()?;
        book.keep(&stored);
        let strays = stored.iter().filter(|number| !book.has(**number));
        store.change(|tables| strays.copied().try_for_each(|number| tables.discard(number)))?;
        self.agreed = true;
        Ok(())
    }

    fn reopen(&mut self) -> Result<(), Fault> {
        if self.store.is_none() {
            let store = self.place.reopen()?;
            self.shelve(Some(store));
        }
        Ok(())
    }

    fn erase(&mut self, now: Instant) {
        let Some(store) = &self.store else { return };
        match self.place.renew(store) {
            Ok(renewed) => {
                self.shelve(Some(renewed));
                self.erase_at = None;
            }
            Err(fault) => {
                self.erase_at = Some(now + self.settings.erase_within);
                let error = self.place.error(fault);
                let sentence = format!("finished messages could not be erased yet, only removed: {error}");
                self.listener.log(LogLevel::Warn, sentence);
            }
        }
    }

    fn shelve(&mut self, store: Option<Store>) {
        *self.shelves.lock().unwrap_or_else(PoisonError::into_inner) = store.as_ref().map(Store::shelf);
        self.store = store;
    }

    fn next_wake(&mut self, now: Instant) -> Option<Instant> {
        self.wake_at = self.wake_at.filter(|at| *at > now);
        let wanted = [self.erase_at, self.retry_at].into_iter().flatten().min()?;
        if self.wake_at.is_some_and(|at| at <= wanted) {
            return None;
        }
        self.wake_at = Some(wanted);
        self.wake_at
    }
}

/// Whoever is told may panic: that is theirs alone, the others are told all the same.
fn tell(told: impl FnOnce()) {
    let _panicked = catch_unwind(AssertUnwindSafe(told));
}

fn write_note(tables: &mut Tables<'_>, note: &Work, now: Now) -> Result<(), Fault> {
    match note {
        Work::Started(number) => tables.attempt(*number),
        Work::Finished(number, id) => tables.finish(*number, id, now.epoch_ms),
        Work::Offer(..) => Ok(()),
    }
}

fn body_of(message: &InboundMessage) -> Result<Vec<u8>, Fault> {
    serde_json::to_vec(message).map_err(|error| Fault::Failed(error.to_string()))
}

#[cfg(test)]
#[path = "clerk_tests.rs"]
mod tests;
