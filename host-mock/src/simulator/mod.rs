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
mod written;

use std::io;
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};

use crate::dingtalk::{DingTalk, Endpoint, Settings};

pub use self::door::AllowedHosts;
pub use self::refusal::Refusal;
pub use self::written::WrittenFault;

use self::faults::{Switchboard, Wish};
use self::switches::Kind;

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
        faults::turn(&self.desk, &self.dingtalk, fault, Wish { on: true, value, times: None })
    }

    /// Turns a fault of calls on that goes off when it has struck so many of them.
    ///
    /// # Errors
    ///
    /// If there is no such fault, it is none of calls, or a number is none that it takes.
    pub fn strike(&self, fault: &str, value: Option<u64>, times: u32) -> Result<(), Refusal> {
        faults::turn(&self.desk, &self.dingtalk, fault, Wish { on: true, value, times: Some(times) })
    }

    /// Turns a fault on as it was written.
    ///
    /// # Errors
    ///
    /// If there is no such fault, or a number is none that it takes.
    pub fn turn_on_written(&self, fault: &WrittenFault) -> Result<(), Refusal> {
        let WrittenFault { name, value, times } = fault;
        faults::turn(&self.desk, &self.dingtalk, name, Wish { on: true, value: *value, times: *times })
    }

    /// Turns everything off that is on.
    ///
    /// # Errors
    ///
    /// None that is known.
    pub fn all_off(&self) -> Result<(), Refusal> {
        faults::all_off(&self.desk, &self.dingtalk)
    }
}

/// The names of all faults.
pub fn fault_names() -> impl Iterator<Item = &'static str> {
    switches::ALL.iter().map(|switch| switch.name)
}

/// What a fault is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// It happens to what is connected, once.
    Once,
    /// It strikes calls, as many as it is told.
    Calls,
    /// It strikes attempts to connect, as many as it is told.
    Connecting,
    /// It is a state of the service, until it goes off.
    State,
}

/// All faults: their names, their words in Chinese and in English, and what they are about.
pub fn faults() -> impl Iterator<Item = (&'static str, [&'static str; 2], FaultKind)> {
    switches::ALL.iter().map(|switch| {
        let kind = match &switch.kind {
            Kind::Once(_) => FaultKind::Once,
            Kind::Calls(whom, _) if whom().iter().all(|it| CONNECTING.contains(it)) => FaultKind::Connecting,
            Kind::Calls(..) => FaultKind::Calls,
            Kind::Setting(_) | Kind::Asked | Kind::Quirk(_) => FaultKind::State,
        };
        (switch.name, [switch.zh, switch.en], kind)
    })
}

/// What is called to connect.
const CONNECTING: [Endpoint; 2] = [Endpoint::OpenConnection, Endpoint::Connect];

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
