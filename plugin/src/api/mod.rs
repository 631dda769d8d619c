//! DingTalk's HTTP interface: who to call, with which token, and what each answer means.
//!
//! [`client`] is the way out and the only module that knows a base URL; the other files are one
//! group of calls each, in DingTalk's words.

pub(crate) mod card;
pub(crate) mod client;
mod departure;
pub(crate) mod emotion;
mod endpoints;
mod error;
mod examine;
mod exchange;
mod failure;
mod form;
pub(crate) mod gateway;
mod identity;
pub(crate) mod limiter;
mod login;
pub(crate) mod media;
pub(crate) mod message_file;
mod missing;
mod network;
mod permission;
pub(crate) mod recall;
mod registration;
pub(crate) mod robot;
mod token;
mod turn;
pub(crate) mod webhook;

pub(crate) use client::{Api, Credentials};
pub(crate) use departure::Departure;
pub(crate) use endpoints::{Endpoints, Plain};
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) use error::any_body;
pub(crate) use identity::Source;
pub(crate) use limiter::Priority;
pub(crate) use network::Network;
pub(crate) use permission::apply_url;
pub(crate) use registration::{Begun, Registered};
