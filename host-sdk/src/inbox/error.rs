//! Why an inbox cannot be used, and what a person does about it.

use std::{
    error::Error,
    fmt,
    path::{Path, PathBuf},
};

/// Why an inbox cannot be used; each message says what to do.
#[derive(Debug)]
#[non_exhaustive]
pub enum InboxError {
    /// Another inbox, most likely that of another process, has the file.
    InUse {
        /// The file.
        file: PathBuf,
    },
    /// A newer version has written the file.
    Newer {
        /// The file.
        file: PathBuf,
        /// Its format.
        format: u64,
        /// The newest format that this version knows.
        known: u64,
    },
    /// The file, or its folder, cannot be read or written.
    Unusable {
        /// The file or folder.
        file: PathBuf,
        /// What the system or the store says.
        reason: String,
    },
}

impl InboxError {
    pub(super) fn unusable(file: &Path, reason: impl fmt::Display) -> Self {
        Self::Unusable { file: file.to_owned(), reason: reason.to_string() }
    }

    /// Whether another attempt in a moment may succeed, since a predecessor is about to end.
    pub fn is_in_use(&self) -> bool {
        matches!(self, Self::InUse { .. })
    }
}

impl fmt::Display for InboxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InUse { file } => write!(
                f,
                "{} is in use by another host: stop that one, or give this one a state directory of its own",
                file.display()
            ),
            Self::Newer { file, format, known } => write!(
                f,
                "{} was written by a newer version (format {format}, this one knows {known}): install the \
                 newer version again, or move the file away and lose what waits in it",
                file.display()
            ),
            Self::Unusable { file, reason } => write!(
                f,
                "{} cannot be used ({reason}): see that there is room on its disk, and that this user may \
                 read and write it",
                file.display()
            ),
        }
    }
}

impl Error for InboxError {}
