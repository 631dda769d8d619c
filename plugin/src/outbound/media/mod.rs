//! Files beside a message: what each goes as, whether it may go, and its upload.
//!
//! Every file is opened and judged before anything of the message is sent. What DingTalk has no better form
//! for goes as a file.

mod error;
mod file;
mod film;
mod judge;
mod known;
mod picture;
mod reading;
mod roots;
mod sound;

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
use file::{LocalFile, Reading, extension};
use host_sdk::{Attachment, ChannelError, ReceiptPart, channel::Host};
use judge::Judge;
use known::Known;
use roots::Roots;
use std::{
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
