//! The fake as a client on a real socket sees it.

mod calls;
mod cards;
mod client;
mod connections;
mod faults;
mod stream;
