//! What an exchange wants done.

use super::{action::Action, intake::Ticket, receipt::Receipt};
use crate::message::card_action::CardAction;
use host_sdk::{InboundMessage, StatusPatch};
use std::sync::Arc;

/// What the driver is to do, in order.
#[derive(Debug)]
pub(super) enum Job {
    /// Something with the connection. [`Action::Report`] is not among it.
    Connection(Action),
    /// Give a message to the host; answer with [`on_answer`](super::exchange::Exchange::on_answer).
    HandOver {
        /// Which attempt it is.
        ticket: Ticket,
        /// The message, which is kept until it is taken.
        message: Arc<InboundMessage>,
        /// How to answer its pushes so far, as soon as the host has taken it.
        receipts: Vec<Receipt>,
    },
    /// Give a card callback to the host; answer with [`on_acted`](super::exchange::Exchange::on_acted).
    Act {
        /// How to answer the push; `None` when it cannot be answered.
        receipt: Option<Receipt>,
        /// What somebody did.
        action: Box<CardAction>,
    },
    /// Tell the host how the connection fares.
    Tell(StatusPatch),
}
