//! The ledgers of a process, each of which is there once.

use super::{Ledger, desk::Desk};
use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, Weak},
};

/// The ledgers that somebody has, by their folder: after a reload predecessor and successor have the same.
#[derive(Default)]
pub(crate) struct Ledgers(Mutex<HashMap<PathBuf, Weak<Desk>>>);

impl Ledgers {
    /// The ledger in `folder`, which the first to ask opens: reads a file, so not for a worker thread.
    /// Without a folder it is one in memory.
    pub(crate) fn open(&self, folder: &Path) -> Ledger {
        if folder.as_os_str().is_empty() {
            return Ledger::in_memory();
        }
        let mut ledgers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(desk) = ledgers.get(folder).and_then(Weak::upgrade) {
            return Ledger(desk);
        }
        ledgers.retain(|_, desk| desk.strong_count() > 0);
        let desk = Arc::new(Desk::open(folder));
        ledgers.insert(folder.to_owned(), Arc::downgrade(&desk));
        Ledger(desk)
    }
}
