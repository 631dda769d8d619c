//! Proves that no message is lost and none is answered twice, whatever the network does.
//!
//! The real plugin runs in a host that is a process of its own, against the fake DingTalk in this one. A
//! [`plan`], which a seed decides, says which faults strike when; the [`driver`] plays it; the [`ledger`]
//! is computed from what the fake DingTalk and the agent wrote down, and from nothing that the plugin says
//! of itself.
//!
//! ```text
//!   plan (seed) --> driver --faults, pushes--> fake DingTalk <--Stream--> plugin in its host (a process)
//!                      |                           |                          | agent
//!                      |                           v                          v
//!                      +----------------------> ledger <------------- witness (a file)
//! ```

pub mod burst;
pub mod driver;
mod error;
#[cfg(target_os = "linux")]
pub mod flood;
pub mod host;
pub mod ledger;
pub mod plan;
mod process;
mod random;
mod stage;
pub mod witness;

pub use error::Error;
pub use process::Process;
pub use stage::{Stage, StageOptions};
