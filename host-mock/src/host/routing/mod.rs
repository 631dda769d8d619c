//! Which agent answers, and in which session: `bindings`, `session` and `agents` of the configuration, as in
//! OpenClaw.

mod binding;
mod session;
#[cfg(test)]
mod tests;

pub use binding::MatchedBy;
pub use session::{DmScope, Peer, PeerKind};

use self::binding::Binding;
use super::{Address, HostError, shape::Shape};
use serde_json::{Map, Value};

/// The agent where the configuration names none.
const MAIN: &str = "main";

/// Who answers which message, and in which session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Routing {
    agents: Vec<String>,
    /// The agent of what no binding matches.
    fallback: String,
    bindings: Vec<Binding>,
    dm_scope: DmScope,
}

/// Where a message comes from, as far as it matters for who answers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin<'a> {
    /// The account that it came to.
    pub account: &'a Address,
    /// Whether that is the account which is meant where none is named.
    pub is_default_account: bool,
    /// Whom it is talked with.
    pub peer: Peer<'a>,
    /// The thread in it; empty if there is none.
    pub thread: &'a str,
}

/// Where a message goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// The agent that answers.
    pub agent: String,
    /// The key of the session that it is part of. In lower case, so that no id can be read off it again.
    pub session: String,
    /// What decided about it.
    pub matched_by: MatchedBy,
}

impl Default for Routing {
    /// One agent, and one session for whoever writes in private.
    fn default() -> Self {
        let agents = Vec::new();
        Self { agents, fallback: MAIN.to_owned(), bindings: Vec::new(), dm_scope: DmScope::Main }
    }
}

impl Routing {
    /// Reads the sections `bindings`, `session` and `agents`.
    pub(super) fn read(shape: &Shape<'_>, root: &Map<String, Value>) -> Result<Self, HostError> {
        let agents = shape.object(root.get("agents").cloned(), "agents")?;
        let session = shape.object(root.get("session").cloned(), "session")?;
        let (agents, fallback) = agent_ids(shape, agents.get("list"))?;
        Ok(Self {
            agents,
            fallback,
            bindings: binding::read(shape, root.get("bindings"))?,
            dm_scope: DmScope::read(shape, session.get("dmScope"), "session.dmScope")?.unwrap_or_default(),
        })
    }

    /// Where a message goes: by the binding that fits most closely, the first of those that fit alike.
    pub fn route(&self, origin: &Origin<'_>) -> Route {
        let fitting = self.bindings.iter().filter_map(|binding| Some((binding.fit(origin)?, binding)));
        // Of equals `max_by_key` takes the last, so they are looked at from the end.
        let best = fitting.rev().max_by_key(|(matched_by, _)| *matched_by);
        let (matched_by, binding) =
            best.map_or((MatchedBy::Default, None), |(by, binding)| (by, Some(binding)));
        let agent = binding.map(|binding| binding.agent()).filter(|agent| self.has_agent(agent));
        let scope = binding.and_then(|binding| binding.dm_scope()).unwrap_or(self.dm_scope);
        let agent = agent.unwrap_or(&self.fallback).to_owned();
        let session = session::key(&agent, scope, origin);
        Route { agent, session, matched_by }
    }

    /// What is written and means nothing: bindings of agents or accounts that there are not, and those that
    /// never decide because an earlier one does. `accounts` are all there are.
    pub(super) fn doubts(&self, accounts: &[Address]) -> Vec<String> {
        let mut doubts = Vec::new();
        for (index, binding) in self.bindings.iter().enumerate() {
            let place = format!("bindings[{index}]");
            if !self.has_agent(binding.agent()) {
                let (agent, fallback) = (binding.agent(), &self.fallback);
                doubts.push(format!("{place}: there is no agent {agent:?}; {fallback:?} answers instead"));
            }
            if let Some(missing) = binding.missing_account(accounts) {
                doubts.push(format!("{place}: there is no account {missing}: it never matches"));
            }
            if let Some(earlier) = self.bindings[..index].iter().position(|other| other.matches_as(binding)) {
                doubts.push(format!("{place} never decides: bindings[{earlier}] matches the same"));
            }
        }
        doubts
    }

    /// Without a list of agents every one may be named.
    fn has_agent(&self, agent: &str) -> bool {
        self.agents.is_empty() || self.agents.iter().any(|known| known == agent)
    }
}

/// All agents, and the one that answers where nothing else is said: the one marked so, or else the first.
fn agent_ids(shape: &Shape<'_>, list: Option<&Value>) -> Result<(Vec<String>, String), HostError> {
    let (mut ids, mut fallback) = (Vec::new(), None);
    for (index, agent) in shape.list(list, "agents.list")?.iter().enumerate() {
        let place = format!("agents.list[{index}]");
        let agent = shape.object(Some(agent.clone()), &place)?;
        let id = shape.text(agent.get("id"), &format!("{place}.id"))?;
        let id = id.to_ascii_lowercase();
        if agent.get("default") == Some(&Value::Bool(true)) {
            fallback.get_or_insert_with(|| id.clone());
        }
        ids.push(id);
    }
    let fallback = fallback.or_else(|| ids.first().cloned()).unwrap_or_else(|| MAIN.to_owned());
    Ok((ids, fallback))
}
