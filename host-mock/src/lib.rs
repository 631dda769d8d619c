//! A simulated OpenClaw host and a fake DingTalk: for tests, demos and rehearsals of faults.
//!
//! [`host`] knows nothing of DingTalk and [`dingtalk`] nothing of hosts; a plugin is between them.
//! [`simulator`] is the page to write from, and [`gateway`] runs it alone. [`demo`] puts all three together in a terminal, and [`proxy`] may stand on the way. [`pairing`] is how
//! the owner of a bot lets people in. [`model`] is for a host that is not simulated: the model that it asks.

pub mod demo;
pub mod dingtalk;
pub mod gateway;
pub mod host;
pub mod model;
pub mod pairing;
pub mod proxy;
pub mod simulator;
