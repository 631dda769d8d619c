//! The thinking mark: an emotion on a message while it is worked on. It never holds up an answer.

mod note;
mod open;

#[cfg(any(test, feature = "fuzzing"))]
pub(crate) use note::any_file;

use crate::api::{Api, emotion::Emotion};
use futures_util::{StreamExt, stream::FuturesUnordered};
use host_sdk::channel::Host;
use note::Note;
use open::Open;
use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{
    sync::{mpsc, watch},
    time::sleep,
};
use tokio_util::sync::CancellationToken;

/// Just after a message was written DingTalk may not know it yet: how long to wait before each attempt.
const ATTACH: [Duration; 3] = [Duration::ZERO, Duration::from_millis(400), Duration::from_millis(800)];
/// The same for taking the mark off, which matters more.
const RECALL: [Duration; 3] = [Duration::ZERO, Duration::from_millis(1_500), Duration::from_millis(3_500)];
/// How long a mark that a predecessor has left waits for a turn that goes on.
const GRACE: Duration = Duration::from_secs(10);
/// Marks that wait to be made.
const QUEUE: usize = 256;

/// An account's marks.
pub(super) struct Marks {
    open: Mutex<Open>,
    note: Arc<Note>,
    begun: mpsc::Sender<Begun>,
    /// Taken by who runs them.
    coming: Mutex<Option<mpsc::Receiver<Begun>>>,
    /// How many are on messages, or about to be.
    alive: watch::Sender<usize>,
}

/// A mark to make, and what tells when to take it off.
struct Begun {
    mark: Emotion,
    end: CancellationToken,
}

impl Marks {
    /// None yet.
    pub(super) fn new() -> Self {
        let (begun, coming) = mpsc::channel(QUEUE);
        let (coming, alive) = (Mutex::new(Some(coming)), watch::Sender::new(0));
        Self { open: Mutex::new(Open::new()), note: Arc::default(), begun, coming, alive }
    }

    /// The answer `stream` to the message is worked on; `mark` is what the message is to bear, if it
    /// bears none.
    pub(super) fn begin(&self, msg_id: &str, stream: &str, mark: impl FnOnce() -> Emotion) {
        let Some(end) = self.open().begin(msg_id, stream) else { return };
        self.alive.send_modify(|alive| *alive += 1);
        if self.begun.try_send(Begun { mark: mark(), end }).is_err() {
            tracing::debug!(msg_id, "too many messages wait for a mark, this one gets none");
            self.alive.send_modify(|alive| *alive -= 1);
        }
    }

    /// An answer is complete.
    pub(super) fn end(&self, msg_id: &str, stream: &str) {
        self.open().end(msg_id, stream);
    }

    /// Takes all off, and waits for that.
    pub(super) async fn end_all(&self) {
        self.open().end_all();
        // The sender is ours, so it is there.
        self.alive.subscribe().wait_for(|alive| *alive == 0).await.ok();
    }

    /// Makes marks and takes them off, for ever; which there are is kept in `directory`.
    pub(super) async fn run(&self, api: &Api, host: &Host, directory: PathBuf) {
        let coming = self.coming.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(mut coming) = coming else { return };
        let note = Arc::clone(&self.note);
        let left = host.blocking(move || note.open(&directory)).await.unwrap_or_default();
        let mut lives = FuturesUnordered::new();
        // A turn may have begun again before this was read: its message bears its mark.
        let mut borne = HashMap::new();
        for mark in left {
            let Some(end) = self.open().adopt(&mark.msg_id) else {
                borne.insert(mark.msg_id.clone(), mark);
                continue;
            };
            self.alive.send_modify(|alive| *alive += 1);
            lives.push(self.live(api, host, Begun { mark, end }, true));
        }
        loop {
            tokio::select! {
                Some(begun) = coming.recv() => lives.push(match borne.remove(&begun.mark.msg_id) {
                    Some(mark) => self.live(api, host, Begun { mark, ..begun }, true),
                    None => self.live(api, host, begun, false),
                }),
                Some(()) = lives.next() => {}
            }
        }
    }

    /// One mark from its beginning to its end.
    async fn live(&self, api: &Api, host: &Host, Begun { mark, end }: Begun, is_left: bool) {
        let may_be_there = if is_left {
            tokio::select! {
                () = sleep(GRACE) => self.open().end_idle(&mark.msg_id),
                () = end.cancelled() => {}
            }
            true
        } else {
            self.note.add(&mark);
            self.save(host).await;
            attach(api, &mark, &end).await
        };
        if may_be_there {
            end.cancelled().await;
            recall(api, &mark).await;
        }
        self.note.remove(&mark);
        self.save(host).await;
        self.alive.send_modify(|alive| *alive -= 1);
    }

    async fn save(&self, host: &Host) {
        let note = Arc::clone(&self.note);
        if let Err(error) = host.blocking(move || note.save()).await {
            tracing::debug!(error = %error, "marks on messages are not written down");
        }
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Makes a mark, unless its end comes first. Whether it may be there now.
async fn attach(api: &Api, mark: &Emotion, end: &CancellationToken) -> bool {
    let mut may_be_there = false;
    for pause in ATTACH {
        tokio::select! {
            () = sleep(pause) => {}
            () = end.cancelled() => break,
        }
        match api.attach_emotion(mark).await {
            Ok(()) => return true,
            Err(error) => {
                tracing::debug!(msg_id = mark.msg_id, error = %error, "a message did not get its mark");
                may_be_there |= error.is_ambiguous();
                if error.retry_after().is_none() {
                    break;
                }
            }
        }
    }
    may_be_there
}

/// Takes a mark off.
async fn recall(api: &Api, mark: &Emotion) {
    for pause in RECALL {
        sleep(pause).await;
        match api.recall_emotion(mark).await {
            Ok(()) => return,
            Err(error) => {
                tracing::debug!(msg_id = mark.msg_id, error = %error, "a message keeps its mark");
                if error.retry_after().is_none() {
                    return;
                }
            }
        }
    }
}
