//! How often DingTalk may be called: one judge per app, for all its accounts, cards and calls.
//!
//! DingTalk counts the calls of an app to each of its APIs, and refuses what exceeds a limit that it
//! does not tell. So every call asks first, the most important goes first, and a refusal is learnt from.

mod ask;
mod family;
mod gate;

pub(crate) use ask::Priority;
pub(crate) use family::Family;
pub(crate) use gate::{Gate, Gates, Live, Permit};
