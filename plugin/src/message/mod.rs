//! Messages: what DingTalk says becomes facts.
//!
//! [`inbound::decode`] is the way in. What it understands becomes an [`host_sdk::InboundMessage`], what it
//! does not stays in `extra`, and the means to answer become a [`ReplyHandle`].

mod attachment;
mod body;
pub(crate) mod card_action;
mod chat_record;
mod fields;
mod handle;
pub(crate) mod inbound;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod loss;
mod mention;
mod people;
pub(crate) mod quote;
mod reply_handle;
mod rich_text;
mod wire;

pub(crate) use attachment::AttachmentHandle;
pub(crate) use handle::HandleError;
pub(crate) use reply_handle::ReplyHandle;

#[cfg(test)]
pub(crate) mod tests;
