//! The platforms that are released.

use super::inspection::OLDEST;
use crate::{Error, platform::Platform};

/// A platform, as the tools that build for it call it, and what it has.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) platform: Platform,
    /// As rustc calls it.
    pub(super) triple: &'static str,
    /// The libraries that each such machine has, and a library may need. On Windows in small letters.
    libraries: &'static [&'static str],
}

const GLIBC: &[&str] = &[
    "libc.so.6",
    "libdl.so.2",
    "libm.so.6",
    "libpthread.so.0",
    "ld-linux-x86-64.so.2",
    "ld-linux-aarch64.so.1",
];
const WINDOWS: &[&str] = &[
    "advapi32.dll",
    "bcrypt.dll",
    "bcryptprimitives.dll",
    "crypt32.dll",
    "kernel32.dll",
    "ntdll.dll",
    "userenv.dll",
    "ws2_32.dll",
];
/// What each Windows since 10 has of the C library, in a dozen parts.
const WINDOWS_C: &str = "api-ms-win-";
const MACOS: &[&str] = &[
    "/System/Library/Frameworks/CoreFoundation.framework/Versions/A/CoreFoundation",
    "/System/Library/Frameworks/Security.framework/Versions/A/Security",
    "/usr/lib/libSystem.B.dylib",
];

/// Those that are released. `host-openclaw/js/platform.js` knows their names, too.
const TARGETS: [Target; 5] = [
    Target {
        platform: Platform { os: "linux", cpu: "x64", libc: Some("glibc") },
        triple: "x86_64-unknown-linux-gnu",
        libraries: GLIBC,
    },
    Target {
        platform: Platform { os: "linux", cpu: "arm64", libc: Some("glibc") },
        triple: "aarch64-unknown-linux-gnu",
        libraries: GLIBC,
    },
    Target {
        platform: Platform { os: "linux", cpu: "x64", libc: Some("musl") },
        triple: "x86_64-unknown-linux-musl",
        libraries: &["libc.so"],
    },
    Target {
        platform: Platform { os: "win32", cpu: "x64", libc: None },
        triple: "x86_64-pc-windows-gnu",
        libraries: WINDOWS,
    },
    Target {
        platform: Platform { os: "darwin", cpu: "arm64", libc: None },
        triple: "aarch64-apple-darwin",
        libraries: MACOS,
    },
];

impl Target {
    /// As it is asked for where it is linked: with the glibc that it may need at most.
    pub(super) fn linked_as(&self) -> String {
        match self.platform.libc {
            Some("glibc") => format!("{}.{OLDEST}", self.triple),
            _ => self.triple.to_owned(),
        }
    }

    /// Whether each such machine has a library.
    pub(super) fn has(&self, library: &str) -> bool {
        if self.platform.os != "win32" {
            return self.libraries.contains(&library);
        }
        let library = library.to_lowercase(); // capitals are the linker's taste there
        library.starts_with(WINDOWS_C) || self.libraries.contains(&library.as_str())
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

    #[test]
    fn windows_has_its_libraries_however_they_are_written_and_others_as_they_are() {
        let windows = named(&["win32-x64".to_owned()]).unwrap()[0];
        assert!(windows.has("KERNEL32.dll") && windows.has("api-ms-win-crt-heap-l1-1-0.dll"));
        assert!(!windows.has("libgcc_s_seh-1.dll"));
        let linux = named(&["linux-x64".to_owned()]).unwrap()[0];
        assert!(linux.has("libc.so.6") && !linux.has("LIBC.SO.6"));
    }

    #[test]
    fn linkers_are_told_the_oldest_glibc() {
        let linked = named(&[]).unwrap().into_iter().map(Target::linked_as).collect::<Vec<_>>();
        assert!(linked.contains(&"aarch64-unknown-linux-gnu.2.28".to_owned()), "{linked:?}");
        assert!(linked.contains(&"x86_64-unknown-linux-musl".to_owned()), "{linked:?}");
    }
}
