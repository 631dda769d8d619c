//! The plugin folder: what is dropped into a host's plugins directory.
//!
//! ```text
//! dingtalk/
//!   libopenclaw_dingtalk.so    the name is the platform's
//!   manifest.toml              with the library's sha256
//! ```
//!
//! What ships has besides what the OpenClaw gateway needs: see `openclaw`.

pub use crate::cargo::Profile;
use crate::{
    Error,
    cargo::{Build, Metadata},
    manifest::{self, Manifest},
    openclaw,
    platform::Platform,
    progress,
};
use sha2::{Digest, Sha256};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// The package that ships.
pub const PLUGIN: &str = "plugin";

/// Builds the plugin and puts its folder, `dingtalk`, into the plugins directory `into`.
///
/// Returns the folder's path. Several processes may do this at once, also into the same
/// directory; a folder that is there already gets its files replaced by rename, never in place,
/// so that a host which has the old library open keeps it.
///
/// # Errors
/// When the build fails, `manifest.toml` disagrees with the packages, or `into` cannot be written.
pub fn plugin_folder(profile: Profile, into: &Path) -> Result<PathBuf, Error> {
    channel_folder(PLUGIN, profile, into)
}

/// The plugin with a feature that makes it wrong on purpose, to see whether a proof finds it. It is built
/// where nothing else is, so that it cannot be taken for what ships.
///
/// # Errors
/// Those of [`plugin_folder`].
pub(crate) fn mutant_folder(profile: Profile, feature: &str, into: &Path) -> Result<PathBuf, Error> {
    let workspace = Metadata::workspace()?;
    let target_directory = workspace.target_directory.join("mutants");
    Build { package: PLUGIN, profile, features: feature, target_directory: &target_directory }.forget()?;
    folder(&workspace, &Contents::library(PLUGIN, profile, feature), &target_directory, into)
}

/// The plugin's folder as it ships: for every host, the OpenClaw gateway included.
///
/// # Errors
/// Those of [`plugin_folder`].
pub fn shipped_folder(profile: Profile, into: &Path) -> Result<PathBuf, Error> {
    let workspace = Metadata::workspace()?;
    let contents = Contents { for_openclaw: true, ..Contents::library(PLUGIN, profile, "") };
    folder(&workspace, &contents, &workspace.ship_directory(), into)
}

/// The same for any channel of the workspace: `package` builds its library, and its manifest lies
/// beside its Cargo.toml; the plugin's own lies at the workspace's root.
///
/// # Errors
/// Those of [`plugin_folder`].
pub fn channel_folder(package: &str, profile: Profile, into: &Path) -> Result<PathBuf, Error> {
    let workspace = Metadata::workspace()?;
    let target_directory = workspace.ship_directory();
    folder(&workspace, &Contents::library(package, profile, ""), &target_directory, into)
}

/// What is put into a folder.
struct Contents<'a> {
    package: &'a str,
    profile: Profile,
    features: &'a str,
    for_openclaw: bool,
}

impl<'a> Contents<'a> {
    fn library(package: &'a str, profile: Profile, features: &'a str) -> Self {
        Self { package, profile, features, for_openclaw: false }
    }
}

fn folder(
    workspace: &Metadata,
    contents: &Contents<'_>,
    target_directory: &Path,
    into: &Path,
) -> Result<PathBuf, Error> {
    let Contents { package, profile, features, for_openclaw } = *contents;
    let manifest = manifest_of(workspace, package)?;
    let library = Build { package, profile, features, target_directory }.library()?;
    let mut files = native(&manifest, Platform::here(), &library)?;
    if for_openclaw {
        files.extend(openclaw::files(&openclaw::addon(workspace, profile)?, &manifest, Platform::here())?);
    }
    place(&into.join(manifest.id()), &files)
}

/// The manifest of a channel, which agrees with the package.
pub(crate) fn manifest_of(workspace: &Metadata, package: &str) -> Result<Manifest, Error> {
    let channel = workspace.package(package)?;
    let manifest = if package == PLUGIN { Manifest::read()? } else { Manifest::beside(channel)? };
    let findings = manifest.disagreements(channel, workspace)?;
    if findings.is_empty() { Ok(manifest) } else { Err(Error::Findings { check: "manifest", findings }) }
}

/// What every host needs of a folder, around a library that is built for `platform`.
pub(crate) fn native(manifest: &Manifest, platform: Platform, library: &Path) -> Result<Files, Error> {
    let library = fs::read(library).map_err(Error::file("read", library))?;
    let text = manifest.with_sha256(&hex(&Sha256::digest(&library)));
    // The library first: a host that looks in between is told that the digest differs.
    Ok(vec![(manifest.library_file(platform), library), (manifest::FILE.to_owned(), text.into_bytes())])
}

/// Files of a folder by their names in it.
pub(crate) type Files = Vec<(String, Vec<u8>)>;

/// Where cargo builds, for those who put something beside it.
///
/// # Errors
/// When cargo does not say.
pub fn target_directory() -> Result<PathBuf, Error> {
    Ok(Metadata::workspace()?.target_directory)
}

/// The command: builds the folder and says where it is and how large.
///
/// # Errors
/// Those of [`channel_folder`].
pub fn run(package: &str, profile: Profile, into: Option<PathBuf>) -> Result<(), Error> {
    let into = match into {
        Some(into) => into,
        None => Metadata::workspace()?.target_directory.join("dist"),
    };
    let name = format!("building the folder of {package} ({} profile)", profile.name());
    let folder = progress::step(&name, || match package {
        PLUGIN => shipped_folder(profile, &into),
        _ => channel_folder(package, profile, &into),
    })?;
    println!("{}", folder.display());
    for (file, size) in sizes(&folder)? {
        println!("  {file}  {:.2} MB", size as f64 / 1e6);
    }
    Ok(())
}

fn sizes(folder: &Path) -> Result<Vec<(String, u64)>, Error> {
    let read = || -> std::io::Result<Vec<(String, u64)>> {
        let entries = fs::read_dir(folder)?.collect::<Result<Vec<_>, _>>()?;
        entries
            .iter()
            .map(|entry| Ok((entry.file_name().to_string_lossy().into_owned(), entry.metadata()?.len())))
            .collect()
    };
    let mut sizes = read().map_err(Error::file("list", folder))?;
    sizes.sort();
    Ok(sizes)
}

pub(crate) fn hex(digest: &[u8]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Makes `folder` hold `files`, each whole at any moment, and a new folder all of them at once.
pub(crate) fn place(folder: &Path, files: &[(String, Vec<u8>)]) -> Result<PathBuf, Error> {
    let plugins = folder.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(plugins).map_err(Error::file("create", plugins))?;
    if !folder.exists() {
        let staging = tempfile::Builder::new().prefix(".new-").tempdir_in(plugins);
        let staging = staging.map_err(Error::file("create a folder in", plugins))?;
        fill(staging.path(), files)?;
        match fs::rename(staging.path(), folder) {
            Ok(()) => {
                let _renamed = staging.keep();
                return Ok(folder.to_owned());
            }
            // Another process was faster; its folder is as good, and takes ours file by file.
            Err(_) if folder.exists() => {}
            Err(error) => return Err(Error::file("create", folder)(error)),
        }
    }
    fill(folder, files)?;
    Ok(folder.to_owned())
}

fn fill(folder: &Path, files: &[(String, Vec<u8>)]) -> Result<(), Error> {
    for (name, bytes) in files {
        let path = folder.join(name);
        replace(&path, bytes).map_err(Error::file("replace", &path))?;
    }
    set_mode(folder, 0o755).map_err(Error::file("set the mode of", folder))
}

fn replace(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new().prefix(".new-").tempfile_in(folder)?;
    std::io::Write::write_all(&mut file, bytes)?;
    set_mode(file.path(), 0o644)?;
    file.persist(path)?;
    Ok(())
}

/// Hosts refuse what others may write.
#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn set_mode(_: &Path, _: u32) -> std::io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(library: &str) -> [(String, Vec<u8>); 2] {
        [("lib.so".to_owned(), library.into()), ("manifest.toml".to_owned(), b"id".to_vec())]
    }

    #[test]
    fn whoever_has_the_old_library_open_keeps_it() {
        let plugins = tempfile::tempdir().unwrap();
        let folder = place(&plugins.path().join("x"), &files("old")).unwrap();
        let open = fs::File::open(folder.join("lib.so")).unwrap();

        place(&folder, &files("the new one")).unwrap();

        assert_eq!(std::io::read_to_string(open).unwrap(), "old");
        assert_eq!(fs::read_to_string(folder.join("lib.so")).unwrap(), "the new one");
    }

    #[test]
    fn several_processes_may_place_the_same_folder_at_once() {
        let plugins = tempfile::tempdir().unwrap();
        let folder = plugins.path().join("x");
        std::thread::scope(|scope| {
            let at_once: Vec<_> = (0..8).map(|_| scope.spawn(|| place(&folder, &files("same")))).collect();
            at_once.into_iter().for_each(|thread| assert!(thread.join().unwrap().is_ok()));
        });
        assert_eq!(fs::read_dir(plugins.path()).unwrap().count(), 1, "no staging folder is left");
        assert_eq!(sizes(&folder).unwrap().len(), 2);
    }

    #[test]
    fn nothing_but_the_files_remains_in_the_folder() {
        let plugins = tempfile::tempdir().unwrap();
        let folder = place(&plugins.path().join("x"), &files("a")).unwrap();
        place(&folder, &files("b")).unwrap();

        let names: Vec<_> = sizes(&folder).unwrap().into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["lib.so", "manifest.toml"]);
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_may_write_what_a_host_will_load() {
        use std::os::unix::fs::PermissionsExt;
        let plugins = tempfile::tempdir().unwrap();
        let folder = place(&plugins.path().join("x"), &files("a")).unwrap();

        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&folder), 0o755);
        assert_eq!(mode(&folder.join("lib.so")), 0o644);
        assert_eq!(mode(&folder.join("manifest.toml")), 0o644);
    }

    #[test]
    fn a_digest_is_written_in_lower_case_hex() {
        assert_eq!(hex(&[0, 10, 255]), "000aff");
    }
}
