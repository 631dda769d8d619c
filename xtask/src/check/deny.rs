//! `deny.toml`, in the format of cargo-deny, as much of it as the project uses.
//!
//! A key that is not known here is an error: a rule that nobody reads would seem to hold.

use crate::{Error, cargo::root};
use semver::{Version, VersionReq};
use serde::Deserialize;

const FILE: &str = "deny.toml";

/// Where crates come from unless `deny.toml` says otherwise.
const CRATES_IO: &str = concat!("https://github.com/rust-lang/crates", ".io-index");

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Deny {
    #[allow(dead_code, reason = "both readings of the file look at all features")]
    graph: Graph,
    pub(super) advisories: Advisories,
    pub(super) licenses: Licenses,
    pub(super) bans: Bans,
    pub(super) sources: Sources,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[allow(dead_code, reason = "both readings of the file look at all features")]
struct Graph {
    all_features: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Advisories {
    pub(super) ignore: Vec<Ignored>,
}

/// Known and accepted; the reason is not optional.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "read to demand them")]
pub(super) struct Ignored {
    id: String,
    reason: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Licenses {
    pub(super) allow: Vec<String>,
    #[serde(default)]
    pub(super) exceptions: Vec<Exception>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Exception {
    #[serde(rename = "crate")]
    pub(super) package: Spec,
    pub(super) allow: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Bans {
    pub(super) multiple_versions: Level,
    pub(super) wildcards: Level,
    #[serde(default)]
    pub(super) allow_wildcard_paths: bool,
    pub(super) deny: Vec<Banned>,
    #[serde(default)]
    pub(super) skip: Vec<Skipped>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Banned {
    #[serde(rename = "crate")]
    pub(super) package: Spec,
    pub(super) reason: String,
    pub(super) use_instead: Option<String>,
}

/// One of several versions that is not counted.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Skipped {
    #[serde(rename = "crate")]
    pub(super) package: Spec,
    #[allow(dead_code, reason = "read to demand it")]
    reason: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Sources {
    pub(super) unknown_registry: Level,
    pub(super) unknown_git: Level,
    #[serde(default = "crates_io")]
    pub(super) allow_registry: Vec<String>,
    #[serde(default)]
    pub(super) allow_git: Vec<String>,
}

fn crates_io() -> Vec<String> {
    vec![CRATES_IO.to_owned()]
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Level {
    Allow,
    Warn,
    Deny,
}

/// Which package, and which of its versions.
#[derive(Debug, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Spec {
    name: String,
    versions: VersionReq,
}

impl Spec {
    pub(super) fn matches(&self, name: &str, version: &Version) -> bool {
        self.name == name && self.versions.matches(version)
    }
}

impl std::fmt::Display for Spec {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.name, self.versions)
    }
}

/// `name`, `name:requirement` or `name@exact.version`.
impl TryFrom<String> for Spec {
    type Error = semver::Error;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let (name, versions) = if let Some((name, exact)) = text.split_once('@') {
            (name, VersionReq::parse(&format!("={exact}"))?)
        } else if let Some((name, requirement)) = text.split_once(':') {
            (name, VersionReq::parse(requirement)?)
        } else {
            (text.as_str(), VersionReq::STAR)
        };
        Ok(Self { name: name.to_owned(), versions })
    }
}

impl Deny {
    pub(super) fn read() -> Result<Self, Error> {
        let path = root().join(FILE);
        let text = std::fs::read_to_string(&path).map_err(Error::file("read", &path))?;
        Self::parse(&text)
    }

    pub(super) fn parse(text: &str) -> Result<Self, Error> {
        toml::from_str(text).map_err(|error| Error::Unusable { file: FILE, reason: error.to_string() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn spec(text: &str) -> Spec {
        Spec::try_from(text.to_owned()).unwrap()
    }

    #[track_caller]
    fn version(text: &str) -> Version {
        Version::parse(text).unwrap()
    }

    #[test]
    fn a_package_is_named_alone_with_a_range_or_exactly() {
        assert!(spec("rand").matches("rand", &version("0.9.5")));
        assert!(!spec("rand").matches("rand_core", &version("0.9.5")));
        assert!(spec("rand:^0.9").matches("rand", &version("0.9.5")));
        assert!(!spec("rand:^0.9").matches("rand", &version("0.10.0")));
        assert!(!spec("rand@0.9.4").matches("rand", &version("0.9.5")));
    }

    #[test]
    fn the_project_s_own_file_is_read() {
        assert!(Deny::read().is_ok());
    }

    #[test]
    fn a_rule_that_nobody_would_read_is_refused() {
        let text = std::fs::read_to_string(root().join(FILE)).unwrap();
        let error = Deny::parse(&text.replace("[graph]", "[graph]\ntargets = []")).unwrap_err();
        assert!(error.to_string().contains("targets"), "{error}");
    }

    #[test]
    fn an_exception_without_a_reason_is_refused() {
        let text = std::fs::read_to_string(root().join(FILE)).unwrap();
        let text = text.replacen("skip = [", "skip = [{ crate = \"x\" },", 1);
        assert!(Deny::parse(&text).unwrap_err().to_string().contains("reason"));
    }
}
