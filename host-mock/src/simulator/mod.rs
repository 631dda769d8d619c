//! The fake DingTalk as people use it: a page to write from and to watch, and the interface behind the page.
//!
//! Everything here goes through what [`crate::dingtalk`] offers its tests; the interface is described in
//! `docs/simulator-api.md`. It is served beside DingTalk's own calls, on the same port.

mod act;
mod assets;
mod body;
mod door;
mod entry;
mod faults;
mod live;
mod organisation;
mod refusal;
mod routes;
pub mod scenario;
mod switches;
#[cfg(test)]
mod tests;
mod timeline;

use std::io;
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};

use crate::dingtalk::{DingTalk, Settings};

pub use self::door::AllowedHosts;
pub use self::refusal::Refusal;

use self::faults::Switchboard;

/// A fake DingTalk with its page; it stops when dropped.
#[derive(Debug)]
pub struct Simulator {
    dingtalk: Arc<DingTalk>,
    desk: Arc<Desk>,
}

impl Simulator {
    /// Starts both on one port. `hosts`: under which names a browser may ask for the page.
    ///
    /// # Errors
    ///
    /// If the port of the settings is taken.
    ///
    /// # Panics
    ///
    /// If the settings name no app.
    pub async fn start(settings: Settings, hosts: AllowedHosts) -> io::Result<Self> {
        let desk = Arc::new(Desk { switchboard: Mutex::new(Switchboard::of(&settings)), ..Desk::default() });
        let dingtalk = DingTalk::start_beside(settings, routes::router(Arc::clone(&desk), hosts)).await?;
        let dingtalk = Arc::new(dingtalk);
        // Until here the page answers that it is not ready. Nobody else has set it.
        drop(desk.dingtalk.set(Arc::downgrade(&dingtalk)));
        Ok(Self { dingtalk, desk })
    }

    /// The fake.
    #[must_use]
    pub fn dingtalk(&self) -> &Arc<DingTalk> {
        &self.dingtalk
    }

    /// Where the page is.
    #[must_use]
    pub fn page(&self) -> String {
        format!("{}/", self.dingtalk.base_url())
    }

    /// Turns a fault on, with a number where it takes one, as [`fault_names`] has them.
    ///
    /// # Errors
    ///
    /// If there is no such fault, or the number is none that it takes.
    pub fn turn_on(&self, fault: &str, value: Option<u64>) -> Result<(), Refusal> {
        faults::turn(&self.desk, &self.dingtalk, fault, true, value)
    }
}

/// The names of all faults.
pub fn fault_names() -> impl Iterator<Item = &'static str> {
    switches::ALL.iter().map(|switch| switch.name)
}

/// What the interface has beside the fake itself.
#[derive(Debug, Default)]
struct Desk {
    dingtalk: OnceLock<Weak<DingTalk>>,
    switchboard: Mutex<Switchboard>,
    /// How many listen to live events.
    listeners: AtomicUsize,
}

impl Desk {
    fn dingtalk(&self) -> Result<Arc<DingTalk>, Refusal> {
        self.dingtalk.get().and_then(Weak::upgrade).ok_or_else(Refusal::not_running)
    }

    fn switchboard(&self) -> MutexGuard<'_, Switchboard> {
        // A list of names is whole at any time.
        self.switchboard.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
