//! What the owner wants of a connection.

use std::time::Duration;

/// What differs between accounts. All but the seed may change while the connection stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings {
    /// For the random part of waits; accounts should have different ones.
    pub(crate) seed: u64,
    /// How many live links are kept.
    pub(crate) links: usize,
    /// A link is replaced after this long without a message or card callback. One that answers
    /// pings and delivers nothing cannot be told from a quiet night, so this is also the longest
    /// that such a zombie can swallow messages.
    pub(crate) rotate_after: Duration,
    /// Counts the ways to DingTalk that the account has had: with another one, every link is replaced.
    pub(crate) way: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { seed: 0, links: 1, rotate_after: Duration::from_secs(30 * 60), way: 0 }
    }
}
