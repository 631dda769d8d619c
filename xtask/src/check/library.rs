//! The shipped library from outside: what it exports, whether it stays loaded, how large it is.

use super::Verdict;
use crate::{
    Error,
    cargo::{Metadata, output},
    manifest::Manifest,
    platform::Platform,
};
use std::{path::Path, process::Command};

/// In bytes. Measured at 5.30 MB; the goal is 4.5 MB.
const BUDGET: u64 = 5_400_000;

pub(super) fn verdict() -> Result<Verdict, Error> {
    let manifest = Manifest::read()?;
    let folder = Metadata::workspace()?.target_directory.join("dist").join(manifest.id());
    let library = folder.join(manifest.library_file(Platform::here()));
    let size = std::fs::metadata(&library)
        .map_err(Error::file("find the library (run `cargo xtask dist` first)", &library))?
        .len();

    let symbols = printed("nm", &["-D", "--defined-only"], &library)?;
    let mut findings = exports(&symbols);
    if size > BUDGET {
        findings.push(format!("the library has {size} bytes, the budget is {BUDGET}: what made it grow?"));
    }
    if cfg!(target_os = "linux") && !printed("readelf", &["-d"], &library)?.contains("NODELETE") {
        findings.push("the library may be unloaded under its threads: link it with -z nodelete".to_owned());
    }
    Ok(Verdict { examined: format!("{:.2} MB, one symbol", size as f64 / 1e6), findings })
}

/// What a tool of binutils says about `library`.
fn printed(tool: &str, arguments: &[&str], library: &Path) -> Result<String, Error> {
    let mut command = Command::new(tool);
    command.args(arguments).arg(library);
    Ok(String::from_utf8_lossy(&output(&mut command)?).into_owned())
}

/// A host looks for one symbol; every other may meet one of the host's own.
fn exports(symbols: &str) -> Vec<String> {
    let names: Vec<_> = symbols.lines().filter_map(|line| line.split_whitespace().last()).collect();
    if names.len() == 1 {
        return Vec::new();
    }
    vec![format!("the library exports {} symbols instead of one: {}", names.len(), names.join(" "))]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_symbol_is_right_and_none_or_two_are_not() {
        assert_eq!(exports("0000000000430d40 D root_module\n"), [""; 0]);
        assert_eq!(exports("").len(), 1);
        let findings = exports("0 D root_module\n1 T malloc\n");
        assert!(findings[0].contains("malloc"), "{findings:?}");
    }
}
