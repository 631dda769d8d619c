//! Messages that a robot sends on its own, their recall, and emotions (DingTalk protocol, §6, §9.1).

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::answer::Refusal;
use super::people::{Directory, Reach, direct_conversation};
use super::record::{Changed, Message, Reaction, Via};
use super::request::{Fields, Request};
use super::violation::Rule;
use super::world::World;

/// People one `batchSend` reaches at most (DingTalk protocol, §6.1).
const MAX_USERS: usize = 20;

/// The largest `msgParam` in bytes (DingTalk protocol, §6.2, §13.3).
const MAX_PARAM: usize = 15_000;

/// Keys that one recall takes (DingTalk protocol, §6.5).
const MAX_RECALLS: usize = 20;

/// How long a direct message can be recalled (DingTalk protocol, §6.5).
const RECALL_LIFE: Duration = Duration::from_secs(24 * 3600);

/// `POST /v1.0/robot/oToMessages/batchSend`: HTTP 200 does not mean delivered (DingTalk protocol, §6.1).
pub(super) fn batch_send(world: &mut World, app: &str, fields: Fields<'_>) -> Result<Value, Refusal> {
    own_robot(world, app, fields)?;
    let users = fields.texts("userIds").unwrap_or_default();
    if users.is_empty() {
        return Err(Refusal::bad("invalidParameter.userIds.empty"));
    }
    if users.len() > MAX_USERS {
        return Err(Refusal::bad("invalidParameter.userIds.overMax"));
    }
    let (kind, content) = template(fields)?;
    uploaded(world, kind, &content)?;
    let audience = Audience::of(&world.directory, &users);
    let process_query_key = world.process_query_key();
    for user in audience.reached {
        let conversation = direct_conversation(app, user);
        send(world, app, conversation, (kind, content.clone()), &process_query_key);
    }
    Ok(json!({
        "processQueryKey": process_query_key,
        "invalidStaffIdList": audience.invalid,
        "flowControlledStaffIdList": audience.flow_controlled,
    }))
}

/// Who of the people named a direct message reaches (DingTalk protocol, §6.1).
#[derive(Debug, Default, PartialEq)]
struct Audience<'a> {
    reached: Vec<&'a str>,
    invalid: Vec<&'a str>,
    flow_controlled: Vec<&'a str>,
}

impl<'a> Audience<'a> {
    fn of(directory: &Directory, users: &[&'a str]) -> Self {
        let mut audience = Self::default();
        for user in users {
            match directory.staff(user).map(|person| person.reach) {
                Some(Reach::Reachable) => audience.reached.push(user),
                Some(Reach::FlowControlled) => audience.flow_controlled.push(user),
                Some(Reach::OutOfRange) | None => audience.invalid.push(user),
            }
        }
        audience
    }
}

/// `POST /v1.0/robot/groupMessages/send` (DingTalk protocol, §6.2).
pub(super) fn group_send(world: &mut World, app: &str, fields: Fields<'_>) -> Result<Value, Refusal> {
    own_robot(world, app, fields)?;
    let conversation = open_conversation(world, fields)?;
    let (kind, content) = template(fields)?;
    uploaded(world, kind, &content)?;
    let process_query_key = world.process_query_key();
    send(world, app, conversation, (kind, content), &process_query_key);
    Ok(json!({"processQueryKey": process_query_key}))
}

/// A group by its id; a direct conversation's id begins with `cid` too, but is none (DingTalk protocol, §6.2).
fn open_conversation(world: &World, fields: Fields<'_>) -> Result<String, Refusal> {
    let id = fields.filled("openConversationId").ok_or_else(|| Refusal::bad("miss.openConversationId"))?;
    let group = world.directory.group_by_id(id).ok_or_else(|| Refusal::bad("invalid.openConversationId"))?;
    Ok(group.conversation_id.clone())
}

fn send(world: &mut World, app: &str, conversation: String, (kind, content): (&str, Value), key: &str) {
    let message = Message {
        sent: world.moment(),
        via: Via::Robot,
        app: app.to_owned(),
        conversation,
        kind: kind.to_owned(),
        content,
        at_user_ids: Vec::new(),
        process_query_key: key.to_owned(),
        recalled: None,
    };
    world.record.message(message);
}

/// Checks that `robotCode` is the robot of the app whose token is used (DingTalk protocol, §6.4).
pub(super) fn own_robot(world: &mut World, app: &str, fields: Fields<'_>) -> Result<(), Refusal> {
    let code = fields.filled("robotCode").ok_or_else(|| Refusal::bad("invalidParameter.robotCode.empty"))?;
    if code == app {
        return Ok(());
    }
    world.violation(Rule::OwnRobot, format!("{app} spoke as {code}"));
    if world.directory.app(code).is_some() {
        Err(Refusal::bad("invalidParameter.robotCode.auth"))
    } else {
        // The service's own spelling.
        Err(Refusal::bad("invalidParameter.robotCode.notExsit"))
    }
}

/// The `msgKey` and the decoded `msgParam`, which travels as a string (DingTalk protocol, §6.1, §6.3).
fn template(fields: Fields<'_>) -> Result<(&str, Value), Refusal> {
    let key = fields.filled("msgKey").ok_or_else(|| Refusal::bad("invalidParameter.msgKey.empty"))?;
    let needed = needed_params(key).ok_or_else(|| Refusal::bad("invalidParameter.msgKey.invalid"))?;
    let invalid = || Refusal::bad("invalidParameter.msgParam.invalid");
    let param = fields.filled("msgParam").ok_or_else(invalid)?;
    if param.len() > MAX_PARAM {
        return Err(Refusal::bad("invalidParameter.msgParam.tooLong"));
    }
    let content: Value = serde_json::from_str(param).map_err(|_| invalid())?;
    let given = Fields::of(&content);
    if needed.iter().any(|key| given.filled(key).is_none()) {
        return Err(invalid());
    }
    Ok((key, content))
}

/// Checks that media were uploaded, as what they are shown, and that times are numbers (DingTalk protocol,
/// §6.3, §7.2).
fn uploaded(world: &World, template: &str, content: &Value) -> Result<(), Refusal> {
    let given = Fields::of(content);
    let invalid = || Refusal::bad("invalidParameter.msgParam.invalid");
    let media = match template {
        "sampleImageMsg" => [Some(("photoURL", "image")), None],
        "sampleAudio" => [Some(("mediaId", "voice")), None],
        "sampleFile" => [Some(("mediaId", "file")), None],
        "sampleVideo" => [Some(("videoMediaId", "video")), Some(("picMediaId", "image"))],
        _ => return Ok(()),
    };
    for (field, kind) in media.into_iter().flatten() {
        let Some(id) = given.filled(field).filter(|id| !id.starts_with("http")) else { continue };
        let is_there = world.media.uploads.iter().any(|upload| upload.media_id == id && upload.kind == kind);
        is_there.then_some(()).ok_or_else(invalid)?;
    }
    let is_number = given.filled("duration").is_none_or(|text| text.parse::<u64>().is_ok());
    is_number.then_some(()).ok_or_else(invalid)
}

/// What each template needs; `None` for one that does not exist (DingTalk protocol, §6.3). A video's
/// cover is not required (§0.1).
fn needed_params(key: &str) -> Option<&'static [&'static str]> {
    Some(match key {
        "sampleText" => &["content"],
        "sampleMarkdown" => &["title", "text"],
        "sampleImageMsg" => &["photoURL"],
        "sampleLink" => &["title", "text", "messageUrl"],
        "sampleActionCard" => &["title", "text", "singleTitle", "singleURL"],
        "sampleActionCard2" | "sampleActionCard3" | "sampleActionCard4" | "sampleActionCard5" => {
            &["title", "text", "actionTitle1", "actionURL1", "actionTitle2", "actionURL2"]
        }
        "sampleActionCard6" => &["title", "text", "buttonTitle1", "buttonUrl1", "buttonTitle2", "buttonUrl2"],
        "sampleAudio" => &["mediaId", "duration"],
        "sampleFile" => &["mediaId", "fileName", "fileType"],
        "sampleVideo" => &["duration", "videoMediaId", "videoType"],
        _ => return None,
    })
}

/// `POST /v1.0/robot/otoMessages/batchRecall` (DingTalk protocol, §6.5).
pub(super) fn batch_recall(world: &mut World, app: &str, fields: Fields<'_>) -> Result<Value, Refusal> {
    own_robot(world, app, fields)?;
    recall(world, app, fields, None)
}

/// `POST /v1.0/robot/groupMessages/recall` (DingTalk protocol, §6.5).
pub(super) fn group_recall(world: &mut World, app: &str, fields: Fields<'_>) -> Result<Value, Refusal> {
    own_robot(world, app, fields)?;
    let conversation = open_conversation(world, fields)?;
    recall(world, app, fields, Some(conversation))
}

fn recall(world: &mut World, app: &str, fields: Fields<'_>, group: Option<String>) -> Result<Value, Refusal> {
    let keys = fields.texts("processQueryKeys").unwrap_or_default();
    if keys.len() > MAX_RECALLS {
        return Err(Refusal::bad("invalidParameter.processQueryKeys.overMax"));
    }
    let (mut done, mut failed) = (Vec::new(), Map::new());
    for key in keys {
        match recall_one(world, app, key, group.as_deref()) {
            Ok(()) => done.push(key),
            Err(why) => drop(failed.insert(key.to_owned(), json!(why))),
        }
    }
    Ok(json!({"successResult": done, "failedResult": failed}))
}

fn recall_one(world: &mut World, app: &str, key: &str, group: Option<&str>) -> Result<(), &'static str> {
    let moment = world.moment();
    let groups: Vec<_> = world.directory.groups.iter().map(|group| group.conversation_id.clone()).collect();
    let is_there = |conversation: &str| match group {
        Some(group) => conversation == group,
        None => !groups.iter().any(|group| group == conversation),
    };
    let mut found = Vec::new();
    for message in &mut world.record.messages {
        if message.process_query_key == key && message.app == app && is_there(&message.conversation) {
            if group.is_none() && moment.at >= message.sent.at + RECALL_LIFE {
                return Err("robot.processQueryKey.expired");
            }
            message.recalled = Some(moment);
            found.push(message.conversation.clone());
        }
    }
    found.extend(world.cards.recall(app, key, is_there, moment));
    for conversation in &found {
        let line = format!("message {key} recalled");
        world.record.note(moment, Changed::Message(conversation.clone()), line);
    }
    if found.is_empty() { Err("invalid.processQueryKey") } else { Ok(()) }
}

/// `GET /v1.0/robot/oToMessages/readStatus` (DingTalk protocol, §6.5); nobody ever reads here.
pub(super) fn read_status(world: &mut World, app: &str, request: &Request) -> Result<Value, Refusal> {
    let key = request.query.get("processQueryKey").map(String::as_str).unwrap_or_default();
    let messages: Vec<_> = world
        .record
        .messages
        .iter()
        .filter(|message| message.process_query_key == key && message.app == app)
        .collect();
    let Some(first) = messages.first() else { return Err(Refusal::bad("invalid.processQueryKey")) };
    let status = if first.recalled.is_some() { "RECALLED" } else { "SUCCESS" };
    let readers: Vec<_> = world
        .directory
        .people
        .iter()
        .filter(|person| {
            let direct = direct_conversation(app, &person.staff_id);
            messages.iter().any(|message| message.conversation == direct)
        })
        .map(|person| json!({"name": person.nick, "userId": person.staff_id, "readStatus": "UNREAD"}))
        .collect();
    Ok(json!({"sendStatus": status, "messageReadInfoList": readers}))
}

/// `POST /v1.0/robot/emotion/reply` (DingTalk protocol, §9.1).
pub(super) fn emotion_reply(world: &mut World, app: &str, fields: Fields<'_>) -> Result<Value, Refusal> {
    let (msg_id, name) = emotion(world, app, fields)?;
    let added = world.moment();
    world.record.reaction(Reaction { msg_id, name, added, recalled: None });
    Ok(json!({"success": true}))
}

/// `POST /v1.0/robot/emotion/recall`, which needs the identical names (DingTalk protocol, §9.1).
pub(super) fn emotion_recall(world: &mut World, app: &str, fields: Fields<'_>) -> Result<Value, Refusal> {
    let (msg_id, name) = emotion(world, app, fields)?;
    let moment = world.moment();
    let reaction = world
        .record
        .reactions
        .iter_mut()
        .find(|it| it.msg_id == msg_id && it.name == name && it.recalled.is_none())
        .ok_or_else(|| Refusal::api(500, "system.err", "system.err"))?;
    reaction.recalled = Some(moment);
    world.record.note(moment, Changed::Reaction(msg_id), format!("{name} recalled"));
    Ok(json!({"success": true}))
}

/// The message and the name of an emotion; only a message of the same conversation can bear one.
fn emotion(world: &mut World, app: &str, fields: Fields<'_>) -> Result<(String, String), Refusal> {
    own_robot(world, app, fields)?;
    let failed = || Refusal::api(500, "system.err", "system.err");
    let msg_id = fields.filled("openMsgId").ok_or_else(failed)?;
    let name = fields.filled("emotionName").ok_or_else(failed)?;
    let conversation = fields.filled("openConversationId").ok_or_else(failed)?;
    let pushed = world.gateway.ledger.of_message(msg_id).ok_or_else(failed)?;
    if pushed.conversation() != Some(conversation) {
        return Err(failed());
    }
    Ok((msg_id.to_owned(), name.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::super::people::{App, Group, Person};
    use super::*;

    fn param(key: &str, param: Value) -> Result<(String, Value), Refusal> {
        let body = json!({"msgKey": key, "msgParam": param});
        template(Fields::of(&body)).map(|(key, content)| (key.to_owned(), content))
    }

    #[test]
    fn the_parameter_travels_as_a_string() {
        assert!(param("sampleText", json!("{\"content\":\"hi\"}")).is_ok());
        let invalid = Err(Refusal::bad("invalidParameter.msgParam.invalid"));
        assert_eq!(param("sampleText", json!({"content": "hi"})), invalid);
        assert_eq!(param("sampleText", json!("hi")), invalid);
    }

    #[test]
    fn a_template_must_exist_and_get_what_it_needs() {
        assert_eq!(param("sampleSong", json!("{}")), Err(Refusal::bad("invalidParameter.msgKey.invalid")));
        let incomplete = param("sampleMarkdown", json!("{\"text\":\"no title\"}"));
        assert_eq!(incomplete, Err(Refusal::bad("invalidParameter.msgParam.invalid")));
    }

    #[test]
    fn the_parameter_is_limited_in_bytes() {
        let text = format!("{{\"content\":\"{}\"}}", "界".repeat(5_000));
        assert_eq!(param("sampleText", json!(text)), Err(Refusal::bad("invalidParameter.msgParam.tooLong")));
    }

    #[test]
    fn people_out_of_reach_come_back_in_lists() {
        let mut people = Person::default_pair();
        people[1].reach = Reach::FlowControlled;
        let directory = Directory { apps: vec![App::default()], people, groups: vec![Group::default()] };

        let audience = Audience::of(&directory, &["user0001", "user0002", "USER0001"]);

        let expected = Audience {
            reached: vec!["user0001"],
            invalid: vec!["USER0001"],
            flow_controlled: vec!["user0002"],
        };
        assert_eq!(audience, expected);
    }
}
