//! The Stream connection: how DingTalk's pushes reach the host.
//!
//! [`session`] decides about connections and [`intake`] about messages; both are values without
//! I/O. [`driver`] is the task between them, the sockets and the host.

mod backoff;
mod dial;
pub(crate) mod driver;
mod frame;
mod intake;
mod link;
mod session;
mod socket;
mod status;
mod tally;
mod tunnel;

pub(crate) use driver::{Inlet, run};
pub(crate) use session::Settings;
pub(crate) use socket::Gateway;
pub(crate) use tally::Tally;
