//! Where an account's things are kept below the host's state directory.
//!
//! ```text
//! <root>/accounts/<account>/     the plugin's, one per account
//! <root>/shared/                 the plugin's, shared by its accounts
//! <root>/inbox/<account>.redb    the host's own: messages taken in
//! <root>/outbound/               the host's own: files on their way out
//! ```

use crate::failure::Failure;
use host_sdk::host::{file_name, private_directory};
use serde::Serialize;
use std::{io, path::Path, path::PathBuf};

/// The places of one account, made where they were not there, closed to others.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Places {
    state_dir: PathBuf,
    shared_state_dir: PathBuf,
    inbox: PathBuf,
    outbound: PathBuf,
}

impl Places {
    /// Makes the places of `account` below `root`.
    ///
    /// # Errors
    /// When a directory cannot be made.
    pub(crate) fn make(root: &Path, account: &str) -> Result<Self, Failure> {
        let name = file_name(account);
        let places = Self {
            state_dir: root.join("accounts").join(&name),
            shared_state_dir: root.join("shared"),
            inbox: root.join("inbox").join(format!("{name}.redb")),
            outbound: root.join("outbound"),
        };
        let folders = [&places.state_dir, &places.shared_state_dir, &root.join("inbox"), &places.outbound];
        for folder in folders {
            private_directory(folder).map_err(|error| unusable(folder, &error))?;
        }
        Ok(places)
    }
}

fn unusable(folder: &Path, error: &io::Error) -> Failure {
    let sentence =
        format!("{} cannot be made ({error}): make the state directory writable", folder.display());
    Failure::of(&"state", sentence)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn accounts_keep_apart_and_leave_their_root_by_no_name() {
        let root = tempfile::tempdir().unwrap();
        let of = |account: &str| Places::make(root.path(), account).unwrap().state_dir;
        let names = ["bot1", "Bot1", "../bot1", "..", "", "机器人"].map(of);
        for (index, place) in names.iter().enumerate() {
            assert!(place.is_dir() && place.parent().unwrap() == root.path().join("accounts"), "{place:?}");
            assert!(!names[..index].contains(place), "{place:?}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_may_enter() {
        use std::os::unix::fs::PermissionsExt;
        let root = tempfile::tempdir().unwrap();
        let places = Places::make(root.path(), "default").unwrap();
        for folder in [&places.state_dir, &places.outbound, places.inbox.parent().unwrap()] {
            assert_eq!(fs::metadata(folder).unwrap().permissions().mode() & 0o777, 0o700);
        }
    }

    #[test]
    fn a_root_that_cannot_be_used_is_named() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let failure = Places::make(file.path(), "default").unwrap_err();
        let told = napi::Error::from(failure).reason;
        assert!(told.contains(file.path().to_str().unwrap()) && told.contains("writable"), "{told}");
    }
}
