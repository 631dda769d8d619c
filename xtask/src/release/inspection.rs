//! What an archive holds, judged as those will who install it: the files, who may write them, and for which machine
//! what is native was built.

use super::{Target, archive, archive::Entry, signature};
use crate::{
    Error,
    binary::{Binary, Version},
    cargo::{Metadata, root},
    dist::hex,
    manifest::{self, Manifest},
    openclaw::{self, ADDON},
};
use object::{Architecture, BinaryFormat};
use sha2::{Digest, Sha256};
use std::{
    collections::BTreeSet,
    env,
    path::{Path, PathBuf},
};

/// What the plugin's library offers, by which `abi_stable` finds the rest.
pub(super) const ROOT: &str = "_1as_0lib_1header_0root_bmodule_bloader";
/// What Node.js calls.
pub(super) const REGISTER: &str = "napi_register_module_v1";

/// What the released libraries may need: Debian 10, RHEL 8, Ubuntu 18.10 and newer have it, as has every system
/// that runs the Node.js of OpenClaw.
pub(super) const OLDEST: Version = Version { major: 2, minor: 28 };
/// What they may ask of macOS: the first that there is for Apple's processors.
pub(super) const OLDEST_MACOS: Version = Version { major: 11, minor: 0 };

/// Judges archives.
pub(super) struct Inspector<'a> {
    manifest: &'a Manifest,
    /// The files that are the same on every platform.
    portable: Vec<String>,
    /// Folders of this machine, which are nobody else's concern.
    private: Vec<PathBuf>,
}

impl<'a> Inspector<'a> {
    pub(super) fn new(manifest: &'a Manifest, workspace: &Metadata) -> Result<Self, Error> {
        let portable = openclaw::portable(manifest, &[])?.into_iter().map(|(name, _)| name).collect();
        let mut private = vec![root().to_owned(), workspace.target_directory.clone()];
        private.extend(env::home_dir());
        private.extend(env::var_os("CARGO_HOME").map(PathBuf::from));
        Ok(Self { manifest, portable, private })
    }

    /// What is wrong with an archive that has what is native of `targets`, each in the folder that `place` names.
    pub(super) fn findings(
        &self,
        archive: &Path,
        targets: &[&Target],
        place: impl Fn(&Target) -> String,
    ) -> Result<Vec<String>, Error> {
        let entries = archive::entries(archive)?;
        let natives = targets.iter().flat_map(|target| {
            let place = place(target);
            self.native(target).map(|name| format!("{place}{name}"))
        });
        let expected: BTreeSet<_> = natives.chain(self.portable.iter().cloned()).collect();
        let mut findings = contents(&entries, &expected);
        for target in targets {
            findings.extend(self.native_findings(target, &entries, &place(target)));
        }
        Ok(findings)
    }

    /// The files that every platform has its own of.
    fn native(&self, target: &Target) -> [String; 3] {
        [self.manifest.library_file(target.platform), manifest::FILE.to_owned(), ADDON.to_owned()]
    }

    fn native_findings(&self, target: &Target, entries: &[Entry], place: &str) -> Vec<String> {
        let [library, manifest, addon] = self.native(target).map(|name| format!("{place}{name}"));
        let bytes = |name: &str| {
            let entry = entries.iter().find(|entry| entry.name == name);
            entry.map(|entry| entry.bytes.as_slice()).unwrap_or_default()
        };
        let mut findings = self.binary(target, &library, ROOT, bytes(&library));
        findings.extend(self.binary(target, &addon, REGISTER, bytes(&addon)));
        if !String::from_utf8_lossy(bytes(&manifest)).contains(&hex(&Sha256::digest(bytes(&library)))) {
            findings.push(format!("{manifest} has another digest than the library"));
        }
        findings
    }

    /// What is wrong with a library that has to offer one symbol, and no other.
    fn binary(&self, target: &Target, name: &str, symbol: &str, bytes: &[u8]) -> Vec<String> {
        let binary = match Binary::read(bytes) {
            Ok(binary) => binary,
            Err(error) => return vec![format!("{name} is no library: {error}")],
        };
        let mut findings = foreign(target, &binary);
        if binary.exports != [symbol] {
            findings.push(format!("offers {} and not {symbol} alone", list(&binary.exports)));
        }
        if target.platform.os == "darwin" {
            findings.extend(signature::finding(bytes).map(str::to_owned));
        }
        findings.extend(traces(&self.private, bytes));
        findings.into_iter().map(|finding| format!("{name}: {finding}")).collect()
    }
}

/// What is missing, what is too much, and what others may write.
fn contents(entries: &[Entry], expected: &BTreeSet<String>) -> Vec<String> {
    let there: BTreeSet<_> = entries.iter().map(|entry| entry.name.clone()).collect();
    let missing = expected.difference(&there).map(|name| format!("{name} is missing"));
    let unknown = there.difference(expected).map(|name| format!("{name} does not belong there"));
    let other = entries.iter().filter(|entry| entry.mode != archive::MODE);
    let modes = other.map(|entry| format!("{} has the mode {:o}", entry.name, entry.mode));
    missing.chain(unknown).chain(modes).collect()
}

/// What makes a library one for another machine than the target, or for too few of those.
fn foreign(target: &Target, binary: &Binary) -> Vec<String> {
    let mut findings = Vec::new();
    let format = match target.platform.os {
        "darwin" => BinaryFormat::MachO,
        "win32" => BinaryFormat::Pe,
        _ => BinaryFormat::Elf,
    };
    let architecture =
        if target.platform.cpu == "arm64" { Architecture::Aarch64 } else { Architecture::X86_64 };
    if (binary.format, binary.architecture) != (format, architecture) {
        findings.push(format!("is for {:?} on {:?}", binary.format, binary.architecture));
    }
    if let Some(newer) =
        binary.glibc.filter(|needed| *needed > OLDEST || target.platform.libc != Some("glibc"))
    {
        findings.push(format!("needs glibc {newer}"));
    }
    if let Some(newer) = binary.macos.filter(|needed| *needed > OLDEST_MACOS) {
        findings.push(format!("needs macOS {newer}"));
    }
    let strange = binary.libraries.iter().filter(|library| !target.has(library)).cloned().collect::<Vec<_>>();
    if !strange.is_empty() {
        findings.push(format!("needs {}, which not every such machine has", list(&strange)));
    }
    if !binary.anywhere.is_empty() {
        findings.push(format!("looks anywhere for {}: frameworks.txt lacks them", list(&binary.anywhere)));
    }
    if format == BinaryFormat::Elf && !binary.stays {
        findings.push("may be unloaded under its threads".to_owned());
    }
    findings
}

/// The folders of this machine that a file names.
fn traces(private: &[PathBuf], bytes: &[u8]) -> Vec<String> {
    let names = |folder: &PathBuf| {
        let folder = folder.to_string_lossy();
        let within =
            format!("{}{}", folder.trim_end_matches(std::path::MAIN_SEPARATOR), std::path::MAIN_SEPARATOR);
        let found = within.len() > 1 && bytes.windows(within.len()).any(|window| window == within.as_bytes());
        found.then(|| format!("names {within}, a folder of the machine that built it"))
    };
    private.iter().filter_map(names).collect()
}

fn list(names: &[String]) -> String {
    if names.is_empty() { "nothing".to_owned() } else { names.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(name: &str, mode: u32) -> Entry {
        Entry { name: name.to_owned(), mode, bytes: Vec::new() }
    }

    fn binary() -> Binary {
        Binary {
            format: BinaryFormat::Elf,
            architecture: Architecture::X86_64,
            exports: vec![ROOT.to_owned()],
            libraries: vec!["libc.so.6".to_owned()],
            anywhere: Vec::new(),
            glibc: Some(OLDEST),
            macos: None,
            stays: true,
        }
    }

    fn target(name: &str) -> &'static Target {
        crate::release::target::named(&[name.to_owned()]).unwrap()[0]
    }

    #[test]
    fn what_is_missing_does_not_belong_there_or_is_writable_is_found() {
        let expected = ["a", "b"].map(str::to_owned).into();
        assert_eq!(contents(&[entry("a", 0o644), entry("b", 0o644)], &expected), [""; 0]);
        let findings = contents(&[entry("a", 0o664), entry("c", 0o644)], &expected);
        assert_eq!(findings, ["b is missing", "c does not belong there", "a has the mode 664"]);
    }

    #[test]
    fn a_library_for_another_machine_a_newer_glibc_or_with_a_library_that_few_have_is_found() {
        assert_eq!(foreign(target("linux-x64"), &binary()), [""; 0]);
        let finding = |target_s: &str, binary: Binary| foreign(target(target_s), &binary).concat();
        assert!(finding("linux-arm64", binary()).contains("X86_64"));
        assert!(finding("darwin-arm64", binary()).contains("Elf"));
        let newer = Version { major: 2, minor: 29 };
        assert!(finding("linux-x64", Binary { glibc: Some(newer), ..binary() }).contains("glibc 2.29"));
        assert!(finding("linux-x64-musl", binary()).contains("glibc 2.28"), "musl has no glibc at all");
        let needing = |macos| finding("darwin-arm64", Binary { macos: Some(macos), ..binary() });
        assert!(needing(Version { major: 15, minor: 0 }).contains("needs macOS 15.0"));
        assert!(!needing(OLDEST_MACOS).contains("needs macOS"));
        let strange = vec!["libssl.so.3".to_owned()];
        assert!(finding("linux-x64", Binary { libraries: strange, ..binary() }).contains("libssl"));
        let unknown = vec!["SecTrustEvaluate".to_owned()];
        assert!(finding("linux-x64", Binary { anywhere: unknown, ..binary() }).contains("SecTrustEvaluate"));
        assert!(finding("linux-x64", Binary { stays: false, ..binary() }).contains("unloaded"));
    }

    #[test]
    fn a_folder_of_the_machine_that_built_it_is_found() {
        let private = [PathBuf::from("/home/somebody"), PathBuf::from("/")];
        let separator = std::path::MAIN_SEPARATOR;
        assert_eq!(traces(&private, b"/crates/tokio-1.47.0/src/lib.rs /home/other/"), [""; 0]);
        let named = format!("\0/home/somebody{separator}.cargo\0");
        assert_eq!(traces(&private, named.as_bytes()).len(), 1);
    }
}
