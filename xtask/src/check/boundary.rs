//! Each idea in its place: the two toolkits, `unsafe`, the two state machines, the two sides.

use super::{
    Verdict,
    rust_source::identifiers,
    words::{SourceFile, sources},
};
use crate::{
    Error,
    cargo::{Dependency, Metadata},
};
use std::collections::BTreeSet;

/// Which crate alone may name which toolkit: that of the ABI, which nobody maintains, and that of
/// Node-API, whose macros expand to `unsafe`.
const TOOLKITS: [(&str, &str); 3] =
    [("abi_stable", "host-sdk/"), ("napi", "host-openclaw/"), ("napi_derive", "host-openclaw/")];

/// Where `unsafe` may be written: where raw values cross, where libraries are opened, and, in the benchmark,
/// where the system's allocator is asked. Not in host-openclaw, which allows what its macros expand to, and is as
/// plain as any other crate.
const UNSAFE: [&str; 5] = [
    "host-sdk/src/abi/",
    "host-sdk/src/host/linking.rs",
    "host-sdk/src/export/root.rs",
    "host-sdk/src/export/mod.rs",
    "benches/src/memory.rs",
];

/// The state machines, which are values that are told things.
const MACHINES: [&str; 2] = ["plugin/src/stream/session", "plugin/src/card/session"];

/// What a state machine does not know.
const OUTSIDE_OF_MACHINES: [&str; 2] = ["tokio", "serde_json"];

/// Which package may not reach which, and through what: dev-dependencies count only where they
/// would blur the sides.
const APART: [(&str, &str, Reach); 5] = [
    ("plugin", "host-mock", Reach::WithTests),
    ("host-mock", "plugin", Reach::Shipped),
    ("host-sdk", "plugin", Reach::WithTests),
    ("host-openclaw", "plugin", Reach::WithTests),
    ("host-openclaw", "host-mock", Reach::Shipped),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Reach {
    Shipped,
    WithTests,
}

pub(super) fn verdict() -> Result<Verdict, Error> {
    let files = sources()?;
    let rust: Vec<_> = files.iter().filter(|file| file.path.ends_with(".rs")).collect();
    let mut findings: Vec<_> = rust.iter().flat_map(|file| misplaced(file)).collect();
    findings.extend(missing_machines(&rust));
    let workspace = Metadata::workspace()?;
    findings.extend(named_in_manifests(&workspace));
    findings.extend(APART.into_iter().filter_map(|(from, to, reach)| reached(&workspace, from, to, reach)));
    Ok(Verdict { examined: format!("{} Rust files keep to their places", rust.len()), findings })
}

/// What the file says that belongs elsewhere, the first of each kind.
fn misplaced(file: &SourceFile) -> Vec<String> {
    let path = file.path.as_str();
    let words = identifiers(&file.text);
    let first = |wanted: &str| words.iter().find(|(_, word)| *word == wanted).map(|(line, _)| *line);
    let mut findings = Vec::new();
    for (toolkit, place) in TOOLKITS.into_iter().filter(|(_, place)| !path.starts_with(place)) {
        if let Some(line) = first(toolkit) {
            findings.push(format!("{path}:{line}: only {place} names {toolkit}: use that crate's own types"));
        }
    }
    if let Some(line) = first("unsafe").filter(|_| !UNSAFE.iter().any(|place| path.starts_with(place))) {
        findings.push(format!("{path}:{line}: `unsafe` stays in {}", UNSAFE.join(", ")));
    }
    if is_machine(path) {
        for outside in OUTSIDE_OF_MACHINES {
            if let Some(line) = first(outside) {
                findings.push(format!(
                    "{path}:{line}: a state machine does not know {outside}: let the driver tell it"
                ));
            }
        }
    }
    findings
}

/// The machine itself, in one file or several; its tests may know what they like.
fn is_machine(path: &str) -> bool {
    MACHINES.iter().any(|machine| path.starts_with(machine)) && !path.ends_with("tests.rs")
}

/// A rule about a file that is gone would hold for ever.
fn missing_machines(files: &[&SourceFile]) -> Vec<String> {
    let missing = |machine: &&str| !files.iter().any(|file| file.path.starts_with(machine));
    let missing = MACHINES.iter().copied().filter(missing);
    missing.map(|machine| format!("{machine}.rs is not there: if it moved, tell this check")).collect()
}

fn named_in_manifests(workspace: &Metadata) -> Vec<String> {
    let mut findings = Vec::new();
    for (toolkit, place) in TOOLKITS {
        let owner = place.trim_end_matches('/');
        let elsewhere = workspace.packages.iter().filter(|package| package.name != owner);
        let depending = elsewhere.filter(|package| package.dependencies.iter().any(|it| names(it, toolkit)));
        findings.extend(
            depending.map(|package| format!("{} depends on {toolkit}: only {owner} may", package.name)),
        );
    }
    findings
}

/// Packages are written with `-` where code has `_`.
fn names(dependency: &Dependency, toolkit: &str) -> bool {
    dependency.name.replace('-', "_") == toolkit
}

/// Whether `from` reaches `to` through packages of the workspace.
fn reached(workspace: &Metadata, from: &str, to: &str, reach: Reach) -> Option<String> {
    let mut seen = BTreeSet::from([from]);
    let mut waiting = vec![(from, reach)];
    while let Some((name, reach)) = waiting.pop() {
        let Some(package) = workspace.packages.iter().find(|package| package.name == name) else { continue };
        let counted = package
            .dependencies
            .iter()
            .filter(|dependency| reach == Reach::WithTests || dependency.kind.as_deref() != Some("dev"));
        for dependency in counted {
            if dependency.name == to {
                return Some(format!(
                    "{from} reaches {to} through {name}: the two sides share only host-sdk"
                ));
            }
            if seen.insert(&dependency.name) {
                // The tests of a dependency are not built with us.
                waiting.push((&dependency.name, Reach::Shipped));
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cargo::Package;

    #[track_caller]
    fn file(path: &str, text: &str) -> SourceFile {
        SourceFile { path: path.to_owned(), text: text.to_owned() }
    }

    #[track_caller]
    fn workspace(dependencies: &[(&str, &str, Option<&str>)]) -> Metadata {
        let mut packages: Vec<Package> = Vec::new();
        for (from, to, kind) in dependencies {
            let dependency = Dependency {
                name: (*to).to_owned(),
                kind: kind.map(str::to_owned),
                req: "*".to_owned(),
                path: None,
            };
            packages.push(Package {
                name: (*from).to_owned(),
                version: semver::Version::new(1, 0, 0),
                source: None,
                license: None,
                dependencies: vec![dependency],
                manifest_path: "Cargo.toml".into(),
            });
        }
        Metadata { packages, target_directory: "target".into() }
    }

    #[test]
    fn the_toolkit_is_named_by_host_sdk_only() {
        let text = "use abi_stable::std_types::RString;";
        assert_eq!(misplaced(&file("host-sdk/src/abi/wire.rs", text)), [""; 0]);
        assert_eq!(misplaced(&file("plugin/src/lib.rs", text)).len(), 1);
    }

    #[test]
    fn node_api_is_the_second_host_s_alone_and_its_unsafe_is_written_by_macros() {
        let text = "use napi_derive::napi;";
        assert_eq!(misplaced(&file("host-openclaw/src/plugin.rs", text)), [""; 0]);
        assert!(!misplaced(&file("host-mock/src/lib.rs", text)).is_empty());
        assert_eq!(misplaced(&file("host-openclaw/src/plugin.rs", "unsafe {}")).len(), 1);
        let depending = workspace(&[("host-mock", "napi-derive", None)]);
        assert_eq!(named_in_manifests(&depending).len(), 1);
    }

    #[test]
    fn speaking_of_the_toolkit_is_not_naming_it() {
        assert_eq!(
            misplaced(&file("plugin/src/lib.rs", "//! not abi_stable\nconst X: &str = \"unsafe\";")),
            [""; 0]
        );
    }

    #[test]
    fn unsafe_code_is_found_outside_of_its_places_with_its_line() {
        let findings = misplaced(&file("plugin/src/lib.rs", "\nfn f() { unsafe {} }"));
        assert!(findings[0].starts_with("plugin/src/lib.rs:2:"), "{findings:?}");
        assert_eq!(misplaced(&file("host-sdk/src/host/linking.rs", "unsafe {}")), [""; 0]);
    }

    #[test]
    fn a_state_machine_knows_neither_runtime_nor_json() {
        let text = "use std::time::Instant;\nuse tokio::time::sleep;\nfn f(x: serde_json::Value) {}";
        assert_eq!(misplaced(&file("plugin/src/stream/session.rs", text)).len(), 2);
        for other in ["plugin/src/stream/driver.rs", "plugin/src/stream/session/tests.rs"] {
            assert_eq!(misplaced(&file(other, text)), [""; 0], "{other}");
        }
    }

    #[test]
    fn a_machine_that_moved_away_is_missed() {
        let moved = file("plugin/src/stream/session/mod.rs", "");
        assert_eq!(missing_machines(&[&moved]).len(), 1);
    }

    #[test]
    fn the_sides_meet_through_nothing_but_the_sdk() {
        let through = workspace(&[("plugin", "middle", None), ("middle", "host-mock", None)]);
        assert!(reached(&through, "plugin", "host-mock", Reach::WithTests).is_some());

        let in_tests = workspace(&[("host-mock", "plugin", Some("dev"))]);
        assert_eq!(reached(&in_tests, "host-mock", "plugin", Reach::Shipped), None);
        assert!(reached(&in_tests, "host-mock", "plugin", Reach::WithTests).is_some());

        let tests_of_another = workspace(&[("plugin", "middle", None), ("middle", "host-mock", Some("dev"))]);
        assert_eq!(reached(&tests_of_another, "plugin", "host-mock", Reach::WithTests), None);
    }
}
