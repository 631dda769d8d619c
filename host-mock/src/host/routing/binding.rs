//! One of `bindings`: an agent for what comes from certain accounts or people.

use super::{DmScope, HostError, Origin, PeerKind, Shape};
use crate::host::Address;
use serde_json::{Map, Value};

/// What decided who answers; the later ones go before the earlier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MatchedBy {
    /// No binding: the default agent answers.
    Default,
    /// A binding for all accounts of the channel.
    Channel,
    /// A binding for the account.
    Account,
    /// A binding for all people, or all groups.
    PeerWildcard,
    /// A binding for the person or the group.
    Peer,
}

/// One of `bindings`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Binding {
    agent: String,
    dm_scope: Option<DmScope>,
    matching: Matching,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Matching {
    channel: String,
    account: Accounts,
    peer: Option<(PeerKind, Peers)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Accounts {
    /// The one that is meant where none is named.
    Default,
    Named(String),
    All,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Peers {
    Named(String),
    All,
}

impl Binding {
    pub(super) fn agent(&self) -> &str {
        &self.agent
    }

    /// Which private conversations share a session, where this binding decides.
    pub(super) fn dm_scope(&self) -> Option<DmScope> {
        self.dm_scope
    }

    /// How closely it fits; `None` if it does not.
    pub(super) fn fit(&self, origin: &Origin<'_>) -> Option<MatchedBy> {
        let Matching { channel, account, peer } = &self.matching;
        if *channel != origin.account.channel {
            return None;
        }
        let by_account = match account {
            Accounts::All => MatchedBy::Channel,
            Accounts::Default if origin.is_default_account => MatchedBy::Account,
            Accounts::Named(id) if *id == origin.account.account => MatchedBy::Account,
            _ => return None,
        };
        match peer {
            None => Some(by_account),
            Some((kind, _)) if *kind != origin.peer.kind => None,
            Some((_, Peers::All)) => Some(MatchedBy::PeerWildcard),
            Some((_, Peers::Named(id))) => (id == origin.peer.id).then_some(MatchedBy::Peer),
        }
    }

    /// Whether both match the same.
    pub(super) fn matches_as(&self, other: &Self) -> bool {
        self.matching == other.matching
    }

    /// The account that it names, if there is no such account.
    pub(super) fn missing_account(&self, accounts: &[Address]) -> Option<Address> {
        let Accounts::Named(id) = &self.matching.account else { return None };
        let named = Address::new(&self.matching.channel, id);
        (!accounts.contains(&named)).then_some(named)
    }
}

/// Reads the section `bindings`.
pub(super) fn read(shape: &Shape<'_>, written: Option<&Value>) -> Result<Vec<Binding>, HostError> {
    let written = shape.list(written, "bindings")?;
    written
        .iter()
        .enumerate()
        .map(|(index, binding)| one(shape, binding, &format!("bindings[{index}]")))
        .collect()
}

fn one(shape: &Shape<'_>, written: &Value, at: &str) -> Result<Binding, HostError> {
    let binding = shape.object(Some(written.clone()), at)?;
    let within = |name: &str| format!("{at}.{name}");
    let matching = shape.object(binding.get("match").cloned(), &within("match"))?;
    let session = shape.object(binding.get("session").cloned(), &within("session"))?;
    Ok(Binding {
        agent: shape.text(binding.get("agentId"), &within("agentId"))?.to_ascii_lowercase(),
        dm_scope: DmScope::read(shape, session.get("dmScope"), &within("session.dmScope"))?,
        matching: matching_of(shape, &matching, &within("match"))?,
    })
}

fn matching_of(shape: &Shape<'_>, written: &Map<String, Value>, at: &str) -> Result<Matching, HostError> {
    let within = |name: &str| format!("{at}.{name}");
    let account = match written.get("accountId") {
        None | Some(Value::Null) => Accounts::Default,
        account => match shape.text(account, &within("accountId"))? {
            "" => Accounts::Default,
            "*" => Accounts::All,
            id => Accounts::Named(id.to_owned()),
        },
    };
    let peer = match written.get("peer") {
        None | Some(Value::Null) => None,
        peer => Some(peer_of(shape, &shape.object(peer.cloned(), &within("peer"))?, &within("peer"))?),
    };
    Ok(Matching {
        channel: shape.text(written.get("channel"), &within("channel"))?.to_owned(),
        account,
        peer,
    })
}

fn peer_of(
    shape: &Shape<'_>,
    written: &Map<String, Value>,
    at: &str,
) -> Result<(PeerKind, Peers), HostError> {
    let kind = written.get("kind").unwrap_or(&Value::Null);
    let kind = match kind.as_str() {
        // The word of older configurations.
        Some("direct" | "dm") => PeerKind::Direct,
        Some("group" | "channel") => PeerKind::Group,
        _ => return Err(shape.wrong(kind, &format!("{at}.kind"), "direct or group")),
    };
    let id = match shape.text(written.get("id"), &format!("{at}.id"))? {
        "*" => Peers::All,
        id => Peers::Named(id.to_owned()),
    };
    Ok((kind, id))
}
