//! The rules of one account, and what they make of a message.

use super::{
    Admission, Denial, DmPolicy, Grounds, GroupPolicy, GroupRules, List, Named, Notation, Silence,
    group::Groups, list::ids,
};
use crate::value::{ConversationKind, InboundMessage, Json, Sender};
use serde_json::Value;

/// Who may talk to one account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Who may write in private.
    pub dm_policy: DmPolicy,
    /// Those who may; `None` where nothing was written.
    pub allow_from: Option<List>,
    /// In which groups the bot answers.
    pub group_policy: GroupPolicy,
    /// Who may write in groups, and groups; `None` where nothing was written.
    pub group_allow_from: Option<List>,
    /// Whether a group that does not say so itself has to mention the bot.
    pub require_mention: bool,
    groups: Groups,
}

impl Default for Rules {
    /// What holds where nothing is said: strangers pair, groups are listed, and mention the bot.
    fn default() -> Self {
        Self::read(&Json::default(), &Notation::default())
    }
}

impl Rules {
    /// Reads the [settings](crate::ResolvedAccount::settings) of a resolved account. What is not there is as
    /// in OpenClaw, and what cannot be read is taken as the strictest that it may have meant: it is for the
    /// plugin's `resolve` to tell people.
    pub fn read(settings: &Json, notation: &Notation) -> Self {
        let settings: Value = settings.parse().unwrap_or_default();
        let list = |name: &str| {
            let written = settings.get(name).filter(|written| !written.is_null())?;
            Some(List::read(written, notation))
        };
        Self {
            dm_policy: DmPolicy::read(&settings["dmPolicy"]),
            allow_from: list("allowFrom"),
            group_policy: GroupPolicy::read(&settings["groupPolicy"]),
            group_allow_from: list("groupAllowFrom"),
            require_mention: settings["requireMention"] != Value::Bool(false),
            groups: Groups::read(&settings["groups"], notation),
        }
    }

    /// What becomes of `message`. `is_paired` tells whom the owner has approved; it is asked at most once,
    /// and only where it matters.
    pub fn judge(&self, message: &InboundMessage, is_paired: impl FnOnce(&Sender) -> bool) -> Admission {
        if message.sender.is_bot {
            return Admission::Ignore(Silence::Bot);
        }
        match message.conversation.kind {
            ConversationKind::Direct => self.in_private(&message.sender, is_paired),
            // One of a kind that has no name yet has more than one person in it, for all we know.
            _ => self.in_group(message, is_paired),
        }
    }

    /// What holds for a group, by its id.
    pub fn group(&self, id: &str) -> GroupRules {
        self.groups.of(id)
    }

    fn in_private(&self, sender: &Sender, is_paired: impl FnOnce(&Sender) -> bool) -> Admission {
        let admit = |grounds| Admission::Admit { command_authorised: true, grounds };
        let named = match (self.dm_policy, &self.allow_from) {
            (DmPolicy::Disabled, _) => return Admission::Ignore(Silence::PrivateOff),
            (DmPolicy::Open, None) => return admit(Grounds::Everyone),
            (_, list) => list.as_ref().map_or(Named::No, |list| list.means(sender)),
        };
        match named {
            Named::Personally => admit(Grounds::Listed),
            Named::WithEveryone => admit(Grounds::Everyone),
            _ if ids(sender).next().is_none() => Admission::Ignore(Silence::Nobody),
            _ if self.dm_policy != DmPolicy::Open && is_paired(sender) => admit(Grounds::Paired),
            _ if self.dm_policy == DmPolicy::Pairing => Admission::Pair,
            Named::InOtherCase => Admission::Deny(Denial::OtherCase),
            Named::No if self.allow_from.as_ref().is_none_or(List::is_empty) => {
                Admission::Deny(Denial::EmptyAllowFrom)
            }
            Named::No => Admission::Deny(Denial::NotInAllowFrom),
        }
    }

    fn in_group(&self, message: &InboundMessage, is_paired: impl FnOnce(&Sender) -> bool) -> Admission {
        let group = self.group(&message.conversation.id);
        if self.group_policy == GroupPolicy::Disabled {
            return Admission::Ignore(Silence::GroupsOff);
        }
        if group.enabled == Some(false) {
            return Admission::Ignore(Silence::GroupOff);
        }
        let is_addressed = message.was_mentioned || !message.can_detect_mention;
        match self.grounds_in_group(message, &group) {
            Ok(_) if !is_addressed && group.require_mention.unwrap_or(self.require_mention) => {
                Admission::Ignore(Silence::NotMentioned)
            }
            Ok(grounds) => {
                let command_authorised = grounds == Grounds::Listed
                    || self.means_personally(&message.sender)
                    || (self.dm_policy != DmPolicy::Open && is_paired(&message.sender));
                Admission::Admit { command_authorised, grounds }
            }
            Err(denial) if is_addressed => Admission::Deny(denial),
            Err(denial) => Admission::Ignore(Silence::NotAddressed(denial)),
        }
    }

    /// Both gates, that of groups and that of people.
    fn grounds_in_group(&self, message: &InboundMessage, group: &GroupRules) -> Result<Grounds, Denial> {
        let shared = match self.group_policy {
            GroupPolicy::Allowlist => {
                self.group_is_listed(&message.conversation.id)?;
                // What names groups alone says nothing of people.
                self.group_allow_from.as_ref().filter(|list| !list.has_groups_alone())
            }
            _ => None,
        };
        let Some(people) = group.allow_from.as_ref().or(shared) else { return Ok(Grounds::Everyone) };
        match people.means(&message.sender) {
            Named::Personally => Ok(Grounds::Listed),
            Named::WithEveryone => Ok(Grounds::Everyone),
            Named::InOtherCase => Err(Denial::OtherCase),
            Named::No if people.is_empty() => Err(Denial::EmptyGroupAllowFrom),
            Named::No => Err(Denial::NotInGroupAllowFrom),
        }
    }

    fn group_is_listed(&self, id: &str) -> Result<(), Denial> {
        let shared = self.group_allow_from.as_ref();
        if self.groups.has(id) || shared.is_some_and(|list| list.has_group(id)) {
            return Ok(());
        }
        match shared {
            _ if !self.groups.is_empty() => Err(Denial::GroupNotListed),
            Some(list) if list.has_groups() => Err(Denial::GroupNotListed),
            // People alone are listed: they may write wherever they are.
            Some(list) if !list.is_empty() => Ok(()),
            _ => Err(Denial::EmptyGroupAllowFrom),
        }
    }

    /// Whether the list of those who may write in private has somebody, by an id of theirs.
    fn means_personally(&self, sender: &Sender) -> bool {
        self.allow_from.as_ref().is_some_and(|list| list.means(sender) == Named::Personally)
    }
}
