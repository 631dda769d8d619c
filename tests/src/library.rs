//! The plugin folder, built once for all tests of a process.

use host_sdk::host::Plugin;
use std::{
    path::{Path, PathBuf},
    sync::LazyLock,
};
use xtask::dist::{Profile, plugin_folder};

/// The id of the plugin under test.
pub const PLUGIN: &str = "dingtalk";

struct Built {
    /// Removed when the process ends, in so far as statics are; the system cleans the rest.
    directory: tempfile::TempDir,
    plugin: Plugin,
}

static BUILT: LazyLock<Built> = LazyLock::new(|| {
    let directory = tempfile::tempdir().expect("a temporary directory can be made");
    let folder = plugin_folder(Profile::Dev, directory.path()).unwrap_or_else(|error| panic!("{error}"));
    let (plugin, _manifest) = Plugin::load(&folder).unwrap_or_else(|error| panic!("{error}"));
    Built { directory, plugin }
});

/// A plugins directory with the plugin in it.
pub fn plugins_directory() -> &'static Path {
    BUILT.directory.path()
}

/// The loaded plugin.
pub fn plugin() -> Plugin {
    BUILT.plugin.clone()
}

/// The folder of the plugin.
pub fn plugin_directory() -> PathBuf {
    plugins_directory().join(PLUGIN)
}
