//! Every way a plugin can fail to load.

use semver::Version;
use std::{fmt, path::PathBuf};

/// Why a plugin did not load, in the order in which it is examined.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LoadError {
    /// The plugins directory cannot be read.
    Directory {
        /// Which.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// Everyone on this machine may change the folder, the manifest or the library.
    Writable {
        /// What they may change.
        path: PathBuf,
    },
    /// There is no usable `manifest.toml`.
    Manifest {
        /// Where it should be.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Built with another major version of host-sdk.
    Sdk {
        /// The plugin's.
        plugin: Version,
        /// The host's.
        host: Version,
    },
    /// The library is missing, damaged, altered, or made for another machine.
    File {
        /// The library.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The system's linker refused the library.
    Link {
        /// The library.
        path: PathBuf,
        /// Its words.
        reason: String,
    },
    /// A library, but not of a channel plugin.
    NotAPlugin {
        /// The library.
        path: PathBuf,
    },
    /// The types that cross are laid out differently on the two sides.
    Abi {
        /// The first difference.
        summary: String,
        /// All differences, which may be long.
        detail: String,
    },
    /// The library's entry point failed.
    Init {
        /// The library.
        path: PathBuf,
        /// How.
        reason: String,
    },
    /// The library is another plugin than the manifest says.
    Id {
        /// In the manifest.
        manifest: String,
        /// In the library.
        library: String,
    },
}

impl LoadError {
    /// A short name, for logs and scripts.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Directory { .. } => "directory",
            Self::Writable { .. } => "writable",
            Self::Manifest { .. } => "manifest",
            Self::Sdk { .. } => "sdk-version",
            Self::File { .. } => "file",
            Self::Link { .. } => "link",
            Self::NotAPlugin { .. } => "not-a-plugin",
            Self::Abi { .. } => "abi",
            Self::Init { .. } => "init",
            Self::Id { .. } => "id",
        }
    }
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Directory { path, reason } => {
                write!(f, "the plugins directory {} cannot be read: {reason}", path.display())
            }
            Self::Writable { path } => write!(
                f,
                "everyone on this machine may change {0}, and so what the host runs: check that it is what you \
                 installed, then `chmod o-w {0}`",
                path.display()
            ),
            Self::Manifest { path, reason } => write!(f, "{}: {}", path.display(), reason.trim_end()),
            Self::Sdk { plugin, host } => write!(
                f,
                "the plugin was built with host-sdk {plugin}, this host has {host}: install a plugin built for \
                 {}.x, or update the host",
                host.major
            ),
            Self::File { path, reason } => {
                write!(f, "{}: {reason}; install the plugin again", path.display())
            }
            Self::Link { path, reason } => write!(f, "{} cannot be linked: {reason}", path.display()),
            Self::NotAPlugin { path } => {
                write!(f, "{} is a library, but not a channel plugin", path.display())
            }
            Self::Abi { summary, .. } => write!(
                f,
                "the plugin and this host disagree about the interface ({summary}): build both from one release"
            ),
            Self::Init { path, reason } => write!(f, "{} failed to initialise: {reason}", path.display()),
            Self::Id { manifest, library } => write!(
                f,
                "the manifest speaks of the plugin {manifest:?}, its library is {library:?}: install the plugin again"
            ),
        }
    }
}

impl std::error::Error for LoadError {}
