//! The rules that the compiler does not know, each a command of its own.

mod bare_path;
mod boundary;
mod deny;
mod inventory;
mod library;
mod packages;
mod rust_source;
mod supply_chain;
mod words;

use crate::{Error, cargo::Metadata, dist::PLUGIN, manifest::Manifest};
pub(crate) use words::machine_words;

/// A rule of the project.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Check {
    /// No file names a path, a registry or a network address of somebody's machine.
    Words,
    /// Each idea stays where ARCHITECTURE.md says it lives.
    Boundary,
    /// `manifest.toml` has the versions of the packages.
    Manifest,
    /// The packages that the project promises to build on are used where they belong.
    Packages,
    /// Licences, bans, duplicates and sources of all dependencies are as `deny.toml` has them, and
    /// `docs/dependencies.md` names each.
    SupplyChain,
    /// The shipped library exports one symbol, stays loaded, and is small; after `dist`.
    Library,
    /// Tests and demo build with nothing on PATH but git, Rust and a linker; takes minutes.
    BarePath,
}

/// Those that need no build.
const QUICK: [Check; 5] =
    [Check::Words, Check::Boundary, Check::Manifest, Check::Packages, Check::SupplyChain];

/// What a check looked at, and what it did not like.
struct Verdict {
    examined: String,
    findings: Vec<String>,
}

/// Runs the checks, or all quick ones, and fails with the findings of the first that has any.
///
/// # Errors
/// [`Error::Findings`], or why a check could not be made: none is ever skipped.
pub fn run(checks: &[Check]) -> Result<(), Error> {
    let checks = if checks.is_empty() { &QUICK } else { checks };
    checks.iter().try_for_each(|check| check.run())
}

impl Check {
    fn run(self) -> Result<(), Error> {
        let Verdict { examined, findings } = match self {
            Self::Words => words::verdict()?,
            Self::Boundary => boundary::verdict()?,
            Self::Manifest => manifest()?,
            Self::Packages => packages::verdict()?,
            Self::SupplyChain => supply_chain::verdict()?,
            Self::Library => library::verdict()?,
            Self::BarePath => bare_path::verdict()?,
        };
        if !findings.is_empty() {
            return Err(Error::Findings { check: self.name(), findings });
        }
        println!("{}: {examined}", self.name());
        Ok(())
    }

    fn name(self) -> &'static str {
        match self {
            Self::Words => "words",
            Self::Boundary => "boundary",
            Self::Manifest => "manifest",
            Self::Packages => "packages",
            Self::SupplyChain => "supply-chain",
            Self::Library => "library",
            Self::BarePath => "bare-path",
        }
    }
}

fn manifest() -> Result<Verdict, Error> {
    let workspace = Metadata::workspace()?;
    let findings = Manifest::read()?.disagreements(workspace.package(PLUGIN)?, &workspace)?;
    Ok(Verdict { examined: "two versions agree".to_owned(), findings })
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::ValueEnum;

    #[test]
    fn a_check_calls_itself_what_it_is_called_on_the_command_line() {
        for check in Check::value_variants() {
            let typed = check.to_possible_value().unwrap();
            assert_eq!(check.name(), typed.get_name());
        }
    }
}
