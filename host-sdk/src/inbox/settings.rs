//! What an inbox holds, and for how long.

use std::time::Duration;

/// What an inbox holds, and for how long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// How many messages may be unfinished.
    pub caps: Caps,
    /// For how long the id of a finished message is remembered, so that a late push of it is a
    /// duplicate; 7 days.
    pub remember_for: Duration,
    /// How many ids of finished messages are remembered at most; 20,000, some 2 MB of the file. When
    /// there are more, the oldest is forgotten first, whatever its age.
    pub remember_at_most: u64,
    /// How long the bytes of a finished message may stay in the file; a minute. Then, and whenever the
    /// inbox is opened or closed, the file is written anew without them.
    pub erase_within: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            caps: Caps::default(),
            remember_for: Duration::from_secs(7 * 24 * 60 * 60),
            remember_at_most: 20_000,
            erase_within: Duration::from_secs(60),
        }
    }
}

/// How many messages may be unfinished: accepted, and their turn has not ended. One is always let in.
///
/// A sender's cap below a conversation's, and that below the account's, keep one person from
/// displacing a group, and one group from displacing all others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caps {
    /// Of one sender, in all conversations; 200. What is over it is dropped. A message without a
    /// sender's id counts for its conversation alone.
    pub sender: usize,
    /// In one conversation, its threads included; 1,000. What is over it is dropped.
    pub conversation: usize,
    /// In all; 10,000. What is over it is refused, and may be offered again.
    pub account: usize,
}

impl Default for Caps {
    fn default() -> Self {
        Self { sender: 200, conversation: 1_000, account: 10_000 }
    }
}
