//! What users without Rust install: the plugin folder as an archive, and its checksum.
//!
//! ```text
//! target/release-archives/
//!   openclaw-dingtalk-0.1.0-linux-x64.tgz   for `openclaw plugins install`
//!   SHA256SUMS                              of all archives that lie there
//! ```

use crate::{
    Error,
    cargo::{Metadata, Profile, output},
    dist::{self, hex},
    openclaw, progress,
};
use sha2::{Digest, Sha256};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// What to make an archive of.
#[derive(Clone, Debug, clap::Args)]
pub struct Options {
    /// The profile to build with.
    #[arg(long, default_value = "dist")]
    pub profile: Profile,
    /// The newest glibc that the archive may need; without it, what it needs is only told.
    #[arg(long, value_name = "VERSION")]
    pub glibc: Option<Glibc>,
}

/// A version of glibc, such as 2.28.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Glibc {
    major: u32,
    minor: u32,
}

impl std::str::FromStr for Glibc {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text} is no version of glibc, such as 2.28");
        // Some have a third number, which decides nothing.
        let mut numbers = text.split('.').map(str::parse);
        match (numbers.next(), numbers.next()) {
            (Some(Ok(major)), Some(Ok(minor))) => Ok(Self { major, minor }),
            _ => Err(wrong()),
        }
    }
}

impl std::fmt::Display for Glibc {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// The command: builds the folder, packs it, and writes the checksums.
///
/// # Errors
/// When a build or npm fails, or the libraries need a newer glibc than they may.
pub fn run(options: &Options) -> Result<(), Error> {
    let target = Metadata::workspace()?.target_directory;
    let name = format!("packaging the plugin ({} profile)", options.profile.name());
    let stage = target.join("release");
    let folder = progress::step(&name, || dist::shipped_folder(options.profile, &stage.join("plugins")))?;
    if cfg!(target_os = "linux") {
        check_glibc(&folder, options.glibc)?;
    }
    let archives = target.join("release-archives");
    fs::create_dir_all(&archives).map_err(Error::file("create", &archives))?;
    let archive = progress::step("packing", || pack(&folder, &archives))?;
    write_sums(&archives)?;
    println!("{}", archive.display());
    Ok(())
}

fn pack(folder: &Path, into: &Path) -> Result<PathBuf, Error> {
    let mut npm = Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" });
    npm.args(["pack", "--offline", "--ignore-scripts", "--loglevel=error", "--pack-destination"]);
    let packed = output(npm.arg(into).arg(folder))?;
    let packed = into.join(String::from_utf8_lossy(&packed).trim());
    let stem = packed.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let archive = into.join(format!("{stem}-{}-{}.tgz", openclaw::npm_os(), openclaw::npm_cpu()));
    fs::rename(&packed, &archive).map_err(Error::file("create", &archive))?;
    Ok(archive)
}

/// As `sha256sum --check` wants it.
fn write_sums(archives: &Path) -> Result<(), Error> {
    let entries = fs::read_dir(archives).and_then(|entries| entries.collect::<Result<Vec<_>, _>>());
    let mut files: Vec<_> =
        entries.map_err(Error::file("list", archives))?.into_iter().map(|entry| entry.path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "tgz"));
    files.sort();
    let mut sums = String::new();
    for file in files {
        let digest = Sha256::digest(fs::read(&file).map_err(Error::file("read", &file))?);
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        sums.push_str(&format!("{}  {name}\n", hex(&digest)));
    }
    let path = archives.join("SHA256SUMS");
    fs::write(&path, sums).map_err(Error::file("write", &path))
}

fn check_glibc(folder: &Path, most: Option<Glibc>) -> Result<(), Error> {
    let mut findings = Vec::new();
    for library in libraries(folder)? {
        let mut nm = Command::new("nm");
        nm.args(["-D", "--undefined-only"]).arg(&library);
        let symbols = output(&mut nm)?;
        let name = library.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let Some(needed) = newest_glibc(&String::from_utf8_lossy(&symbols)) else { continue };
        eprintln!("{name} needs glibc {needed}");
        if most.is_some_and(|most| needed > most) {
            findings.push(format!("{name} needs glibc {needed}: build it on a system that has no newer one"));
        }
    }
    if findings.is_empty() { Ok(()) } else { Err(Error::Findings { check: "glibc", findings }) }
}

fn libraries(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let entries = fs::read_dir(folder).and_then(|entries| entries.collect::<Result<Vec<_>, _>>());
    let files = entries.map_err(Error::file("list", folder))?.into_iter().map(|entry| entry.path());
    let is_native = |path: &PathBuf| path.extension().is_some_and(|it| it == "so" || it == "node");
    Ok(files.filter(is_native).collect())
}

/// The newest version that a symbol asks for, as `nm` prints them.
fn newest_glibc(symbols: &str) -> Option<Glibc> {
    let versions = symbols.lines().filter_map(|line| line.rsplit_once("@GLIBC_"));
    versions.filter_map(|(_, version)| version.trim().parse().ok()).max()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_symbol_decides() {
        let symbols =
            "  U memcpy@GLIBC_2.14\n  U pow@GLIBC_2.29\n  w gettid@GLIBC_2.3\n  U free@GLIBC_2.2.5\n  U x\n";
        assert_eq!(newest_glibc(symbols).map(|version| version.to_string()).as_deref(), Some("2.29"));
        assert_eq!(newest_glibc("  U x\n"), None);
    }

    #[test]
    fn versions_are_numbers() {
        assert!("2.9".parse::<Glibc>().unwrap() < "2.28".parse::<Glibc>().unwrap());
        assert!("two".parse::<Glibc>().is_err());
    }

    #[test]
    fn the_checksums_are_those_of_the_archives() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("b.tgz"), "").unwrap();
        fs::write(folder.path().join("a.tgz"), "abc").unwrap();
        fs::write(folder.path().join("notes.txt"), "").unwrap();

        write_sums(folder.path()).unwrap();

        let sums = fs::read_to_string(folder.path().join("SHA256SUMS")).unwrap();
        let lines: Vec<_> = sums.lines().collect();
        assert_eq!(lines.len(), 2);
        assert!(lines[0].starts_with("ba7816bf") && lines[0].ends_with("  a.tgz"), "{sums}");
    }
}
