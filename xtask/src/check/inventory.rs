//! `docs/dependencies.md`, held against what cargo resolves.

use crate::{
    Error,
    cargo::{Package, cargo, output, root},
};
use std::{collections::BTreeSet, fs};

const PAGE: &str = "docs/dependencies.md";

/// The packages that ship, and where they do.
const SHIPPED: [&str; 2] = ["plugin", "host-openclaw"];
const PLATFORMS: [&str; 5] = [
    "x86_64-unknown-linux-gnu",
    "aarch64-unknown-linux-gnu",
    "x86_64-unknown-linux-musl",
    "aarch64-apple-darwin",
    "x86_64-pc-windows-gnu",
];

pub(super) fn findings(packages: &[Package]) -> Result<Vec<String>, Error> {
    let path = root().join(PAGE);
    let page = fs::read_to_string(&path).map_err(Error::file("read", &path))?;
    let ours: Names = packages.iter().filter(|package| package.source.is_none()).map(name).collect();
    let asked = packages.iter().filter(|package| package.source.is_none()).flat_map(|it| &it.dependencies);
    let direct = asked.filter(|it| it.path.is_none()).map(|it| it.name.clone()).collect();
    Ok(disagreements(&Inventory::of(&page), &direct, &(&shipped()? - &ours)))
}

type Names = BTreeSet<String>;

fn name(package: &Package) -> String {
    package.name.clone()
}

/// What the page names.
#[derive(Debug, Default)]
struct Inventory {
    /// Those that our own packages ask for: first in their rows.
    direct: Names,
    /// Those and what they bring, in the table of what ships.
    shipped: Names,
}

impl Inventory {
    fn of(page: &str) -> Self {
        let mut inventory = Self::default();
        for row in page.lines().filter(|line| line.starts_with("| `")) {
            let columns: Vec<_> = row.trim_matches('|').split('|').collect();
            let (first, brings) = (code(columns[0]), columns.get(2));
            if let Some(brings) = brings {
                inventory.shipped.extend(first.iter().cloned().chain(code(brings)));
            }
            inventory.direct.extend(first);
        }
        inventory
    }
}

/// What stands between backticks.
fn code(text: &str) -> Vec<String> {
    text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

fn disagreements(page: &Inventory, direct: &Names, shipped: &Names) -> Vec<String> {
    let mut findings = Vec::new();
    let mut compare = |what: &str, written: &Names, is: &Names| {
        findings.extend(is.difference(written).map(|it| format!("{it} {what}: say why in {PAGE}")));
        findings.extend(written.difference(is).map(|it| format!("{it} is in {PAGE}, but {it} not {what}")));
    };
    compare("is asked for by a Cargo.toml", &page.direct, direct);
    compare("is in what ships", &page.shipped, shipped);
    findings
}

/// All that the packages that ship are linked of, on the platforms that there are builds for.
fn shipped() -> Result<Names, Error> {
    let mut command = cargo();
    command.args(["tree", "--locked", "--edges=normal", "--prefix=none", "--format={p}"]);
    command.args(["--features", "host-openclaw/node"]);
    command.args(SHIPPED.iter().flat_map(|package| ["--package", package]));
    command.args(PLATFORMS.iter().flat_map(|platform| ["--target", platform]));
    let tree = String::from_utf8_lossy(&output(&mut command)?).into_owned();
    Ok(tree.lines().filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "| crate | what for | brings |\n|---|---|---|\n| `a`, `b` | x | `c`, and `d` |\n\n\
                        | crate | what for |\n|---|---|\n| `t` | `y` |\n";

    #[track_caller]
    fn names(names: &[&str]) -> Names {
        names.iter().copied().map(str::to_owned).collect()
    }

    #[track_caller]
    fn found(direct: &[&str], shipped: &[&str]) -> Vec<String> {
        disagreements(&Inventory::of(PAGE), &names(direct), &names(shipped))
    }

    #[test]
    fn a_page_that_names_each_is_fine() {
        assert_eq!(found(&["a", "b", "t"], &["a", "b", "c", "d"]), [""; 0]);
    }

    #[test]
    fn a_crate_that_the_page_does_not_name_is_found() {
        let findings = found(&["a", "b", "t", "new"], &["a", "b", "c", "d", "brought"]);
        assert_eq!(findings.len(), 2, "{findings:?}");
        assert!(
            findings[0].starts_with("new is asked for")
                && findings[1].starts_with("brought is in what ships")
        );
    }

    #[test]
    fn a_crate_that_is_gone_is_found() {
        assert_eq!(found(&["a", "b"], &["a", "b", "c", "d"]).len(), 1, "t");
        assert_eq!(found(&["a", "b", "t"], &["a", "b", "c"]).len(), 1, "d");
    }
}
