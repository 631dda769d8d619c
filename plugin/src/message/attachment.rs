//! Files that come with a message: what is known of them, and what fetching them takes.

#[cfg(test)]
use super::handle::HandleError;
use super::{fields::Fields, handle};
use host_sdk::{Attachment, AttachmentKind, Handle};
use serde::{Deserialize, Serialize};

/// The format this version writes; it reads every earlier one.
const FORMAT: u32 = 1;

/// What it takes to fetch a file, kept by the host as a [`Handle`].
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct AttachmentHandle {
    /// The robot the file was sent to; the codes are good only together with it.
    pub(crate) robot_code: String,
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

    /// Reads what [`Self::encode`] wrote.
    #[cfg(test)]
    pub(crate) fn decode(handle: &Handle) -> Result<Self, HandleError> {
        handle::unseal(FORMAT, handle)
    }

    /// Takes everything out of `fields` that helps to fetch a file; `None` if nothing does.
    fn take(fields: &mut Fields, robot_code: &str) -> Option<Self> {
        let codes = ["downloadCode", "pictureDownloadCode"];
        let handle = Self {
            robot_code: robot_code.to_owned(),
            download_codes: codes.iter().filter_map(|code| fields.text(code)).collect(),
            space_id: fields.text("spaceId"),
            file_id: fields.text("fileId"),
            url: fields.text("pictureUrl"),
        };
        (handle != Self { robot_code: robot_code.to_owned(), ..Self::default() }).then_some(handle)
    }
}

/// Takes the one file that `fields` speaks of.
pub(super) fn take(kind: AttachmentKind, fields: &mut Fields, robot_code: &str) -> Option<Attachment> {
    let handle = AttachmentHandle::take(fields, robot_code)?;
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
