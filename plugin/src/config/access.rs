//! Who may talk: hosts decide it, from the settings that [`resolve`](super::resolve) gives. Here is how ids are
//! written in lists, and what of the rules is hardly meant.

use super::{
    account::Options,
    accounts::Section,
    diagnosis::{Diagnosis, at},
    read::Checked,
    sentences, suggest,
};

use crate::{bilingual::Said, spelling};
use serde_json::{Value, json};

/// What people write before ids: the channel's names among peers, and the kinds of targets.
const PREFIXES: [&str; 5] = {
    let [dingtalk, dd, ding] = spelling::CHANNELS;
    [dingtalk, dd, ding, "user:", "group:"]
};
/// What ids of groups begin with (DingTalk protocol, §1.2).
const GROUP: &str = "cid";

/// What may be said of a group; all but the first three is read by hosts alone.
const OF_GROUPS: [&str; 8] = [
    "enabled",
    "requireMention",
    "allowFrom",
    "systemPrompt",
    "skills",
    "tools",
    "toolsBySender",
    "groupSessionScope",
];

/// How ids are written in lists, for hosts: `extra` of the plugin's description.
pub(crate) fn notation() -> Value {
    json!({"ids": {"prefixes": PREFIXES, "groupMarks": [GROUP]}})
}

/// Finds rules that are legal but seldom meant.
pub(super) fn examine(section: &Section, id: &str, checked: &Checked, found: &mut Diagnosis) {
    let rules = Written { section, id, checked };
    rules.of_private_chats(found);
    rules.of_groups(found);
    rules.of_single_groups(found);
}

/// The rules of one account.
struct Written<'a> {
    section: &'a Section,
    id: &'a str,
    checked: &'a Checked,
}

impl Written<'_> {
    fn of_private_chats(&self, found: &mut Diagnosis) {
        let entries = self.entries("allowFrom");
        match self.word("dmPolicy").as_str() {
            "open" if !entries.is_empty() && !entries.contains(&"*") => {
                found.warn(self.path("dmPolicy"), sentences::OPEN_WITH_LIST, sentences::ALLOWLIST_OR_EVERYONE)
            }
            "allowlist" if entries.is_empty() => {
                found.warn(self.path("allowFrom"), sentences::ALLOWLIST_OF_NOBODY, sentences::LIST_PEOPLE)
            }
            "open" if entries.is_empty() && self.checked.contains_key("allowFrom") => {
                found.warn(self.path("allowFrom"), sentences::EMPTY_LIST, sentences::EVERYONE_OR_PEOPLE)
            }
            _ => {}
        }
        if entries.iter().any(|entry| entry.starts_with(GROUP)) {
            found.warn(self.path("allowFrom"), sentences::GROUP_AMONG_PEOPLE, sentences::MOVE_GROUP);
        }
    }

    fn of_groups(&self, found: &mut Diagnosis) {
        let entries = self.entries("groupAllowFrom");
        let has_groups = match self.checked.get("groups") {
            Some(Value::Object(groups)) => !groups.is_empty(),
            Some(Value::Array(groups)) => !groups.is_empty(),
            _ => false,
        };
        match self.word("groupPolicy").as_str() {
            "allowlist" if entries.is_empty() && !has_groups => {
                found.warn(self.path("groupAllowFrom"), sentences::NO_GROUPS, sentences::LIST_GROUPS)
            }
            "allowlist" if entries.is_empty() && self.checked.contains_key("groupAllowFrom") => found.warn(
                self.path("groupAllowFrom"),
                sentences::EMPTY_GROUP_LIST,
                sentences::EVERYONE_IN_GROUPS,
            ),
            "open" if !entries.is_empty() => found.warn(
                self.path("groupAllowFrom"),
                sentences::OPEN_GROUPS,
                sentences::ALLOWLIST_OF_GROUPS,
            ),
            _ => {}
        }
    }

    fn of_single_groups(&self, found: &mut Diagnosis) {
        let path = self.path("groups");
        match self.checked.get("groups") {
            // A list of ids is as good as an object that says nothing more of them.
            None | Some(Value::Array(_)) => {}
            Some(Value::Object(groups)) => {
                (groups.iter()).for_each(|(group, written)| examine_group(&at(&path, group), written, found))
            }
            Some(other) => {
                let told = [sentences::GROUPS, sentences::IGNORED];
                found.wrong_type(path, other, told, sentences::WRITE_GROUPS);
            }
        }
    }

    fn entries(&self, option: &str) -> Vec<&str> {
        let list = self.checked.get(option).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        list.iter().filter_map(Value::as_str).map(bare).collect()
    }

    fn word(&self, option: &str) -> String {
        Options(self.checked).text(option).unwrap_or_default().into_owned()
    }

    fn path(&self, option: &str) -> String {
        self.section.path_of(self.id, option)
    }
}

/// The fields of one group that decide who may talk; the others are the host's own.
fn examine_group(path: &str, written: &Value, found: &mut Diagnosis) {
    let Some(fields) = written.as_object() else {
        if !written.is_boolean() {
            let told = [sentences::OBJECT, sentences::GROUP_UNTOLD];
            found.wrong_type(path, written, told, sentences::WRITE_AN_OBJECT);
        }
        return;
    };
    for name in fields.keys().filter(|name| !OF_GROUPS.contains(&name.as_str())) {
        let suggestion = match suggest::nearest(name, OF_GROUPS) {
            Some(name) => suggest::meant(name),
            None => sentences::REMOVE_UNLESS_KNOWN.into(),
        };
        found.warn(at(path, name), sentences::NO_OPTION_OF_GROUPS, suggestion);
    }
    for (name, meant) in [("enabled", sentences::GROUP_OFF), ("requireMention", sentences::MENTION_REQUIRED)]
    {
        let odd = fields.get(name).filter(|value| !value.is_boolean() && !value.is_null());
        if let Some(odd) = odd {
            let suggestion = Said::new(sentences::WRITE, &[sentences::TRUE_OR_FALSE]);
            found.wrong_type(at(path, name), odd, [sentences::TRUE_OR_FALSE, meant], suggestion);
        }
    }
    let names_nobody = match fields.get("allowFrom") {
        None | Some(Value::Null | Value::String(_) | Value::Number(_)) => false,
        Some(list) => list.as_array().is_none_or(Vec::is_empty),
    };
    if names_nobody {
        found.warn(at(path, "allowFrom"), sentences::NOBODY_IN_GROUP, sentences::WRITE_STAFF_IDS);
    }
}

/// An entry without what may stand before an id, in whatever case.
pub(super) fn bare(entry: &str) -> &str {
    spelling::without(entry, &PREFIXES)
}
