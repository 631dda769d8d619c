//! Files that people send and the robot fetches, and media that the robot uploads (DingTalk protocol, §7).

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use super::answer::{Answer, Payload, Refusal};
use super::request::{Fields, Request};
use super::secrecy::SIGNATURE;
use super::violation::Rule;
use super::world::World;

/// The files of one fake; bounded by the test.
#[derive(Debug, Default)]
pub(super) struct MediaStore {
    by_code: BTreeMap<String, Offered>,
    links: BTreeMap<String, Link>,
    pub(super) uploads: Vec<Upload>,
}

/// A file that a person sent to a robot.
#[derive(Debug, Clone)]
struct Offered {
    app: String,
    bytes: Vec<u8>,
}

/// A `downloadUrl`.
#[derive(Debug)]
struct Link {
    code: String,
    until: Duration,
}

/// A file that a robot uploaded.
#[derive(Debug, Clone)]
pub struct Upload {
    /// The id that messages refer to it by, with its leading `@`.
    pub media_id: String,
    /// `image`, `voice`, `video` or `file`.
    pub kind: String,
    /// The file name of the form part.
    pub file_name: String,
    /// The content.
    pub bytes: Vec<u8>,
}

impl MediaStore {
    /// Keeps a file for one robot under a download code.
    pub(super) fn offer(&mut self, code: String, app: &str, bytes: Vec<u8>) {
        self.by_code.insert(code, Offered { app: app.into(), bytes });
    }

    pub(super) fn offered(&self, code: &str) -> Option<&[u8]> {
        self.by_code.get(code).map(|offered| &*offered.bytes)
    }

    /// Makes a link, if the code exists and is this robot's.
    fn link(&mut self, code: &str, app: &str, until: Duration) -> Result<String, Refusal> {
        let wrong = || Refusal::bad("invalidParameter.robotCode.downloadCode");
        let offered = self.by_code.get(code).ok_or_else(wrong)?;
        if offered.app != app {
            return Err(Refusal::bad("invalidParameter.robotCode.auth"));
        }
        let name = format!("fakefile{:04}.file", self.links.len() + 1);
        self.links.insert(name.clone(), Link { code: code.into(), until });
        Ok(name)
    }

    fn open(&self, name: &str, now: Duration) -> Option<&[u8]> {
        let link = self.links.get(name).filter(|link| now < link.until)?;
        Some(&self.by_code.get(&link.code)?.bytes)
    }
}

/// `POST /v1.0/robot/messageFiles/download` (DingTalk protocol, §7.1).
pub(super) fn message_file(world: &mut World, app: &str, fields: Fields<'_>) -> Result<Value, Refusal> {
    // One code for both missing fields (DingTalk protocol, §7.1).
    let empty = || Refusal::bad("invalidParameter.robotCode.empty");
    let robot = fields.filled("robotCode").ok_or_else(empty)?;
    let code = fields.filled("downloadCode").ok_or_else(empty)?;
    if robot != app {
        return Err(Refusal::bad("invalidParameter.robotCode.auth"));
    }
    let until = world.clock.now() + world.settings.download_url_life;
    let name = world.media.link(code, app, until)?;
    let expires = world.clock.epoch_ms(until) / 1000;
    let query = format!("OSSAccessKeyId=fake&{SIGNATURE}%3D&Expires={expires}");
    Ok(json!({"downloadUrl": world.door.url("http", &format!("/res/{name}?{query}"))}))
}

/// `GET downloadUrl`: signed, so a `Content-Type` breaks it (DingTalk protocol, §7.1).
pub(super) fn file(world: &mut World, request: &Request) -> Result<Answer, Refusal> {
    if request.header_token.is_some() {
        world.violation(Rule::TokenStaysHome, format!("GET {} carried the access token", request.path));
    }
    let denied = |code: &str| {
        let page = format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code></Error>");
        Refusal::Other(Answer::text(403, "application/xml", page))
    };
    if request.content_type.is_some() {
        return Err(denied("SignatureDoesNotMatch"));
    }
    let name = request.path.trim_start_matches("/res/");
    let bytes = world.media.open(name, world.clock.now()).ok_or_else(|| denied("AccessDenied"))?;
    Ok(Answer { status: 200, body: Payload::Bytes(bytes.to_vec()) })
}

/// `POST /media/upload` (DingTalk protocol, §7.2).
pub(super) fn upload(world: &mut World, request: &Request) -> Result<Value, Refusal> {
    // Query or form field: both occur (DingTalk protocol, §0.1).
    let kind = request.query.get("type").map(String::as_str).or_else(|| request.form_text("type"));
    let limit = kind.and_then(size_limit).ok_or_else(|| Refusal::oapi(40004, "不合法的媒体文件类型"))?;
    let part = request.form_part("media").ok_or_else(|| Refusal::oapi(44001, "缺少媒体文件参数"))?;
    let Some(file_name) = part.file_name.clone() else {
        return Err(Refusal::oapi(40035, "缺少参数 filename"));
    };
    if part.bytes.is_empty() {
        return Err(Refusal::oapi(44001, "多媒体文件为空"));
    }
    if part.bytes.len() > limit {
        return Err(Refusal::oapi(40006, "不合法的文件大小"));
    }
    let kind = kind.unwrap_or_default().to_owned();
    if !takes_format(&kind, &file_name) {
        return Err(Refusal::oapi(40004, "不合法的媒体文件类型"));
    }
    let media_id = format!("@lAD{}", world.random.letters(20));
    let answer = json!({
        "errcode": 0, "errmsg": "ok", "media_id": media_id,
        "created_at": world.clock.epoch_ms(world.clock.now()), "type": kind,
    });
    world.media.uploads.push(Upload { media_id, kind, file_name, bytes: part.bytes.clone() });
    Ok(answer)
}

/// The largest file of each type, in bytes (DingTalk protocol, §7.2).
fn size_limit(kind: &str) -> Option<usize> {
    match kind {
        "image" | "video" | "file" => Some(20 << 20),
        "voice" => Some(2 << 20),
        _ => None,
    }
}

/// The formats of each type, by the name of the file (DingTalk protocol, §7.2). Files of any other kind were
/// seen to be taken.
fn takes_format(kind: &str, file_name: &str) -> bool {
    let extension = file_name.rsplit_once('.').map_or(String::new(), |(_, end)| end.to_lowercase());
    let formats: &[&str] = match kind {
        "image" => &["jpg", "jpeg", "gif", "png", "bmp"],
        "voice" => &["amr", "mp3", "wav", "ogg"],
        "video" => &["mp4"],
        _ => return true,
    };
    formats.contains(&extension.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_download_code_belongs_to_one_robot() {
        let mut media = MediaStore::default();
        media.offer("code".into(), "mine", b"picture".to_vec());
        let until = Duration::from_secs(60);

        let other = media.link("code", "other", until);
        assert_eq!(other, Err(Refusal::bad("invalidParameter.robotCode.auth")));
        let wrong = media.link("edoc", "mine", until);
        assert_eq!(wrong, Err(Refusal::bad("invalidParameter.robotCode.downloadCode")));
        let name = media.link("code", "mine", until).unwrap();
        assert_eq!(media.open(&name, Duration::ZERO), Some(&b"picture"[..]));
    }

    #[test]
    fn a_link_expires() {
        let mut media = MediaStore::default();
        media.offer("code".into(), "mine", Vec::new());
        let name = media.link("code", "mine", Duration::from_secs(60)).unwrap();

        assert!(media.open(&name, Duration::from_secs(59)).is_some());
        assert!(media.open(&name, Duration::from_secs(60)).is_none());
    }
}
