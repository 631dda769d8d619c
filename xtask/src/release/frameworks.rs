//! What a linker has to know of the frameworks of macOS, which zig does not bring: where they are on a Mac, and the names
//! in them that are used. The rest is looked up there when the library is loaded.

use crate::Error;
use std::{fs, path::Path};

/// The frameworks, each with the names in it that the plugin and the addon use. A name that is not there is one that the
/// linker does not find.
const FRAMEWORKS: &str = include_str!("frameworks.txt");

/// Writes them into `folder`, and returns the flags for rustc.
pub(super) fn flags(folder: &Path) -> Result<String, Error> {
    for (name, symbols) in frameworks() {
        let framework = folder.join(format!("{name}.framework"));
        fs::create_dir_all(&framework).map_err(Error::file("create", &framework))?;
        let path = framework.join(format!("{name}.tbd"));
        fs::write(&path, stub(name, &symbols)).map_err(Error::file("write", &path))?;
    }
    Ok(format!("-L framework={}", folder.display()))
}

/// Each with its names.
fn frameworks() -> impl Iterator<Item = (&'static str, Vec<&'static str>)> {
    FRAMEWORKS.split("\n\n").filter_map(|part| {
        let mut words = part.split_whitespace();
        Some((words.next()?, words.collect()))
    })
}

/// A description as linkers for macOS read it.
fn stub(name: &str, symbols: &[&str]) -> String {
    let symbols: Vec<_> = symbols.iter().map(|symbol| format!("_{symbol}")).collect();
    format!(
        "--- !tapi-tbd\n\
         tbd-version: 4\n\
         targets: [ arm64-macos ]\n\
         install-name: '/System/Library/Frameworks/{name}.framework/Versions/A/{name}'\n\
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

    #[test]
    fn the_linker_is_told_of_both_frameworks_with_their_names() {
        let folder = tempfile::tempdir().unwrap();
        assert!(flags(folder.path()).unwrap().starts_with("-L framework="));
        let stub = |name: &str| {
            fs::read_to_string(folder.path().join(format!("{name}.framework/{name}.tbd"))).unwrap()
        };
        assert!(stub("CoreFoundation").contains(" _CFRelease,"), "{}", stub("CoreFoundation"));
        assert!(stub("Security").contains("/Security.framework/Versions/A/Security'"));
        assert!(stub("Security").contains("\n  symbols: [ _"), "{}", stub("Security"));
        assert!(stub("Security").contains(" _SecTrustEvaluateWithError,"), "{}", stub("Security"));
    }
}
