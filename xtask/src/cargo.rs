//! Runs cargo, and reads what it reports.

use crate::{Error, source_paths};
use semver::Version;
use serde::Deserialize;
use std::{
    ffi::OsStr,
    io,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// The workspace's root.
pub(crate) fn root() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here)
}

/// Cargo, the one that runs us, in the workspace's root.
#[must_use]
pub fn cargo() -> Command {
    in_root(Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())))
}

/// `command` in the workspace's root, ready to do what cargo does.
pub(crate) fn in_root(mut command: Command) -> Command {
    command.current_dir(root()).stdin(Stdio::null());
    // What cargo told *this* program about its package would make build scripts run again.
    for (name, _) in std::env::vars_os() {
        if describes_this_program(&name) {
            command.env_remove(name);
        }
    }
    command
}

fn describes_this_program(variable: &OsStr) -> bool {
    let Some(name) = variable.to_str() else { return false };
    matches!(name, "CARGO_CRATE_NAME" | "CARGO_BIN_NAME" | "CARGO_PRIMARY_PACKAGE" | "OUT_DIR")
        || ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_EXE_"].iter().any(|prefix| name.starts_with(prefix))
}

/// Which of Cargo.toml's profiles to build with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Profile {
    /// Quick to build.
    Dev,
    /// Optimised.
    Release,
    /// What is shipped: optimised as a whole, and stripped.
    Dist,
}

impl Profile {
    /// The name that cargo knows it by.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Dev => "dev",
            Self::Release => "release",
            Self::Dist => "dist",
        }
    }
}

/// What cargo knows of the workspace.
#[derive(Debug, Deserialize)]
pub(crate) struct Metadata {
    pub(crate) packages: Vec<Package>,
    pub(crate) target_directory: PathBuf,
}

/// A package, of ours or of others.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) version: Version,
    /// Nothing for the workspace's own.
    pub(crate) source: Option<String>,
    pub(crate) license: Option<String>,
    pub(crate) dependencies: Vec<Dependency>,
    pub(crate) manifest_path: PathBuf,
}

/// A dependency as a Cargo.toml writes it.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    /// `dev`, `build`, or nothing: what ends up in the program.
    pub(crate) kind: Option<String>,
    pub(crate) req: String,
    pub(crate) path: Option<PathBuf>,
}

impl Metadata {
    /// The workspace's packages; asks no network.
    pub(crate) fn workspace() -> Result<Self, Error> {
        Self::read(&["--no-deps"])
    }

    /// All packages, for all platforms and features, exactly as Cargo.lock has them.
    pub(crate) fn everything() -> Result<Self, Error> {
        Self::read(&["--all-features", "--locked"])
    }

    fn read(arguments: &[&str]) -> Result<Self, Error> {
        let mut command = cargo();
        command.args(["metadata", "--format-version=1"]).args(arguments);
        let json = output(&mut command)?;
        serde_json::from_slice(&json).map_err(|source| Error::Output { command: words(&command), source })
    }

    pub(crate) fn package(&self, name: &str) -> Result<&Package, Error> {
        let found = self.packages.iter().find(|package| package.name == name);
        found.ok_or_else(|| Error::NoPackage { package: name.to_owned() })
    }

    /// Where what is shipped gets built: apart from `cargo test`, which builds the same packages
    /// with other features of their dependencies, and would overwrite the library each time.
    pub(crate) fn ship_directory(&self) -> PathBuf {
        self.target_directory.join("ship")
    }
}

/// What cargo says about a thing it made.
#[derive(Debug, Deserialize)]
struct Artifact {
    target: Target,
    filenames: Vec<PathBuf>,
    executable: Option<PathBuf>,
}

#[derive(Debug, Deserialize)]
struct Target {
    name: String,
    kind: Vec<String>,
}

/// A package of ours, to be built alone, so that no other package adds features to it.
pub(crate) struct Build<'a> {
    pub(crate) package: &'a str,
    pub(crate) profile: Profile,
    /// Features to turn on, separated by commas.
    pub(crate) features: &'a str,
    pub(crate) target_directory: &'a Path,
}

impl Build<'_> {
    /// Builds the package's dynamic library, and no other form of it: cargo optimises a library that it
    /// makes in two forms less far, as no link-time optimisation can reach into the other one.
    pub(crate) fn library(&self) -> Result<PathBuf, Error> {
        let mut cargo = cargo();
        if self.profile == Profile::Dist {
            cargo.args(source_paths::arguments());
        }
        self.library_by(cargo, &[])
    }

    /// The same by another cargo, with further arguments, such as for another platform; those after `--` are
    /// for rustc, where it makes the library.
    pub(crate) fn library_by(&self, cargo: Command, further: &[&str]) -> Result<PathBuf, Error> {
        let arguments = [&["--lib", "--crate-type", "cdylib"], further].concat();
        let made = self.run(cargo, "rustc", &arguments)?;
        let library = made
            .into_iter()
            .filter(|artifact| artifact.target.kind.iter().any(|kind| kind == "cdylib"))
            .find_map(|artifact| artifact.filenames.into_iter().find(|path| is_library(path)));
        library.ok_or_else(|| self.made_no("dynamic library (crate-type \"cdylib\")"))
    }

    /// Has cargo forget what it made of the package. Its library has one name whatever the features, so
    /// that one which was made with others would pass for this.
    pub(crate) fn forget(&self) -> Result<(), Error> {
        let mut command = cargo();
        command
            .args(["clean", "--quiet", "--package", self.package])
            .arg("--target-dir")
            .arg(self.target_directory);
        output(&mut command).map(drop)
    }

    /// Builds the package's program of the same name.
    pub(crate) fn program(&self) -> Result<PathBuf, Error> {
        let made = self.run(cargo(), "build", &[])?;
        let program = made
            .into_iter()
            .filter(|artifact| artifact.target.name == self.package)
            .find_map(|artifact| artifact.executable);
        program.ok_or_else(|| self.made_no("program of that name"))
    }

    fn made_no(&self, what: &'static str) -> Error {
        Error::NoArtifact { package: self.package.to_owned(), what }
    }

    fn run(&self, mut command: Command, verb: &str, arguments: &[&str]) -> Result<Vec<Artifact>, Error> {
        command
            .args([verb, "--package", self.package, "--profile", self.profile.name()])
            .args(["--features", self.features])
            .arg("--target-dir")
            .arg(self.target_directory)
            .arg("--message-format=json-render-diagnostics")
            .args(arguments); // last, as some are for the compiler
        if self.profile == Profile::Dist {
            command.env("CARGO_INCREMENTAL", "0"); // what ships is the same whatever its builder is used to
        }
        let report = output(&mut command)?;
        artifacts(&report).map_err(|source| Error::Output { command: words(&command), source })
    }
}

/// Whether the file is what a program loads, on whichever platform; a compiler may make others beside it.
fn is_library(path: &Path) -> bool {
    path.extension().is_some_and(|extension| ["so", "dylib", "dll"].iter().any(|it| extension == *it))
}

/// Builds tests and returns their programs, without running them. `arguments` choose which.
pub(crate) fn test_programs(arguments: &[&str]) -> Result<Vec<PathBuf>, Error> {
    let mut command = cargo();
    command.args(["test", "--no-run", "--message-format=json-render-diagnostics"]).args(arguments);
    let report = output(&mut command)?;
    let made = artifacts(&report).map_err(|source| Error::Output { command: words(&command), source })?;
    Ok(made.into_iter().filter_map(|artifact| artifact.executable).collect())
}

fn artifacts(report: &[u8]) -> serde_json::Result<Vec<Artifact>> {
    #[derive(Deserialize)]
    struct Line {
        reason: String,
    }
    let lines = report.split(|byte| *byte == b'\n').filter(|line| line.starts_with(b"{"));
    let mut artifacts = Vec::new();
    for line in lines {
        if serde_json::from_slice::<Line>(line)?.reason == "compiler-artifact" {
            artifacts.push(serde_json::from_slice(line)?);
        }
    }
    Ok(artifacts)
}

/// Runs `command` to its end, its messages going to the terminal, and returns what it printed.
pub(crate) fn output(command: &mut Command) -> Result<Vec<u8>, Error> {
    let output = command.stderr(Stdio::inherit()).output().map_err(missing(command))?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    Err(Error::Failed { command: words(command), status: output.status })
}

/// For `map_err`: a program that did not start.
pub(crate) fn missing(command: &Command) -> impl FnOnce(io::Error) -> Error {
    let tool = command.get_program().to_string_lossy().into_owned();
    move |source| Error::Tool { tool, source }
}

/// The command as a person would type it.
pub(crate) fn words(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_stem().unwrap_or_default();
    let words = std::iter::once(program).chain(command.get_args());
    words.map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargo_s_report_may_hold_lines_of_any_other_kind() {
        let report = br#"{"reason":"build-script-executed","package_id":"x"}
a build script's stray line
{"reason":"compiler-artifact","target":{"name":"x","kind":["cdylib","rlib"]},"filenames":["a","b"],"executable":null,"new":1}
{"reason":"build-finished","success":true}
"#;
        let artifacts = artifacts(report).unwrap();
        assert_eq!(artifacts.len(), 1);
        assert_eq!(artifacts[0].filenames, [Path::new("a"), Path::new("b")]);
    }

    #[test]
    fn only_what_describes_this_program_is_hidden_from_cargo() {
        for kept in ["CARGO", "CARGO_HOME", "CARGO_TARGET_DIR", "CARGO_NET_OFFLINE", "RUSTFLAGS"] {
            assert!(!describes_this_program(OsStr::new(kept)), "{kept}");
        }
        for hidden in ["CARGO_MANIFEST_DIR", "CARGO_PKG_NAME", "OUT_DIR"] {
            assert!(describes_this_program(OsStr::new(hidden)), "{hidden}");
        }
    }

    #[test]
    fn a_command_is_named_without_the_machine_s_path() {
        let mut command = Command::new("/opt/rust/bin/cargo");
        command.args(["build", "-p", "plugin"]);
        assert_eq!(words(&command), "cargo build -p plugin");
    }

    #[test]
    fn the_workspace_knows_the_plugin() {
        let metadata = Metadata::workspace().unwrap();
        assert!(metadata.package("plugin").is_ok());
        assert!(matches!(metadata.package("absent"), Err(Error::NoPackage { .. })));
    }
}
