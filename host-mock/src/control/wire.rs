//! What crosses between a command and a host that runs.

use crate::host::Snapshot;
use host_sdk::Report;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// How a host is reached; readable by its owner alone.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Card {
    pub(super) address: std::net::SocketAddr,
    pub(super) word: String,
    pub(super) pid: u32,
}

/// How all accounts are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Health {
    /// Those that the configuration knows.
    pub accounts: Snapshot,
    /// What those found that run and were asked to examine themselves.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub probes: Vec<AccountProbe>,
}

/// What an account found that examined itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AccountProbe {
    /// Which, as in `dingtalk/default`.
    pub account: String,
    /// What it found; a failure to look is a failed check.
    pub report: Report,
}

/// A message that somebody wants sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sending {
    /// The account, as in `dingtalk/default`.
    pub account: String,
    /// Where to, as the channel's users write it.
    pub target: String,
    /// Markdown.
    pub text: String,
    /// Files, by their whole paths.
    pub files: Vec<PathBuf>,
    /// Whether sound goes as a voice message.
    pub as_voice: bool,
}

/// Why something was not done.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Refusal {
    pub(super) error: String,
}
