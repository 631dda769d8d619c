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
    directory: PathBuf,
    plugin: Plugin,
}

/// The folder stays where it is for the next run: its files are replaced by rename.
static BUILT: LazyLock<Built> = LazyLock::new(|| {
    let directory =
        xtask::dist::target_directory().unwrap_or_else(|error| panic!("{error}")).join("test-plugins");
    let folder = plugin_folder(Profile::Dev, &directory).unwrap_or_else(|error| panic!("{error}"));
    let (plugin, _manifest) = Plugin::load(&folder).unwrap_or_else(|error| panic!("{error}"));
    Built { directory, plugin }
});

/// A plugins directory with the plugin in it.
pub fn plugins_directory() -> &'static Path {
    &BUILT.directory
}

/// The loaded plugin.
pub fn plugin() -> Plugin {
    BUILT.plugin.clone()
}

/// The folder of the plugin.
pub fn plugin_directory() -> PathBuf {
    plugins_directory().join(PLUGIN)
}
