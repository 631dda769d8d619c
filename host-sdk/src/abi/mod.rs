//! The wire. Small and append-only: new methods go after the `last_prefix_field`, with a default,
//! and old peers keep working. Neither side writes against it.
#![allow(missing_docs, reason = "abi_stable's macros generate items that cannot carry docs")]

mod crossing;

pub use crossing::Crossing;
pub(crate) use crossing::{crosses_as_itself, crossing_struct, open_set};
