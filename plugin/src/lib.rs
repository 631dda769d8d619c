//! The DingTalk channel.
mod card;
