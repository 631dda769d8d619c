//! Words that bind the project to one machine: its paths, its registry, its network.

use super::Verdict;
use crate::{
    Error,
    cargo::{output, root},
};
use std::{net::Ipv4Addr, path::Path, process::Command};

/// A text file of the project.
pub(crate) struct SourceFile {
    /// From the workspace's root, with `/`.
    pub(crate) path: String,
    pub(crate) text: String,
}

/// What a registry's client writes, and nobody else.
const LOCK_FILES: [&str; 4] = ["Cargo.lock", "package-lock.json", "pnpm-lock.yaml", "yarn.lock"];

/// Spelled in two halves, so that this file does not hold what it looks for.
const REGISTRIES: [&str; 5] = [
    concat!("index.", "crates.io"),
    concat!("static.", "crates.io"),
    concat!("registry.", "npmjs.org"),
    concat!("npm", "mirror.com"),
    concat!("replace-", "with"),
];

pub(super) fn verdict() -> Result<Verdict, Error> {
    let files = sources()?;
    let findings = files.iter().flat_map(|file| machine_words(&file.path, &file.text)).collect();
    Ok(Verdict { examined: format!("{} files name nobody's machine", files.len()), findings })
}

/// All text files that are, or are about to be, in the repository, without lock files.
pub(crate) fn sources() -> Result<Vec<SourceFile>, Error> {
    let mut git = Command::new("git");
    git.current_dir(root()).args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    let listed = output(&mut git)?;
    let paths = listed.split(|byte| *byte == 0).filter_map(|path| std::str::from_utf8(path).ok());
    let paths = paths.filter(|path| !path.is_empty() && !LOCK_FILES.iter().any(|lock| path.ends_with(lock)));
    let mut files = Vec::new();
    for path in paths {
        let whole = root().join(path);
        match std::fs::read(&whole) {
            // Not text: pictures, recordings.
            Ok(bytes) => files
                .extend(String::from_utf8(bytes).ok().map(|text| SourceFile { path: path.to_owned(), text })),
            // Deleted, and not yet committed as such.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(Error::file("read", &whole)(error)),
        }
    }
    Ok(files)
}

/// What `text` says of somebody's machine, with file and line.
pub(crate) fn machine_words(path: &str, text: &str) -> Vec<String> {
    let homes = homes();
    let mut findings = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let place = format!("{path}:{}", number + 1);
        if let Some(home) = homes.iter().find(|home| line.contains(home.as_str())) {
            findings.push(format!("{place}: a path of one machine ({home}): write it relative, or with ~"));
        }
        if let Some(registry) = REGISTRIES.iter().find(|registry| line.contains(*registry)) {
            findings.push(format!("{place}: a registry ({registry}): leave it to cargo's own settings"));
        }
        if let Some(address) = foreign_address(line) {
            findings.push(format!(
                "{place}: a network address ({address}): use loopback, or 192.0.2.x in examples"
            ));
        }
    }
    findings
}

/// The home of root, and what this machine calls home and here.
fn homes() -> Vec<String> {
    let mut homes = vec![concat!("/ro", "ot/").to_owned(), concat!("C:\\", "Users\\").to_owned()];
    let here = [std::env::home_dir(), Some(root().to_owned())];
    let specific = |path: &&std::path::PathBuf| path.components().count() > 2;
    homes.extend(here.iter().flatten().filter(specific).map(|path| path.to_string_lossy().into_owned()));
    homes
}

/// The first IPv4 address in `line` that is neither loopback nor reserved for what reaches nobody.
fn foreign_address(line: &str) -> Option<Ipv4Addr> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '+');
    let candidates = line.split(|c| !is_part(c)).map(|word| word.trim_matches('.'));
    candidates.filter_map(|word| word.parse::<Ipv4Addr>().ok()).find(|address| {
        let reaches_nobody = address.is_loopback()
            || address.is_unspecified()
            || address.is_documentation()
            || address.is_broadcast()
            || address.is_link_local();
        !reaches_nobody
    })
}

/// Whether `path`, from the workspace's root, is a source of the package in `folder`.
pub(crate) fn is_within(path: &str, folder: &Path) -> bool {
    Path::new(path).starts_with(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn words(line: &str) -> Vec<String> {
        machine_words("a.md", line)
    }

    #[test]
    fn the_home_of_root_is_somebody_s_machine() {
        let findings = words(&format!("see\n{}x", concat!("/ro", "ot/")));
        assert!(findings[0].starts_with("a.md:2:"), "{findings:?}");
    }

    #[test]
    fn the_place_of_this_very_copy_is_somebody_s_machine() {
        assert_eq!(
            words(&format!("in {}/docs", root().display())).is_empty(),
            root().components().count() <= 2
        );
    }

    #[test]
    fn a_registry_s_host_is_left_to_cargo() {
        assert_eq!(words(&format!("https://{}/x", REGISTRIES[0])).len(), 1);
        assert_eq!(words("https://docs.rs/serde"), [""; 0]);
    }

    #[test]
    fn only_addresses_that_reach_somebody_are_found() {
        for harmless in
            ["127.0.0.1:8080", "http://0.0.0.0", "192.0.2.7,", "version 1.2.3", "v1.2.3.4", "1.2.3.4.5"]
        {
            assert_eq!(foreign_address(harmless), None, "{harmless}");
        }
        let private = [10, 1, 2, 3].map(|part| part.to_string()).join(".");
        assert!(foreign_address(&format!("ws://{private}:80/x")).is_some());
        assert!(foreign_address(&format!("(at {private}.)")).is_some());
    }

    #[test]
    fn a_path_below_tilde_or_nobody_s_home_is_fine() {
        assert_eq!(words("~/.openclaw/plugins and /home/node and target/dist"), [""; 0]);
    }
}
