//! Who is there, and which chats they have.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::entry::{self, Entry};
use super::refusal::Refusal;
use crate::dingtalk::{App, DingTalk, Group, Person, View};

/// How many people, and how many groups, there may be.
const MOST: usize = 1_000;

/// The longest name, in characters.
const LONGEST: usize = 64;

/// A place where people and robots talk.
pub(super) enum Chat<'a> {
    Direct { app: &'a App, person: &'a Person },
    Group(&'a Group),
}

impl<'a> Chat<'a> {
    /// The chat with this conversation id.
    pub(super) fn find(view: View<'a>, id: &str) -> Result<Self, Refusal> {
        if let Some(group) = view.groups().iter().find(|group| group.conversation_id == id) {
            return Ok(Self::Group(group));
        }
        directs(view)
            .find(|(app, person)| direct_id(app, person) == id)
            .map(|(app, person)| Self::Direct { app, person })
            .ok_or_else(|| Refusal::unknown("unknown_chat", format!("there is no chat with the id {id:?}")))
    }
}

fn direct_id(app: &App, person: &Person) -> String {
    DingTalk::direct_conversation(&app.client_id, &person.staff_id)
}

fn directs(view: View<'_>) -> impl Iterator<Item = (&App, &Person)> {
    view.apps().iter().flat_map(move |app| view.people().iter().map(move |person| (app, person)))
}

/// Everything that a page starts from.
pub(super) fn state(view: View<'_>, base_url: &str) -> Value {
    let apps = view.apps().iter().map(|app| {
        json!({"clientId": app.client_id, "clientSecret": app.client_secret, "name": app.name,
            "robotCode": app.client_id, "scopes": app.scopes})
    });
    let people = view
        .people()
        .iter()
        .map(|person| json!({"staffId": person.staff_id, "nick": person.nick, "admin": person.admin}));
    let groups = view.groups().iter().map(|group| json!({"id": group.conversation_id, "title": group.title}));
    json!({
        "baseUrl": base_url,
        "apps": apps.collect::<Vec<_>>(),
        "people": people.collect::<Vec<_>>(),
        "groups": groups.collect::<Vec<_>>(),
        "chats": chats(view),
        "connections": connections(view),
        "scannable": view.scannable().map(|it| it.user_code.as_str()).collect::<Vec<_>>(),
        "violations": view.violations().len(),
    })
}

/// The open Stream connections.
pub(super) fn connections(view: View<'_>) -> Vec<Value> {
    let open = view.connections().filter(|connection| connection.closed.is_none());
    let shown = open.map(|connection| {
        json!({"id": connection.id.0, "app": connection.app, "userAgent": connection.user_agent,
            "draining": connection.draining.is_some(), "zombie": connection.zombie})
    });
    shown.collect()
}

/// Every chat, with what was said last in it.
fn chats(view: View<'_>) -> Vec<Value> {
    let mut last: BTreeMap<String, (usize, Entry)> = BTreeMap::new();
    for entry in entry::all(view) {
        let (count, newest) = last.entry(entry.chat.clone()).or_insert_with(|| (0, entry.clone()));
        *count += 1;
        if entry.seq > newest.seq {
            *newest = entry;
        }
    }
    let groups = view
        .groups()
        .iter()
        .map(|group| json!({"id": group.conversation_id, "kind": "group", "title": group.title}));
    let directs = directs(view).map(|(app, person)| {
        json!({"id": direct_id(app, person), "kind": "direct", "title": person.nick,
            "person": person.staff_id, "app": app.client_id})
    });
    let with_last = groups.chain(directs).map(|mut chat| {
        let (count, newest) = match last.get(chat["id"].as_str().unwrap_or_default()) {
            Some((count, newest)) => (*count, newest.clone().json(view)),
            None => (0, Value::Null),
        };
        (chat["count"], chat["last"]) = (json!(count), newest);
        chat
    });
    with_last.collect()
}

/// Lets somebody in.
pub(super) fn add_person(dingtalk: &DingTalk, new: &super::body::NewPerson) -> Result<Value, Refusal> {
    check_name("staffId", &new.staff_id)?;
    check_name("nick", &new.nick)?;
    let (count, taken) = dingtalk.look(|view| {
        let people = view.people();
        (people.len(), people.iter().any(|it| it.staff_id == new.staff_id || it.nick == new.nick))
    });
    check_room(count, taken)?;
    dingtalk.add_person(Person { admin: new.admin, ..Person::new(&new.staff_id, &new.nick) });
    Ok(json!({"staffId": new.staff_id}))
}

/// Opens a group.
pub(super) fn add_group(dingtalk: &DingTalk, new: &super::body::NewGroup) -> Result<Value, Refusal> {
    check_name("title", &new.title)?;
    let mut group = Group::new(&new.title);
    if let Some(id) = &new.id {
        check_name("id", id)?;
        group.conversation_id.clone_from(id);
    }
    let (count, taken) = dingtalk.look(|view| {
        let mut groups = view.groups().iter();
        let taken = groups.any(|it| it.title == group.title || it.conversation_id == group.conversation_id);
        (view.groups().len(), taken)
    });
    check_room(count, taken)?;
    let id = group.conversation_id.clone();
    dingtalk.add_group(group);
    Ok(json!({"id": id}))
}

fn check_name(field: &str, name: &str) -> Result<(), Refusal> {
    let length = name.chars().count();
    if name.trim().is_empty() || length > LONGEST {
        return Err(Refusal::bad("bad_field", format!("`{field}` has 1 to {LONGEST} characters")));
    }
    Ok(())
}

fn check_room(count: usize, taken: bool) -> Result<(), Refusal> {
    if taken {
        return Err(Refusal::conflict("taken", "somebody or something has this name or id already"));
    }
    if count >= MOST {
        return Err(Refusal::conflict(
            "full",
            format!("there are {MOST} already, which is all there may be"),
        ));
    }
    Ok(())
}
