//! A platform in memory: what people write, and what they are shown.

use std::sync::{
    Arc, LazyLock, Mutex, MutexGuard, PoisonError, Weak,
    atomic::{AtomicUsize, Ordering},
};
use tokio::sync::mpsc;

/// By number, which is how a configuration names one. Those that are gone leave their place.
static PLATFORMS: LazyLock<Mutex<Vec<Weak<Platform>>>> = LazyLock::new(Mutex::default);

pub(crate) struct Platform {
    number: usize,
    write: mpsc::UnboundedSender<String>,
    /// Whoever listens holds it.
    pub(crate) written: tokio::sync::Mutex<mpsc::UnboundedReceiver<String>>,
    shown: Mutex<Vec<String>>,
    /// Accounts that run.
    pub(crate) running: AtomicUsize,
    /// How often an account was started.
    pub(crate) starts: AtomicUsize,
}

impl Platform {
    pub(crate) fn new() -> Arc<Self> {
        let mut platforms = locked(&PLATFORMS);
        let (write, written) = mpsc::unbounded_channel();
        let platform = Arc::new(Self {
            number: platforms.len(),
            write,
            written: written.into(),
            shown: Mutex::default(),
            running: AtomicUsize::new(0),
            starts: AtomicUsize::new(0),
        });
        platforms.push(Arc::downgrade(&platform));
        platform
    }

    pub(crate) fn numbered(number: usize) -> Option<Arc<Self>> {
        locked(&PLATFORMS).get(number)?.upgrade()
    }

    pub(crate) fn number(&self) -> usize {
        self.number
    }

    pub(crate) fn write(&self, text: &str) {
        self.write.send(text.to_owned()).unwrap();
    }

    pub(crate) fn show(&self, text: &str) {
        locked(&self.shown).push(text.to_owned());
    }

    pub(crate) fn shown(&self) -> Vec<String> {
        locked(&self.shown).clone()
    }

    /// One more start; whether it is not the first.
    pub(crate) fn has_started_before(&self) -> bool {
        self.starts.fetch_add(1, Ordering::Relaxed) > 0
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
