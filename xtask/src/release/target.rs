//! The platforms that are released.

use super::glibc;
use crate::{Error, platform::Platform};

/// A platform, as the tools that build for it call it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) platform: Platform,
    /// As rustc calls it.
    pub(super) triple: &'static str,
}

/// Those that are released. `host-openclaw/js/platform.js` knows their names, too.
const TARGETS: [Target; 5] = [
    Target {
        platform: Platform { os: "linux", cpu: "x64", libc: Some("glibc") },
        triple: "x86_64-unknown-linux-gnu",
    },
    Target {
        platform: Platform { os: "linux", cpu: "arm64", libc: Some("glibc") },
        triple: "aarch64-unknown-linux-gnu",
    },
    Target {
        platform: Platform { os: "linux", cpu: "x64", libc: Some("musl") },
        triple: "x86_64-unknown-linux-musl",
    },
    Target { platform: Platform { os: "win32", cpu: "x64", libc: None }, triple: "x86_64-pc-windows-gnu" },
    Target { platform: Platform { os: "darwin", cpu: "arm64", libc: None }, triple: "aarch64-apple-darwin" },
];

impl Target {
    /// As it is asked for where it is linked: with the glibc that it may need at most.
    pub(super) fn linked_as(&self) -> String {
        match self.platform.libc {
            Some("glibc") => format!("{}.{}", self.triple, glibc::OLDEST),
            _ => self.triple.to_owned(),
        }
    }
}

/// Those of these names; all of them, if there are none.
pub(super) fn named(names: &[String]) -> Result<Vec<&'static Target>, Error> {
    if names.is_empty() {
        return Ok(TARGETS.iter().collect());
    }
    let known = || TARGETS.iter().map(|target| target.platform.name()).collect::<Vec<_>>().join(", ");
    let find = |name: &String| {
        let found = TARGETS.iter().find(|target| target.platform.name() == *name);
        found.ok_or_else(|| Error::NoPlatform { platform: name.clone(), known: known() })
    };
    names.iter().map(find).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cargo::root;

    #[test]
    fn the_javascript_knows_the_same_platforms() {
        let script = std::fs::read_to_string(root().join("host-openclaw/js/platform.js")).unwrap();
        let line = script.lines().find(|line| line.starts_with("export const RELEASED = ")).unwrap();
        let mut known: Vec<_> = line.split('"').skip(1).step_by(2).map(str::to_owned).collect();
        known.sort();
        let mut released: Vec<_> = TARGETS.iter().map(|target| target.platform.name()).collect();
        released.sort();
        assert_eq!(known, released);
    }

    #[test]
    fn a_platform_that_is_not_released_is_refused_with_those_that_are() {
        let error = named(&["solaris-sparc".to_owned()]).unwrap_err().to_string();
        assert!(error.contains("solaris-sparc") && error.contains("linux-x64-musl"), "{error}");
        assert_eq!(named(&[]).unwrap().len(), TARGETS.len());
    }
}
