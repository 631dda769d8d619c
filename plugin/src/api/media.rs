//! Files that the robot uploads, to refer to them in its messages.

use super::{client::Api, form::FileForm};
use crate::error::{Error, ErrorKind, Result};
use bytes::Bytes;
use serde::Deserialize;
use std::time::Duration;
use tokio::sync::mpsc;

const DURING: &str = "uploading a file";
const PATH: &str = "/media/upload";
const SCOPE: &str = "qyapi_base";
/// For the largest file on a slow line: 20 MB in two minutes are 170 kB a second.
const TIMEOUT: Duration = Duration::from_secs(120);
const MB: u64 = 1024 * 1024;

/// What DingTalk keeps a file as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum MediaType {
    /// A picture: JPEG, PNG, GIF or BMP.
    Image,
    /// Sound: AMR, MP3, WAV or Ogg.
    Voice,
    /// Film: MP4.
    Video,
    /// Anything.
    File,
}

impl MediaType {
    /// DingTalk's word for it.
    fn word(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Voice => "voice",
            Self::Video => "video",
            Self::File => "file",
        }
    }

    /// The most bytes that DingTalk takes.
    pub(crate) fn most(self) -> u64 {
        match self {
            Self::Voice => 2 * MB,
            Self::Image | Self::Video | Self::File => 20 * MB,
        }
    }
}

/// A file to upload; it can be sent more than once.
pub(crate) trait Upload: Sync {
    /// What it is called.
    fn name(&self) -> &str;
    /// How many bytes it has.
    fn size(&self) -> u64;
    /// Its bytes from the start, in pieces. Ends early when it cannot be read.
    fn pieces(&self) -> mpsc::Receiver<Bytes>;
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Uploaded {
    media_id: String,
}

impl Api {
    /// Uploads a file ([`POST /media/upload`](https://open.dingtalk.com/document/orgapp/upload-media-files));
    /// answers with the id that messages refer to it by, its leading `@` included.
    ///
    /// # Errors
    /// `Rejected` when DingTalk does not take it.
    pub(crate) async fn upload(&self, kind: MediaType, file: &impl Upload) -> Result<String> {
        let form = || FileForm::new("media", file.name(), file.size(), file.pieces());
        let query = [("type", kind.word())];
        let uploaded: Uploaded = self.post_form(DURING, SCOPE, PATH, &query, TIMEOUT, form).await?;
        if uploaded.media_id.is_empty() {
            return Err(Error::new(ErrorKind::Protocol, DURING));
        }
        Ok(uploaded.media_id)
    }
}
