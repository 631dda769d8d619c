//! How accounts are told apart.

use std::fmt;

/// One account of one channel, shown as `dingtalk/default`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    /// The channel's id.
    pub channel: String,
    /// The account's id.
    pub account: String,
}

impl Address {
    /// The account `account` of the channel `channel`.
    pub fn new(channel: impl Into<String>, account: impl Into<String>) -> Self {
        Self { channel: channel.into(), account: account.into() }
    }

    /// Whether `name` means this account: `dingtalk/default`, or `default` alone.
    pub fn is_called(&self, name: &str) -> bool {
        name == self.account || name == self.to_string()
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.channel, self.account)
    }
}
