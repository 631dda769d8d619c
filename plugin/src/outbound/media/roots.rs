//! Which files may be sent: those in the directories that the host gave, and nothing that they lead out to.

use std::{
    fs::{self, File, Metadata},
    io,
    path::{Path, PathBuf},
};

/// The directories that outbound files may come from.
#[derive(Clone, Debug, Default)]
pub(super) struct Roots(Vec<PathBuf>);

/// A file in one of them, opened.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) file: File,
    /// Where it really is.
    pub(super) path: PathBuf,
    pub(super) metadata: Metadata,
}

/// Why a file is not opened. What lies outside of the roots is not told from what does not exist, so that
/// nobody learns what there is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// There are no roots.
    NoRoots,
    /// It is not in a root, or not there.
    NotThere,
    /// It is a directory, a pipe, a device.
    NotAFile,
    /// It has another name, which may be anywhere.
    HardLink,
    /// The system does not let us read it.
    Unreadable,
}

impl Roots {
    /// The host's list.
    pub(super) fn new(roots: impl IntoIterator<Item = impl Into<PathBuf>>) -> Self {
        Self(roots.into_iter().map(Into::into).filter(|root: &PathBuf| root.is_absolute()).collect())
    }

    /// Opens a file in one of them. Blocks, but for the disk alone: a pipe is not waited for.
    pub(super) fn open(&self, path: &Path) -> Result<Opened, Refusal> {
        if self.0.is_empty() {
            return Err(Refusal::NoRoots);
        }
        if !path.is_absolute() {
            return Err(Refusal::NotThere);
        }
        let path = fs::canonicalize(path).map_err(|_| Refusal::NotThere)?;
        let roots: Vec<_> = self.0.iter().filter_map(|root| fs::canonicalize(root).ok()).collect();
        let is_inside = |path: &Path| roots.iter().any(|root| path.starts_with(root));
        if !is_inside(&path) {
            return Err(Refusal::NotThere);
        }
        let file = open_nofollow(&path).map_err(|error| refusal(&error))?;
        let metadata = file.metadata().map_err(|_| Refusal::Unreadable)?;
        // Between the look and the opening a directory may have been swapped for a link: the open file
        // itself has to be inside.
        if !place_of(&file, &path, &metadata).is_some_and(|place| is_inside(&place)) {
            return Err(Refusal::NotThere);
        }
        if !metadata.is_file() {
            return Err(Refusal::NotAFile);
        }
        if has_other_names(&metadata) {
            return Err(Refusal::HardLink);
        }
        Ok(Opened { file, path, metadata })
    }
}

fn refusal(error: &io::Error) -> Refusal {
    match error.kind() {
        io::ErrorKind::PermissionDenied => Refusal::Unreadable,
        io::ErrorKind::NotFound => Refusal::NotThere,
        _ => Refusal::NotAFile, // a link put there meanwhile, a socket
    }
}

/// The path has no links any more; one put there meanwhile is not followed, and a pipe not waited for.
#[cfg(unix)]
fn open_nofollow(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    File::options().read(true).custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK).open(path)
}

#[cfg(not(unix))]
fn open_nofollow(path: &Path) -> io::Result<File> {
    if !fs::symlink_metadata(path)?.is_file() {
        return Err(io::Error::other("not a file"));
    }
    File::open(path)
}

/// Where an open file is, as far as the system says; else where its path leads now, if that is still it.
fn place_of(file: &File, path: &Path, metadata: &Metadata) -> Option<PathBuf> {
    #[cfg(target_os = "linux")]
    if let Ok(place) = fs::read_link(format!("/proc/self/fd/{}", std::os::fd::AsRawFd::as_raw_fd(file))) {
        return Some(place);
    }
    let _only_linux_asks_it = file;
    let now = fs::canonicalize(path).ok()?;
    let found = fs::symlink_metadata(&now).ok()?;
    is_same(&found, metadata).then_some(now)
}

/// Whether a file is in other directories, too. Which ones no system tells.
#[cfg(unix)]
fn has_other_names(metadata: &Metadata) -> bool {
    std::os::unix::fs::MetadataExt::nlink(metadata) > 1
}

#[cfg(not(unix))]
fn has_other_names(_: &Metadata) -> bool {
    false // the standard library does not know it there
}

#[cfg(unix)]
fn is_same(one: &Metadata, other: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

#[cfg(not(unix))]
fn is_same(one: &Metadata, other: &Metadata) -> bool {
    one.len() == other.len() && one.modified().ok() == other.modified().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;
    use tempfile::TempDir;

    struct Place {
        _folder: TempDir,
        root: PathBuf,
        outside: PathBuf,
    }

    fn place() -> Place {
        let folder = tempfile::tempdir().unwrap();
        let (root, outside) = (folder.path().join("root"), folder.path().join("outside"));
        fs::create_dir_all(root.join("below")).unwrap();
        fs::create_dir(&outside).unwrap();
        fs::write(root.join("below/a.txt"), "inside").unwrap();
        fs::write(outside.join("secret"), "outside").unwrap();
        Place { _folder: folder, root, outside }
    }

    fn open(root: &Path, path: &Path) -> Result<String, Refusal> {
        let mut opened = Roots::new([root]).open(path)?;
        let mut text = String::new();
        opened.file.read_to_string(&mut text).unwrap();
        Ok(text)
    }

    #[test]
    fn a_file_in_a_root_is_opened_by_its_real_path() {
        let Place { root, .. } = &place();
        assert_eq!(open(root, &root.join("below/a.txt")).unwrap(), "inside");
        assert_eq!(open(root, &root.join("below/../below/a.txt")).unwrap(), "inside");
    }

    #[test]
    fn nothing_outside_of_the_roots_is_opened_and_nobody_learns_what_is_there() {
        let Place { root, outside, .. } = &place();
        for path in [
            outside.join("secret"),
            outside.join("missing"),
            root.join("missing"),
            root.join("../outside/secret"),
            root.with_file_name("root-beside"),
            PathBuf::from("below/a.txt"),
            PathBuf::new(),
        ] {
            assert_eq!(open(root, &path), Err(Refusal::NotThere), "{}", path.display());
        }
        assert_eq!(Roots::default().open(&root.join("below/a.txt")).unwrap_err(), Refusal::NoRoots);
        assert_eq!(open(root, root), Err(Refusal::NotAFile));
    }

    #[cfg(unix)]
    #[test]
    fn links_lead_nowhere_else() {
        use std::os::unix::fs::symlink;
        let Place { root, outside, .. } = &place();
        symlink(outside.join("secret"), root.join("link")).unwrap();
        symlink(outside, root.join("folder")).unwrap();
        symlink(root.join("below/a.txt"), root.join("inside")).unwrap();
        assert_eq!(open(root, &root.join("link")), Err(Refusal::NotThere));
        assert_eq!(open(root, &root.join("folder/secret")), Err(Refusal::NotThere));
        assert_eq!(open(root, &root.join("inside")).unwrap(), "inside");
        // A root that is a link itself is what the host meant.
        symlink(root, outside.join("root")).unwrap();
        assert_eq!(open(&outside.join("root"), &root.join("below/a.txt")).unwrap(), "inside");
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_has_a_second_name_is_not_opened_for_that_may_be_outside() {
        let Place { root, outside, .. } = &place();
        fs::hard_link(outside.join("secret"), root.join("innocent")).unwrap();
        assert_eq!(open(root, &root.join("innocent")), Err(Refusal::HardLink));
        fs::remove_file(outside.join("secret")).unwrap();
        assert_eq!(open(root, &root.join("innocent")).unwrap(), "outside", "it is the only one now");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_that_is_put_there_after_the_look_is_not_followed() {
        let Place { root, outside, .. } = &place();
        std::os::unix::fs::symlink(outside.join("secret"), root.join("late")).unwrap();
        assert!(open_nofollow(&root.join("late")).is_err());
        // A directory on the way, swapped after the look: the open file says where it is.
        let file = File::open(outside.join("secret")).unwrap();
        let metadata = file.metadata().unwrap();
        let place = place_of(&file, &root.join("below/a.txt"), &metadata);
        assert!(place.is_none_or(|place| !place.starts_with(root)));
    }

    /// Who swaps a directory for a link again and again may find the moment between the look and the opening.
    #[cfg(unix)]
    #[test]
    fn a_directory_that_is_swapped_for_a_link_all_the_time_never_leads_outside() {
        use std::{
            sync::atomic::{AtomicBool, Ordering},
            thread,
        };
        let Place { root, outside, .. } = &place();
        fs::write(outside.join("a.txt"), "outside").unwrap();
        std::os::unix::fs::symlink(outside, root.join("link")).unwrap();
        let is_over = AtomicBool::new(false);
        let (below, kept, link) = (root.join("below"), root.join("kept"), root.join("link"));
        thread::scope(|scope| {
            scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed) {
                    fs::rename(&below, &kept).unwrap();
                    fs::rename(&link, &below).unwrap();
                    fs::rename(&below, &link).unwrap();
                    fs::rename(&kept, &below).unwrap();
                }
            });
            let texts: Vec<_> = (0..20_000).map(|_| open(root, &below.join("a.txt"))).collect();
            is_over.store(true, Ordering::Relaxed);
            assert!(texts.iter().any(Result::is_ok));
            assert!(texts.iter().all(|text| text.as_ref().is_err() || text.as_deref() == Ok("inside")));
        });
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn pipes_and_devices_are_no_files_and_are_not_waited_for() {
        let Place { root, .. } = &place();
        let pipe = root.join("pipe");
        rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::RUSR).unwrap();
        assert_eq!(open(root, &pipe), Err(Refusal::NotAFile));
        let socket = root.join("socket");
        let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        assert_eq!(open(root, &socket), Err(Refusal::NotAFile));
        assert_eq!(open(Path::new("/dev"), Path::new("/dev/null")), Err(Refusal::NotAFile));
    }
}
