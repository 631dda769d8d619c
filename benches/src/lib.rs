//! The benchmark of the whole: messages through a socket and back, beside what is possible and what others
//! do; and what the plugin costs a process.
//!
//! Each candidate is a process of its own, so that the system tells what it uses. `cargo xtask bench` builds
//! and fetches all of them, and prints the tables.

pub mod candidate;
mod error;
pub mod field;
pub mod figures;
pub mod footprint;
mod frame;
pub mod gateway;
pub mod inbound;
mod memory;
pub mod process;
pub mod soak;
pub mod speech;

pub use error::Error;
