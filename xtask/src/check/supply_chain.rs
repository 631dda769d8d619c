//! A light reading of `deny.toml`: licences, bans, duplicates and sources, from cargo's metadata; and the page that
//! names each dependency.
//!
//! Installing cargo-deny would cost minutes of every run, this costs none. It does not know the
//! advisories, which need a database from the network: `cargo deny check advisories` does.

use super::{
    Verdict,
    deny::{Deny, Level, Spec},
    inventory,
};
use crate::{
    Error,
    cargo::{Metadata, Package},
};
use spdx::{Expression, LicenseReq, Licensee, ParseMode};
use std::collections::BTreeMap;

pub(super) fn verdict() -> Result<Verdict, Error> {
    let deny = Deny::read()?;
    let packages = Metadata::everything()?.packages;
    let (foreign, ignored) =
        (packages.iter().filter(|package| package.source.is_some()).count(), deny.advisories.ignore.len());
    let examined = format!("{foreign} dependencies are as deny.toml has them; {ignored} advisories accepted");
    let mut findings = findings(&deny, &packages);
    findings.extend(inventory::findings(&packages)?);
    Ok(Verdict { examined, findings })
}

fn findings(deny: &Deny, packages: &[Package]) -> Vec<String> {
    let mut findings = unused_entries(deny, packages);
    for package in packages {
        findings.extend(license(deny, package));
        findings.extend(ban(deny, package));
        findings.extend(source(deny, package));
        findings.extend(wildcards(deny, package));
    }
    if deny.bans.multiple_versions == Level::Deny {
        findings.extend(duplicates(deny, packages));
    }
    findings
}

fn license(deny: &Deny, package: &Package) -> Option<String> {
    let name = &package.name;
    let Some(license) = &package.license else {
        return Some(format!("{name} {} states no licence", package.version));
    };
    let exceptions = deny.licenses.exceptions.iter().filter(|exception| covers(&exception.package, package));
    let allowed = exceptions.flat_map(|exception| &exception.allow).chain(&deny.licenses.allow);
    match is_allowed(license, allowed) {
        Ok(true) => None,
        Ok(false) => {
            Some(format!("{name} {} is under {license}, which deny.toml does not allow", package.version))
        }
        Err(reason) => Some(format!("the licence of {name}, {license:?}: {reason}")),
    }
}

/// Whether the allowed licences satisfy the SPDX expression, old spellings with `/` included.
fn is_allowed<'a>(expression: &str, allowed: impl Iterator<Item = &'a String>) -> Result<bool, String> {
    let expression = Expression::parse_mode(expression, ParseMode::LAX).map_err(|error| error.to_string())?;
    let allowed = allowed
        .map(|license| Licensee::parse(license).map_err(|error| error.to_string()))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(expression.evaluate(|wanted: &LicenseReq| allowed.iter().any(|license| license.satisfies(wanted))))
}

fn ban(deny: &Deny, package: &Package) -> Option<String> {
    let banned = deny.bans.deny.iter().find(|banned| covers(&banned.package, package))?;
    let instead = banned.use_instead.as_deref().map(|other| format!("; use {other}")).unwrap_or_default();
    Some(format!("{} {} is banned: {}{instead}", package.name, package.version, banned.reason))
}

fn source(deny: &Deny, package: &Package) -> Option<String> {
    let source = package.source.as_deref()?;
    let (kind, address) = source.split_once('+').unwrap_or(("", source));
    let sources = &deny.sources;
    let (level, known) = match kind {
        "registry" | "sparse" => (sources.unknown_registry, &sources.allow_registry),
        _ => (sources.unknown_git, &sources.allow_git),
    };
    let known = known.iter().any(|known| address.trim_end_matches('/') == known.trim_end_matches('/'));
    let unwanted = level == Level::Deny && !known;
    unwanted.then(|| {
        format!("{} {} comes from {source}, not from the crate registry", package.name, package.version)
    })
}

fn wildcards(deny: &Deny, package: &Package) -> Vec<String> {
    if deny.bans.wildcards != Level::Deny || package.source.is_some() {
        return Vec::new();
    }
    let is_path = |path: &Option<_>| deny.bans.allow_wildcard_paths && path.is_some();
    let any = package.dependencies.iter().filter(|it| it.req == "*" && !is_path(&it.path));
    any.map(|it| format!("{} takes any version of {}: name one", package.name, it.name)).collect()
}

fn duplicates(deny: &Deny, packages: &[Package]) -> Vec<String> {
    let mut versions = BTreeMap::<&str, Vec<String>>::new();
    let counted =
        packages.iter().filter(|package| !deny.bans.skip.iter().any(|skip| covers(&skip.package, package)));
    for package in counted {
        versions.entry(&package.name).or_default().push(package.version.to_string());
    }
    versions
        .into_iter()
        .filter(|(_, versions)| versions.len() > 1)
        .map(|(name, versions)| {
            let versions = versions.join(" and ");
            format!("{name} is there as {versions}: agree on one, or skip one in deny.toml and say why")
        })
        .collect()
}

/// Exceptions that nothing needs any more.
fn unused_entries(deny: &Deny, packages: &[Package]) -> Vec<String> {
    let exceptions = deny.licenses.exceptions.iter().map(|exception| &exception.package);
    let entries = exceptions.chain(deny.bans.skip.iter().map(|skip| &skip.package));
    entries
        .filter(|entry| !packages.iter().any(|package| covers(entry, package)))
        .map(|entry| format!("deny.toml excepts {entry}, which is no longer a dependency: remove it"))
        .collect()
}

fn covers(spec: &Spec, package: &Package) -> bool {
    spec.matches(&package.name, &package.version)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cargo::Dependency;
    use semver::Version;

    const DENY: &str = r#"
[graph]
all-features = true
[advisories]
ignore = []
[licenses]
allow = ["MIT", "Apache-2.0"]
exceptions = [{ crate = "certificates", allow = ["CDLA-Permissive-2.0"] }]
[bans]
multiple-versions = "deny"
wildcards = "deny"
allow-wildcard-paths = true
deny = [{ crate = "openssl", reason = "it clashes", use-instead = "rustls" }]
skip = [{ crate = "rand:^0.9", reason = "old" }]
[sources]
unknown-registry = "deny"
unknown-git = "deny"
"#;

    const CRATES_IO: &str = concat!("registry+https://github.com/rust-lang/crates", ".io-index");

    #[track_caller]
    fn deny() -> Deny {
        Deny::parse(DENY).unwrap()
    }

    #[track_caller]
    fn package(name: &str, version: &str) -> Package {
        Package {
            name: name.to_owned(),
            version: Version::parse(version).unwrap(),
            source: Some(CRATES_IO.to_owned()),
            license: Some("MIT".to_owned()),
            dependencies: Vec::new(),
            manifest_path: "Cargo.toml".into(),
        }
    }

    #[track_caller]
    fn under(license: &str) -> Package {
        Package { license: Some(license.to_owned()), ..package("x", "1.0.0") }
    }

    #[test]
    fn an_expression_is_allowed_when_one_choice_is() {
        for fine in ["MIT", "GPL-3.0-only OR MIT", "MIT/GPL-3.0", "(MIT OR ISC) AND Apache-2.0"] {
            assert_eq!(license(&deny(), &under(fine)), None, "{fine}");
        }
        for refused in ["GPL-3.0-only", "MIT AND ISC", "GPL-3.0-only OR (MIT AND ISC)"] {
            assert!(license(&deny(), &under(refused)).is_some(), "{refused}");
        }
    }

    #[test]
    fn a_licence_with_an_exception_is_another_licence() {
        assert!(license(&deny(), &under("Apache-2.0 WITH LLVM-exception")).is_some());
        assert_eq!(license(&deny(), &under("Apache-2.0 WITH LLVM-exception OR MIT")), None);
    }

    #[test]
    fn no_licence_and_nonsense_are_refused() {
        assert!(license(&deny(), &Package { license: None, ..under("MIT") }).is_some());
        assert!(license(&deny(), &under("do what you like")).is_some());
    }

    #[test]
    fn an_exception_is_for_its_crate_alone() {
        let data =
            |name| Package { license: Some("CDLA-Permissive-2.0".to_owned()), ..package(name, "1.0.0") };
        assert_eq!(license(&deny(), &data("certificates")), None);
        assert!(license(&deny(), &data("others")).is_some());
    }

    #[test]
    fn a_ban_tells_why_and_what_instead() {
        let finding = ban(&deny(), &package("openssl", "0.10.0")).unwrap();
        assert!(finding.contains("it clashes") && finding.contains("use rustls"), "{finding}");
        assert_eq!(ban(&deny(), &package("openssl-probe", "0.1.0")), None);
    }

    #[test]
    fn crates_come_from_crates_io_or_from_the_workspace() {
        let from =
            |source: Option<&str>| Package { source: source.map(str::to_owned), ..package("x", "1.0.0") };
        assert_eq!(source(&deny(), &from(None)), None);
        assert_eq!(source(&deny(), &from(Some(CRATES_IO))), None);
        assert!(source(&deny(), &from(Some("registry+https://example.org/index"))).is_some());
        assert!(source(&deny(), &from(Some("git+https://example.org/x?rev=1#2"))).is_some());
    }

    #[test]
    fn two_versions_are_one_too_many_unless_one_is_skipped() {
        let packages = ["0.9.1", "0.10.0"].map(|version| package("rand", version));
        assert_eq!(duplicates(&deny(), &packages), [""; 0]);

        let packages = ["1.0.0", "2.0.0"].map(|version| package("syn", version));
        assert_eq!(duplicates(&deny(), &packages).len(), 1);
    }

    #[test]
    fn an_exception_that_nothing_needs_is_to_be_removed() {
        let findings = unused_entries(&deny(), &[package("rand", "0.9.1")]);
        assert_eq!(findings.len(), 1);
        assert!(findings[0].contains("certificates"), "{findings:?}");
    }

    #[test]
    fn any_version_will_do_only_for_our_own() {
        let dependency = |path: Option<&str>| Dependency {
            name: "y".to_owned(),
            kind: None,
            req: "*".to_owned(),
            path: path.map(Into::into),
        };
        let ours =
            |dependency| Package { source: None, dependencies: vec![dependency], ..package("x", "1.0.0") };
        assert_eq!(wildcards(&deny(), &ours(dependency(None))).len(), 1);
        assert_eq!(wildcards(&deny(), &ours(dependency(Some("y")))), [""; 0]);
    }
}
