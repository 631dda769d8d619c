//! The shipped library from outside: what it exports, whether it stays loaded, how large it is.

use super::Verdict;
use crate::{Error, binary::Binary, cargo::Metadata, manifest::Manifest, platform::Platform};

/// In bytes. Measured at 5.30 MB; the goal is 4.5 MB.
const BUDGET: usize = 5_340_000;

pub(super) fn verdict() -> Result<Verdict, Error> {
    let manifest = Manifest::read()?;
    let folder = Metadata::workspace()?.target_directory.join("dist").join(manifest.id());
    let library = folder.join(manifest.library_file(Platform::here()));
    let bytes = std::fs::read(&library)
        .map_err(Error::file("find the library (run `cargo xtask dist` first)", &library))?;
    let binary = Binary::read(&bytes).map_err(Error::library(&library))?;

    let size = bytes.len();
    let mut findings = exports(&binary.exports);
    if size > BUDGET {
        findings.push(format!("the library has {size} bytes, the budget is {BUDGET}: what made it grow?"));
    }
    if cfg!(target_os = "linux") && !binary.stays {
        findings.push("the library may be unloaded under its threads: link it with -z nodelete".to_owned());
    }
    Ok(Verdict { examined: format!("{:.2} MB, one symbol", size as f64 / 1e6), findings })
}

/// A host looks for one symbol; every other may meet one of the host's own.
fn exports(names: &[String]) -> Vec<String> {
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
        let names = ["root_module", "malloc"].map(str::to_owned);
        assert_eq!(exports(&names[..1]), [""; 0]);
        assert_eq!(exports(&[]).len(), 1);
        let findings = exports(&names);
        assert!(findings[0].contains("malloc"), "{findings:?}");
    }
}
