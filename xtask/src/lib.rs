//! The project's own commands, as `cargo xtask` runs them and as tests call them.
//!
//! - [`dist`] builds the plugin folder, the one thing that is shipped.
//! - [`release`] makes archives of it, for every platform.
//! - [`demo`] drops that folder into a host and lets a person talk to it.
//! - [`chaos`] plays the reliability proof.
//! - [`bench`](mod@bench) measures the whole, beside what others do.
//! - [`soak`] plays a day of messages, and tells whether anything grows.
//! - [`replies`] measures how soon and how steadily answers are seen.
//! - [`node_host`] tries the plugin in Node.js, and [`openclaw_e2e`] in the OpenClaw gateway.
//! - [`check`] holds the project to its own rules.
//! - [`fuzz`] feeds the plugin what a fuzzer thinks of.
//! - [`memory`] has a memory checker watch the boundary's tests.
//! - [`page`] tries the simulator's page in a browser, and draws it.
//! - [`picture`] draws the README's pictures.
//! - [`command`] is the command line of all of them.

pub mod bench;
mod binary;
mod cargo;
pub mod chaos;
pub mod check;
pub mod command;
pub mod demo;
pub mod dist;
mod error;
pub mod fuzz;
mod manifest;
pub mod memory;
pub mod node_host;
mod npm;
mod openclaw;
pub mod openclaw_bench;
pub mod openclaw_e2e;
pub mod page;
pub mod picture;
mod platform;
mod progress;
pub mod release;
pub mod replies;
pub mod sdk_conformance;
pub mod soak;
mod source_paths;

pub use cargo::cargo;
pub use error::Error;
