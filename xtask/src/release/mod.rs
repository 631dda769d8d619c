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
mod frameworks;
mod glibc;
mod target;
mod trial;
mod workshop;

use crate::{
    Error,
    cargo::{Build, Metadata, Profile},
    dist::{self, Files, PLUGIN, hex},
    manifest::{self, Manifest},
    openclaw::{self, ADDON, PACKAGE},
    progress,
};
use sha2::{Digest, Sha256};
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
    /// The platforms, such as linux-x64; all that are released, if there are none.
    pub platforms: Vec<String>,
}

/// The command: builds each platform, packs what was built, and tells what could be tried here.
///
/// # Errors
/// When a platform is unknown, a tool cannot be had, a build fails, or something built does not work.
pub fn run(options: &Options) -> Result<(), Error> {
    let targets = target::named(&options.platforms)?;
    let workspace = Metadata::workspace()?;
    let directory = &workspace.target_directory;
    let workshop = progress::step("bringing zig", || Workshop::bring(directory))?;
    let archives = directory.join("release-archives");
    fs::create_dir_all(&archives).map_err(Error::file("create", &archives))?;
    let factory = Factory {
        manifest: dist::manifest_of(&workspace, PLUGIN)?,
        workspace: &workspace,
        workshop,
        profile: options.profile,
        stage: fresh(&directory.join("release-stage"))?,
    };
    let (mut rows, mut made, mut findings) = (Vec::new(), Vec::new(), Vec::new());
    for target in targets {
        match factory.make(target, &archives) {
            Ok(row) => {
                rows.push(row);
                made.push(target);
            }
            // The others are as good as they are.
            Err(error) => findings.push(format!("{}: {error}", target.platform.name())),
        }
    }
    if !made.is_empty() {
        let archive = archive::pack(&factory.folder_for_all(&made)?, "", &archives)?;
        rows.push(format!("{:<15} {}", "all of these", file_name(&archive)));
    }
    archive::write_sums(&archives)?;
    println!("{}", rows.join("\n"));
    if findings.is_empty() { Ok(()) } else { Err(Error::Findings { check: "release", findings }) }
}

/// What makes folders.
struct Factory<'a> {
    workspace: &'a Metadata,
    manifest: Manifest,
    workshop: Workshop,
    profile: Profile,
    stage: PathBuf,
}

impl Factory<'_> {
    /// Builds, tries and packs for one platform; a line about it.
    fn make(&self, target: &Target, archives: &Path) -> Result<String, Error> {
        let name = target.platform.name();
        let built = progress::step(&format!("building for {name}"), || self.build(target))?;
        let folder = self.folder_for_one(target, &built)?;
        let cache = &self.workspace.target_directory;
        let trial = progress::step(&format!("trying it for {name}"), || trial::of(target, &folder, cache))?;
        let archive = archive::pack(&folder, &name, archives)?;
        row(target, &archive, &folder, &trial)
    }

    /// The files that differ from platform to platform.
    fn build(&self, target: &Target) -> Result<Files, Error> {
        self.workshop.equip_for(target)?;
        let library = self.library(target, PLUGIN, "")?;
        let addon = self.library(target, PACKAGE, "node")?;
        let mut files = dist::native(&self.manifest, target.platform, &library)?;
        files.push((ADDON.to_owned(), fs::read(&addon).map_err(Error::file("read", &addon))?));
        Ok(files)
    }

    fn library(&self, target: &Target, package: &str, features: &str) -> Result<PathBuf, Error> {
        let target_directory = &self.workspace.target_directory.join("cross");
        let build = Build { package, profile: self.profile, features, target_directory };
        build.library_by(self.workshop.cargo(target)?, &["--target", &target.linked_as()])
    }

    /// The folder for one platform, and a look at what lies in it.
    fn folder_for_one(&self, target: &Target, built: &Files) -> Result<PathBuf, Error> {
        let mut files = built.clone();
        files.extend(openclaw::portable(&self.manifest, &target.platform.npm_fields())?);
        let folder = dist::place(&self.folder(target), &files)?;
        let findings = findings(target, &self.manifest, &folder)?;
        if findings.is_empty() { Ok(folder) } else { Err(Error::Findings { check: "release", findings }) }
    }

    /// The folder for several platforms, of the folders for each.
    fn folder_for_all(&self, targets: &[&Target]) -> Result<PathBuf, Error> {
        let folder = self.stage.join("all").join(self.manifest.id());
        for target in targets {
            let native =
                [self.manifest.library_file(target.platform), manifest::FILE.into(), ADDON.to_owned()];
            let read = |name: String| {
                let path = self.folder(target).join(&name);
                fs::read(&path).map(|bytes| (name, bytes)).map_err(Error::file("read", &path))
            };
            let files = native.into_iter().map(read).collect::<Result<Vec<_>, _>>()?;
            dist::place(&folder.join(target.platform.name()), &files)?;
        }
        dist::place(&folder, &openclaw::portable(&self.manifest, &[])?)
    }

    fn folder(&self, target: &Target) -> PathBuf {
        self.stage.join(target.platform.name()).join(self.manifest.id())
    }
}

/// What is wrong with a folder: a digest that is not the library's, or a glibc that too few systems have.
fn findings(target: &Target, manifest: &Manifest, folder: &Path) -> Result<Vec<String>, Error> {
    let mut findings = Vec::new();
    let library = folder.join(manifest.library_file(target.platform));
    let bytes = fs::read(&library).map_err(Error::file("read", &library))?;
    let written = folder.join(manifest::FILE);
    let text = fs::read_to_string(&written).map_err(Error::file("read", &written))?;
    if !text.contains(&hex(&Sha256::digest(bytes))) {
        findings
            .push(format!("{}: manifest.toml has another digest than the library", target.platform.name()));
    }
    if target.platform.libc == Some("glibc") {
        for file in [library, folder.join(ADDON)] {
            let needed = glibc::needed_by(&file)?;
            if let Some(newer) = needed.filter(|needed| *needed > glibc::OLDEST) {
                findings.push(format!(
                    "{} needs glibc {newer}, newer than {}",
                    file_name(&file),
                    glibc::OLDEST
                ));
            }
        }
    }
    Ok(findings)
}

/// A line of what the command says in the end.
fn row(target: &Target, archive: &Path, folder: &Path, trial: &Trial) -> Result<String, Error> {
    let size = fs::metadata(archive).map_err(Error::file("read", archive))?.len() as f64 / 1e6;
    let needs = match target.platform.libc {
        Some("glibc") => glibc::needed_by(&folder.join(ADDON))?.map(|it| format!(", glibc {it}")),
        _ => None,
    };
    let (name, archive) = (target.platform.name(), file_name(archive));
    Ok(format!("{name:<15} {archive}  {size:.1} MB{}; {trial}", needs.unwrap_or_default()))
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
