//! `manifest.toml`: the source at the workspace's root, and the copy that ships.

use crate::{
    Error,
    cargo::{Metadata, Package, root},
    platform::Platform,
};
use semver::Version;
use serde::Deserialize;
use std::path::Path;

/// The name of the file, in the source as in the folder.
pub(crate) const FILE: &str = "manifest.toml";

/// The source.
#[derive(Debug)]
pub(crate) struct Manifest {
    text: String,
    fields: Fields,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "`name` and `capabilities` are read to demand them")]
struct Fields {
    id: String,
    name: String,
    version: Version,
    sdk: Version,
    library: String,
    capabilities: Vec<String>,
}

impl Manifest {
    /// Reads the workspace's manifest, which is the plugin's.
    pub(crate) fn read() -> Result<Self, Error> {
        Self::read_at(&root().join(FILE))
    }

    /// Reads the manifest beside the Cargo.toml of another channel.
    pub(crate) fn beside(channel: &Package) -> Result<Self, Error> {
        Self::read_at(&channel.manifest_path.with_file_name(FILE))
    }

    fn read_at(path: &Path) -> Result<Self, Error> {
        Self::parse(std::fs::read_to_string(path).map_err(Error::file("read", path))?)
    }

    fn parse(text: String) -> Result<Self, Error> {
        // A `sha256` is an unknown field here: only the folder's copy has one.
        let fields = toml::from_str(&text)
            .map_err(|error| Error::Unusable { file: FILE, reason: error.to_string() })?;
        Ok(Self { text, fields })
    }

    /// The channel's id, which names the folder.
    pub(crate) fn id(&self) -> &str {
        &self.fields.id
    }

    /// The version of the channel.
    pub(crate) fn version(&self) -> &Version {
        &self.fields.version
    }

    /// The library's file name on a platform.
    pub(crate) fn library_file(&self, platform: Platform) -> String {
        platform.library_file(&self.fields.library)
    }

    /// The copy that ships: the same text, and the library's digest in hex.
    pub(crate) fn with_sha256(&self, digest: &str) -> String {
        let text = self.text.trim_end();
        format!("{text}\nsha256 = \"{digest}\"\n")
    }

    /// What differs from the packages that the manifest speaks of.
    pub(crate) fn disagreements(
        &self,
        channel: &Package,
        workspace: &Metadata,
    ) -> Result<Vec<String>, Error> {
        let sdk = workspace.package("host-sdk")?;
        Ok(self.disagreements_with(&channel.version, &sdk.version))
    }

    fn disagreements_with(&self, plugin: &Version, sdk: &Version) -> Vec<String> {
        let pairs = [("version", &self.fields.version, plugin), ("sdk", &self.fields.sdk, sdk)];
        pairs
            .into_iter()
            .filter(|(_, written, actual)| written != actual)
            .map(|(key, written, actual)| {
                format!("{FILE} says {key} = \"{written}\", its package is {actual}: write {actual}")
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"id = "x"
name = "X"
version = "0.1.0"
sdk = "1.0.0"
library = "open_x"
capabilities = ["direct"]
"#;

    fn manifest() -> Manifest {
        Manifest::parse(GOOD.to_owned()).unwrap()
    }

    #[track_caller]
    fn version(text: &str) -> Version {
        Version::parse(text).unwrap()
    }

    #[test]
    fn the_shipped_copy_is_the_source_and_the_digest() {
        let shipped: toml::Table = manifest().with_sha256("00ff").parse().unwrap();
        assert_eq!(shipped["sha256"].as_str(), Some("00ff"));
        assert_eq!(shipped["library"].as_str(), Some("open_x"));
        assert_eq!(shipped.len(), 7);
    }

    #[test]
    fn the_source_may_not_carry_a_digest() {
        let error = Manifest::parse(manifest().with_sha256("00ff")).unwrap_err();
        assert!(error.to_string().contains("sha256"), "{error}");
    }

    #[test]
    fn the_library_is_named_as_the_platform_names_libraries() {
        assert_eq!(manifest().library_file(Platform { os: "win32", cpu: "x64", libc: None }), "open_x.dll");
    }

    #[test]
    fn a_version_that_is_not_the_package_s_is_named_with_the_right_one() {
        assert_eq!(manifest().disagreements_with(&version("0.1.0"), &version("1.0.0")), [""; 0]);

        let findings = manifest().disagreements_with(&version("0.2.0"), &version("1.1.0"));
        assert!(findings[0].contains("version") && findings[0].contains("0.2.0"), "{findings:?}");
        assert!(findings[1].contains("sdk") && findings[1].contains("1.1.0"), "{findings:?}");
    }

    #[test]
    fn the_workspace_s_manifest_agrees_with_its_packages() {
        let workspace = Metadata::workspace().unwrap();
        let plugin = workspace.package("plugin").unwrap();
        assert_eq!(Manifest::read().unwrap().disagreements(plugin, &workspace).unwrap(), [""; 0]);
    }
}
