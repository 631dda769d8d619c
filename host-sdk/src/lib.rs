//! One interface, two sides.
#![allow(non_local_definitions, reason = "expanded by abi_stable 0.11's derive macros")]

pub mod abi;
mod value;

pub use value::*;
