//! The second host: a Node-API addon that loads channel plugins into Node.js.
//!
//! It is a host like any other, on the loader of `host-sdk`, with JavaScript where the decisions
//! are made. `js/index.js` is its face; what is exported here is for that file alone.
//!
//! - Values cross as JSON text in the forms that `host-sdk` gives them.
//! - What is asked is answered by a promise, settled from the thread that brings the answer: neither
//!   the thread of JavaScript nor one of the plugin's ever waits for the other.
//! - Events wait in a bounded queue that does not keep the process alive. A message that finds it full
//!   is refused, so that the platform offers it again.
//! - A message is accepted when JavaScript says so, at any later time, by the token that came with it; or,
//!   where the account has an [`Inbox`], by that, before JavaScript hears of it, and JavaScript takes from
//!   the inbox at its own pace.
//!
//! Node runs the initialisation of an addon once for each load, on several threads and for several
//! copies in one process. So nothing here is static, and nothing runs before an account is started.
#![cfg(feature = "node")]
#![allow(unsafe_code, reason = "expanded by napi-derive; the sources themselves have none")]

mod channel;
mod doorman;
mod failure;
mod inbox;
mod line;
mod lines;
mod listener;
mod owed;
mod plugin;
mod promise;
mod state;

pub use channel::Channel;
pub use doorman::Doorman;
pub use inbox::Inbox;
pub use plugin::{LogSubscription, Plugin, load};
