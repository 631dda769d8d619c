//! The packages that the project promises to build on, really used.

use super::{
    Verdict,
    rust_source::identifiers,
    words::{SourceFile, is_within, sources},
};
use crate::{
    Error,
    cargo::{Metadata, Package, root},
};

/// What users were promised.
const PROMISED: [&str; 8] =
    ["abi_stable", "tokio", "tokio-tungstenite", "reqwest", "serde", "serde_json", "semver", "tracing"];

/// The crates that end up in a host's process.
const SHIPPED: [&str; 2] = ["plugin", "host-sdk"];

pub(super) fn verdict() -> Result<Verdict, Error> {
    let workspace = Metadata::workspace()?;
    let shipped = SHIPPED.map(|name| workspace.package(name)).into_iter().collect::<Result<Vec<_>, _>>()?;
    let files = sources()?;
    let findings = PROMISED.into_iter().filter_map(|promised| unused(promised, &shipped, &files)).collect();
    Ok(Verdict { examined: format!("{} packages are used where they belong", PROMISED.len()), findings })
}

/// Why the promised package is not used, or nothing if one shipped crate has and names it.
fn unused(promised: &str, shipped: &[&Package], files: &[SourceFile]) -> Option<String> {
    let having: Vec<_> = shipped.iter().filter(|package| has(package, promised)).collect();
    if having.is_empty() {
        return Some(format!("{promised} is a direct dependency of neither {}", SHIPPED.join(" nor ")));
    }
    let named = having.iter().any(|package| names(package, promised, files));
    (!named).then(|| {
        let having: Vec<_> = having.iter().map(|package| package.name.as_str()).collect();
        format!("{promised} is a dependency of {}, whose sources never name it", having.join(" and "))
    })
}

fn has(package: &Package, promised: &str) -> bool {
    package.dependencies.iter().any(|dependency| dependency.name == promised && dependency.kind.is_none())
}

fn names(package: &Package, promised: &str, files: &[SourceFile]) -> bool {
    let word = promised.replace('-', "_");
    let folder = package.manifest_path.with_file_name("src");
    let folder = folder.strip_prefix(root()).unwrap_or(&folder);
    let rust = files.iter().filter(|file| file.path.ends_with(".rs") && is_within(&file.path, folder));
    rust.into_iter().any(|file| identifiers(&file.text).iter().any(|(_, found)| *found == word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cargo::Dependency;

    #[track_caller]
    fn plugin(dependency: &str, kind: Option<&str>) -> Package {
        let dependency = Dependency {
            name: dependency.to_owned(),
            kind: kind.map(str::to_owned),
            req: "1".to_owned(),
            path: None,
        };
        Package {
            name: "plugin".to_owned(),
            version: semver::Version::new(1, 0, 0),
            source: None,
            license: None,
            dependencies: vec![dependency],
            manifest_path: root().join("plugin/Cargo.toml"),
        }
    }

    #[track_caller]
    fn source(text: &str) -> [SourceFile; 1] {
        [SourceFile { path: "plugin/src/lib.rs".to_owned(), text: text.to_owned() }]
    }

    #[test]
    fn a_package_that_the_sources_name_is_used() {
        let package = plugin("tokio-tungstenite", None);
        assert_eq!(unused("tokio-tungstenite", &[&package], &source("use tokio_tungstenite::x;")), None);
    }

    #[test]
    fn a_package_for_tests_alone_is_not_used() {
        let package = plugin("semver", Some("dev"));
        let finding = unused("semver", &[&package], &source("use semver::Version;")).unwrap();
        assert!(finding.contains("direct dependency"), "{finding}");
    }

    #[test]
    fn a_package_that_only_a_comment_names_is_not_used() {
        let package = plugin("semver", None);
        let finding = unused("semver", &[&package], &source("// semver")).unwrap();
        assert!(finding.contains("never name it"), "{finding}");
    }
}
