//! The DingTalk channel.
