//! The plugin folders, each built once for all tests of a process.

use host_sdk::host::Plugin;
use std::{
    path::{Path, PathBuf},
    sync::LazyLock,
};
use tempfile::TempDir;
use xtask::dist::{Profile, folder_of};

/// The id of the plugin under test.
pub const PLUGIN: &str = "dingtalk";

/// A plugin as it ships, loaded.
pub struct Built {
    /// Removed when the process ends, in so far as statics are; the system cleans the rest.
    directory: TempDir,
    folder: PathBuf,
    plugin: Plugin,
}

static DINGTALK: LazyLock<Built> = LazyLock::new(|| Built::new("plugin"));
static FILE_CHANNEL: LazyLock<Built> = LazyLock::new(|| Built::new("file-channel"));
static OBEDIENT: LazyLock<Built> = LazyLock::new(|| Built::new("obedient"));

impl Built {
    fn new(package: &str) -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory can be made");
        let folder = folder_of(package, Profile::Dev, directory.path());
        let folder = folder.unwrap_or_else(|error| panic!("{error}"));
        let (plugin, _manifest) = Plugin::load(&folder).unwrap_or_else(|error| panic!("{error}"));
        Self { directory, folder, plugin }
    }

    /// The plugins directory in which it is the only one.
    pub fn plugins_directory(&self) -> &Path {
        self.directory.path()
    }

    /// Its folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The loaded plugin.
    pub fn plugin(&self) -> Plugin {
        self.plugin.clone()
    }
}

/// The example of the SDK, whose platform is two text files.
pub fn file_channel() -> &'static Built {
    &FILE_CHANNEL
}

/// The channel that does as it is told, to be at fault on purpose.
pub fn obedient() -> &'static Built {
    &OBEDIENT
}

/// A plugins directory with the plugin in it.
pub fn plugins_directory() -> &'static Path {
    DINGTALK.plugins_directory()
}

/// The loaded plugin.
pub fn plugin() -> Plugin {
    DINGTALK.plugin()
}

/// The folder of the plugin.
pub fn plugin_directory() -> PathBuf {
    DINGTALK.folder().to_owned()
}
