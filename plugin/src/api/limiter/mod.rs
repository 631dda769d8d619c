//! How often DingTalk may be called: one judge per app, for all its accounts, cards and calls.
//!
//! DingTalk counts the calls of an app to each of its APIs by the second, and refuses what exceeds a
//! limit that it does not tell. So every call asks first:
//!
//! - per API no more calls go within a second than are known to be taken ([`rate`] learns how many);
//! - the most important goes first, and of equals the one that has waited longest;
//! - partial texts are spaced evenly and leave room for what matters more, so what they can lose is
//!   only themselves;
//! - more than is known is tried with partial texts alone, one more at a time, while they queue.
//!
//! [`app::Limiter`] is all of this as a value that is told the time; [`gate`] lets tasks wait for it.

mod app;
mod ask;
mod bucket;
mod cards;
mod family;
mod gate;
mod pause;
mod permit;
mod rate;
#[cfg(test)]
mod simulation;
#[cfg(test)]
mod tests;

pub(crate) use ask::Priority;
pub(crate) use family::Family;
pub(crate) use gate::{Gate, Gates};
pub(crate) use permit::{Live, Permit};
