//! The threads that write for all inboxes of a process.

use super::{
    desk::Shared,
    rota::{Next, Rota},
};
use std::{
    io,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak},
    thread::{self, JoinHandle},
    time::Instant,
};

/// The threads that write for all inboxes of a host: a few, however many accounts there are. Each
/// writes for one inbox at a time, in turn. Clones share them; they end with the last clone, once the last
/// inbox is closed or gone.
#[derive(Clone, Debug)]
pub struct Writers(Arc<Crew>);

impl Writers {
    /// How many threads are right for most hosts: while one waits for the disk, another one need not.
    pub const USUAL: usize = 2;

    /// Starts `threads` threads, from 1 to 16.
    ///
    /// # Errors
    /// When the system has no thread to give.
    pub fn start(threads: usize) -> io::Result<Self> {
        let board = Arc::new(Board::default());
        // Made first: if a thread cannot be had, those before it are ended.
        let crew = Arc::new(Crew { board, threads: Mutex::default() });
        for number in 1..=threads.clamp(1, 16) {
            let board = crew.board.clone();
            let thread = thread::Builder::new().name(format!("inbox writer {number}"));
            let thread = thread.spawn(move || board.work())?;
            crew.threads().push(thread);
        }
        Ok(Self(crew))
    }

    /// Has somebody write for the inbox as soon as possible.
    pub(super) fn put(&self, inbox: Arc<Shared>) {
        self.0.board.open().rota.put(Task::Turn(inbox));
        self.0.board.bell.notify_one();
    }

    /// Has somebody look after the inbox at that time, if it is still there.
    pub(super) fn put_at(&self, at: Instant, inbox: Weak<Shared>) {
        self.0.board.open().rota.put_at(at, Task::Look(inbox));
        // Whoever waits may be waiting for a later time.
        self.0.board.bell.notify_one();
    }
}

#[derive(Debug)]
struct Crew {
    board: Arc<Board>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Crew {
    fn threads(&self) -> MutexGuard<'_, Vec<JoinHandle<()>>> {
        self.threads.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Crew {
    fn drop(&mut self) {
        self.board.open().closed = true;
        self.board.bell.notify_all();
        let own = thread::current().id();
        // The last inbox may be let go of by one of these threads, which cannot wait for itself.
        let others =
            self.threads().drain(..).filter(|thread| thread.thread().id() != own).collect::<Vec<_>>();
        // A panic of a thread was printed when it happened.
        others.into_iter().for_each(|thread| drop(thread.join()));
    }
}

/// What is to be done, and by whom it is noticed.
#[derive(Debug, Default)]
struct Board {
    sheet: Mutex<Sheet>,
    bell: Condvar,
}

#[derive(Debug)]
struct Sheet {
    rota: Rota<Task>,
    closed: bool,
}

impl Default for Sheet {
    fn default() -> Self {
        Self { rota: Rota::new(), closed: false }
    }
}

#[derive(Debug)]
enum Task {
    Turn(Arc<Shared>),
    Look(Weak<Shared>),
}

impl Board {
    fn open(&self) -> MutexGuard<'_, Sheet> {
        self.sheet.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn work(&self) {
        while let Some(task) = self.next() {
            match task {
                Task::Turn(inbox) => inbox.turn(),
                Task::Look(inbox) => {
                    if let Some(inbox) = inbox.upgrade() {
                        inbox.nudge();
                    }
                }
            }
        }
    }

    /// Waits for something to do; `None` when nothing will come.
    fn next(&self) -> Option<Task> {
        let mut sheet = self.open();
        loop {
            let now = Instant::now();
            sheet = match sheet.rota.next(now) {
                Next::Do(task) => return Some(task),
                _ if sheet.closed => return None,
                Next::Wait => self.bell.wait(sheet).unwrap_or_else(PoisonError::into_inner),
                Next::WaitUntil(at) => {
                    let waited = self.bell.wait_timeout(sheet, at - now);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{Inbox, Listener, Settings, Waiting},
        *,
    };
    use std::time::Duration;

    struct Deaf;

    impl Listener for Deaf {
        fn waiting(&self, _: Arc<Waiting>) {}
    }

    #[test]
    fn they_end_with_the_last_inbox_that_is_closed_although_somebody_holds_it() {
        const PATIENCE: Duration = Duration::from_secs(60);
        let folder = tempfile::tempdir().unwrap();
        let writers = Writers::start(2).unwrap();
        let crew = Arc::downgrade(&writers.0);
        let file = folder.path().join("inbox.redb");
        let (inbox, _) = Inbox::open(file, Settings::default(), &writers, Deaf).unwrap();
        drop(writers);
        assert!(crew.upgrade().is_some());
        inbox.close().wait(PATIENCE).unwrap();
        assert!(crew.upgrade().is_none());
        inbox.close().wait(PATIENCE).unwrap();
    }
}
