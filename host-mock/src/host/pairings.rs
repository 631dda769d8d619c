//! Who was let in, on disk: for the host, and for whoever approves from another process.

use super::{Address, HostError, state::State};
use host_sdk::access::{Approval, Pairing, Request, Unreadable};
use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};

/// Who asked to be let in, and who was, of the accounts that have their state in one directory.
///
/// Hosts that run see at once what is changed here: each look reads the file.
#[derive(Clone, Debug)]
pub struct Pairings(State);

/// Somebody who waits to be let in to an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waits {
    /// The account.
    pub account: Address,
    /// Who, and by which code.
    pub request: Request,
    /// For how many more milliseconds they can be approved.
    pub left_ms: i64,
}

impl Pairings {
    /// Those below a host's state directory.
    pub fn at(state_dir: impl Into<PathBuf>) -> Self {
        Self(State::new(state_dir.into()))
    }

    /// Who waits to be let in to the accounts of a channel, or to one of them.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn waiting(&self, channel: &str, account: Option<&str>) -> Result<Vec<Waits>, HostError> {
        let now_ms = now_ms();
        let mut waiting = Vec::new();
        for account in self.accounts(channel, account)? {
            let pairing = self.of(&account)?.read()?.pairing;
            waiting.extend(pairing.requests(now_ms).map(|request| Waits {
                account: account.clone(),
                request: request.clone(),
                left_ms: request.left_ms(now_ms),
            }));
        }
        Ok(waiting)
    }

    /// Lets in who waits with a code at the accounts of a channel, or at one of them.
    ///
    /// # Errors
    /// When nobody waits with this code, or a file cannot be read or written.
    pub fn approve(
        &self,
        channel: &str,
        account: Option<&str>,
        code: &str,
    ) -> Result<(Address, Approval), HostError> {
        let waits = self.waiting(channel, account)?;
        let waits = waits.into_iter().find(|waits| waits.request.code.is_written(code));
        let not_approved = |reason: &dyn std::fmt::Display| HostError::NotApproved {
            channel: channel.to_owned(),
            reason: reason.to_string(),
        };
        let unknown = || not_approved(&host_sdk::access::NotApproved::Unknown);
        let account = waits.ok_or_else(unknown)?.account;
        let (approved, _) = self.of(&account)?.change(|pairing| pairing.approve(code, now_ms()))?;
        approved.map(|approval| (account, approval)).map_err(|error| not_approved(&error))
    }

    /// The file of one account.
    pub(super) fn of(&self, account: &Address) -> Result<PairingFile, HostError> {
        Ok(PairingFile { path: self.0.pairing(account)? })
    }

    fn accounts(&self, channel: &str, account: Option<&str>) -> Result<Vec<Address>, HostError> {
        match account {
            Some(account) => Ok(vec![Address::new(channel, account)]),
            None => self.0.paired_accounts(channel),
        }
    }
}

/// The file of one account.
#[derive(Clone, Debug)]
pub(super) struct PairingFile {
    path: PathBuf,
}

/// What a file has.
#[derive(Debug, Default)]
pub(super) struct Read {
    pub(super) pairing: Pairing,
    /// Where it was put, if it was damaged: then nobody counts as let in.
    pub(super) set_aside: Option<PathBuf>,
}

impl PairingFile {
    /// Reads it; what is not there is empty, and what is damaged is set aside.
    pub(super) fn read(&self) -> Result<Read, HostError> {
        match self.load()? {
            Some(pairing) => Ok(Read { pairing, set_aside: None }),
            // Alone, for somebody else may have done so just now and begun a new one.
            None => self.read_alone(&self.lock()?),
        }
    }

    /// Reads it, changes it and writes it, while nobody else does; says also where it was put if it was
    /// damaged. It is written whole or not at all.
    pub(super) fn change<T>(
        &self,
        change: impl FnOnce(&mut Pairing) -> T,
    ) -> Result<(T, Option<PathBuf>), HostError> {
        let alone = self.lock()?;
        let Read { mut pairing, set_aside } = self.read_alone(&alone)?;
        let before = pairing.clone();
        let changed = change(&mut pairing);
        if pairing != before {
            self.write(&pairing.to_json()).map_err(|error| unusable(&self.path, &error))?;
        }
        Ok((changed, set_aside))
    }

    fn read_alone(&self, _alone: &File) -> Result<Read, HostError> {
        if let Some(pairing) = self.load()? {
            return Ok(Read { pairing, set_aside: None });
        }
        let aside = self.path.with_extension("damaged");
        fs::rename(&self.path, &aside).map_err(|error| unusable(&self.path, &error))?;
        Ok(Read { set_aside: Some(aside), ..Read::default() })
    }

    /// What is there; `None` if it is damaged.
    fn load(&self) -> Result<Option<Pairing>, HostError> {
        let bytes = match fs::read(&self.path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Some(Pairing::default())),
            Err(error) => return Err(unusable(&self.path, &error)),
        };
        let Ok(text) = str::from_utf8(&bytes) else { return Ok(None) };
        match Pairing::from_json(text) {
            Ok(pairing) => Ok(Some(pairing)),
            Err(Unreadable::Damaged { .. }) => Ok(None),
            Err(newer @ Unreadable::Newer(_)) => Err(HostError::State {
                path: self.path.clone(),
                reason: newer.to_string(),
                remedy: "run the version that has written it, or remove it: then everyone has to be approved anew",
            }),
        }
    }

    /// Beside the file, since that is replaced. Closing it gives the lock back.
    fn lock(&self) -> Result<File, HostError> {
        let path = self.path.with_extension("lock");
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let locked = options.open(&path).and_then(|file| file.lock().map(|()| file));
        locked.map_err(|error| unusable(&path, &error))
    }

    fn write(&self, text: &str) -> io::Result<()> {
        let directory = self.path.parent().unwrap_or(Path::new("."));
        // Made for its owner alone.
        let mut new = tempfile::NamedTempFile::new_in(directory)?;
        new.write_all(text.as_bytes())?;
        new.as_file().sync_all()?;
        new.persist(&self.path).map_err(|error| error.error)?;
        #[cfg(unix)]
        File::open(directory)?.sync_all()?;
        Ok(())
    }
}

/// The time that requests are measured by.
pub(super) fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

fn unusable(path: &Path, error: &io::Error) -> HostError {
    HostError::State {
        path: path.to_owned(),
        reason: error.to_string(),
        remedy: "make the state directory readable and writable, or name another",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use host_sdk::{
        Sender,
        access::{Asked, Code},
    };

    fn account() -> Address {
        Address::new("x", "bot 1/2")
    }

    fn person(id: &str) -> Sender {
        Sender { id: id.into(), ..Sender::default() }
    }

    /// Somebody asks; their code.
    fn ask(file: &PairingFile, id: &str, random: u64) -> Code {
        let ask =
            |pairing: &mut Pairing| pairing.ask(&person(id), "m", now_ms(), || Code::from_random(random));
        match file.change(ask).unwrap().0 {
            Asked::Created(code) => code,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn who_waits_is_found_and_let_in_by_another_process() {
        let root = tempfile::tempdir().unwrap();
        let pairings = Pairings::at(root.path());
        assert_eq!(pairings.waiting("x", None).unwrap(), []);
        let code = ask(&pairings.of(&account()).unwrap(), "lin", 7);

        let other = Pairings::at(root.path());
        let waits = other.waiting("x", None).unwrap();
        assert_eq!((&waits[0].account, &*waits[0].request.id), (&account(), "lin"));
        assert!(waits[0].left_ms > 59 * 60_000);
        assert!(other.waiting("x", Some("bot 1")).unwrap().is_empty());
        let (address, approval) = other.approve("x", None, code.as_str()).unwrap();
        assert_eq!((address, &*approval.id), (account(), "lin"));
        assert!(pairings.of(&account()).unwrap().read().unwrap().pairing.has(&person("lin")));
        let message = other.approve("x", None, code.as_str()).unwrap_err().to_string();
        assert!(message.contains("misspelt") && message.contains("pairing list x"), "{message}");
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_reads_the_file() {
        use std::os::unix::fs::PermissionsExt;
        let root = tempfile::tempdir().unwrap();
        let file = Pairings::at(root.path()).of(&account()).unwrap();
        ask(&file, "lin", 7);
        for path in [file.path.clone(), file.path.with_extension("lock")] {
            assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn a_damaged_file_is_set_aside_and_lets_nobody_in() {
        let root = tempfile::tempdir().unwrap();
        let file = Pairings::at(root.path()).of(&account()).unwrap();
        for damage in [&b"{"[..], b"\xff\xfe", b""] {
            fs::write(&file.path, damage).unwrap();
            let Read { pairing, set_aside } = file.read().unwrap();
            assert_eq!(pairing, Pairing::default());
            assert_eq!(fs::read(set_aside.unwrap()).unwrap(), damage);
            assert!(file.read().unwrap().set_aside.is_none(), "once");
        }
    }

    #[test]
    fn a_newer_file_is_left_alone() {
        let root = tempfile::tempdir().unwrap();
        let file = Pairings::at(root.path()).of(&account()).unwrap();
        fs::write(&file.path, r#"{"format": 9}"#).unwrap();
        let message = file.read().unwrap_err().to_string();
        assert!(message.contains("format 9") && message.contains("run the version"), "{message}");
        assert!(file.change(|_| ()).is_err());
        assert_eq!(fs::read_to_string(&file.path).unwrap(), r#"{"format": 9}"#);
    }

    #[test]
    fn two_who_change_it_at_once_lose_nothing_of_each_other() {
        let root = tempfile::tempdir().unwrap();
        let file = Pairings::at(root.path()).of(&account()).unwrap();
        let codes: Vec<_> = (0..3).map(|number| ask(&file, &number.to_string(), number)).collect();
        std::thread::scope(|scope| {
            for code in &codes {
                let file = file.clone();
                scope.spawn(move || file.change(|pairing| pairing.approve(code.as_str(), now_ms())).unwrap());
            }
        });
        assert_eq!(file.read().unwrap().pairing.approved().len(), 3);
    }
}
