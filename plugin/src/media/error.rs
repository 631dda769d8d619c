//! Why a file cannot be had, for the agent and, in its own words, for the person who sent it.

use crate::{
    error::Error,
    message::HandleError,
    wording::{self, Size},
};
use host_sdk::{ChannelError, ErrorCode, Json};
use serde_json::{Value, json};
use std::{io, path::PathBuf};

/// Why a file cannot be had. Names the file, never its address.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FetchError {
    /// Nothing that comes with messages is fetched.
    #[error("{name} was not downloaded, as `maxFileSizeMB` is 0: set it to the size that you allow")]
    Off {
        /// The file.
        name: String,
    },
    /// It is larger than it may be.
    #[error("{name} has {}, and `maxFileSizeMB` allows {}: ask for a smaller file, or raise it", said(*size, *most), Size::of(*most))]
    TooLarge {
        /// The file.
        name: String,
        /// Its bytes, if they are known: what is too large is not read to its end.
        size: Option<u64>,
        /// The most that is allowed.
        most: u64,
    },
    /// Nothing in it.
    #[error("{name} arrived without content, however often it was asked for: ask for it once more")]
    Empty {
        /// The file.
        name: String,
    },
    /// DingTalk names it, and gives no code to download it with.
    #[error(
        "{name} cannot be downloaded, for DingTalk gave no code for it, as with files of a group: ask for it in \
         a private chat with the bot. To read it out of the group's files takes permissions for those and a \
         verified organisation, and is not supported"
    )]
    NoCode {
        /// The file.
        name: String,
    },
    /// DingTalk does not give it.
    #[error("{name} was not downloaded: {}", source.sentence())]
    DingTalk {
        /// The file.
        name: String,
        /// What happened.
        source: Error,
    },
    /// There is no room for it.
    #[error("{name} was not kept, for the disk of {} is full: make room there, or move `inboundMedia.dir`", dir.display())]
    DiskFull {
        /// The file.
        name: String,
        /// The archive.
        dir: PathBuf,
    },
    /// We may not write there, or cannot.
    #[error("{name} was not kept, for {} cannot be written: check its permissions, or move `inboundMedia.dir`", dir.display())]
    NotWritable {
        /// The file.
        name: String,
        /// The archive.
        dir: PathBuf,
        /// What happened.
        source: io::Error,
    },
    /// The handle tells of no file.
    #[error("the file cannot be fetched: {0}")]
    Handle(#[from] HandleError),
    /// The channel ends just now.
    #[error("{0}")]
    Ending(ChannelError),
}

impl FetchError {
    /// What the disk says against the file called `name`.
    pub(super) fn of_disk(name: String, dir: PathBuf, source: io::Error) -> Self {
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull { name, dir },
            _ => Self::NotWritable { name, dir, source },
        }
    }

    /// Its word for programs.
    fn reason(&self) -> &'static str {
        match self {
            Self::Off { .. } => "off",
            Self::TooLarge { .. } => "tooLarge",
            Self::Empty { .. } => "empty",
            Self::NoCode { .. } => "noCode",
            Self::DingTalk { .. } => "notDownloaded",
            Self::DiskFull { .. } => "diskFull",
            Self::NotWritable { .. } => "notWritable",
            Self::Handle(_) => "handle",
            Self::Ending(_) => "ending",
        }
    }

    /// The notice that tells the person; `None` where there is nothing for them to know.
    fn notice(&self) -> Option<Value> {
        let (kind, params) = match self {
            Self::Off { name } => (wording::FILES_OFF, json!({"name": name})),
            Self::TooLarge { name, size, most } => {
                (wording::FILE_TOO_LARGE, json!({"name": name, "size": size, "limit": most}))
            }
            Self::NoCode { name } => (wording::FILE_NOT_GIVEN, json!({"name": name})),
            Self::Empty { name }
            | Self::DingTalk { name, .. }
            | Self::DiskFull { name, .. }
            | Self::NotWritable { name, .. } => (wording::FILE_FAILED, json!({"name": name})),
            Self::Handle(_) | Self::Ending(_) => return None,
        };
        Some(json!({"kind": kind, "params": params}))
    }
}

fn said(size: Option<u64>, most: u64) -> String {
    match size {
        Some(size) => Size::of(size).to_string(),
        None => format!("more than {}", Size::of(most)),
    }
}

impl From<FetchError> for ChannelError {
    fn from(error: FetchError) -> Self {
        let mut extra = json!({"reason": error.reason()});
        if let Some(notice) = error.notice() {
            extra["notice"] = notice;
        }
        let mut out = match &error {
            FetchError::Off { .. }
            | FetchError::TooLarge { .. }
            | FetchError::NoCode { .. }
            | FetchError::Handle(_) => Self::new(ErrorCode::Rejected, error.to_string()),
            FetchError::Empty { .. } => Self::new(ErrorCode::Network, error.to_string()),
            FetchError::DiskFull { .. } => Self::new(ErrorCode::Config, error.to_string()),
            FetchError::NotWritable { source, .. } => {
                Self::new(ErrorCode::Config, error.to_string()).because(source)
            }
            FetchError::DingTalk { source, .. } => {
                Self { message: error.to_string(), ..Self::from(source.clone()) }
            }
            FetchError::Ending(ending) => ending.clone(),
        };
        out.extra = Json::new(&extra);
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn o9_a_file_that_is_too_large_is_told_by_name_size_and_limit() {
        let name = "film.mp4".to_owned();
        let known = FetchError::TooLarge { name: name.clone(), size: Some(1_572_864), most: 1024 * 1024 };
        let told = ChannelError::from(known);
        assert!(told.message.starts_with("film.mp4 has 1.5 MB, and `maxFileSizeMB` allows 1 MB"), "{told}");
        let notice: Value = told.extra.parse().unwrap();
        assert_eq!(notice["notice"]["kind"], "fileTooLarge");
        assert_eq!(
            notice["notice"]["params"],
            json!({"name": "film.mp4", "size": 1_572_864, "limit": 1_048_576})
        );
        let endless = FetchError::TooLarge { name, size: None, most: 1024 * 1024 };
        assert!(endless.to_string().contains("more than 1 MB"));
    }

    #[test]
    fn what_the_disk_says_names_the_folder_and_the_remedy() {
        let of = |kind: io::ErrorKind| {
            FetchError::of_disk("a.pdf".into(), "/media/in".into(), kind.into()).to_string()
        };
        assert!(of(io::ErrorKind::StorageFull).contains("disk of /media/in is full: make room"));
        assert!(of(io::ErrorKind::ReadOnlyFilesystem).contains("/media/in cannot be written: check"));
    }
}
