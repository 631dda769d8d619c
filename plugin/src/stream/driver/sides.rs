//! Who the driver stands between.

use crate::{
    api::gateway::Invitation,
    error::Result,
    message::card_action::{CardAction, Shown},
    stream::{socket::Socket, turnstile::Turn},
};
use host_sdk::{Accepted, InboundMessage, StatusPatch};

/// The way to DingTalk.
pub(crate) trait Transport: Send + Sync + 'static {
    /// Waits until it is this account's turn to ask for an invitation.
    fn turn(&self) -> impl Future<Output = Turn> + Send;

    /// Asks for an invitation.
    fn open(&self) -> impl Future<Output = Result<Invitation>> + Send;

    /// Connects.
    fn dial(&self, invitation: Invitation) -> impl Future<Output = Result<Socket>> + Send;
}

/// Who takes what arrives.
pub(crate) trait Inlet: Send + Sync + 'static {
    /// Takes a message durably and calls `answered`, which answers the push, before it does
    /// anything else about the message.
    fn receive(&self, message: InboundMessage, answered: impl FnOnce(Accepted) + Send + 'static);

    /// Acts on a card callback. The answer is what the card shows now.
    fn card_action(&self, action: CardAction) -> impl Future<Output = Option<Shown>> + Send;

    /// Lets a card show what came too late to be the answer to its callback.
    fn show(&self, shown: Shown) -> impl Future<Output = ()> + Send;

    /// Hears how the connection fares. Must not block.
    fn status(&self, patch: StatusPatch);
}
