//! The plugin folders, each built once for all tests of a process.

use host_sdk::host::Plugin;
use std::{
    path::{Path, PathBuf},
    sync::LazyLock,
};
use xtask::dist::{Profile, channel_folder, target_directory};

/// The id of the plugin under test.
pub const PLUGIN: &str = "dingtalk";

/// A plugin as it ships, loaded.
pub struct Built {
    /// Stays for the next run: files are replaced by rename.
    directory: PathBuf,
    folder: PathBuf,
    plugin: Plugin,
}

static DINGTALK: LazyLock<Built> = LazyLock::new(|| Built::new("plugin"));
static FILE_CHANNEL: LazyLock<Built> = LazyLock::new(|| Built::new("file-channel"));
static OBEDIENT: LazyLock<Built> = LazyLock::new(|| Built::new("obedient"));
static PULSE: LazyLock<Built> = LazyLock::new(|| Built::new("pulse"));

impl Built {
    fn new(package: &str) -> Self {
        let target = target_directory().unwrap_or_else(|error| panic!("{error}"));
        let directory = target.join("test-plugins").join(package);
        let folder = channel_folder(package, Profile::Dev, &directory);
        let folder = folder.unwrap_or_else(|error| panic!("{error}"));
        let (plugin, _manifest) = Plugin::load(&folder).unwrap_or_else(|error| panic!("{error}"));
        Self { directory, folder, plugin }
    }

    /// The plugins directory in which it is the only one.
    pub fn plugins_directory(&self) -> &Path {
        &self.directory
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

/// The plugin that ships.
pub fn dingtalk() -> &'static Built {
    &DINGTALK
}

/// The example of the SDK, whose platform is two text files.
pub fn file_channel() -> &'static Built {
    &FILE_CHANNEL
}

/// The channel that does as it is told, to be at fault on purpose.
pub fn obedient() -> &'static Built {
    &OBEDIENT
}

/// The channel without a platform, see [`mod@crate::pulse`].
pub fn pulse() -> &'static Built {
    &PULSE
}

/// The loaded plugin.
pub fn plugin() -> Plugin {
    DINGTALK.plugin()
}
