//! Whom one talks with, and the key of the session that is.

use super::{HostError, Origin, Shape};
use host_sdk::{ConversationKind, InboundMessage};
use serde_json::Value;

/// Whom one talks with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer<'a> {
    /// A person or a group.
    pub kind: PeerKind,
    /// The platform's id, in its original case.
    pub id: &'a str,
}

/// A person or a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PeerKind {
    /// A person, in private.
    Direct,
    /// A group.
    Group,
}

/// Which private conversations share a session: `session.dmScope`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DmScope {
    /// All of them, whoever writes: OpenClaw is one person's assistant unless told otherwise.
    #[default]
    Main,
    /// Those with one person, on whichever channel.
    PerPeer,
    /// Those with one person on one channel.
    PerChannelPeer,
    /// None: each account's with each person is its own.
    PerAccountChannelPeer,
}

impl<'a> Peer<'a> {
    /// Who wrote a message in private, or the group that it was written in.
    pub fn of(message: &'a InboundMessage) -> Self {
        match message.conversation.kind {
            ConversationKind::Direct => Self { kind: PeerKind::Direct, id: &message.sender.id },
            _ => Self { kind: PeerKind::Group, id: &message.conversation.id },
        }
    }
}

impl DmScope {
    pub(super) fn read(
        shape: &Shape<'_>,
        written: Option<&Value>,
        at: &str,
    ) -> Result<Option<Self>, HostError> {
        const EXPECTED: &str = "one of main, per-peer, per-channel-peer and per-account-channel-peer";
        let Some(written) = written else { return Ok(None) };
        Ok(Some(match written.as_str() {
            Some("main") => Self::Main,
            Some("per-peer") => Self::PerPeer,
            Some("per-channel-peer") => Self::PerChannelPeer,
            Some("per-account-channel-peer") => Self::PerAccountChannelPeer,
            _ => return Err(shape.wrong(written, at, EXPECTED)),
        }))
    }
}

/// The key of a session: `agent:<agent>:main`, `agent:<agent>:<channel>:group:<id>` and so on.
pub(super) fn key(agent: &str, scope: DmScope, origin: &Origin<'_>) -> String {
    let Origin { account, peer, thread, .. } = origin;
    let (channel, id) = (&account.channel, peer.id);
    let rest = match (peer.kind, scope) {
        (PeerKind::Group, _) => format!("{channel}:group:{id}"),
        (PeerKind::Direct, DmScope::PerPeer) if !id.is_empty() => format!("direct:{id}"),
        (PeerKind::Direct, DmScope::PerChannelPeer) if !id.is_empty() => format!("{channel}:direct:{id}"),
        (PeerKind::Direct, DmScope::PerAccountChannelPeer) if !id.is_empty() => {
            format!("{channel}:{}:direct:{id}", account.account)
        }
        // Also whoever has no id: there is nothing to tell them from others by.
        (PeerKind::Direct, _) => "main".to_owned(),
    };
    let thread = if thread.is_empty() { String::new() } else { format!(":thread:{thread}") };
    format!("agent:{agent}:{rest}{thread}").to_lowercase()
}
