//! Which files may be sent, and as what.

use super::{
    MediaError, Parcel, Shape,
    error::Limit,
    file::{LocalFile, display_name, with_extension},
    film, picture,
    roots::{self, Roots},
    sound,
};
use crate::api::media::MediaType;
use host_sdk::{Attachment, AttachmentKind};
use percent_encoding::percent_decode_str;
use serde::Deserialize;
use std::{path::PathBuf, sync::Arc};

/// What a host can say of an attachment besides.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Extra {
    /// A picture that stands for a video until it is played.
    cover: String,
}

/// Says what may be sent, and as what.
pub(super) struct Judge {
    pub(super) roots: Roots,
    /// The most bytes that the configuration allows.
    pub(super) largest: u64,
}

impl Judge {
    /// Opens a file and says what it goes as. Blocks, but for the disk alone.
    ///
    /// # Errors
    /// When it may not go.
    pub(super) fn examine(&self, attachment: &Attachment, as_voice: bool) -> Result<Parcel, MediaError> {
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
