//! Paths that may begin with `~`.

use std::{
    fmt,
    path::{Path, PathBuf},
};

/// A path as it was written; what `~` means is known only where it is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HomePath(String);

impl HomePath {
    /// The path written as `path`.
    pub(super) fn new(path: impl Into<String>) -> Self {
        Self(path.into())
    }

    /// Whether it begins with what a shell would read, and nobody reads here: `~name`, `$NAME` or `%NAME%`.
    pub(super) fn wants_a_shell(&self) -> bool {
        let is_of_somebody = |rest: &str| !rest.is_empty() && !rest.starts_with(['/', '\\']);
        self.0.starts_with(['$', '%']) || self.0.strip_prefix('~').is_some_and(is_of_somebody)
    }

    /// Whether it looks like a Windows path whose backslashes were read as JSON's: `C:\files` becomes a form feed
    /// and `iles`, `C:\data` the relative `C:data`.
    pub(super) fn lost_backslashes(&self) -> bool {
        let drive = self.0.as_bytes();
        let names_drive = drive.len() > 2 && drive[0].is_ascii_alphabetic() && drive[1] == b':';
        self.0.contains(char::is_control) || (names_drive && !matches!(drive[2], b'/' | b'\\'))
    }

    /// The path where `~` is `home`. A relative path starts there too: a gateway's working
    /// directory is nobody's choice.
    pub(crate) fn under(&self, home: &str) -> PathBuf {
        let rest = match self.0.strip_prefix('~') {
            Some(rest) if rest.is_empty() || rest.starts_with(['/', '\\']) => {
                rest.trim_start_matches(['/', '\\'])
            }
            _ => &self.0,
        };
        Path::new(home).join(rest)
    }
}

impl fmt::Display for HomePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tilde_is_the_home_only_at_the_start() {
        let under = |path: &str| HomePath::new(path).under("/home/lin");
        assert_eq!(under("~/media"), Path::new("/home/lin/media"));
        assert_eq!(under("~"), Path::new("/home/lin"));
        assert_eq!(under("/var/media"), Path::new("/var/media"));
        assert_eq!(under("media"), Path::new("/home/lin/media"));
        assert_eq!(under("~mo/media"), Path::new("/home/lin/~mo/media"));
    }

    #[test]
    fn a_windows_path_whose_backslashes_were_read_as_json_s_is_told_from_one_that_has_them() {
        for path in ["C:\u{c}iles", "C:data", "d:\u{8}ots\tom", "\\\\server\u{c}iles"] {
            assert!(HomePath::new(path).lost_backslashes(), "{path:?}");
        }
        for path in ["C:\\files", "C:/files", "C:", "/var/a:b", "~/media", "a:", "媒体"] {
            assert!(!HomePath::new(path).lost_backslashes(), "{path:?}");
        }
    }

    #[test]
    fn what_only_a_shell_reads_is_told_from_a_path() {
        for path in ["~mo/media", "$HOME/media", "%USERPROFILE%\\media"] {
            assert!(HomePath::new(path).wants_a_shell(), "{path}");
        }
        for path in ["~", "~/media", "~\\media", "/var/media", "media", "a~b", "media$"] {
            assert!(!HomePath::new(path).wants_a_shell(), "{path}");
        }
    }
}
