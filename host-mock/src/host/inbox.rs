//! Where a plugin's messages are taken in: written down first, answered then, worked on last.
//!
//! Offering never blocks. A thread of the inbox's own writes down whatever has gathered while it
//! was writing, with one `fsync` for all of it.

use super::{
    Address, HostError,
    journal::{Contents, Journal, Line, Seen},
    log::Log,
    record::{Event, Record},
};
use host_sdk::{Accepted, Done, InboundMessage, LogLevel};
use std::{
    borrow::Cow,
    collections::VecDeque,
    path::Path,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread::JoinHandle,
};

/// How many messages may wait to be written or answered; a further one is refused for the time
/// being.
const ROOM: usize = 2_000;
/// How many are written with one `fsync` at most.
const BATCH: usize = 256;

/// What is done with a new message, on the inbox's thread: it must not block.
pub(super) type Deliver = Box<dyn Fn(Arc<InboundMessage>) + Send>;

/// One account's inbox. Clones share it.
#[derive(Clone, Debug)]
pub(super) struct Inbox(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    desk: Mutex<Desk>,
    bell: Condvar,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// What lies before the writer.
#[derive(Debug, Default)]
struct Desk {
    work: VecDeque<Work>,
    /// Offered and not yet written, or written and not yet answered.
    unfinished: usize,
    closed: bool,
}

#[derive(Debug)]
enum Work {
    Offer(Arc<InboundMessage>, Done<Accepted>),
    Answered(String),
}

impl Inbox {
    /// Opens the journal at `path` and begins to write; also says what had been left unanswered.
    ///
    /// # Errors
    /// When the journal cannot be used.
    pub(super) fn open(
        path: &Path,
        account: &Address,
        log: &Log,
        record: &Record,
        deliver: Deliver,
    ) -> Result<(Self, Vec<InboundMessage>), HostError> {
        let (journal, Contents { seen, unanswered, set_aside }) = Journal::open(path)?;
        if let Some(aside) = set_aside {
            let sentence = format!(
                "{} was damaged: what was readable is kept, a copy is at {}",
                path.display(),
                aside.display()
            );
            log.say(LogLevel::Warn, Some(account), sentence);
        }
        let shared = Arc::new(Shared::new(unanswered.len()));
        let writer = Writer {
            shared: shared.clone(),
            journal,
            seen,
            account: account.clone(),
            log: log.clone(),
            record: record.clone(),
            deliver,
        };
        let thread = std::thread::Builder::new().name(format!("inbox {account}")).spawn(|| writer.run());
        let thread = thread.map_err(|error| HostError::State {
            path: path.to_owned(),
            reason: format!("no thread for it: {error}"),
            remedy: "close other programs, or raise the limit of threads",
        })?;
        *shared.thread.lock().unwrap_or_else(PoisonError::into_inner) = Some(thread);
        Ok((Self(shared), unanswered))
    }

    /// Takes a message in, or refuses it when there is no room. Never blocks.
    pub(super) fn offer(&self, message: InboundMessage, answer: Done<Accepted>) {
        let refused = {
            let mut desk = self.0.desk();
            if desk.closed || desk.unfinished >= ROOM {
                Some(answer)
            } else {
                desk.unfinished += 1;
                desk.work.push_back(Work::Offer(Arc::new(message), answer));
                None
            }
        };
        match refused {
            // Outside of the lock: whom this answers may offer the next one at once.
            Some(answer) => answer.answer(Ok(Accepted::Refused)),
            None => self.0.bell.notify_one(),
        }
    }

    /// Notes that a message needs no answer any more.
    pub(super) fn answered(&self, id: &str) {
        self.0.desk().work.push_back(Work::Answered(id.to_owned()));
        self.0.bell.notify_one();
    }

    /// Writes what was taken in and ends. Blocks for as long as that takes.
    pub(super) fn close(&self) {
        self.0.desk().closed = true;
        self.0.bell.notify_one();
        let thread = self.0.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        // A panic of the thread was printed when it happened.
        drop(thread.map(JoinHandle::join));
    }
}

impl Shared {
    fn new(unfinished: usize) -> Self {
        let desk = Desk { unfinished, ..Desk::default() };
        Self { desk: Mutex::new(desk), bell: Condvar::new(), thread: Mutex::default() }
    }

    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for work; `None` once there is none and will be none.
    fn work(&self) -> Option<Vec<Work>> {
        let idle = |desk: &mut Desk| desk.work.is_empty() && !desk.closed;
        let waited = self.bell.wait_while(self.desk(), idle);
        let mut desk = waited.unwrap_or_else(PoisonError::into_inner);
        let count = desk.work.len().min(BATCH);
        let work: Vec<Work> = desk.work.drain(..count).collect();
        (!work.is_empty()).then_some(work)
    }
}

/// The thread behind an inbox.
struct Writer {
    shared: Arc<Shared>,
    journal: Journal,
    seen: Seen,
    account: Address,
    log: Log,
    record: Record,
    deliver: Deliver,
}

/// A message with the answer it will get if it can be written.
type Offered = (Arc<InboundMessage>, Done<Accepted>, Accepted);

impl Writer {
    fn run(mut self) {
        while let Some(work) = self.shared.work() {
            let (offered, answered) = self.judge(work);
            let written = self.write(&offered, &answered);
            let new = |(_, _, verdict): &&Offered| *verdict == Accepted::New;
            let kept = if written { offered.iter().filter(new).count() } else { 0 };
            let mut desk = self.shared.desk();
            desk.unfinished = desk.unfinished.saturating_sub(offered.len() + answered.len() - kept);
            drop(desk);
            offered.into_iter().for_each(|offer| self.reply(offer, written));
        }
    }

    fn judge(&mut self, work: Vec<Work>) -> (Vec<Offered>, Vec<String>) {
        let (mut offered, mut answered) = (Vec::new(), Vec::new());
        for work in work {
            match work {
                Work::Offer(message, done) => {
                    let verdict = self.verdict(&message);
                    offered.push((message, done, verdict));
                }
                Work::Answered(id) => answered.push(id),
            }
        }
        (offered, answered)
    }

    fn verdict(&mut self, message: &InboundMessage) -> Accepted {
        if message.id.is_empty() {
            let sentence = "refused a message that has no id: the plugin must give each one";
            self.log.say(LogLevel::Error, Some(&self.account), sentence);
            Accepted::Refused
        } else if self.seen.contains(&message.id) {
            Accepted::Duplicate
        } else {
            self.seen.insert(&message.id);
            Accepted::New
        }
    }

    /// Says whether everything is on disk now.
    fn write(&mut self, offered: &[Offered], answered: &[String]) -> bool {
        let new = offered.iter().filter(|(_, _, verdict)| *verdict == Accepted::New);
        let messages = new.map(|(message, ..)| Line::Accepted(Cow::Borrowed(&**message)));
        let answers = answered.iter().map(|id| Line::Answered(id.into()));
        let lines: Vec<Line<'_>> = messages.chain(answers).collect();
        if lines.is_empty() {
            return true;
        }
        let Err(error) = self.journal.append(&lines) else { return true };
        let sentence = format!("messages are refused, the inbox cannot be written: {error}");
        self.log.say(LogLevel::Error, Some(&self.account), sentence);
        for (message, _, verdict) in offered.iter().rev() {
            if *verdict == Accepted::New {
                self.seen.take_back(&message.id);
            }
        }
        false
    }

    fn reply(&self, (message, done, verdict): Offered, written: bool) {
        let answer = if written { verdict } else { Accepted::Refused };
        self.record.note(&self.account, Event::Offered { message: message.clone(), answer });
        done.answer(Ok(answer));
        if answer == Accepted::New {
            (self.deliver)(message);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;
    use tempfile::TempDir;

    struct Desk {
        directory: TempDir,
        delivered: mpsc::Receiver<String>,
        inbox: Inbox,
        replayed: Vec<InboundMessage>,
    }

    fn open(directory: TempDir) -> Desk {
        let (tell, delivered) = mpsc::channel();
        let deliver = Box::new(move |message: Arc<InboundMessage>| tell.send(message.id.clone()).unwrap());
        let path = directory.path().join("inbox.jsonl");
        let account = Address::new("x", "default");
        let (inbox, replayed) =
            Inbox::open(&path, &account, &Log::new(None), &Record::new(), deliver).unwrap();
        Desk { directory, delivered, inbox, replayed }
    }

    fn reopened(desk: Desk) -> Desk {
        desk.inbox.close();
        open(desk.directory)
    }

    impl Desk {
        fn offer(&self, id: &str) -> mpsc::Receiver<Accepted> {
            let (tell, told) = mpsc::channel();
            let message = InboundMessage { id: id.into(), ..Default::default() };
            let answer = move |answer: host_sdk::Result<Accepted>| tell.send(answer.unwrap()).unwrap();
            self.inbox.offer(message, Done::new(answer));
            told
        }

        #[track_caller]
        fn answer(&self, id: &str) -> Accepted {
            self.offer(id).recv().unwrap()
        }
    }

    fn desk() -> Desk {
        open(tempfile::tempdir().unwrap())
    }

    #[test]
    fn a_message_is_on_disk_when_it_is_answered() {
        let desk = desk();
        assert_eq!(desk.answer("1"), Accepted::New);
        let text = std::fs::read_to_string(desk.directory.path().join("inbox.jsonl")).unwrap();
        assert!(text.contains("\"id\":\"1\""), "{text}");
    }

    #[test]
    fn the_second_offer_of_a_message_is_a_duplicate_and_is_not_delivered() {
        let desk = desk();
        let answers: Vec<_> = ["1", "1", "2"].map(|id| desk.offer(id)).into();
        let answers: Vec<_> = answers.iter().map(|answer| answer.recv().unwrap()).collect();
        assert_eq!(answers, [Accepted::New, Accepted::Duplicate, Accepted::New]);
        assert_eq!(desk.delivered.iter().take(2).collect::<Vec<_>>(), ["1", "2"]);
        assert_eq!(reopened(desk).answer("1"), Accepted::Duplicate);
    }

    #[test]
    fn what_was_not_answered_is_handed_out_again() {
        let desk = desk();
        desk.answer("1");
        desk.answer("2");
        desk.inbox.answered("1");
        let ids: Vec<_> = reopened(desk).replayed.into_iter().map(|message| message.id).collect();
        assert_eq!(ids, ["2"]);
    }

    #[test]
    fn a_message_without_an_id_is_refused() {
        assert_eq!(desk().answer(""), Accepted::Refused);
    }

    #[test]
    fn with_no_room_left_a_message_is_refused_until_another_is_answered() {
        let desk = desk();
        let offers: Vec<_> = (0..ROOM).map(|number| desk.offer(&number.to_string())).collect();
        assert!(offers.iter().all(|offer| offer.recv().unwrap() == Accepted::New));
        assert_eq!(desk.answer("one more"), Accepted::Refused);
        desk.inbox.answered("0");
        let mut answer = Accepted::Refused;
        // The writer takes the answer up on its own thread.
        while answer == Accepted::Refused {
            answer = desk.answer("one more");
        }
        assert_eq!(answer, Accepted::New);
    }

    #[test]
    fn a_closed_inbox_refuses() {
        let desk = desk();
        desk.inbox.close();
        assert_eq!(desk.answer("1"), Accepted::Refused);
    }
}
