//! Who wrote, and in which groups: what a name or an id in the wrong case stands for.

use host_sdk::{ConversationKind, DirectoryEntry, DirectoryQuery, InboundMessage};
use serde::{Deserialize, Serialize};
use std::{cmp::Reverse, collections::BTreeMap};

/// People remembered; those who were not heard of for the longest time are forgotten first.
const PEOPLE: usize = 2_000;
/// Groups remembered.
const GROUPS: usize = 1_000;
/// A name is remembered up to so many characters.
const NAME: usize = 100;
/// When somebody is heard of again, that alone is worth a write once a day.
const WORTH_A_WRITE_MS: i64 = 24 * 60 * 60 * 1000;

/// One place to write to: a person by staff id, or a group by conversation id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Place {
    /// A person, by staff id.
    Person(String),
    /// A group, by conversation id.
    Group(String),
}

/// The people and groups that one account heard of.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Book {
    people: BTreeMap<String, Person>,
    groups: BTreeMap<String, Group>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Person {
    name: String,
    /// Their private conversation with the robot.
    conversation: String,
    seen_ms: i64,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Group {
    title: String,
    seen_ms: i64,
}

/// What somebody was seen as.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sighting<'a> {
    /// The conversation's id.
    pub(crate) conversation: &'a str,
    /// Direct or group.
    pub(crate) kind: ConversationKind,
    /// The group's title; may be empty.
    pub(crate) title: &'a str,
    /// The person's staff id; empty for people outside the organisation, who cannot be written to first.
    pub(crate) staff_id: &'a str,
    /// What the person is called; may be empty.
    pub(crate) name: &'a str,
}

impl<'a> Sighting<'a> {
    /// Who wrote `message`, and where.
    pub(crate) fn of(message: &'a InboundMessage) -> Self {
        let sender = &message.sender;
        // Beside a staff id stands the encrypted one; without, the encrypted one is the id.
        let has_staff_id = sender.other_ids.iter().any(|other| other.kind == "senderId");
        Self {
            conversation: &message.conversation.id,
            kind: message.conversation.kind,
            title: &message.conversation.title,
            staff_id: if has_staff_id && !sender.is_bot { &sender.id } else { "" },
            name: &sender.name,
        }
    }
}

impl Book {
    /// Takes a sighting at `now_ms` in. `true`: what is new of it is worth a write.
    pub(super) fn saw(&mut self, sighting: Sighting<'_>, now_ms: i64) -> bool {
        let is_group = sighting.kind == ConversationKind::Group;
        let group = is_group && self.saw_group(sighting, now_ms);
        let person = !sighting.staff_id.is_empty() && self.saw_person(sighting, now_ms, is_group);
        group || person
    }

    fn saw_group(&mut self, sighting: Sighting<'_>, now_ms: i64) -> bool {
        let known = self.groups.entry(sighting.conversation.to_owned()).or_default();
        let news = learn(&mut known.title, sighting.title) | later(&mut known.seen_ms, now_ms);
        forget_oldest(&mut self.groups, GROUPS, |group| group.seen_ms);
        news
    }

    fn saw_person(&mut self, sighting: Sighting<'_>, now_ms: i64, is_group: bool) -> bool {
        let known = self.people.entry(sighting.staff_id.to_owned()).or_default();
        let conversation = if is_group { "" } else { sighting.conversation };
        let news = learn(&mut known.name, sighting.name)
            | learn(&mut known.conversation, conversation)
            | later(&mut known.seen_ms, now_ms);
        forget_oldest(&mut self.people, PEOPLE, |person| person.seen_ms);
        news
    }

    /// Takes in what another process has written down.
    pub(super) fn merge(&mut self, other: Self) {
        for (id, theirs) in other.people {
            let ours = self.people.entry(id).or_default();
            if theirs.seen_ms > ours.seen_ms {
                *ours = theirs;
            }
        }
        for (id, theirs) in other.groups {
            let ours = self.groups.entry(id).or_default();
            if theirs.seen_ms > ours.seen_ms {
                *ours = theirs;
            }
        }
        forget_oldest(&mut self.people, PEOPLE, |person| person.seen_ms);
        forget_oldest(&mut self.groups, GROUPS, |group| group.seen_ms);
    }

    /// The places with the id `id`, also that of a private conversation: in its own case, else in any.
    pub(super) fn with_id(&self, id: &str) -> Vec<Place> {
        let exact = self.identified(|known| known == id);
        if exact.is_empty() { self.identified(|known| known.eq_ignore_ascii_case(id)) } else { exact }
    }

    /// The places called `name`: in its own case, else in any.
    pub(super) fn called(&self, name: &str) -> Vec<Place> {
        let exact = self.named(|known| known == name);
        let folded = name.to_lowercase();
        if exact.is_empty() { self.named(|known| known.to_lowercase() == folded) } else { exact }
    }

    /// Whom `query` names; who was heard of last comes first.
    pub(super) fn list(&self, query: &DirectoryQuery) -> Vec<DirectoryEntry> {
        let text = query.text.trim().to_lowercase();
        let is_asked = |entry: &DirectoryEntry| {
            entry.id.to_lowercase().contains(&text) || entry.name.to_lowercase().contains(&text)
        };
        let entry = |id: &String, name: &String, seen_at_ms| DirectoryEntry {
            kind: query.kind,
            id: id.clone(),
            name: name.clone(),
            seen_at_ms,
            ..DirectoryEntry::default()
        };
        let mut entries: Vec<_> = match query.kind {
            ConversationKind::Group => {
                self.groups.iter().map(|(id, known)| entry(id, &known.title, known.seen_ms)).collect()
            }
            _ => self.people.iter().map(|(id, known)| entry(id, &known.name, known.seen_ms)).collect(),
        };
        entries.retain(is_asked);
        entries.sort_by_key(|entry| Reverse(entry.seen_at_ms));
        let limit = if query.limit == 0 { usize::MAX } else { query.limit as usize };
        entries.truncate(limit);
        entries
    }

    /// What `place` is called; empty if that is not known.
    pub(super) fn name_of(&self, place: &Place) -> &str {
        match place {
            Place::Person(id) => self.people.get(id).map_or("", |person| &person.name),
            Place::Group(id) => self.groups.get(id).map_or("", |group| &group.title),
        }
    }

    fn identified(&self, is_it: impl Fn(&str) -> bool) -> Vec<Place> {
        let is_theirs = |(id, person): &(&String, &Person)| is_it(id) || is_it(&person.conversation);
        let people = self.people.iter().filter(is_theirs);
        let groups = self.groups.keys().filter(|id| is_it(id));
        let people = people.map(|(id, _)| Place::Person(id.clone()));
        people.chain(groups.cloned().map(Place::Group)).collect()
    }

    fn named(&self, is_it: impl Fn(&str) -> bool) -> Vec<Place> {
        let people = self.people.iter().filter(|(_, person)| is_it(&person.name));
        let groups = self.groups.iter().filter(|(_, group)| is_it(&group.title));
        let people = people.map(|(id, _)| Place::Person(id.clone()));
        people.chain(groups.map(|(id, _)| Place::Group(id.clone()))).collect()
    }
}

/// Takes a name in, if there is one; whether it is new.
fn learn(known: &mut String, seen: &str) -> bool {
    let seen: String = seen.trim().chars().take(NAME).collect();
    let is_new = !seen.is_empty() && *known != seen;
    if is_new {
        *known = seen;
    }
    is_new
}

/// Takes a time in; whether that is worth a write.
fn later(seen_ms: &mut i64, now_ms: i64) -> bool {
    let is_worth = now_ms.saturating_sub(*seen_ms) >= WORTH_A_WRITE_MS;
    *seen_ms = now_ms.max(*seen_ms);
    is_worth
}

/// Keeps at most `most`; a tenth goes at once, so that a full book is not sorted at every message.
fn forget_oldest<T>(all: &mut BTreeMap<String, T>, most: usize, seen_ms: impl Fn(&T) -> i64) {
    if all.len() <= most {
        return;
    }
    let mut times: Vec<_> = all.values().map(&seen_ms).collect();
    times.sort_unstable_by_key(|&time| Reverse(time));
    let oldest_kept = times[most - most / 10 - 1];
    let mut room = most;
    all.retain(|_, known| {
        let stays = seen_ms(known) >= oldest_kept && room > 0;
        room -= usize::from(stays);
        stays
    });
}

/// Whatever a file says who wrote: it can be taken in and asked, within its bounds.
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) fn any_file(text: &str) {
    let Ok(theirs) = serde_json::from_str::<Book>(text) else { return };
    let known = theirs.people.keys().chain(theirs.groups.keys()).next().cloned();
    let mut book = Book::default();
    book.merge(theirs.clone());
    book.merge(theirs);
    assert!(book.people.len() <= PEOPLE && book.groups.len() <= GROUPS, "a file makes it grow");
    if let Some(id) = known {
        let is_kept = book.people.contains_key(&id) || book.groups.contains_key(&id);
        assert!(!is_kept || !book.with_id(&id).is_empty(), "who is known is not found");
        book.called(&id);
        book.list(&DirectoryQuery { text: id, ..DirectoryQuery::default() });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn direct<'a>(staff_id: &'a str, name: &'a str, conversation: &'a str) -> Sighting<'a> {
        Sighting { conversation, kind: ConversationKind::Direct, title: "", staff_id, name }
    }

    fn group<'a>(conversation: &'a str, title: &'a str, staff_id: &'a str) -> Sighting<'a> {
        Sighting { conversation, kind: ConversationKind::Group, title, staff_id, name: "Lin" }
    }

    fn person(id: &str) -> Place {
        Place::Person(id.into())
    }

    #[test]
    fn an_id_is_found_in_its_own_case_first_and_then_in_any() {
        let mut book = Book::default();
        book.saw(direct("Manager1", "Lin", "cidDm=="), 1);
        book.saw(group("cidAbC==", "Team", ""), 1);
        book.saw(group("cidabC==", "Other team", ""), 1);
        assert_eq!(book.with_id("manager1"), [person("Manager1")]);
        assert_eq!(book.with_id("ciddm=="), [person("Manager1")], "a private conversation is its person");
        assert_eq!(book.with_id("cidAbC=="), [Place::Group("cidAbC==".into())]);
        assert_eq!(book.with_id("cidabc==").len(), 2);
        assert_eq!(book.with_id(""), []);
    }

    #[test]
    fn a_list_has_who_was_heard_of_last_first_and_what_is_asked_for_alone() {
        let mut book = Book::default();
        book.saw(direct("u1", "Lin Na", "cid1"), 1);
        book.saw(direct("u2", "Mo", "cid2"), 2);
        book.saw(group("cidTeam", "Lin's team", ""), 3);
        let listed = |kind, text: &str, limit| {
            let query = DirectoryQuery { kind, text: text.into(), limit, ..DirectoryQuery::default() };
            book.list(&query).into_iter().map(|entry| entry.id).collect::<Vec<_>>()
        };
        assert_eq!(listed(ConversationKind::Direct, "", 0), ["u2", "u1"]);
        assert_eq!(listed(ConversationKind::Direct, "", 1), ["u2"]);
        assert_eq!(listed(ConversationKind::Direct, " LIN ", 0), ["u1"]);
        assert_eq!(listed(ConversationKind::Direct, "U2", 0), ["u2"]);
        assert_eq!(listed(ConversationKind::Group, "team", 0), ["cidTeam"]);
    }

    #[test]
    fn a_name_may_be_shared_and_people_outside_the_organisation_are_not_kept() {
        let mut book = Book::default();
        book.saw(direct("u1", "Lin", "cid1"), 1);
        book.saw(direct("u2", "Lin", "cid2"), 1);
        book.saw(direct("", "Guest", "cid3"), 1);
        assert_eq!(book.called("lin"), [person("u1"), person("u2")]);
        assert_eq!(book.called("Guest"), []);
        assert_eq!(book.called(""), []);
    }

    #[test]
    fn only_news_is_worth_a_write() {
        let mut book = Book::default();
        assert!(book.saw(group("cid1", "Team", "u1"), 1));
        assert!(!book.saw(group("cid1", "Team", "u1"), 2));
        assert!(!book.saw(group("cid1", "", "u1"), 3), "a title that is not told is not forgotten");
        assert!(book.saw(group("cid1", "New team", "u1"), 4));
        assert!(book.saw(group("cid1", "New team", "u1"), 4 + WORTH_A_WRITE_MS));
    }

    #[test]
    fn the_book_is_bounded_and_forgets_the_oldest() {
        let mut book = Book::default();
        for number in 0..=PEOPLE {
            book.saw(direct(&format!("u{number}"), "Lin", "cid"), number as i64);
            book.saw(group(&format!("cid{number}"), "Team", ""), 7); // all at the same time
            assert!(book.people.len() <= PEOPLE && book.groups.len() <= GROUPS);
        }
        assert_eq!(book.with_id("u0"), []);
        assert_eq!(book.with_id(&format!("u{PEOPLE}")).len(), 1);
    }

    #[test]
    fn of_two_processes_the_later_sighting_counts() {
        let (mut ours, mut theirs) = (Book::default(), Book::default());
        ours.saw(direct("u1", "Old", "cid1"), 1);
        theirs.saw(direct("u1", "New", "cid1"), 2);
        theirs.saw(group("cidG", "Team", ""), 2);
        ours.merge(theirs);
        assert_eq!(ours.called("New"), [person("u1")]);
        assert_eq!(ours.called("Team").len(), 1);
    }
}
