//! A list of who is meant.

use super::Notation;
use crate::value::Sender;
use serde_json::Value;
use std::collections::BTreeSet;

/// Everyone.
const EVERYONE: &str = "*";

/// A list such as `allowFrom`: people, and groups, by their ids, or everyone.
///
/// A person is meant by any of their ids, exactly as it is written: platforms hand out ids that differ in
/// nothing but case. A group is meant also by its id in lower case, which is how hosts write them in keys of
/// sessions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct List {
    everyone: bool,
    people: BTreeSet<String>,
    groups: BTreeSet<String>,
}

/// How a list means somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named {
    /// By an id of theirs.
    Personally,
    /// It means everyone.
    WithEveryone,
    /// Not: though it has an id that differs in case alone.
    InOtherCase,
    /// Not.
    No,
}

impl List {
    /// Reads a list, or a single entry. What is no text and no number is nobody.
    pub(super) fn read(written: &Value, notation: &Notation) -> Self {
        let mut list = Self::default();
        match written {
            Value::Array(entries) => entries.iter().for_each(|entry| list.take(entry, notation)),
            single => list.take(single, notation),
        }
        list
    }

    fn take(&mut self, entry: &Value, notation: &Notation) {
        let entry = match entry {
            Value::String(entry) => entry.clone(),
            Value::Number(entry) => entry.to_string(),
            _ => return,
        };
        match notation.id(&entry) {
            "" => {}
            EVERYONE => self.everyone = true,
            id if notation.is_group(id) => drop(self.groups.insert(id.to_owned())),
            id => drop(self.people.insert(id.to_owned())),
        }
    }

    /// Whether it names nobody at all.
    pub fn is_empty(&self) -> bool {
        !self.everyone && self.people.is_empty() && self.groups.is_empty()
    }

    /// Whether it names groups, and neither people nor everyone.
    pub fn has_groups_alone(&self) -> bool {
        !self.groups.is_empty() && !self.everyone && self.people.is_empty()
    }

    /// Whether it names groups.
    pub fn has_groups(&self) -> bool {
        !self.groups.is_empty()
    }

    /// How it means a person.
    pub fn means(&self, sender: &Sender) -> Named {
        if ids(sender).any(|id| self.people.contains(id)) {
            return Named::Personally;
        }
        if self.everyone {
            return Named::WithEveryone;
        }
        let in_other_case = |id: &str| self.people.iter().any(|entry| entry.eq_ignore_ascii_case(id));
        if ids(sender).any(in_other_case) { Named::InOtherCase } else { Named::No }
    }

    /// Whether it names a group by its id; `*` does not count.
    pub fn has_group(&self, id: &str) -> bool {
        self.groups.contains(id) || self.groups.contains(&id.to_ascii_lowercase())
    }
}

/// All ids of a person.
pub(super) fn ids(sender: &Sender) -> impl Iterator<Item = &str> {
    let others = sender.other_ids.iter().map(|other| other.id.as_str());
    std::iter::once(sender.id.as_str()).chain(others).filter(|id| !id.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Identity;
    use serde_json::json;

    fn notation() -> Notation {
        Notation { prefixes: vec!["chat:".into()], group_marks: vec!["room-".into()] }
    }

    fn person(id: &str, other: &str) -> Sender {
        let other = Identity { kind: "other".into(), id: other.into() };
        Sender { id: id.into(), other_ids: vec![other], ..Sender::default() }
    }

    #[test]
    fn a_person_is_meant_by_any_of_their_ids_and_in_their_case() {
        let list = List::read(&json!(["lin", 17]), &notation());
        for (id, other, named) in [
            ("lin", "", Named::Personally),
            ("x", "lin", Named::Personally),
            ("17", "", Named::Personally),
            ("Lin", "", Named::InOtherCase),
            ("mo", "", Named::No),
            ("", "", Named::No),
        ] {
            assert_eq!(list.means(&person(id, other)), named, "{id}/{other}");
        }
    }

    #[test]
    fn a_star_means_everyone_whatever_stands_before_it() {
        for written in [json!("*"), json!([" chat:* "]), json!(["lin", "*"])] {
            let list = List::read(&written, &notation());
            assert_eq!(list.means(&person("mo", "")), Named::WithEveryone, "{written}");
        }
        assert_eq!(
            List::read(&json!(["lin", "*"]), &notation()).means(&person("lin", "")),
            Named::Personally
        );
    }

    #[test]
    fn somebody_whose_id_is_a_star_is_not_everyone() {
        let list = List::read(&json!(["lin"]), &notation());
        assert_eq!(list.means(&person("*", "")), Named::No);
    }

    #[test]
    fn a_group_is_meant_by_its_id_and_by_that_in_lower_case() {
        let list = List::read(&json!(["room-AbC", "room-def", "lin"]), &notation());
        for (id, meant) in [("room-AbC", true), ("room-abc", false), ("room-DeF", true), ("lin", false)] {
            assert_eq!(list.has_group(id), meant, "{id}");
        }
        assert!(list.has_groups() && !list.has_groups_alone());
    }

    #[test]
    fn what_cannot_be_an_id_is_nobody() {
        for written in [json!(null), json!({}), json!([true, null, {}, [], "", "chat:"])] {
            assert!(List::read(&written, &notation()).is_empty(), "{written}");
        }
    }
}
