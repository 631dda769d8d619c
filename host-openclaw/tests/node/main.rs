//! The plugin in a real Node.js, against the fake DingTalk. `cargo xtask node-host` runs it.
#![allow(clippy::unwrap_used, reason = "a test may, also in the functions it is made of")]

mod conversation;
mod flood;
mod inbox;
mod lifetime;
mod loading;
mod logs;
mod node;
