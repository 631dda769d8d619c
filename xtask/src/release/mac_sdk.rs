//! What a linker has to know of macOS where there is no Mac: an SDK as Xcode has one, as far as the plugin and the addon
//! need it.
//!
//! ```text
//! usr/lib/                          the C library, as zig describes it, by all names that rustc asks for
//! System/Library/Frameworks/        two frameworks, with the names in them that are used
//! ```

use crate::Error;
use std::{fs, path::Path};

/// The frameworks, each with the names in it that the plugin and the addon use. A name that is not there is one that the
/// linker does not find; the rest is looked up there when the library is loaded.
const FRAMEWORKS: &str = include_str!("frameworks.txt");

/// Writes it into `folder`; zig's own files are in `zig`.
pub(super) fn write(folder: &Path, zig: &Path) -> Result<(), Error> {
    let path = zig.join("lib/libc/darwin/libSystem.tbd");
    let system = known_to_lld(&fs::read_to_string(&path).map_err(Error::file("read", &path))?);
    for name in ["libSystem", "libc", "libm"] {
        write_stub(&folder.join("usr/lib"), name, &system)?;
    }
    // Crates ask for it whether they use it or not. These do not.
    write_stub(&folder.join("usr/lib"), "libiconv", &stub("/usr/lib/libiconv.2.dylib", &[]))?;
    for (name, symbols) in frameworks() {
        let within = folder.join(format!("System/Library/Frameworks/{name}.framework"));
        let installed = format!("/System/Library/Frameworks/{name}.framework/Versions/A/{name}");
        write_stub(&within, name, &stub(&installed, &symbols))?;
    }
    Ok(())
}

fn write_stub(folder: &Path, name: &str, stub: &str) -> Result<(), Error> {
    fs::create_dir_all(folder).map_err(Error::file("create", folder))?;
    let path = folder.join(format!("{name}.tbd"));
    fs::write(&path, stub).map_err(Error::file("write", &path))
}

/// Apple describes its system for the processors that it was built for, of which lld does not know the newest. All of
/// them load what is built for the first.
fn known_to_lld(system: &str) -> String {
    system.replace("arm64e-", "arm64-").replace("arm64e.x1-", "arm64e-")
}

/// Each with its names.
fn frameworks() -> impl Iterator<Item = (&'static str, Vec<&'static str>)> {
    FRAMEWORKS.split("\n\n").filter_map(|part| {
        let mut words = part.split_whitespace();
        Some((words.next()?, words.collect()))
    })
}

/// A description of a library as linkers for macOS read it.
fn stub(installed: &str, symbols: &[&str]) -> String {
    let symbols: Vec<_> = symbols.iter().map(|symbol| format!("_{symbol}")).collect();
    format!(
        "--- !tapi-tbd\n\
         tbd-version: 4\n\
         targets: [ arm64-macos ]\n\
         install-name: '{installed}'\n\
         exports:\n\
         - targets: [ arm64-macos ]\n  \
           symbols: [ {} ]\n\
         ...\n",
        symbols.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What zig brings, as far as it matters.
    const SYSTEM: &str = "--- !tapi-tbd\ntargets: [ x86_64-macos, arm64e-macos,\n  arm64e.x1-macos ]\n";

    fn sdk() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let darwin = folder.path().join("zig/lib/libc/darwin");
        fs::create_dir_all(&darwin).unwrap();
        fs::write(darwin.join("libSystem.tbd"), SYSTEM).unwrap();
        write(&folder.path().join("sdk"), &folder.path().join("zig")).unwrap();
        folder
    }

    fn read(sdk: &tempfile::TempDir, name: &str) -> String {
        fs::read_to_string(sdk.path().join("sdk").join(name)).unwrap()
    }

    #[test]
    fn the_linker_is_told_of_both_frameworks_with_their_names() {
        let sdk = sdk();
        let framework =
            |name: &str| read(&sdk, &format!("System/Library/Frameworks/{name}.framework/{name}.tbd"));
        assert!(framework("CoreFoundation").contains(" _CFRelease,"));
        assert!(framework("Security").contains("/Security.framework/Versions/A/Security'"));
        assert!(framework("Security").contains("\n  symbols: [ _"));
        assert!(framework("Security").contains(" _SecTrustEvaluateWithError,"));
    }

    #[test]
    fn the_c_library_is_one_by_three_names_for_processors_that_the_linker_knows() {
        let sdk = sdk();
        let system = read(&sdk, "usr/lib/libSystem.tbd");
        assert!(system.ends_with("targets: [ x86_64-macos, arm64-macos,\n  arm64e-macos ]\n"), "{system}");
        for name in ["libc", "libm"] {
            assert_eq!(read(&sdk, &format!("usr/lib/{name}.tbd")), system);
        }
    }

    #[test]
    fn without_zig_s_files_the_error_says_which_is_missing() {
        let folder = tempfile::tempdir().unwrap();
        let error = write(folder.path(), folder.path()).unwrap_err().to_string();
        assert!(error.contains("libSystem.tbd"), "{error}");
    }
}
