//! A simulated OpenClaw host and a fake DingTalk: for tests, demos and rehearsals of faults.
//!
//! [`host`] knows nothing of DingTalk and [`dingtalk`] nothing of hosts; a plugin is between them.
//! [`demo`] puts all three together in a terminal, and [`proxy`] may stand on the way. [`model`] is for a host
//! that is not simulated: the model that it asks. [`command`] is what people type, [`agent`] who
//! answers them, and [`control`] how a command reaches a host that runs.

pub mod agent;
pub mod command;
pub mod control;
pub mod demo;
pub mod dingtalk;
pub mod host;
pub mod model;
mod private_file;
pub mod proxy;
