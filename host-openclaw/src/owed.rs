//! Answers that JavaScript owes, by token.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// Answers that may be owed at once, of each kind; what comes beyond is not taken.
const OWED: usize = 1024;

/// The answers `A` that are owed. Dropping one unanswered cancels it, on the plugin's side.
#[derive(Debug)]
pub(crate) struct Owed<A>(Mutex<Table<A>>);

#[derive(Debug)]
struct Table<A> {
    last: i64,
    open: HashMap<i64, A>,
}

impl<A> Default for Owed<A> {
    fn default() -> Self {
        Self(Mutex::new(Table { last: 0, open: HashMap::new() }))
    }
}

impl<A> Owed<A> {
    /// Keeps `answer` and returns its token.
    ///
    /// # Errors
    /// The answer itself, when too many are owed.
    pub(crate) fn keep(&self, answer: A) -> Result<i64, A> {
        let mut table = self.table();
        if table.open.len() >= OWED {
            return Err(answer);
        }
        table.last += 1;
        let token = table.last;
        table.open.insert(token, answer);
        Ok(token)
    }

    /// Gives the answer of `token` back, once.
    pub(crate) fn take(&self, token: i64) -> Option<A> {
        self.table().open.remove(&token)
    }

    /// Drops all that are owed.
    pub(crate) fn forget(&self) {
        // Not dropped under the lock: each tells the plugin, which may call back in.
        let open: Vec<_> = self.table().open.drain().collect();
        drop(open);
    }

    fn table(&self) -> MutexGuard<'_, Table<A>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_given_once_and_its_token_never_again() {
        let owed = Owed::default();
        let first = owed.keep("a").unwrap();
        assert_eq!(owed.take(first), Some("a"));
        assert_eq!(owed.take(first), None);
        assert_ne!(owed.keep("b").unwrap(), first);
    }

    #[test]
    fn one_too_many_comes_back() {
        let owed = Owed::default();
        for number in 0..OWED {
            owed.keep(number).unwrap();
        }
        assert_eq!(owed.keep(OWED), Err(OWED));
        owed.forget();
        assert!(owed.keep(OWED).is_ok());
    }
}
