//! A simulated OpenClaw host and a fake DingTalk: for tests, demos and rehearsals of faults.
//!
//! [`host`] knows nothing of DingTalk and [`dingtalk`] nothing of hosts; a plugin is between them.
//! [`demo`] puts all three together in a terminal, and [`proxy`] may stand on the way. [`pairing`] is how
//! the owner of a bot lets people in.

pub mod demo;
pub mod dingtalk;
pub mod host;
pub mod pairing;
pub mod proxy;
