//! What users without Rust install: archives of the plugin folder, for each platform and for all of them.
//!
//! ```text
//! target/release-archives/
//!   openclaw-dingtalk-0.1.0.tgz             for `openclaw plugins install`, on any platform that was built
//!   openclaw-dingtalk-0.1.0-linux-x64.tgz   for one, smaller, and for every host
//!   SHA256SUMS                              of all archives that lie there
//! ```
//!
//! In the archive for several platforms, what differs lies in a folder for each, such as `linux-x64/`.

mod archive;
mod inspection;
mod mac_sdk;
mod signature;
mod target;
mod trial;
mod workshop;

use crate::{
    Error,
    binary::Binary,
    cargo::{Build, Metadata, Profile},
    dist::{self, Files, PLUGIN},
    manifest::{self, Manifest},
    openclaw::{self, ADDON, PACKAGE},
    progress, source_paths,
};
use inspection::Inspector;
use std::{
    fs,
    path::{Path, PathBuf},
};
use target::Target;
use trial::Trial;
use workshop::Workshop;

/// What to make archives for.
#[derive(Clone, Debug, clap::Args)]
pub struct Options {
    /// The profile to build with.
    #[arg(long, default_value = "dist")]
    pub profile: Profile,
    /// Only brings what is needed; then the same without this asks no network.
    #[arg(long)]
    pub fetch: bool,
    /// The platforms, such as linux-x64; all that are released, if there are none.
    pub platforms: Vec<String>,
}

/// The command: builds each platform, packs what was built, inspects it, and tells what could be tried here.
///
/// # Errors
/// When a platform is unknown, a tool cannot be had, a build fails, or something built is not as it has to be.
pub fn run(options: &Options) -> Result<(), Error> {
    let targets = target::named(&options.platforms)?;
    let workspace = Metadata::workspace()?;
    let directory = &workspace.target_directory;
    let workshop = progress::step("bringing what builds", || Workshop::bring(directory))?;
    for target in &targets {
        progress::step(&format!("bringing what {} needs", target.platform.name()), || {
            workshop.equip_for(target)?;
            trial::equip_for(target, &workspace, &workshop)
        })?;
    }
    if options.fetch {
        return Ok(());
    }
    let manifest = dist::manifest_of(&workspace, PLUGIN)?;
    let archives = directory.join("release-archives");
    fs::create_dir_all(&archives).map_err(Error::file("create", &archives))?;
    let factory = Factory {
        inspector: Inspector::new(&manifest, &workspace)?,
        manifest: &manifest,
        workspace: &workspace,
        workshop,
        profile: options.profile,
        archives: &archives,
        stage: fresh(&directory.join("release-stage"))?,
    };
    let (rows, findings) = factory.make_all(&targets)?;
    println!("{}", rows.join("\n"));
    if findings.is_empty() { Ok(()) } else { Err(Error::Findings { check: "release", findings }) }
}

/// What makes archives.
struct Factory<'a> {
    workspace: &'a Metadata,
    manifest: &'a Manifest,
    inspector: Inspector<'a>,
    workshop: Workshop,
    profile: Profile,
    archives: &'a Path,
    stage: PathBuf,
}

impl Factory<'_> {
    /// Makes the archive of each, one for all that could be made, and the checksums; a line about each, and what is
    /// wrong.
    fn make_all(&self, targets: &[&Target]) -> Result<(Vec<String>, Vec<String>), Error> {
        let (mut rows, mut made, mut findings) = (Vec::new(), Vec::new(), Vec::new());
        for target in targets {
            match self.make(target) {
                Ok(row) => {
                    rows.push(row);
                    made.push(*target);
                }
                // The others are as good as they are. Nobody shall take this one, or an earlier one, for made.
                Err(error) => {
                    withdraw(&self.archive(&suffix(target)))?;
                    findings.push(format!("{} was not made: {error}", target.platform.name()));
                }
            }
        }
        if !made.is_empty() {
            let archive = self.pack("", &self.files_for_all(&made)?)?;
            findings
                .extend(self.inspector.findings(&archive, &made, |it| format!("{}/", it.platform.name()))?);
            rows.push(format!(
                "{:<15} {}  {:.1} MB",
                "all of these",
                file_name(&archive),
                megabytes(&archive)?
            ));
        }
        archive::write_sums(self.archives)?;
        findings.extend(archive::changed(self.archives)?);
        Ok((rows, findings))
    }

    /// Builds, packs, inspects and tries for one platform; a line about it.
    fn make(&self, target: &Target) -> Result<String, Error> {
        let name = target.platform.name();
        let mut files = progress::step(&format!("building for {name}"), || self.build(target))?;
        files.extend(openclaw::portable(self.manifest, &target.platform.npm_fields())?);
        let folder = dist::place(&self.folder(target), &files)?;
        let archive = self.pack(&suffix(target), &files)?;
        let findings = self.inspector.findings(&archive, &[target], |_| String::new())?;
        if !findings.is_empty() {
            return Err(Error::Findings { check: "release", findings });
        }
        let trial = progress::step(&format!("trying it for {name}"), || {
            trial::of(target, &folder, self.workspace, &self.workshop)
        })?;
        self.row(target, &archive, &files, &trial)
    }

    /// The files that differ from platform to platform.
    fn build(&self, target: &Target) -> Result<Files, Error> {
        let library = self.library(target, (PLUGIN, ""), inspection::ROOT)?;
        let addon = self.library(target, (PACKAGE, "node"), inspection::REGISTER)?;
        let mut files = dist::native(self.manifest, target.platform, &library)?;
        files.push((ADDON.to_owned(), fs::read(&addon).map_err(Error::file("read", &addon))?));
        Ok(files)
    }

    /// Builds a package with features, as a library that offers `symbol`.
    fn library(
        &self,
        target: &Target,
        (package, features): (&str, &str),
        symbol: &str,
    ) -> Result<PathBuf, Error> {
        let target_directory = &self.workspace.target_directory.join("cross");
        let build = Build { package, profile: self.profile, features, target_directory };
        let mut arguments = source_paths::arguments();
        arguments.extend(["--target".to_owned(), target.linked_as()]);
        arguments.extend(self.workshop.linking(target, symbol)?);
        let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
        build.library_by(self.workshop.cargo(target)?, &arguments)
    }

    /// The files for several platforms, of the folders for each.
    fn files_for_all(&self, targets: &[&Target]) -> Result<Files, Error> {
        let mut files = openclaw::portable(self.manifest, &[])?;
        for target in targets {
            for name in [self.manifest.library_file(target.platform), manifest::FILE.into(), ADDON.to_owned()]
            {
                let path = self.folder(target).join(&name);
                let bytes = fs::read(&path).map_err(Error::file("read", &path))?;
                files.push((format!("{}/{name}", target.platform.name()), bytes));
            }
        }
        Ok(files)
    }

    fn pack(&self, suffix: &str, files: &Files) -> Result<PathBuf, Error> {
        let archive = self.archive(suffix);
        archive::pack(files, &archive)?;
        Ok(archive)
    }

    /// Where an archive lies, named as npm names it and with `suffix`.
    fn archive(&self, suffix: &str) -> PathBuf {
        self.archives.join(format!("{}-{}{suffix}.tgz", openclaw::NPM_PACKAGE, self.manifest.version()))
    }

    fn folder(&self, target: &Target) -> PathBuf {
        self.stage.join(target.platform.name()).join(self.manifest.id())
    }

    /// A line of what the command says in the end.
    fn row(&self, target: &Target, archive: &Path, files: &Files, trial: &Trial) -> Result<String, Error> {
        let native = [self.manifest.library_file(target.platform), ADDON.to_owned()];
        let native: Vec<_> = files.iter().filter(|(name, _)| native.contains(name)).collect();
        let sizes: Vec<_> =
            native.iter().map(|(name, bytes)| format!("{name} {:.2}", bytes.len() as f64 / 1e6)).collect();
        let glibc = native.iter().filter_map(|(_, bytes)| Binary::read(bytes).ok()?.glibc).max();
        let needs = glibc.map(|glibc| format!("; glibc {glibc}")).unwrap_or_default();
        let (name, archive, size) = (target.platform.name(), file_name(archive), megabytes(archive)?);
        Ok(format!("{name:<15} {archive}  {size:.1} MB ({}){needs}; {trial}", sizes.join(", ")))
    }
}

/// What the name of a platform's archive ends with.
fn suffix(target: &Target) -> String {
    format!("-{}", target.platform.name())
}

fn megabytes(file: &Path) -> Result<f64, Error> {
    Ok(fs::metadata(file).map_err(Error::file("read", file))?.len() as f64 / 1e6)
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// An empty folder: what an earlier run left would be packed, too.
fn fresh(folder: &Path) -> Result<PathBuf, Error> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(Error::file("remove", folder)(error))
        }
        _ => Ok(folder.to_owned()),
    }
}

/// Takes away an archive that is not as it has to be, if it is there.
fn withdraw(archive: &Path) -> Result<(), Error> {
    match fs::remove_file(archive) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(Error::file("remove", archive)(error))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_earlier_run_left_is_not_packed() {
        let target = tempfile::tempdir().unwrap();
        let stage = target.path().join("stage");
        fs::create_dir(&stage).unwrap();
        fs::write(stage.join("left"), "").unwrap();
        assert!(!fresh(&stage).unwrap().exists());
        assert_eq!(fresh(&stage).unwrap(), stage, "and where there is none, none is missed");
    }
    #[test]
    fn an_archive_that_is_not_as_it_has_to_be_does_not_stay() {
        let archives = tempfile::tempdir().unwrap();
        let archive = archives.path().join("a.tgz");
        fs::write(&archive, "").unwrap();
        withdraw(&archive).unwrap();
        assert!(!archive.exists());
        withdraw(&archive).unwrap();
        assert!(withdraw(archives.path()).is_err(), "what cannot be taken away is not passed over");
    }
}
