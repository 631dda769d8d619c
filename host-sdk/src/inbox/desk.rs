//! Where messages are handed in, and what waits there to be written.

use super::{
    InboxError, Listener, Settings, Waiting, Writers,
    clerk::{Board, Clerk, Figures, Now, Shelves, Work},
    place::Wrap,
};
use crate::{
    done::Done,
    host::{Pending, Slot},
    value::{Accepted, InboundMessage, LogLevel},
};
use std::{
    collections::VecDeque,
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// How many messages may wait to be written; a further one is refused.
const ROOM: usize = 16_384;
/// How many bytes of text those may have.
const ROOM_BYTES: usize = 32 * 1024 * 1024;
/// How much is written in one commit at most.
const BATCH: usize = 512;

/// One account's inbox. Clones share it.
///
/// Close it before you let go of it: what was handed in and not answered by then is answered
/// `Cancelled`, and ends of turns may not be written.
#[derive(Clone, Debug)]
pub struct Inbox(Arc<Shared>);

impl Inbox {
    /// Opens the inbox in `file`, whose folder should hold nothing but inboxes: it is closed to others.
    /// Also says what an earlier process left unfinished, oldest first.
    ///
    /// Blocks while it reads and writes. Where a predecessor may still have the file
    /// ([`is_in_use`](InboxError::is_in_use)), try again for as long as that one may take to stop.
    ///
    /// # Errors
    /// When another has the file, a newer version wrote it, or the system does not let it be used.
    pub fn open(
        file: impl AsRef<Path>,
        settings: Settings,
        writers: &Writers,
        listener: impl Listener,
    ) -> Result<(Self, Vec<Arc<Waiting>>), InboxError> {
        let wrap: Wrap = Arc::new(|file| Box::new(file));
        Self::open_on(file.as_ref(), wrap, settings, writers, Arc::new(listener))
    }

    pub(super) fn open_on(
        file: &Path,
        wrap: Wrap,
        settings: Settings,
        writers: &Writers,
        listener: Arc<dyn Listener>,
    ) -> Result<(Self, Vec<Arc<Waiting>>), InboxError> {
        let (clerk, left) = Clerk::open(file, wrap, settings, listener.clone())?;
        let shared = Shared {
            file: file.to_owned(),
            writers: Mutex::new(Some(writers.clone())),
            shelves: clerk.shelves(),
            board: clerk.board(),
            desk: Mutex::default(),
            clerk: Mutex::new(Some(clerk)),
            listener,
        };
        let shared = Arc::new(shared);
        // What could not be erased just now is tried again also if nothing ever comes.
        shared.nudge();
        Ok((Self(shared), left))
    }

    /// Takes a message in, and answers once that is durable. Never blocks.
    ///
    /// `New`: it is on disk, and [`waiting`](Listener::waiting). `Duplicate`: it was before, however
    /// it ended. `Dropped`: its sender, or its conversation, has too much unfinished. `Refused`: there
    /// is no room, or the disk fails; offer it again.
    pub fn offer(&self, message: InboundMessage, answer: Done<Accepted>) {
        match self.0.desk().take_in(message, answer) {
            Ok(ring) => self.0.put_if(ring),
            // Outside of the lock: whom this answers may offer the next one at once.
            Err(answer) => answer.answer(Ok(Accepted::Refused)),
        }
    }

    /// Reads the content of a message that waits; `None` when it is finished. Blocks for one read.
    ///
    /// # Errors
    /// When the file cannot be read, or the inbox is closed.
    pub fn read(&self, waiting: &Waiting) -> Result<Option<InboundMessage>, InboxError> {
        let unusable = |reason: &dyn fmt::Display| InboxError::unusable(&self.0.file, reason);
        let shelf = self.0.shelves.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let shelf = shelf.ok_or_else(|| unusable(&"it is closed, or failed and is not open again yet"))?;
        let body = shelf.body(waiting.number()).map_err(|fault| unusable(&fault))?;
        let read =
            |body: Vec<u8>| serde_json::from_slice(&body).map_err(|_| unusable(&"it holds no message"));
        body.map(read).transpose()
    }

    /// Notes that a turn was started for a message, so that a successor knows how often one was.
    pub fn started(&self, waiting: &Waiting) {
        self.note(Work::Started(waiting.number()));
    }

    /// Notes that the turn of a message has ended: it is removed, only its id is remembered. A process
    /// that dies before the note is on disk, which is a matter of milliseconds, leaves the message to
    /// its successor. After [`close`](Self::close) nothing is noted.
    pub fn finished(&self, waiting: &Waiting) {
        self.note(Work::Finished(waiting.number(), waiting.id.clone()));
    }

    /// What it has done, and has left to do.
    pub fn figures(&self) -> Figures {
        let turned_away = self.0.desk().turned_away;
        let figures = *self.0.board.lock().unwrap_or_else(PoisonError::into_inner);
        Figures { refused: figures.refused + turned_away, ..figures }
    }

    /// Writes what was handed in, erases what is finished, and gives the file up. What is offered from
    /// now on is refused.
    pub fn close(&self) -> Pending<()> {
        let (pending, slot) = Pending::new();
        let ring = self.0.desk().close(slot);
        self.0.put_if(ring);
        pending
    }

    fn note(&self, note: Work) {
        let ring = self.0.desk().note(note);
        self.0.put_if(ring);
    }
}

pub(super) struct Shared {
    file: PathBuf,
    /// Until it is closed: whoever still holds it then keeps no thread for it.
    writers: Mutex<Option<Writers>>,
    shelves: Shelves,
    board: Board,
    desk: Mutex<Desk>,
    clerk: Mutex<Option<Clerk>>,
    listener: Arc<dyn Listener>,
}

/// What lies there to be written.
#[derive(Default)]
struct Desk {
    work: VecDeque<Work>,
    offers: usize,
    bytes: usize,
    /// Offers for which there was no room.
    turned_away: u64,
    /// Whether a writer is on its way.
    rung: bool,
    closing: Option<Vec<Arc<Slot<()>>>>,
}

/// What a writer does after its turn.
enum After {
    Again,
    Rest,
    Close,
}

impl Desk {
    /// Whether to ring for a writer; the answer back when there is no room.
    fn take_in(&mut self, message: InboundMessage, answer: Done<Accepted>) -> Result<bool, Done<Accepted>> {
        let bytes = size(&message);
        // One message is let in however large it is: it would not become smaller.
        let full = self.offers >= ROOM || (self.offers > 0 && self.bytes + bytes > ROOM_BYTES);
        if self.closing.is_some() || full {
            self.turned_away += 1;
            return Err(answer);
        }
        self.offers += 1;
        self.bytes += bytes;
        self.work.push_back(Work::Offer(Arc::new(message), answer));
        Ok(self.ring())
    }

    fn note(&mut self, note: Work) -> bool {
        if self.closing.is_some() {
            return false;
        }
        self.work.push_back(note);
        self.ring()
    }

    fn close(&mut self, slot: Arc<Slot<()>>) -> bool {
        self.closing.get_or_insert_default().push(slot);
        self.ring()
    }

    fn ring(&mut self) -> bool {
        !std::mem::replace(&mut self.rung, true)
    }

    fn batch(&mut self) -> Vec<Work> {
        let count = self.work.len().min(BATCH);
        let work: Vec<Work> = self.work.drain(..count).collect();
        for work in &work {
            if let Work::Offer(message, _) = work {
                self.offers -= 1;
                self.bytes -= size(message);
            }
        }
        work
    }

    fn after(&mut self) -> After {
        if !self.work.is_empty() {
            return After::Again;
        }
        if self.closing.is_some() {
            return After::Close; // and nobody else is let in until that is done
        }
        self.rung = false;
        After::Rest
    }

    /// Who waits for the inbox to be closed, now that it is.
    fn closed(&mut self) -> Vec<Arc<Slot<()>>> {
        self.rung = false;
        self.closing.as_mut().map(std::mem::take).unwrap_or_default()
    }
}

/// What is large in a message.
fn size(message: &InboundMessage) -> usize {
    let quoted = message.quote.as_ref().map_or(0, |quote| quote.text.len());
    message.text.len() + message.reply.reveal().len() + message.extra.as_str().len() + quoted
}

impl Shared {
    /// Does what has gathered, on a writer's thread.
    pub(super) fn turn(self: &Arc<Self>) {
        if catch_unwind(AssertUnwindSafe(|| self.work())).is_err() {
            let sentence = "a fault in the inbox: what was just offered is not answered, and comes again";
            self.listener.log(LogLevel::Error, sentence.into());
            if let Some(clerk) = &mut *self.clerk() {
                clerk.distrust_store();
            }
        }
        let after = self.desk().after();
        match after {
            After::Again => self.put(),
            After::Rest => {}
            After::Close => {
                let clerk = self.clerk().take();
                clerk.into_iter().for_each(|clerk| clerk.close(Now::read()));
                let writers = self.writers.lock().unwrap_or_else(PoisonError::into_inner).take();
                drop(writers);
                self.tell_closed();
            }
        }
    }

    /// Lets a writer look whether it is time for something.
    pub(super) fn nudge(self: &Arc<Self>) {
        let ring = self.desk().ring();
        self.put_if(ring);
    }

    fn work(self: &Arc<Self>) {
        let work = self.desk().batch();
        let mut clerk = self.clerk();
        let Some(clerk) = &mut *clerk else { return };
        if let Some(at) = clerk.work(work, Now::read())
            && let Some(writers) = self.writers()
        {
            writers.put_at(at, Arc::downgrade(self));
        }
    }

    fn put_if(self: &Arc<Self>, ring: bool) {
        if ring {
            self.put();
        }
    }

    fn put(self: &Arc<Self>) {
        match self.writers() {
            Some(writers) => writers.put(self.clone()),
            // It is closed, and nothing is left to do but to say so.
            None => self.tell_closed(),
        }
    }

    fn tell_closed(&self) {
        let slots = self.desk().closed();
        slots.into_iter().for_each(|slot| slot.fill(Ok(())));
    }

    fn writers(&self) -> Option<Writers> {
        self.writers.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn clerk(&self) -> MutexGuard<'_, Option<Clerk>> {
        self.clerk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inbox").field("file", &self.file).finish_non_exhaustive()
    }
}
