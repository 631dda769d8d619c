//! How commands reach a host that runs: `message send`, `channels status`.
//!
//! The host listens on a port of 127.0.0.1 and writes into its state directory, which is its owner's alone, where
//! that is and a secret word. Who can read that file may speak to the host; nobody else gets an answer but 401.

mod client;
mod server;
mod wire;

pub use client::{Client, Trouble};
pub use server::Control;
pub use wire::{AccountProbe, Health, Sending};

use std::path::{Path, PathBuf};

/// Where a host in this state directory says how it is reached.
fn file(state: &Path) -> PathBuf {
    state.join("control.json")
}
