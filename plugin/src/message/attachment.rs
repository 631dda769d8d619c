//! Files that come with a message: what is known of them, and what fetching them takes.

use super::{
    fields::Fields,
    handle::{self, HandleError},
};
use host_sdk::{Attachment, AttachmentKind, Handle};
use serde::{Deserialize, Serialize};

/// The format this version writes; it reads every earlier one.
const FORMAT: u32 = 1;

/// Whose a file is.
#[derive(Clone, Copy)]
pub(super) struct Origin<'a> {
    /// The robot it was sent to.
    pub(super) robot_code: &'a str,
    /// The message it came with, also if it is in a quote there.
    pub(super) msg_id: &'a str,
}

/// What it takes to fetch a file, kept by the host as a [`Handle`].
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct AttachmentHandle {
    /// The robot the file was sent to; the codes are good only together with it.
    pub(crate) robot_code: String,
    /// The message it came with; empty in handles of the first versions.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) msg_id: String,
    /// Codes to try at the download API, best first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) download_codes: Vec<String>,
    /// The space the file lies in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) space_id: Option<String>,
    /// The file's id in its space.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) file_id: Option<String>,
    /// Where an old kind of picture lies. Written by the sender's side: check the host before use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) url: Option<String>,
}

impl AttachmentHandle {
    /// Writes it down for the host.
    pub(crate) fn encode(&self) -> Handle {
        handle::seal(FORMAT, self)
    }

    /// Reads what [`Self::encode`] wrote, in this version or an earlier one.
    ///
    /// # Errors
    /// When there is none, when it is damaged, or when a later version wrote it.
    pub(crate) fn decode(handle: &Handle) -> Result<Self, HandleError> {
        handle::unseal(FORMAT, handle)
    }

    /// Takes everything out of `fields` that helps to fetch a file; `None` if nothing does.
    fn take(fields: &mut Fields, origin: Origin<'_>) -> Option<Self> {
        let codes = ["downloadCode", "pictureDownloadCode"];
        let nothing = Self {
            robot_code: origin.robot_code.to_owned(),
            msg_id: origin.msg_id.to_owned(),
            ..Self::default()
        };
        let handle = Self {
            download_codes: codes.iter().filter_map(|code| fields.text(code)).collect(),
            space_id: fields.text("spaceId"),
            file_id: fields.text("fileId"),
            url: fields.text("pictureUrl"),
            ..nothing.clone()
        };
        (handle != nothing).then_some(handle)
    }
}

/// Takes the one file that `fields` speaks of.
pub(super) fn take(kind: AttachmentKind, fields: &mut Fields, origin: Origin<'_>) -> Option<Attachment> {
    let handle = AttachmentHandle::take(fields, origin)?;
    let mut extra = Fields::default();
    Some(Attachment {
        kind,
        mime: film_type(fields),
        name: fields.text("fileName").unwrap_or_default(),
        size: fields.count("fileSize"),
        duration_ms: duration(kind, fields, &mut extra),
        width: None,
        height: None,
        transcript: fields.text("recognition").unwrap_or_default(),
        handle: handle.encode(),
        path: String::new(),
        extra: extra.into_json(),
    })
}

/// The media type of a video whose container DingTalk names.
fn film_type(fields: &mut Fields) -> String {
    let known = fields.peek("videoType").filter(|name| name.chars().all(|c| c.is_ascii_alphanumeric()));
    match known {
        Some(_) => fields.text("videoType").map(|name| format!("video/{name}")).unwrap_or_default(),
        None => String::new(),
    }
}

/// Milliseconds of sound or film.
///
/// Sound is in milliseconds, as a number or a string. Film is documented so too, but what arrives
/// is a string of seconds; what was written is kept beside our reading of it.
fn duration(kind: AttachmentKind, fields: &mut Fields, extra: &mut Fields) -> Option<u64> {
    let film = kind == AttachmentKind::Video;
    let in_seconds = film && fields.holds_text("duration");
    let written = fields.count("duration")?;
    if film {
        extra.put("duration", written);
    }
    Some(if in_seconds { written.saturating_mul(1_000) } else { written })
}
