//! The organisation: apps with their robots, people, groups and direct conversations.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::answer::Refusal;
use super::random::Random;
use super::request::Fields;
use super::world::World;

/// The organisation that every app and person belongs to.
pub(super) const CORP_ID: &str = "dingfakecorp000000000000000000001";

/// An internal app and its robot; the `robotCode` equals the Client ID (DingTalk protocol, §1.2).
#[derive(Debug, Clone)]
pub struct App {
    /// The Client ID, also called AppKey.
    pub client_id: String,
    /// The Client Secret.
    pub client_secret: String,
    /// The robot's name as people see it.
    pub name: String,
    /// The unified app id of frame headers, a UUID.
    pub app_id: String,
    /// The robot's own encrypted id, as in `atUsers`.
    pub chatbot_user_id: String,
    /// The permissions that the app was granted.
    pub scopes: BTreeSet<String>,
}

/// The permissions that the fake checks (DingTalk protocol, §9.6).
pub const SCOPES: [&str; 4] =
    ["qyapi_robot_sendmsg", "qyapi_base", "Card.Instance.Write", "Card.Streaming.Write"];

impl App {
    /// An app with every permission, the other ids derived from its Client ID.
    #[must_use]
    pub fn new(client_id: &str) -> Self {
        let mut random = Random::named(client_id);
        Self {
            client_id: client_id.into(),
            client_secret: format!("fake-secret-{}", random.letters(24)),
            name: "Helper".into(),
            app_id: format!("1a2b3c4d-0000-4000-8000-{}", random.letters(12)),
            chatbot_user_id: format!("$:LWCP_v1:${}==", random.letters(20)),
            scopes: SCOPES.iter().map(ToString::to_string).collect(),
        }
    }
}

impl Default for App {
    fn default() -> Self {
        Self {
            client_secret: "fake-secret-aaaaaaaaaaaaaaaaaaaaaaaa".into(),
            app_id: "1a2b3c4d-0000-4000-8000-fake00000001".into(),
            chatbot_user_id: "$:LWCP_v1:$FakeBotZZZZYYYYXXXX==".into(),
            ..Self::new("dingfakeapp00000001")
        }
    }
}

/// A person of the organisation.
#[derive(Debug, Clone)]
pub struct Person {
    /// The id within the organisation, also called `userId`.
    pub staff_id: String,
    /// The name shown in chats.
    pub nick: String,
    /// The encrypted id of robot messages.
    pub sender_id: String,
    /// The id within the developer's organisation.
    pub union_id: String,
    /// Whether the person administers the organisation.
    pub admin: bool,
    /// Whether the robot's direct messages reach the person.
    pub reach: Reach,
}

/// Whether the robot's direct messages reach a person (DingTalk protocol, §6.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Messages arrive.
    Reachable,
    /// The person is outside the app's visible range and comes back in `invalidStaffIdList`.
    OutOfRange,
    /// The person is throttled and comes back in `flowControlledStaffIdList`.
    FlowControlled,
}

impl Person {
    /// A person whose other ids are derived from the staff id.
    #[must_use]
    pub fn new(staff_id: &str, nick: &str) -> Self {
        let mut random = Random::named(staff_id);
        Self {
            staff_id: staff_id.into(),
            nick: nick.into(),
            sender_id: format!("$:LWCP_v1:${}==", random.letters(20)),
            union_id: format!("u{}iEiE", random.letters(16)),
            admin: false,
            reach: Reach::Reachable,
        }
    }

    /// Lin and Mo, the people of every sample in the DingTalk protocol, §4.
    pub(super) fn default_pair() -> Vec<Self> {
        let (mut lin, mut mo) = (Self::new("user0001", "Lin"), Self::new("user0002", "Mo"));
        lin.sender_id = "$:LWCP_v1:$FakeSenderAAAABBBB==".into();
        lin.union_id = "uFake1".into();
        mo.sender_id = "$:LWCP_v1:$FakeOther11112222==".into();
        mo.union_id = "uFake2".into();
        vec![lin, mo]
    }
}

/// A group conversation; every person may speak in it and every robot is a member.
#[derive(Debug, Clone)]
pub struct Group {
    /// The case-sensitive id, the same as `openConversationId` (DingTalk protocol, §1.2).
    pub conversation_id: String,
    /// The title.
    pub title: String,
}

impl Group {
    /// A group whose id is derived from its title.
    #[must_use]
    pub fn new(title: &str) -> Self {
        let id = Random::named(title).letters(22);
        Self { conversation_id: format!("cid{id}=="), title: title.into() }
    }
}

impl Default for Group {
    fn default() -> Self {
        Self { conversation_id: "cidFakeGroupAAAA1111bbbb2222==".into(), title: "Release crew".into() }
    }
}

/// Who exists, and how they are found.
#[derive(Debug)]
pub(super) struct Directory {
    pub(super) apps: Vec<App>,
    pub(super) people: Vec<Person>,
    pub(super) groups: Vec<Group>,
}

impl Directory {
    pub(super) fn app(&self, client_id: &str) -> Option<&App> {
        self.apps.iter().find(|app| app.client_id == client_id)
    }

    pub(super) fn app_mut(&mut self, client_id: &str) -> Option<&mut App> {
        self.apps.iter_mut().find(|app| app.client_id == client_id)
    }

    /// The app that is meant where none is named.
    pub(super) fn first_app(&self) -> &App {
        self.apps.first().expect("a fake DingTalk is started with at least one app")
    }

    /// A person by staff id; ids are case-sensitive (DingTalk protocol, §1.2).
    pub(super) fn staff(&self, staff_id: &str) -> Option<&Person> {
        self.people.iter().find(|person| person.staff_id == staff_id)
    }

    /// A person by staff id or nick, for the words of a test.
    pub(super) fn person(&self, name: &str) -> Option<&Person> {
        self.staff(name).or_else(|| self.people.iter().find(|person| person.nick == name))
    }

    pub(super) fn group_by_id(&self, conversation_id: &str) -> Option<&Group> {
        self.groups.iter().find(|group| group.conversation_id == conversation_id)
    }

    /// A group by id or title, for the words of a test.
    pub(super) fn group(&self, name: &str) -> Option<&Group> {
        self.group_by_id(name).or_else(|| self.groups.iter().find(|group| group.title == name))
    }

    /// The conversation that a test calls `place`: a group, or a person's chat with the first app.
    pub(super) fn conversation(&self, place: &str) -> Option<String> {
        if let Some(group) = self.group(place) {
            return Some(group.conversation_id.clone());
        }
        if let Some(person) = self.person(place) {
            return Some(direct_conversation(&self.first_app().client_id, &person.staff_id));
        }
        let mut directs = self.apps.iter().flat_map(|app| {
            self.people.iter().map(|person| direct_conversation(&app.client_id, &person.staff_id))
        });
        directs.find(|id| id == place)
    }
}

/// The id of the direct conversation of a person and a robot; it begins with `cid` as a group's does
/// (DingTalk protocol, §1.2).
pub(super) fn direct_conversation(client_id: &str, staff_id: &str) -> String {
    format!("cid{}=", Random::named(&format!("{client_id}/{staff_id}")).letters(24))
}

/// `POST /topapi/v2/user/get` (DingTalk protocol, §9.2).
pub(super) fn user_get(world: &mut World, fields: Fields<'_>) -> Result<Value, Refusal> {
    let staff_id = fields.filled("userid").ok_or_else(|| Refusal::oapi(40035, "缺少参数 userid"))?;
    let person =
        world.directory.staff(staff_id).cloned().ok_or_else(|| Refusal::oapi(60121, "找不到该用户"))?;
    let result = json!({
        "userid": person.staff_id,
        "unionid": person.union_id,
        "name": person.nick,
        "avatar": "",
        "mobile": "",
        "email": "",
        "title": "",
        "dept_id_list": [1],
        "admin": person.admin,
    });
    Ok(json!({"errcode": 0, "errmsg": "ok", "result": result, "request_id": world.request_id()}))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn directory() -> Directory {
        Directory {
            apps: vec![App::default(), App::new("dingfakeapp00000002")],
            people: Person::default_pair(),
            groups: vec![Group::default()],
        }
    }

    #[test]
    fn a_place_is_found_by_person_title_or_id() {
        let directory = directory();
        let lin = directory.conversation("Lin").unwrap();

        assert_eq!(directory.conversation("user0001").as_ref(), Some(&lin));
        assert_eq!(directory.conversation(&lin), Some(lin));
        assert_eq!(directory.conversation("Release crew").unwrap(), "cidFakeGroupAAAA1111bbbb2222==");
        assert_eq!(directory.conversation("nobody"), None);
    }

    #[test]
    fn conversation_ids_are_case_sensitive() {
        assert!(directory().group("cidfakegroupaaaa1111bbbb2222==").is_none());
    }

    #[test]
    fn each_robot_has_its_own_direct_conversation() {
        let first = direct_conversation("dingfakeapp00000001", "user0001");
        let second = direct_conversation("dingfakeapp00000002", "user0001");

        assert_ne!(first, second);
        assert!(first.starts_with("cid") && first.ends_with('='));
    }
}
