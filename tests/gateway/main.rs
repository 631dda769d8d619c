//! What the simulated host does as OpenClaw does it, seen through the library that ships: messages that come
//! while a turn runs, turns that end without an answer, commands, a configuration that changes, many accounts.
#![allow(clippy::unwrap_used, reason = "a test may, also in the functions it is made of")]

mod agents;
mod commands;
mod isolation;
mod reload;
mod silence;
mod snapshot;
mod stand;
mod steering;

pub(crate) use stand::Stand;
