//! What an inbox tells its host.

use super::Waiting;
use crate::value::{Accepted, InboundMessage, LogLevel};
use std::sync::Arc;

/// What an inbox tells its host, on the threads of its [`Writers`](super::Writers): no method may
/// block, each keeps others waiting. A panic is caught.
pub trait Listener: Send + Sync + 'static {
    /// A message was accepted and waits to be worked on. Those of one inbox come in the order in
    /// which they were offered.
    fn waiting(&self, message: Arc<Waiting>);

    /// A message is about to be answered; if the answer is [`New`](Accepted::New) it is on disk.
    fn answering(&self, _message: &Arc<InboundMessage>, _answer: Accepted) {}

    /// The first of a flood was dropped: tell whoever wrote it, with the notice `flooded`. Called once
    /// until half of what the cap allows has been worked off.
    fn flooded(&self, _message: &InboundMessage) {}

    /// Something that whoever runs the host should know, with what to do where there is something.
    fn log(&self, _level: LogLevel, _sentence: String) {}
}
