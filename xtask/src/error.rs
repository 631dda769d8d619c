//! Everything that can go wrong in a command, and what to do about it.

use std::{
    io,
    path::{Path, PathBuf},
    process::ExitStatus,
};

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file or directory does not do what it must.
    #[error("cannot {doing} {}", .path.display())]
    File {
        /// What was tried, in the infinitive.
        doing: &'static str,
        /// With which file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A program is missing.
    #[error("cannot start `{tool}`: install it, or put it on PATH")]
    Tool {
        /// Which.
        tool: String,
        /// Why not.
        source: io::Error,
    },
    /// A program is missing, and it is known how it is had.
    #[error("there is no {tool}: {cure}")]
    Lacks {
        /// What.
        tool: &'static str,
        /// The command to install it.
        cure: &'static str,
    },
    /// A program ran and failed; what it said went to the terminal.
    #[error("`{command}` failed ({status}): see its own words above")]
    Failed {
        /// The program and its arguments.
        command: String,
        /// How it ended.
        status: ExitStatus,
    },
    /// A program printed something unexpected.
    #[error("`{command}` printed what this command cannot read: is the toolchain older than the project?")]
    Output {
        /// The program and its arguments.
        command: String,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// A proof that had to fail found nothing.
    #[error("`{command}` found nothing, but what it tried is wrong on purpose: the proof proves nothing")]
    NothingFound {
        /// The program and its arguments.
        command: String,
    },
    /// There is no Node.js, or nothing to run in it.
    #[error(
        "cannot bring {package} ({reason}): install npm, or name a program that you have; --help says how"
    )]
    NotFetched {
        /// What was wanted.
        package: String,
        /// Why not.
        reason: String,
    },
    /// There is no browser.
    #[error("there is no Chromium: install it (apt-get install chromium), or name one with CHROME=path")]
    NoBrowser,
    /// A file is no library of any system.
    #[error("{} is no library that could be read: build it anew", .path.display())]
    Library {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: object::Error,
    },
    /// Nothing is released for a platform.
    #[error("nothing is released for `{platform}`: write one of {known}")]
    NoPlatform {
        /// As it was asked for.
        platform: String,
        /// Those that are released.
        known: String,
    },
    /// A package is not in the workspace.
    #[error("the workspace has no package `{package}`: was it renamed?")]
    NoPackage {
        /// Which.
        package: String,
    },
    /// A build succeeded without making what was wanted.
    #[error("`cargo build -p {package}` made no {what}: its Cargo.toml must ask for one")]
    NoArtifact {
        /// Which package.
        package: String,
        /// What was wanted.
        what: &'static str,
    },
    /// One of the project's own files says something it must not.
    #[error("{file}: {reason}")]
    Unusable {
        /// Which, from the workspace's root.
        file: &'static str,
        /// What is wrong, and what to write instead.
        reason: String,
    },
    /// A check found something.
    #[error("the check `{check}` found {}:\n  {}", count(.findings), .findings.join("\n  "))]
    Findings {
        /// Which check.
        check: &'static str,
        /// One line for each, with what to do.
        findings: Vec<String>,
    },
}

impl Error {
    /// For `map_err`: what was tried with which file.
    pub(crate) fn file(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { doing, path, source }
    }

    /// For `map_err`: a file that was to be a library.
    pub(crate) fn library(path: &Path) -> impl FnOnce(object::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Library { path, source }
    }
}

fn count(findings: &[String]) -> String {
    match findings.len() {
        1 => "one thing".to_owned(),
        more => format!("{more} things"),
    }
}
