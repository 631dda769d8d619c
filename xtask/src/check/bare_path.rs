//! The README's commands with nothing on PATH but git, Rust and a linker.
//!
//! Builds everything anew in a temporary target directory, so this takes minutes; `.ci/run`
//! instead runs its own tests and demo with such a PATH, from the same list.

use super::Verdict;
use crate::{
    Error,
    cargo::{cargo, missing, words},
};
use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    process::Command,
};

const LIST: &str = include_str!("bare-path.txt");

pub(super) fn verdict() -> Result<Verdict, Error> {
    let temporary = std::env::temp_dir();
    let space = tempfile::tempdir().map_err(Error::file("create a folder in", &temporary))?;
    let path = space.path().join("bin");
    let found = std::env::var_os("PATH").unwrap_or_default();
    let tools = assemble(&path, &found)?;

    let mut findings = Vec::new();
    for arguments in [&["test", "--workspace", "--no-run"][..], &["xtask", "demo", "--say", "你好"]] {
        let mut command = cargo();
        command.args(arguments).env("PATH", &path).env("CARGO_TARGET_DIR", space.path().join("target"));
        findings.extend(failure(&mut command, &tools)?);
    }
    Ok(Verdict { examined: format!("tests and demo build with {}", tools.join(" ")), findings })
}

fn failure(command: &mut Command, tools: &[&str]) -> Result<Option<String>, Error> {
    let status = command.status().map_err(missing(command))?;
    let tools = tools.join(" ");
    let finding = || format!("`{}` fails when PATH holds only {tools}: see its words above", words(command));
    Ok((!status.success()).then(finding))
}

/// Fills `directory` with links to those tools of the list that `path` has, and names them.
fn assemble(directory: &Path, path: &OsString) -> Result<Vec<&'static str>, Error> {
    std::fs::create_dir_all(directory).map_err(Error::file("create", directory))?;
    let mut assembled = Vec::new();
    for tool in tools() {
        if let Some(original) = find(tool, path) {
            let link = directory.join(tool);
            symlink(&original, &link).map_err(Error::file("link a tool as", &link))?;
            assembled.push(tool);
        }
    }
    Ok(assembled)
}

/// The names on the list.
fn tools() -> impl Iterator<Item = &'static str> {
    LIST.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

fn find(tool: &str, path: &OsString) -> Option<PathBuf> {
    let file = format!("{tool}{}", std::env::consts::EXE_SUFFIX);
    std::env::split_paths(path).map(|directory| directory.join(&file)).find(|candidate| candidate.is_file())
}

#[cfg(unix)]
fn symlink(original: &Path, link: &Path) -> std::io::Result<()> {
    std::os::unix::fs::symlink(original, link)
}

#[cfg(not(unix))]
fn symlink(_: &Path, _: &Path) -> std::io::Result<()> {
    Err(std::io::Error::new(std::io::ErrorKind::Unsupported, "this check runs on Unix only"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_has_rust_and_a_linker_and_none_of_what_a_build_must_not_need() {
        let tools: Vec<_> = tools().collect();
        assert!(["git", "cargo", "rustc", "cc", "ld"].iter().all(|needed| tools.contains(needed)));
        for unwanted in ["cmake", "make", "perl", "pkg-config", "node", "npm", "python", "python3", "sh"] {
            assert!(!tools.contains(&unwanted), "{unwanted}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn only_listed_tools_are_linked_and_absent_ones_left_out() {
        let space = tempfile::tempdir().unwrap();
        let (full, bare) = (space.path().join("full"), space.path().join("bare"));
        std::fs::create_dir(&full).unwrap();
        for tool in ["cargo", "cmake", "perl"] {
            std::fs::write(full.join(tool), "").unwrap();
        }

        assert_eq!(assemble(&bare, &full.into_os_string()).unwrap(), ["cargo"]);
        assert_eq!(std::fs::read_dir(&bare).unwrap().count(), 1);
    }
}
