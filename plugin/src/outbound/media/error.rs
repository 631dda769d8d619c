//! Why a file is not sent.

use super::roots::Refusal;
use crate::wording::{self, Size};
use host_sdk::{ChannelError, ErrorCode, Json};
use serde_json::{Value, json};

/// Why a file is not sent. Names the file, never where it is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum MediaError {
    /// It is somewhere on the network.
    #[error("{name} is not a local file: download it into one of the host's media directories first")]
    Remote {
        /// The file.
        name: String,
    },
    /// The host gave no directories.
    #[error("{name} is not sent: the host allows files from no directory; give it media roots")]
    NoRoots {
        /// The file.
        name: String,
    },
    /// It is not in one of the directories, or does not exist.
    #[error(
        "{name} is not in a directory that files may be sent from: copy it into one of the host's media roots"
    )]
    NotThere {
        /// The file.
        name: String,
    },
    /// It is a directory, a pipe, a device.
    #[error("{name} is no ordinary file")]
    NotAFile {
        /// The file.
        name: String,
    },
    /// It has a second name, which may be outside.
    #[error(
        "{name} has a second name elsewhere (a hard link): copy it into one of the host's media roots instead"
    )]
    HardLink {
        /// The file.
        name: String,
    },
    /// The system does not let us read it, or not to its end.
    #[error("{name} cannot be read: check its permissions, and that nothing changes it while it is sent")]
    Unreadable {
        /// The file.
        name: String,
    },
    /// There is nothing in it.
    #[error("{name} is empty, which DingTalk does not take")]
    Empty {
        /// The file.
        name: String,
    },
    /// It is larger than it may be.
    #[error("{name} has {}, and {limit} {}", Size::of(*size), Size::of(*most))]
    TooLarge {
        /// The file.
        name: String,
        /// Its bytes.
        size: u64,
        /// The most that is allowed.
        most: u64,
        /// What allows no more.
        limit: Limit,
    },
    /// There are more than are sent at once.
    #[error("{count} files are too many for one message: send at most {most} at a time")]
    TooMany {
        /// How many there are.
        count: usize,
        /// How many there may be.
        most: usize,
    },
}

/// What limits the size of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Limit {
    /// DingTalk's, for voice messages.
    Voice,
    /// DingTalk's, for everything else.
    DingTalk,
    /// The option `maxFileSizeMB`.
    Configured,
}

impl std::fmt::Display for Limit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Voice => "DingTalk takes voice messages of at most",
            Self::DingTalk => "DingTalk takes files of at most",
            Self::Configured => "`maxFileSizeMB` allows at most",
        })
    }
}

impl MediaError {
    /// The file that it is about; empty where it is about all of them.
    pub(crate) fn file(&self) -> &str {
        match self {
            Self::Remote { name }
            | Self::NoRoots { name }
            | Self::NotThere { name }
            | Self::NotAFile { name }
            | Self::HardLink { name }
            | Self::Unreadable { name }
            | Self::Empty { name }
            | Self::TooLarge { name, .. } => name,
            Self::TooMany { .. } => "",
        }
    }

    /// Why the file called `name` was not opened.
    pub(super) fn refused(refusal: Refusal, name: String) -> Self {
        match refusal {
            Refusal::NoRoots => Self::NoRoots { name },
            Refusal::NotThere => Self::NotThere { name },
            Refusal::NotAFile => Self::NotAFile { name },
            Refusal::HardLink => Self::HardLink { name },
            Refusal::Unreadable => Self::Unreadable { name },
        }
    }
}

/// The notice that tells a person of a file that they do not get.
pub(crate) fn notice(name: &str) -> Value {
    json!({"kind": wording::FILE_NOT_SENT, "params": {"name": name}})
}

impl From<MediaError> for ChannelError {
    fn from(error: MediaError) -> Self {
        let code = match error {
            MediaError::Remote { .. } => ErrorCode::Unsupported,
            MediaError::NoRoots { .. } => ErrorCode::Config,
            _ => ErrorCode::Rejected,
        };
        let mut out = Self::new(code, error.to_string());
        if let MediaError::TooLarge { name, size, most, .. } = &error {
            let mut notice = notice(name);
            notice["params"]["size"] = (*size).into();
            notice["params"]["limit"] = (*most).into();
            out.extra = Json::new(&json!({ "notice": notice }));
        }
        out
    }
}
