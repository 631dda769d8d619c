//! Files beside a message: what each goes as, whether it may go, and its upload.
//!
//! Every file is opened and judged before anything of the message is sent. What DingTalk has no better form
//! for goes as a file.

mod error;
mod file;
mod film;
mod known;
mod picture;
mod reading;
mod roots;
mod sound;

use error::Limit;
pub(crate) use error::{MediaError, notice};

use crate::{
    api::{Api, media::MediaType, robot::RobotMessage},
    clock,
    config::LiveAccount,
    error::{Error, Result},
    ledger::AnswerKey,
    message::ReplyHandle,
    reply::{Surfaces, deliver_as_robot},
};
use file::{LocalFile, Reading, display_name, extension, with_extension};
use host_sdk::{Attachment, AttachmentKind, ChannelError, ReceiptPart, channel::Host};
use known::Known;
use percent_encoding::percent_decode_str;
use roots::Roots;
use serde::Deserialize;
use std::{
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::time::sleep;

/// Files of one message; each is open while the message is sent.
const MOST_FILES: usize = 20;
/// An upload that fails for a passing reason is tried this often; twice does no harm.
const TRIES: u32 = 3;
/// Longer it is not waited for in between.
const PATIENCE: Duration = Duration::from_secs(5);

/// The files of one account's messages.
pub(crate) struct Media {
    host: Host,
    roots: Roots,
    /// Says how large a file may be.
    options: LiveAccount,
    known: Mutex<Known>,
}

/// A file that may be sent, and what it goes as.
#[derive(Debug)]
pub(crate) struct Parcel {
    file: Arc<LocalFile>,
    shape: Shape,
}

#[derive(Debug)]
enum Shape {
    File,
    Image,
    Voice(Duration),
    Video { duration: Duration, cover: Arc<LocalFile> },
}

/// Why a file that may be sent did not arrive.
#[derive(Debug)]
pub(crate) enum Failure {
    /// It may not go.
    Media(MediaError),
    /// DingTalk did not take it.
    DingTalk(Error),
    /// The channel ends just now.
    Host(ChannelError),
}

/// What a host can say of an attachment besides.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Extra {
    /// A picture that stands for a video until it is played.
    cover: String,
}

impl Media {
    /// Files from `roots`, each as large as `options` allow.
    pub(crate) fn new(host: Host, roots: &[String], options: LiveAccount) -> Self {
        Self { host, roots: Roots::new(roots), options, known: Mutex::default() }
    }

    /// Opens and judges the files of a message, one by one.
    ///
    /// # Errors
    /// When there are too many, or the channel ends.
    pub(crate) async fn examine(
        &self,
        attachments: &[Attachment],
        as_voice: bool,
    ) -> Result<Vec<Result<Parcel, MediaError>>, Failure> {
        let count = attachments.len();
        if count > MOST_FILES {
            return Err(Failure::Media(MediaError::TooMany { count, most: MOST_FILES }));
        }
        if count == 0 {
            return Ok(Vec::new());
        }
        let judge = Judge { roots: self.roots.clone(), largest: self.options.get().max_file_bytes };
        let attachments = attachments.to_vec();
        let judge =
            move || attachments.iter().map(|attachment| judge.examine(attachment, as_voice)).collect();
        self.host.blocking(judge).await.map_err(Failure::Host)
    }

    /// Uploads a file, if it was not a short while ago, and sends it as the robot; under a `name` only
    /// once, also if this process is killed meanwhile.
    ///
    /// # Errors
    /// When the upload or the send fails.
    pub(crate) async fn send(
        &self,
        surfaces: &Surfaces,
        to: &ReplyHandle,
        parcel: &Parcel,
        name: Option<&AnswerKey>,
    ) -> Result<ReceiptPart, Failure> {
        let (message, was_known) = self.message(surfaces.api(), parcel).await?;
        match deliver_as_robot(surfaces, to, message, name).await {
            // Perhaps what was uploaded is gone.
            Err(error) if was_known && error.is_rejected() => {
                self.forget(parcel);
                let (message, _) = self.message(surfaces.api(), parcel).await?;
                deliver_as_robot(surfaces, to, message, name).await.map_err(Failure::DingTalk)
            }
            outcome => outcome.map_err(Failure::DingTalk),
        }
    }

    /// The message that shows a file, and whether all of it had been uploaded before.
    async fn message(
        &self,
        api: &Api,
        Parcel { file, shape }: &Parcel,
    ) -> Result<(RobotMessage, bool), Failure> {
        let (id, was_known) = self.media_id(api, shape.kind(), file).await?;
        Ok(match shape {
            Shape::Image => (RobotMessage::image(&id), was_known),
            Shape::Voice(duration) => (RobotMessage::audio(&id, *duration), was_known),
            Shape::File => (RobotMessage::file(&id, file.name(), &file_type(file.name())), was_known),
            Shape::Video { duration, cover } => {
                let (cover, cover_was_known) = self.media_id(api, MediaType::Image, cover).await?;
                (RobotMessage::video(&id, &cover, *duration), was_known && cover_was_known)
            }
        })
    }

    async fn media_id(
        &self,
        api: &Api,
        kind: MediaType,
        file: &Arc<LocalFile>,
    ) -> Result<(String, bool), Failure> {
        let key = file.key(kind);
        let known = self.known().get(&key, clock::now());
        if let Some(id) = known {
            return Ok((id, true));
        }
        let id = self.upload(api, kind, file).await?;
        self.known().put(key, id.clone(), clock::now());
        Ok((id, false))
    }

    async fn upload(&self, api: &Api, kind: MediaType, file: &Arc<LocalFile>) -> Result<String, Failure> {
        let mut tries = 1;
        loop {
            let reading = Reading::new(file.clone(), self.host.clone());
            let error = match api.upload(kind, &reading).await {
                Ok(id) => return Ok(id),
                Err(error) => error,
            };
            if reading.has_failed() {
                return Err(Failure::Media(MediaError::Unreadable { name: file.name().to_owned() }));
            }
            match error.retry_after() {
                Some(after) if tries < TRIES && after <= PATIENCE => sleep(after).await,
                _ => return Err(Failure::DingTalk(error)),
            }
            tries += 1;
        }
    }

    fn forget(&self, Parcel { file, shape }: &Parcel) {
        let mut known = self.known();
        known.forget(&file.key(shape.kind()));
        if let Shape::Video { cover, .. } = shape {
            known.forget(&cover.key(MediaType::Image));
        }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Parcel {
    /// What people see that it is called.
    pub(crate) fn name(&self) -> &str {
        self.file.name()
    }
}

impl From<Failure> for ChannelError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Media(error) => error.into(),
            Failure::DingTalk(error) => error.into(),
            Failure::Host(error) => error,
        }
    }
}

impl Shape {
    fn kind(&self) -> MediaType {
        match self {
            Self::File => MediaType::File,
            Self::Image => MediaType::Image,
            Self::Voice(_) => MediaType::Voice,
            Self::Video { .. } => MediaType::Video,
        }
    }
}

/// What DingTalk calls a kind of file: its extension.
fn file_type(name: &str) -> String {
    let extension = extension(name);
    if extension.is_empty() { "bin".to_owned() } else { extension }
}

/// Says what may be sent, and as what.
struct Judge {
    roots: Roots,
    largest: u64,
}

impl Judge {
    fn examine(&self, attachment: &Attachment, as_voice: bool) -> Result<Parcel, MediaError> {
        let file = self.open(&attachment.path, &attachment.name)?;
        // What is too large in any form is not read: how long sound is, all of a file tells.
        self.fits(&file.name, file.opened.metadata.len(), MediaType::File)?;
        let (shape, name) = self.shape(attachment, as_voice, &file);
        let file = LocalFile::new(file.opened, name);
        self.fits(file.name(), file.size(), shape.kind())?;
        Ok(Parcel { file: Arc::new(file), shape })
    }

    fn open(&self, written: &str, name: &str) -> Result<Opening, MediaError> {
        let path = local_path(written);
        let name = display_name(name, path.as_deref().unwrap_or_else(|| written.as_ref()));
        let Some(path) = path else { return Err(MediaError::Remote { name }) };
        match self.roots.open(&path) {
            Ok(opened) => Ok(Opening { opened, name }),
            Err(refusal) => Err(MediaError::refused(refusal, name)),
        }
    }

    /// What a file goes as, by its content, and its name then.
    fn shape(&self, attachment: &Attachment, as_voice: bool, file: &Opening) -> (Shape, String) {
        let mut content = &file.opened.file;
        let name = file.name.clone();
        match attachment.kind {
            AttachmentKind::Picture => match picture::shown(&mut content) {
                Some(wanted) => {
                    (Shape::Image, with_extension(name, wanted, &["jpg", "jpeg", "png", "gif", "bmp"]))
                }
                None => (Shape::File, name),
            },
            AttachmentKind::Audio if as_voice => match sound::examine(&mut content) {
                Some(sound) => {
                    let name = with_extension(name, sound.extension, &[sound.extension]);
                    (Shape::Voice(sound.duration), name)
                }
                None => (Shape::File, name),
            },
            AttachmentKind::Video => match self.video(attachment, &mut content) {
                Some(shape) => (shape, with_extension(name, "mp4", &["mp4"])),
                None => (Shape::File, name),
            },
            _ => (Shape::File, name),
        }
    }

    /// A video, if there is a picture to stand for it: DingTalk shows an empty box without one.
    fn video(&self, attachment: &Attachment, content: &mut &std::fs::File) -> Option<Shape> {
        let Extra { cover } = attachment.extra.parse().unwrap_or_default();
        let duration = film::duration(content)?;
        let cover = self.open(&cover, "").ok()?;
        let wanted = picture::shown(&mut &cover.opened.file)?;
        let name = with_extension(cover.name, wanted, &["jpg", "jpeg", "png", "gif", "bmp"]);
        let cover = LocalFile::new(cover.opened, name);
        self.fits(cover.name(), cover.size(), MediaType::Image).ok()?;
        Some(Shape::Video { duration, cover: Arc::new(cover) })
    }

    fn fits(&self, name: &str, size: u64, kind: MediaType) -> Result<(), MediaError> {
        let name = name.to_owned();
        if size == 0 {
            return Err(MediaError::Empty { name });
        }
        let dingtalks = if kind == MediaType::Voice { Limit::Voice } else { Limit::DingTalk };
        let limits = [(kind.most(), dingtalks), (self.largest, Limit::Configured)];
        match limits.into_iter().min_by_key(|(most, _)| *most) {
            Some((most, limit)) if size > most => Err(MediaError::TooLarge { name, size, most, limit }),
            _ => Ok(()),
        }
    }
}

/// A file with the name that people see.
struct Opening {
    opened: roots::Opened,
    name: String,
}

/// The path that a host wrote, also as a `file:` URL; `None` for any other URL.
fn local_path(written: &str) -> Option<PathBuf> {
    let written = written.trim();
    if let Some(path) = written.strip_prefix("file://") {
        let path = path.strip_prefix("localhost").unwrap_or(path);
        return Some(PathBuf::from(percent_decode_str(path).decode_utf8_lossy().as_ref()));
    }
    (!written.contains("://")).then(|| PathBuf::from(written))
}

#[cfg(test)]
mod tests;
