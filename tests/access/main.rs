//! Who may talk, through the library that ships and the simulated host: the options and rows of the mission,
//! cited by their number (O5 `dmPolicy`, O6 `groupPolicy`, M2 to M4 accounts and agents). Each table is one
//! host, in which every row is an account with a DingTalk application of its own.
#![allow(clippy::unwrap_used, reason = "a test may, also in the functions it is made of")]

mod groups;
mod pairing;
mod private;
mod routes;
mod stand;
mod tables;

pub(crate) use stand::{CREW, Heard, LIN, MO, OTHERS, Stand, row};
