//! The Stream connection: how DingTalk's pushes reach the host.
//!
//! Values that are told things, without I/O: [`session`] decides about connections, each of them a
//! [`link`] with its [`pulse`], and has [`patience`] between attempts; [`intake`] decides about
//! messages; [`exchange`] is both together, with the [`bulletin`] of what the host is told. [`driver`]
//! is the task between the exchange, the sockets and the host. [`gateway`] leads to a [`socket`],
//! directly or through a proxy's [`tunnel`]. [`turnstile`] keeps many accounts from coming back at the
//! same moment.
//!
//! Two diagrams say all of it that has states: the search for a link in [`session`], beside the life of
//! each in [`link`], and the way of a message in [`intake`]. They meet in one place: a push is answered
//! on the link that brought it, if that still stands, once its message is with the host.
//!
//! A stop closes every link at once. While the goodbyes are said, for two seconds at most, what waits is
//! offered to the host once more, and what crosses a goodbye is still taken: neither can be
//! acknowledged any more, so it may never come again.

mod action;
mod backoff;
mod bulletin;
mod dial;
pub(crate) mod driver;
mod exchange;
mod frame;
mod gateway;
mod hesitation;
mod intake;
mod job;
mod link;
mod patience;
mod pulse;
mod receipt;
mod session;
mod setback;
mod settings;
mod socket;
mod status;
mod tally;
mod tunnel;
mod turnstile;
mod wake;

pub(crate) use driver::{Inlet, run};
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) use frame::{Answer, Frame};
pub(crate) use gateway::Gateway;
pub(crate) use settings::Settings;
pub(crate) use tally::Tally;
pub(crate) use turnstile::Turnstiles;
