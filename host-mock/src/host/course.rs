//! A turn under way, as those see it who come after it.

use super::admission::Admitted;
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio_util::sync::CancellationToken;

/// A turn under way, which can be stopped, and joined until it is about to end. Clones share it.
#[derive(Clone, Debug)]
pub(super) struct Course {
    /// Cancelled when somebody stops the turn who may.
    pub(super) stop: CancellationToken,
    /// What has joined it and is not worked on yet; `None` once nobody can join any more.
    joined: Arc<Mutex<Option<VecDeque<Admitted>>>>,
}

impl Course {
    pub(super) fn new() -> Self {
        Self { stop: CancellationToken::new(), joined: Arc::new(Mutex::new(Some(VecDeque::new()))) }
    }

    /// Has a message join the turn; it is given back where that has ended, or is about to.
    pub(super) fn join(&self, message: Admitted) -> Option<Admitted> {
        match &mut *self.joined() {
            Some(joined) if !self.stop.is_cancelled() => {
                joined.push_back(message);
                None
            }
            _ => Some(message),
        }
    }

    /// What the turn goes on with. Once there is nothing, nobody can join any more.
    pub(super) fn next(&self) -> Option<Admitted> {
        let mut joined = self.joined();
        let next = joined.as_mut().and_then(VecDeque::pop_front);
        if next.is_none() {
            *joined = None;
        }
        next
    }

    /// Nobody can join any more; gives back who had.
    pub(super) fn close(&self) -> VecDeque<Admitted> {
        self.joined().take().unwrap_or_default()
    }

    fn joined(&self) -> MutexGuard<'_, Option<VecDeque<Admitted>>> {
        self.joined.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
