//! `manifest.toml`: what a host reads before it loads anything.

use super::{LoadError, folder};
use semver::Version;
use serde::Deserialize;
use std::{
    io::{self, Read},
    path::{Component, Path, PathBuf},
};

/// The name of the file.
pub(crate) const FILE: &str = "manifest.toml";

/// Bytes of a manifest that are read. A few hundred are usual.
const LONGEST: u64 = 64 * 1024;

/// What a plugin says about itself on paper.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Manifest {
    /// The channel's id.
    pub id: String,
    /// What people call it.
    #[serde(default)]
    pub name: String,
    /// The plugin's version.
    pub version: Version,
    /// The version of host-sdk it was built with.
    pub sdk: Version,
    /// The library's name without prefix and suffix, which are the platform's.
    pub library: String,
    /// Of the library file, in hex; checked when present. Without it a truncated file is noticed all the
    /// same, and one with a changed byte is not.
    pub sha256: Option<String>,
    /// What the plugin can do, in words that a host may know.
    #[serde(default)]
    pub capabilities: Vec<String>,
    /// Keys that this host does not know.
    #[serde(skip)]
    pub unknown_keys: Vec<String>,
}

/// Every key of [`Manifest`], to tell the others apart.
const KEYS: [&str; 7] = ["id", "name", "version", "sdk", "library", "sha256", "capabilities"];

impl Manifest {
    /// Reads the manifest of the plugin in `directory`.
    ///
    /// # Errors
    /// When there is none, it does not say what it must, or anyone may change it.
    pub fn read(directory: &Path) -> Result<Self, LoadError> {
        let path = directory.join(FILE);
        folder::check_manifest(directory, &path)?;
        let unusable = |reason: String| LoadError::Manifest { path: path.clone(), reason };
        let text = read_text(&path).map_err(|error| unusable(error.to_string()))?;
        let mut manifest: Self = toml::from_str(&text).map_err(|error| unusable(error.to_string()))?;
        if !is_bare(&manifest.library) {
            let reason = format!("`library` is a name without a path, not {:?}", manifest.library);
            return Err(unusable(reason));
        }
        let keys = text.parse::<toml::Table>().unwrap_or_default();
        manifest.unknown_keys =
            keys.into_iter().map(|(key, _)| key).filter(|key| !KEYS.contains(&&**key)).collect();
        Ok(manifest)
    }

    /// Where the library is.
    pub(crate) fn library_path(&self, directory: &Path) -> PathBuf {
        let (prefix, suffix) = (std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
        directory.join(format!("{prefix}{}{suffix}", self.library))
    }

    /// Refuses a plugin that was built with another major version of this crate.
    pub(crate) fn check_sdk(&self) -> Result<(), LoadError> {
        check_sdk(&self.sdk)
    }
}

/// The version of this crate.
pub(crate) fn our_sdk() -> Version {
    let [major, minor, patch] =
        [env!("CARGO_PKG_VERSION_MAJOR"), env!("CARGO_PKG_VERSION_MINOR"), env!("CARGO_PKG_VERSION_PATCH")]
            .map(|part| part.parse().unwrap_or_default());
    Version::new(major, minor, patch)
}

pub(crate) fn check_sdk(plugin: &Version) -> Result<(), LoadError> {
    let host = our_sdk();
    if plugin.major == host.major { Ok(()) } else { Err(LoadError::Sdk { plugin: plugin.clone(), host }) }
}

/// The text of a file, as far as it may go.
fn read_text(path: &Path) -> io::Result<String> {
    let mut text = Vec::new();
    let length = folder::open(path)?.take(LONGEST + 1).read_to_end(&mut text)?;
    if length as u64 > LONGEST {
        return Err(io::Error::other(format!("it is longer than {LONGEST} bytes, and no manifest")));
    }
    String::from_utf8(text).map_err(io::Error::other)
}

fn is_bare(name: &str) -> bool {
    let mut parts = Path::new(name).components();
    let single = matches!((parts.next(), parts.next()), (Some(Component::Normal(_)), None));
    single && !name.contains(['/', '\\', '\0'])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Manifest, LoadError> {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join(FILE), text).unwrap();
        Manifest::read(directory.path())
    }

    const GOOD: &str = "id = \"x\"\nversion = \"0.1.0\"\nsdk = \"1.0.0\"\nlibrary = \"x\"\n";

    #[test]
    fn unknown_keys_are_noted_and_nothing_more() {
        let manifest = read(&format!("{GOOD}colour = \"red\"\n")).unwrap();
        assert_eq!(manifest.unknown_keys, ["colour"]);
    }

    #[test]
    fn a_wrong_type_names_line_and_column() {
        for (right, wrong, place) in [
            ("id = \"x\"", "id = 7", "line 1, column 6"),
            ("version = \"0.1.0\"", "version = \"new\"", "line 2, column 11"),
            ("sdk = \"1.0.0\"", "sdk = 1.0", "line 3, column 7"),
            ("library = \"x\"", "library = [\"x\"]", "line 4, column 11"),
            ("library = \"x\"", "library = \"x\"\nsha256 = false", "line 5, column 10"),
            ("library = \"x\"", "library = \"x\"\ncapabilities = \"all\"", "line 5, column 16"),
            ("library = \"x\"", "library = \"x\"\nname = {}", "line 5, column 8"),
        ] {
            let error = read(&GOOD.replacen(right, wrong, 1)).unwrap_err();
            assert!(error.to_string().contains(place), "{wrong}: {error}");
        }
    }

    #[test]
    fn a_missing_key_is_named() {
        for key in ["id", "version", "sdk", "library"] {
            let rest = GOOD.lines().filter(|line| !line.starts_with(&format!("{key} =")));
            let error = read(&rest.collect::<Vec<_>>().join("\n")).unwrap_err();
            assert!(error.to_string().contains(&format!("missing field `{key}`")), "{error}");
        }
    }

    #[test]
    fn a_manifest_without_an_end_is_not_read_to_its_end() {
        let fitting = format!("{GOOD}# {}", "long ".repeat(12_000));
        assert!(read(&fitting).is_ok());
        let error = read(&fitting.repeat(2)).unwrap_err();
        assert!(error.to_string().contains("longer than 65536 bytes"), "{error}");
        let deep = read(&format!("{GOOD}deep = {}", "[".repeat(30_000))).unwrap_err();
        assert_eq!(deep.code(), "manifest");
    }

    #[test]
    fn a_library_outside_of_the_folder_is_refused() {
        for path in ["../x", "/usr/lib/x", "a/b", "..", ""] {
            let text = GOOD.replace("library = \"x\"", &format!("library = {path:?}"));
            assert!(matches!(read(&text), Err(LoadError::Manifest { .. })), "{path}");
        }
    }

    #[test]
    fn another_major_version_of_the_sdk_is_refused_with_both_versions() {
        let manifest = read(&GOOD.replace("1.0.0", "2.3.0")).unwrap();
        let error = manifest.check_sdk().unwrap_err().to_string();
        assert!(error.contains("2.3.0") && error.contains(env!("CARGO_PKG_VERSION")), "{error}");
    }
}
