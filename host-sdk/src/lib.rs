//! One interface, two sides.
#![allow(non_local_definitions, reason = "expanded by abi_stable 0.11's derive macros")]

pub mod abi;
#[cfg(feature = "channel")]
pub mod channel;
mod done;
#[cfg(feature = "channel")]
#[doc(hidden)]
pub mod export;
#[cfg(feature = "host")]
pub mod host;
mod value;

pub use done::Done;
pub use value::*;
