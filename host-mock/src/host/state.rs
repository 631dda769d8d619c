//! Where things are kept below the state directory.
//!
//! ```text
//! channels/<channel>/<account>/        the plugin's, one per account
//! plugins/<channel>/                   the plugin's, shared by its accounts
//! inbox/<channel>/<account>.redb       the host's own: messages taken in
//! pairing/<channel>/<account>.json     the host's own: who was let in, and who waits for it
//! ```

use super::{Address, HostError};
use host_sdk::host::{file_name, id_of_file, private_directory};
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// A state directory.
#[derive(Clone, Debug)]
pub(super) struct State(PathBuf);

impl State {
    pub(super) fn new(root: PathBuf) -> Self {
        Self(root)
    }

    /// The directory of one account's plugin state.
    pub(super) fn of_account(&self, address: &Address) -> Result<PathBuf, HostError> {
        self.directory(&["channels", &file_name(&address.channel), &file_name(&address.account)])
    }

    /// The directory that all accounts of a plugin share.
    pub(super) fn of_plugin(&self, channel: &str) -> Result<PathBuf, HostError> {
        self.directory(&["plugins", &file_name(channel)])
    }

    /// The file of one account's inbox.
    pub(super) fn inbox(&self, address: &Address) -> Result<PathBuf, HostError> {
        let directory = self.directory(&["inbox", &file_name(&address.channel)])?;
        Ok(directory.join(format!("{}.redb", file_name(&address.account))))
    }

    /// The file of those who were let in to an account.
    pub(super) fn pairing(&self, address: &Address) -> Result<PathBuf, HostError> {
        let directory = self.directory(&["pairing", &file_name(&address.channel)])?;
        Ok(directory.join(format!("{}.json", file_name(&address.account))))
    }

    /// The accounts of a channel that have such a file, sorted.
    pub(super) fn paired_accounts(&self, channel: &str) -> Result<Vec<Address>, HostError> {
        let path = self.directory(&["pairing", &file_name(channel)])?;
        let names = fs::read_dir(&path).and_then(|entries| {
            entries.map(|entry| entry.map(|entry| entry.file_name())).collect::<io::Result<Vec<_>>>()
        });
        let names = names.map_err(|error| unusable(&path, &error))?;
        let ids = names.iter().filter_map(|name| id_of_file(name.to_str()?.strip_suffix(".json")?));
        let mut accounts: Vec<_> = ids.map(|id| Address::new(channel, id)).collect();
        accounts.sort();
        Ok(accounts)
    }

    /// Makes a directory that nobody else can enter, and those above it.
    fn directory(&self, names: &[&str]) -> Result<PathBuf, HostError> {
        let path: PathBuf = std::iter::once(self.0.as_path()).chain(names.iter().map(Path::new)).collect();
        private_directory(&path).map_err(|error| unusable(&path, &error))?;
        Ok(path)
    }
}

fn unusable(path: &Path, error: &io::Error) -> HostError {
    HostError::State {
        path: path.to_owned(),
        reason: error.to_string(),
        remedy: "make the state directory writable, or name another",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_directory_is_closed_to_others_even_if_it_was_open_before() {
        use std::os::unix::fs::PermissionsExt;
        let root = tempfile::tempdir().unwrap();
        let account = Address::new("x", "default");
        let open = root.path().join("channels/x/default");
        fs::create_dir_all(&open).unwrap();
        fs::set_permissions(&open, fs::Permissions::from_mode(0o755)).unwrap();
        let path = State::new(root.path().to_owned()).of_account(&account).unwrap();
        assert_eq!(path, open);
        assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o700);
    }
}
