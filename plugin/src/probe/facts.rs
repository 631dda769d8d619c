//! What is found out of an account, before anything is made of it.

use crate::{
    budget::Standing,
    error::{Error, Result},
};
use std::{path::PathBuf, time::Duration};

/// What was found out.
#[derive(Debug)]
pub(super) struct Facts {
    /// How each host of DingTalk's is reached.
    pub(super) hosts: Vec<HostFacts>,
    /// Why no way to them can be told: a proxy that cannot be used.
    pub(super) way: Result<()>,
    pub(super) token: Asked,
    /// How long DingTalk wants to be asked for none.
    pub(super) closed_for: Duration,
    pub(super) invitation: Asked,
    pub(super) robot: Asked,
    /// Cards, where they are wanted.
    pub(super) cards: Option<CardFacts>,
    /// By how much DingTalk's clock is ahead of ours, in milliseconds.
    pub(super) ahead_ms: Option<i64>,
    pub(super) folder: Folder,
    /// Bytes that are free where files and state are kept.
    pub(super) free: Option<u64>,
    pub(super) quota: Option<Standing>,
    /// Another account of this configuration that has the same Client ID.
    pub(super) rival: Option<String>,
    /// Whether messages, and events, came through the Stream connection of this process.
    pub(super) heard: Heard,
    /// Whose permissions they are.
    pub(super) client_id: String,
}

/// What a call came to.
#[derive(Debug)]
pub(super) enum Asked {
    Fine,
    Failed(Error),
    /// It was not made, for it could not succeed.
    Not,
    /// It was given up.
    Late,
}

/// A host of DingTalk's.
#[derive(Debug)]
pub(super) struct HostFacts {
    pub(super) name: String,
    /// The proxy that it is reached through.
    pub(super) proxy: Option<String>,
    pub(super) encrypted: bool,
    pub(super) loopback: bool,
    pub(super) addresses: Addresses,
}

/// What a name comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Addresses {
    /// It is one itself.
    Literal,
    /// The proxy knows.
    AtProxy,
    /// So many of each kind.
    Found { v4: usize, v6: usize },
    /// None.
    None,
}

/// What was found out about cards.
#[derive(Debug)]
pub(super) struct CardFacts {
    pub(super) create: Asked,
    pub(super) streaming: Asked,
}

/// Where files that people send are kept.
#[derive(Debug)]
pub(super) enum Folder {
    /// None are.
    Off,
    Writable(PathBuf),
    Unusable(PathBuf, String),
}

/// What came through the Stream connection of this process.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Heard {
    pub(super) messages: bool,
    pub(super) events: bool,
}

impl Asked {
    /// The failure, if it came to one.
    pub(super) fn error(&self) -> Option<&Error> {
        if let Self::Failed(error) = self { Some(error) } else { None }
    }

    /// Whether a request was made.
    pub(super) fn was_sent(&self) -> bool {
        !matches!(self, Self::Not)
    }

    /// What became of it within its time.
    pub(super) fn of(outcome: Result<Result<()>, tokio::time::error::Elapsed>) -> Self {
        match outcome {
            Ok(Ok(())) => Self::Fine,
            Ok(Err(error)) => Self::Failed(error),
            Err(_) => Self::Late,
        }
    }
}

/// By how much two clocks may differ before it is worth a word, and before something fails.
pub(super) const CLOCK: [Duration; 2] = [Duration::from_secs(30), Duration::from_secs(300)];
