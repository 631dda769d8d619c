//! What people do: they write to robots, press buttons on cards, and change the organisation.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use super::DingTalk;
use super::gateway::{CARD_TOPIC, NewPush, PushKind, ROBOT_TOPIC, push};
use super::people::{App, CORP_ID, Group, Person, direct_conversation};
use super::record::Aside;
use super::world::World;

impl DingTalk {
    /// A person writes to the first app's robot; the `msgId`.
    ///
    /// # Panics
    ///
    /// If there is no such person.
    #[track_caller]
    pub fn says(&self, person: &str, text: &str) -> String {
        let mut payload = self.payload(person, None);
        payload["text"] = json!({"content": text});
        self.push(payload)
    }

    /// A person mentions the first app's robot in a group; the `msgId`.
    ///
    /// # Panics
    ///
    /// If there is no such person or group.
    #[track_caller]
    pub fn says_in_group(&self, group: &str, person: &str, text: &str) -> String {
        let mut payload = self.payload(person, Some(group));
        // The mention is taken out and leaves its space behind (DingTalk protocol, §4.1).
        payload["text"] = json!({"content": format!(" {text}")});
        self.push(payload)
    }

    /// A person says something in a group without mentioning a robot: no robot hears it.
    ///
    /// # Panics
    ///
    /// If there is no such person or group.
    #[track_caller]
    pub fn says_aside(&self, group: &str, person: &str, text: &str) {
        let (person, group) = self.look(|view| {
            let (_, person, group) =
                find(view.0, &view.0.directory.first_app().client_id, person, Some(group));
            (person, group.map(|group| group.conversation_id).unwrap_or_default())
        });
        self.shared.with(|world| {
            let said = world.moment();
            let (staff_id, text) = (person.staff_id, text.to_owned());
            world.record.aside(Aside { said, conversation: group, staff_id, text });
        });
    }

    /// A person writes while the organisation's quota is used up: the push arrives without its text
    /// (DingTalk protocol, §4.13); the `msgId`.
    ///
    /// # Panics
    ///
    /// If there is no such person.
    #[track_caller]
    pub fn says_over_quota(&self, person: &str) -> String {
        let mut payload = self.payload(person, None);
        payload["errorCode"] = json!(20001);
        payload["errorMessage"] = json!("message service paused: quota used up");
        self.push(payload)
    }

    /// A person sends the first app's robot a picture; the `msgId`.
    ///
    /// # Panics
    ///
    /// If there is no such person.
    #[track_caller]
    pub fn sends_picture(&self, person: &str, bytes: impl Into<Vec<u8>>) -> String {
        let code = self.offer_file(bytes);
        let mut payload = self.payload(person, None);
        payload["msgtype"] = json!("picture");
        payload["content"] = json!({"downloadCode": code});
        self.push(payload)
    }

    /// A person sends the first app's robot a file; the `msgId`.
    ///
    /// # Panics
    ///
    /// If there is no such person.
    #[track_caller]
    pub fn sends_file(&self, person: &str, name: &str, bytes: impl Into<Vec<u8>>) -> String {
        let code = self.offer_file(bytes);
        let mut payload = self.payload(person, None);
        payload["msgtype"] = json!("file");
        // Ids of the space are strings (DingTalk protocol, §0.1).
        payload["content"] =
            json!({"spaceId": "900000001", "fileId": "800000001", "downloadCode": code, "fileName": name});
        self.push(payload)
    }

    /// Keeps a file for the first app's robot; the `downloadCode` for a payload of one's own.
    pub fn offer_file(&self, bytes: impl Into<Vec<u8>>) -> String {
        let app = self.look(|view| view.0.directory.first_app().client_id.clone());
        self.offer_file_to(&app, bytes)
    }

    /// [`offer_file`](Self::offer_file) for the robot of any app.
    pub fn offer_file_to(&self, client_id: &str, bytes: impl Into<Vec<u8>>) -> String {
        self.shared.with(|world| {
            let code = format!("dc{}+/==", world.random.letters(20));
            world.media.offer(code.clone(), client_id, bytes.into());
            code
        })
    }

    /// The common fields of a message to the first app's robot, with a working `sessionWebhook` (DingTalk
    /// protocol, §4.1): a text message without its text, for [`push`](Self::push) after changes.
    ///
    /// # Panics
    ///
    /// If there is no such person or group.
    #[must_use]
    #[track_caller]
    pub fn payload(&self, person: &str, group: Option<&str>) -> Value {
        let app = self.look(|view| view.0.directory.first_app().client_id.clone());
        self.payload_to(&app, person, group)
    }

    /// [`payload`](Self::payload) for the robot of any app.
    ///
    /// # Panics
    ///
    /// If there is no such app, person or group.
    #[must_use]
    #[track_caller]
    pub fn payload_to(&self, client_id: &str, person: &str, group: Option<&str>) -> Value {
        let (app, person, group) = self.look(|view| find(view.0, client_id, person, group));
        self.shared.with(|world| payload(world, &app, &person, group.as_ref()))
    }

    /// Pushes a robot message as it is; its `msgId`, which is made up if the payload has none.
    ///
    /// It goes to the app of its `robotCode`, the first one if there is none.
    #[track_caller]
    pub fn push(&self, mut payload: Value) -> String {
        self.shared.with(|world| {
            world.settings.quirks.apply_to_message(&mut payload);
            let id = payload.get("msgId").and_then(Value::as_str).map(str::to_owned);
            let id = id.unwrap_or_else(|| format!("msg{}==", world.random.letters(20)));
            let robot = payload.get("robotCode").and_then(Value::as_str);
            let app = robot.unwrap_or(&world.directory.first_app().client_id).to_owned();
            push(world, callback(app, ROBOT_TOPIC, id.clone(), payload));
            id
        })
    }

    /// Pushes something again with a new `messageId` (DingTalk protocol, §2.10 F6).
    ///
    /// # Panics
    ///
    /// If nothing was pushed under this id.
    #[track_caller]
    pub fn push_again(&self, id: &str) {
        let known = self.shared.with(|world| super::gateway::push_again(world, id));
        assert!(known, "the fake DingTalk pushed nothing under {id:?}");
    }

    /// As [`push_again`](Self::push_again) after a while, also if it was acknowledged; users report 3, 16 and
    /// 60 s (DingTalk protocol, §2.6, §2.10 F6).
    ///
    /// # Panics
    ///
    /// If nothing was pushed under this id.
    #[track_caller]
    pub fn push_again_after(&self, id: &str, after: Duration) {
        let known = self.shared.with(|world| super::gateway::push_again_after(world, id, after));
        assert!(known, "the fake DingTalk pushed nothing under {id:?}");
    }

    /// A person presses a button of a card (DingTalk protocol, §8.8); the `outTrackId`, which is the push's id.
    ///
    /// # Panics
    ///
    /// If there is no such person or card.
    #[track_caller]
    pub fn push_card_callback(&self, person: &str, out_track_id: &str, params: Value) -> String {
        let content = json!({"cardPrivateData": {"actionIds": [params["action"]], "params": params}});
        let press = self.look(|view| {
            let (card, person) = (view.card(out_track_id)?.clone(), view.0.directory.person(person)?.clone());
            Some((card, person))
        });
        let (card, person) = press.unwrap_or_else(|| panic!("no {person:?} or no card {out_track_id:?}"));
        let space = card.carriers.first().map(|carrier| carrier.conversation.clone());
        let data = json!({
            "type": "actionCallback", "outTrackId": out_track_id, "corpId": CORP_ID,
            "userId": person.staff_id, "userIdType": 1, "spaceType": "IM", "spaceId": space, "extension": "{}",
            "content": content.to_string(), "value": content.to_string(),
        });
        let app = card.app;
        self.shared.with(|world| push(world, callback(app, CARD_TOPIC, out_track_id.to_owned(), data)));
        out_track_id.to_owned()
    }

    /// Pushes an event of the organisation to the first app (DingTalk protocol, §3); its `eventId`.
    pub fn push_event(&self, event_type: &str, data: Value) -> String {
        self.shared.with(|world| {
            let app = world.directory.first_app().clone();
            let id = format!("ev{}", world.random.letters(30));
            let born = world.clock.epoch_ms(world.clock.now()).to_string();
            let headers = [
                ("eventType", event_type),
                ("eventId", &id),
                ("eventCorpId", CORP_ID),
                ("eventBornTime", &born),
                ("eventUnifiedAppId", &app.app_id),
            ];
            let event_headers = headers.map(|(key, value)| (key.to_owned(), value.to_owned())).into();
            let (kind, topic) = (PushKind::Event, "*".to_owned());
            push(world, NewPush { app: app.client_id, kind, topic, id: id.clone(), data, event_headers });
            id
        })
    }
}

fn callback(app: String, topic: &str, id: String, data: Value) -> NewPush {
    NewPush { app, kind: PushKind::Callback, topic: topic.into(), id, data, event_headers: BTreeMap::new() }
}

#[track_caller]
fn find(world: &World, client_id: &str, person: &str, group: Option<&str>) -> (App, Person, Option<Group>) {
    let directory = &world.directory;
    let app =
        directory.app(client_id).unwrap_or_else(|| panic!("the fake DingTalk has no app {client_id:?}"));
    let who = directory.person(person).unwrap_or_else(|| panic!("the fake DingTalk knows no {person:?}"));
    let group = group.map(|name| {
        directory.group(name).unwrap_or_else(|| panic!("the fake DingTalk has no group {name:?}")).clone()
    });
    (app.clone(), who.clone(), group)
}

/// The common fields in the order of the samples (DingTalk protocol, §4.2, §4.3).
fn payload(world: &mut World, app: &App, person: &Person, group: Option<&Group>) -> Value {
    let conversation = match group {
        Some(group) => group.conversation_id.clone(),
        None => direct_conversation(&app.client_id, &person.staff_id),
    };
    let now = world.clock.now();
    let until = now + world.settings.webhook_life;
    let session = world.webhooks.open(&app.client_id, &conversation, until);
    let mut payload = json!({
        "conversationId": conversation,
        "conversationType": if group.is_some() { "2" } else { "1" },
        "chatbotCorpId": CORP_ID,
        "chatbotUserId": app.chatbot_user_id,
        "robotCode": app.client_id,
        "msgId": format!("msg{}==", world.random.letters(20)),
        "createAt": world.clock.epoch_ms(now),
        "msgtype": "text",
        "senderId": person.sender_id,
        "senderStaffId": person.staff_id,
        "senderUnionId": person.union_id,
        "senderNick": person.nick,
        "senderCorpId": CORP_ID,
        "senderPlatform": "Mac",
        "isAdmin": person.admin,
        "sessionWebhook": world.door.url("http", &format!("/robot/sendBySession?session={session}")),
        "sessionWebhookExpiredTime": world.clock.epoch_ms(until),
    });
    if let Some(group) = group {
        payload["conversationTitle"] = json!(group.title);
        payload["isInAtList"] = json!(true);
        payload["atUsers"] = json!([{"dingtalkId": app.chatbot_user_id}]);
    }
    payload
}
