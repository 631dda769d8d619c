//! What holds for one group: `groups.<id>`, and `groups.*` for what that does not say.

use super::{List, Notation};
use serde_json::Value;
use std::collections::BTreeMap;

/// What holds for one group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupRules {
    /// Whether the bot answers in it at all; it does unless told otherwise.
    pub enabled: Option<bool>,
    /// Whether it has to be mentioned.
    pub require_mention: Option<bool>,
    /// Who may write in it; where this is not said, `groupAllowFrom` says it.
    pub allow_from: Option<List>,
}

/// The setting `groups`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Groups {
    named: BTreeMap<String, GroupRules>,
    every: Option<GroupRules>,
}

impl Groups {
    /// Reads an object by group id, or a list of ids.
    pub(super) fn read(written: &Value, notation: &Notation) -> Self {
        let mut groups = Self::default();
        match written {
            Value::Object(fields) => {
                fields
                    .iter()
                    .for_each(|(id, rules)| groups.take(id, GroupRules::read(rules, notation), notation));
            }
            Value::Array(ids) => (ids.iter().filter_map(Value::as_str))
                .for_each(|id| groups.take(id, GroupRules::default(), notation)),
            _ => {}
        }
        groups
    }

    fn take(&mut self, id: &str, rules: GroupRules, notation: &Notation) {
        match notation.id(id) {
            "" => {}
            "*" => self.every = Some(rules),
            id => drop(self.named.insert(id.to_owned(), rules)),
        }
    }

    /// Whether it names no group at all.
    pub(super) fn is_empty(&self) -> bool {
        self.named.is_empty() && self.every.is_none()
    }

    /// Whether it has a group, by its id or by `*`.
    pub(super) fn has(&self, id: &str) -> bool {
        self.every.is_some() || self.of_its_own(id).is_some()
    }

    /// What it says of a group: the group's own rules, and those of every group where it has none.
    pub(super) fn of(&self, id: &str) -> GroupRules {
        let every = self.every.clone().unwrap_or_default();
        let Some(own) = self.of_its_own(id) else { return every };
        GroupRules {
            enabled: own.enabled.or(every.enabled),
            require_mention: own.require_mention.or(every.require_mention),
            allow_from: own.allow_from.clone().or(every.allow_from),
        }
    }

    fn of_its_own(&self, id: &str) -> Option<&GroupRules> {
        self.named.get(id).or_else(|| self.named.get(&id.to_ascii_lowercase()))
    }
}

impl GroupRules {
    /// Reads one entry. What cannot be read is taken as the stricter of what it may have meant.
    fn read(written: &Value, notation: &Notation) -> Self {
        if let Value::Bool(enabled) = written {
            return Self { enabled: Some(*enabled), ..Self::default() };
        }
        let field = |name: &str| written.get(name).filter(|value| !value.is_null());
        Self {
            enabled: field("enabled").map(|enabled| enabled == &Value::Bool(true)),
            require_mention: field("requireMention").map(|required| required != &Value::Bool(false)),
            allow_from: field("allowFrom").map(|list| List::read(list, notation)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn groups(written: &Value) -> Groups {
        Groups::read(written, &Notation { prefixes: vec!["chat:".into()], ..Notation::default() })
    }

    #[test]
    fn a_group_takes_from_every_group_what_it_does_not_say_itself() {
        let groups = groups(&json!({
            "*": {"requireMention": false, "enabled": true},
            "chat:room-A": {"enabled": false},
            "room-B": {"requireMention": true, "allowFrom": []},
        }));
        let off = groups.of("room-A");
        assert_eq!((off.enabled, off.require_mention), (Some(false), Some(false)));
        let quiet = groups.of("room-B");
        assert_eq!((quiet.enabled, quiet.require_mention), (Some(true), Some(true)));
        assert!(quiet.allow_from.unwrap().is_empty());
        assert_eq!(groups.of("room-C").require_mention, Some(false));
    }

    #[test]
    fn a_group_is_found_also_by_its_id_in_lower_case() {
        let groups = groups(&json!({"room-abc": {"enabled": false}}));
        assert!(groups.has("room-AbC"));
        assert_eq!(groups.of("room-AbC").enabled, Some(false));
    }

    #[test]
    fn a_list_of_ids_names_groups_and_says_nothing_else_of_them() {
        let groups = groups(&json!(["room-A", 1, null]));
        assert!(groups.has("room-A") && !groups.has("1"));
        assert_eq!(groups.of("room-A"), GroupRules::default());
    }

    #[test]
    fn what_cannot_be_read_is_taken_strictly() {
        let group =
            groups(&json!({"a": {"enabled": "yes", "requireMention": "no", "allowFrom": {}}})).of("a");
        assert_eq!((group.enabled, group.require_mention), (Some(false), Some(true)));
        assert!(group.allow_from.unwrap().is_empty());
        assert_eq!(groups(&json!({"a": false})).of("a").enabled, Some(false));
        assert!(groups(&json!("a")).is_empty());
    }
}
