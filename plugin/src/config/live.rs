//! An account whose options change while it runs.

use super::{
    account::{Account, Options},
    options::{Effect, Kind, OPTIONS},
    read::Checked,
};
use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

/// An account as it is just now; all clones see a change.
#[derive(Clone, Debug)]
pub(crate) struct LiveAccount(Arc<Mutex<Arc<Account>>>);

impl LiveAccount {
    /// Beginning with `account`.
    pub(crate) fn new(account: Account) -> Self {
        Self(Arc::new(Mutex::new(Arc::new(account))))
    }

    /// What holds now.
    pub(crate) fn get(&self) -> Arc<Account> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What holds from now on.
    pub(crate) fn set(&self, account: impl Into<Arc<Account>>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = account.into();
    }
}

/// The options of an account as they were read, to find out what changed. They may hold secrets, so they do
/// not print.
#[derive(Clone, PartialEq)]
pub(super) struct Written(pub(super) Checked);

impl Written {
    /// What it takes that these options become `other`.
    pub(super) fn change_to(&self, other: &Self) -> Effect {
        let (old, new) = (Options(&self.0), Options(&other.0));
        let single = OPTIONS.iter().filter(|spec| spec.kind != Kind::Group);
        let changed = single.filter(|spec| old.of(spec) != new.of(spec));
        changed.map(|spec| spec.effect).max().unwrap_or(Effect::Live)
    }
}

impl fmt::Debug for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<options>")
    }
}
