//! The wire. Small and append-only: new methods go after the `last_prefix_field`, with a default,
//! and old peers keep working. Neither side writes against it.
#![allow(missing_docs, reason = "abi_stable's macros generate items that cannot carry docs")]
#![allow(unsafe_code, reason = "function pointers and boxed closures cross here, and nowhere else")]
#![allow(unused_qualifications, reason = "expanded by `sabi_trait`")]

mod crossing;
mod done;
mod wire;

pub use crossing::Crossing;
pub(crate) use crossing::{crosses_as_itself, crossing_struct, open_set};
pub use done::{RawDone, RawOutcome};
pub use wire::{
    ChannelBox, HostBox, LogSinkBox, RawChannel, RawChannel_TO, RawHost, RawHost_TO, RawLogField, RawLogLine,
    RawLogSink, RawLogSink_TO, Root, RootRef, outcome, result,
};
