//! What a channel reports about itself while it lives.

use super::Json;
use crate::abi::{Crossing, open_set};
use abi_stable::std_types::RString;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

open_set! {
    /// Why a channel is stopped.
    pub struct StopReason(u8) {
        /// The host ends: answers in progress are ended decently.
        Shutdown = 0 as "shutdown",
        /// A successor follows at once: answers in progress are left to it.
        Reload = 1 as "reload",
        /// The account was switched off.
        Disabled = 2 as "disabled",
    }
}

/// Where a channel stands, in the words that hosts' health monitors read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lifecycle {
    /// Not connected yet.
    Starting,
    /// Connected.
    Ready,
    /// Connection lost, being restored.
    Recovering,
    /// A person has to do something first; the plugin looks again from time to time.
    Blocked,
    /// Stopped.
    Stopped,
}

/// A change of a channel's status: a JSON object, each key replaces the host's value.
///
/// Keys that hosts know: `running`, `connected`, `lifecycle`, `lastConnectedAt`, `lastDisconnect`
/// (`{at, status, error}`, `status` being the platform's code if there was one),
/// `lastTransportActivityAt`, `lastInboundAt`, `lastOutboundAt` (a whole message, or the last text of an
/// answer, went out), `lastError` (`null` clears it),
/// `reconnectAttempts`, `ingressUnavailable` (whether messages wait that the host did not take).
/// Times are ms since the epoch. Any other key is the channel's own.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StatusPatch(Map<String, Value>);

impl StatusPatch {
    /// A patch that changes nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets any key.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.0.insert(key.to_owned(), value.into());
        self
    }

    /// Sets `connected`.
    #[must_use]
    pub fn connected(self, connected: bool) -> Self {
        self.with("connected", connected)
    }

    /// Sets `lifecycle`.
    #[must_use]
    pub fn lifecycle(self, lifecycle: Lifecycle) -> Self {
        let word = serde_json::to_value(lifecycle).unwrap_or_default();
        self.with("lifecycle", word)
    }

    /// Sets `lastError`; `None` clears it.
    #[must_use]
    pub fn last_error(self, error: Option<String>) -> Self {
        self.with("lastError", error)
    }

    /// The value of a key, if the patch has it.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.get(key)
    }

    /// Whether it changes nothing.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Applies a later patch on top of this one.
    pub fn merge(&mut self, later: Self) {
        self.0.extend(later.0);
    }
}

impl Crossing for StatusPatch {
    type Raw = RString;

    fn into_raw(self) -> RString {
        Json::new(&self).into_raw()
    }

    fn from_raw(raw: RString) -> Self {
        Json::from_raw(raw).parse().unwrap_or_default()
    }
}
