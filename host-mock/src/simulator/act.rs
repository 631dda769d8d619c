//! What people do, once it is sure that it can be done.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::Desk;
use super::body::{File, Press, Say, Scan, Voice};
use super::entry;
use super::organisation::Chat;
use super::refusal::Refusal;
use super::switches::{OVER_QUOTA, UNPUBLISHED};
use crate::dingtalk::DingTalk;

/// The longest text of a message, in characters.
const LONGEST: usize = 20_000;

/// The longest voice message, in milliseconds.
const LONGEST_VOICE: u64 = 60_000;

/// Whose message goes where.
struct Way {
    app: String,
    person: String,
    group: Option<String>,
}

/// A person writes; the id of the message, or none where no robot hears it.
pub(super) fn say(desk: &Desk, dingtalk: &DingTalk, say: &Say) -> Result<Value, Refusal> {
    let way = way(dingtalk, say)?;
    if let Some(text) = &say.text
        && (text.trim().is_empty() || text.chars().count() > LONGEST)
    {
        return Err(Refusal::bad("bad_field", format!("`text` has 1 to {LONGEST} characters")));
    }
    let kinds = [say.picture.is_some(), say.file.is_some(), say.voice.is_some()];
    let kinds = kinds.into_iter().filter(|is_there| *is_there).count();
    if kinds > 1 || kinds == 0 && say.text.is_none() {
        return Err(Refusal::bad(
            "one_kind",
            "send a `text`, a `picture` with or without it, a `file` or a `voice`",
        ));
    }
    if let Some(group) = way.group.as_deref().filter(|_| say.mention == Some(false)) {
        let text = say.text.as_deref().filter(|_| kinds == 0 && say.quote.is_none());
        let text =
            text.ok_or_else(|| Refusal::bad("one_kind", "without a mention only text is shown here"))?;
        dingtalk.says_aside(group, &way.person, text);
        return Ok(json!({"id": null}));
    }
    if desk.switchboard().is_on(UNPUBLISHED) {
        let message = "没有已发布的版本，谁也找不到这个机器人 · no version of the application is published: \
                       nobody finds its robot";
        return Err(Refusal::conflict("not_published", message));
    }
    let mut payload = compose(dingtalk, &way, say)?;
    if desk.switchboard().is_on(OVER_QUOTA) {
        withhold(&mut payload);
    }
    Ok(json!({"id": dingtalk.push(payload)}))
}

fn way(dingtalk: &DingTalk, say: &Say) -> Result<Way, Refusal> {
    dingtalk.look(|view| match Chat::find(view, &say.chat)? {
        Chat::Direct { app, person } => {
            if say.person.as_ref().is_some_and(|id| *id != person.staff_id) {
                return Err(Refusal::conflict("not_their_chat", "this private chat is somebody else's"));
            }
            if say.mention == Some(false) || say.to.as_ref().is_some_and(|id| *id != app.client_id) {
                return Err(Refusal::conflict(
                    "not_in_private",
                    "a private chat has one robot, which hears all",
                ));
            }
            Ok(Way { app: app.client_id.clone(), person: person.staff_id.clone(), group: None })
        }
        Chat::Group(group) => {
            let id = say.person.as_ref();
            let id = id.ok_or_else(|| Refusal::bad("bad_field", "in a group, `person` says who writes"))?;
            let person = view.people().iter().find(|person| person.staff_id == *id);
            let person = person.ok_or_else(|| unknown_person(id))?;
            let app = match &say.to {
                Some(id) => view.apps().iter().find(|app| app.client_id == *id),
                None => view.apps().first(),
            };
            let app =
                app.ok_or_else(|| Refusal::unknown("unknown_app", "there is no app with this Client ID"))?;
            let group = Some(group.conversation_id.clone());
            Ok(Way { app: app.client_id.clone(), person: person.staff_id.clone(), group })
        }
    })
}

fn unknown_person(id: &str) -> Refusal {
    Refusal::unknown("unknown_person", format!("there is nobody with the staff id {id:?}"))
}

fn compose(dingtalk: &DingTalk, way: &Way, say: &Say) -> Result<Value, Refusal> {
    // The mention that a group needs leaves its space behind (DingTalk protocol, §4.1).
    let space = if way.group.is_some() { " " } else { "" };
    if let Some(quote) = &say.quote {
        return quoting(dingtalk, way, say, quote);
    }
    let mut payload = dingtalk.payload_to(&way.app, &way.person, way.group.as_deref());
    let text = say.text.as_deref().unwrap_or_default();
    if let Some(picture) = &say.picture {
        let code = offer(dingtalk, way, picture)?;
        let item = json!({"type": "picture", "downloadCode": code});
        if text.is_empty() && way.group.is_none() {
            (payload["msgtype"], payload["content"]) = (json!("picture"), json!({"downloadCode": code}));
        } else {
            let words = json!({"text": format!("{space}{text}")});
            payload["msgtype"] = json!("richText");
            payload["content"] = json!({"richText": [words, item]});
        }
        return Ok(payload);
    }
    if say.file.is_some() || say.voice.is_some() {
        if way.group.is_some() {
            let message = "DingTalk lets nobody send a robot files or voice in a group: use a private chat";
            return Err(Refusal::conflict("not_in_groups", message));
        }
        if !text.is_empty() {
            return Err(Refusal::bad("one_kind", "files and voice come without `text`"));
        }
    }
    if let Some(file) = &say.file {
        let code = offer(dingtalk, way, file)?;
        payload["msgtype"] = json!("file");
        payload["content"] = json!({"spaceId": "900000001", "fileId": "800000001", "downloadCode": code,
            "fileName": file.name});
    } else if let Some(voice) = &say.voice {
        let code = dingtalk.offer_file_to(&way.app, sound(voice)?);
        payload["msgtype"] = json!("audio");
        payload["content"] = json!({"duration": voice.duration_ms, "downloadCode": code,
            "recognition": voice.transcript});
    } else {
        payload["text"] = json!({"content": format!("{space}{text}")});
    }
    Ok(payload)
}

fn quoting(dingtalk: &DingTalk, way: &Way, say: &Say, quote: &str) -> Result<Value, Refusal> {
    let text =
        say.text.as_deref().filter(|_| say.picture.is_none() && say.file.is_none() && say.voice.is_none());
    let text = text.ok_or_else(|| Refusal::bad("one_kind", "what quotes is `text`, and nothing else"))?;
    let payload = dingtalk.reply_payload_to(&way.app, &way.person, quote, text);
    payload.filter(|payload| payload["conversationId"] == say.chat.as_str()).ok_or_else(|| {
        Refusal::unknown("unknown_quote", format!("this chat has nothing with the id {quote:?} to quote"))
    })
}

fn offer(dingtalk: &DingTalk, way: &Way, file: &File) -> Result<String, Refusal> {
    if file.name.trim().is_empty() {
        return Err(Refusal::bad("bad_field", "a file has a `name`"));
    }
    Ok(dingtalk.offer_file_to(&way.app, decode(&file.base64)?))
}

fn decode(base64: &str) -> Result<Vec<u8>, Refusal> {
    let bytes = STANDARD.decode(base64).map_err(|_| Refusal::bad("bad_field", "`base64` is no Base64"))?;
    if bytes.is_empty() { Err(Refusal::bad("bad_field", "the file is empty")) } else { Ok(bytes) }
}

/// What was recorded, or silence of that length: AMR at 12.2 kbit/s has a frame of 32 bytes each 20 ms.
fn sound(voice: &Voice) -> Result<Vec<u8>, Refusal> {
    if voice.duration_ms == 0 || voice.duration_ms > LONGEST_VOICE {
        return Err(Refusal::bad("bad_field", format!("`durationMs` is 1 to {LONGEST_VOICE}")));
    }
    if let Some(base64) = &voice.base64 {
        return decode(base64);
    }
    let mut sound = b"#!AMR\n".to_vec();
    for _ in 0..voice.duration_ms.div_ceil(20) {
        sound.push(0x3c);
        sound.extend([0; 31]);
    }
    Ok(sound)
}

/// What arrives while the organisation's quota is used up (DingTalk protocol, §4.13).
fn withhold(payload: &mut Value) {
    if let Some(fields) = payload.as_object_mut() {
        fields.remove("text");
        fields.remove("content");
        fields.insert("msgtype".into(), json!("text"));
        fields.insert("errorCode".into(), json!(20001));
        fields.insert("errorMessage".into(), json!("message service paused: quota used up"));
    }
}

/// A person scans a code, and says whether the application may be.
pub(super) fn scan(dingtalk: &DingTalk, scan: &Scan) -> Result<Value, Refusal> {
    let unknown =
        || Refusal::unknown("unknown_scan", format!("nothing waits to be scanned as {:?}", scan.code));
    if scan.allow {
        let app = dingtalk.scan(&scan.code).ok_or_else(unknown)?;
        return Ok(json!({"clientId": app.client_id}));
    }
    if dingtalk.refuse_scan(&scan.code) { Ok(json!({"clientId": null})) } else { Err(unknown()) }
}

/// A person presses a button.
pub(super) fn press(dingtalk: &DingTalk, press: &Press) -> Result<Value, Refusal> {
    dingtalk.look(|view| {
        if !view.people().iter().any(|person| person.staff_id == press.person) {
            return Err(unknown_person(&press.person));
        }
        let card = view.card(&press.card).filter(|card| card.recalled.is_none());
        let card = card.ok_or_else(|| {
            Refusal::unknown("unknown_card", format!("there is no card with the id {:?}", press.card))
        })?;
        let buttons = entry::buttons(card);
        if !buttons.iter().any(|button| button["id"] == press.button.as_str()) {
            let message = format!("the card has no button {:?} now", press.button);
            return Err(Refusal::conflict("no_such_button", message));
        }
        Ok(())
    })?;
    let id = dingtalk.push_card_callback(&press.person, &press.card, json!({"action": press.button}));
    Ok(json!({"id": id}))
}
