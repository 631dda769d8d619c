//! A bounded list of what happened, which one can wait on.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
    time::Duration,
};
use tokio::sync::watch;

/// A bounded list of what happened, in order; the oldest entries are forgotten.
#[derive(Debug)]
pub(super) struct Chronicle<T> {
    entries: Mutex<VecDeque<T>>,
    most: usize,
    /// Counts the entries ever made: the bell for those who wait.
    made: watch::Sender<u64>,
}

impl<T: Clone> Chronicle<T> {
    pub(super) fn new(most: usize) -> Self {
        Self { entries: Mutex::default(), most, made: watch::Sender::new(0) }
    }

    /// Appends the entry that `make` makes of its number, counted from 1.
    pub(super) fn append(&self, make: impl FnOnce(u64) -> T) {
        self.with(|entries| {
            // Under the lock, so that numbers and places agree.
            let number = *self.made.borrow() + 1;
            entries.push_back(make(number));
            if entries.len() > self.most {
                entries.pop_front();
            }
            self.made.send_replace(number);
        });
    }

    pub(super) fn snapshot(&self) -> Vec<T> {
        self.with(|entries| entries.iter().cloned().collect())
    }

    /// Looks at the entries now and after each new one, until `find` finds something; `None` when it
    /// has not within `patience`.
    pub(super) async fn wait_for<R>(
        &self,
        patience: Duration,
        mut find: impl FnMut(&[T]) -> Option<R>,
    ) -> Option<R> {
        let mut made = self.made.subscribe();
        let found = async {
            loop {
                made.borrow_and_update();
                if let Some(found) = self.with(|entries| find(entries.make_contiguous())) {
                    return Some(found);
                }
                made.changed().await.ok()?;
            }
        };
        tokio::time::timeout(patience, found).await.ok().flatten()
    }

    fn with<R>(&self, act: impl FnOnce(&mut VecDeque<T>) -> R) -> R {
        act(&mut self.entries.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_entries_are_forgotten_and_numbers_go_on() {
        let chronicle = Chronicle::new(2);
        (0..5).for_each(|_| chronicle.append(|number| number));
        assert_eq!(chronicle.snapshot(), [4, 5]);
    }

    #[tokio::test(start_paused = true)]
    async fn waiting_ends_with_the_entry_or_with_patience() {
        let chronicle = Chronicle::new(10);
        let last = |entries: &[u64]| entries.last().copied().filter(|last| *last == 2);
        chronicle.append(|number| number);
        assert_eq!(chronicle.wait_for(Duration::from_secs(1), last).await, None);
        let (found, ()) = tokio::join!(chronicle.wait_for(Duration::from_secs(1), last), async {
            chronicle.append(|number| number);
        });
        assert_eq!(found, Some(2));
    }
}
