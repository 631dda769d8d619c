//! The command line, through the program itself: what it prints, where, and how it ends.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may")]

mod errors;
mod help;
mod metrics;
mod program;
mod running;
mod scenario;
mod setup;
#[cfg(unix)]
mod terminal;
