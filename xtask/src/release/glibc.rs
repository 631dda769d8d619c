//! The newest glibc that a library asks for: older systems cannot load it.

use crate::{Error, cargo::output};
use std::{path::Path, process::Command};

/// What the released libraries may need: Debian 10, RHEL 8, Ubuntu 18.10 and newer have it, as has every system
/// that runs the Node.js of OpenClaw.
pub(super) const OLDEST: Glibc = Glibc { major: 2, minor: 28 };

/// A version of glibc, such as 2.28.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Glibc {
    major: u32,
    minor: u32,
}

impl Glibc {
    /// Some have a third number, which decides nothing.
    fn parse(text: &str) -> Option<Self> {
        let mut numbers = text.trim().split('.').map(str::parse);
        match (numbers.next(), numbers.next()) {
            (Some(Ok(major)), Some(Ok(minor))) => Some(Self { major, minor }),
            _ => None,
        }
    }
}

impl std::fmt::Display for Glibc {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// The newest that a library needs, if it needs any.
pub(super) fn needed_by(library: &Path) -> Result<Option<Glibc>, Error> {
    let mut nm = Command::new("nm");
    let symbols = output(nm.args(["-D", "--undefined-only"]).arg(library))?;
    Ok(newest(&String::from_utf8_lossy(&symbols)))
}

/// The newest version that a symbol asks for, as `nm` prints them.
fn newest(symbols: &str) -> Option<Glibc> {
    let versions = symbols.lines().filter_map(|line| line.rsplit_once("@GLIBC_"));
    versions.filter_map(|(_, version)| Glibc::parse(version)).max()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_symbol_decides() {
        let symbols =
            "  U memcpy@GLIBC_2.14\n  U pow@GLIBC_2.29\n  w gettid@GLIBC_2.3\n  U free@GLIBC_2.2.5\n  U x\n";
        assert_eq!(newest(symbols).map(|version| version.to_string()).as_deref(), Some("2.29"));
        assert!(newest(symbols) > Some(OLDEST));
        assert_eq!(newest("  U x\n"), None);
    }

    #[test]
    fn versions_are_numbers() {
        assert!(Glibc::parse("2.9").unwrap() < OLDEST);
        assert_eq!(Glibc::parse("two"), None);
    }
}
