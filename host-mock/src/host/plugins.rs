//! Which plugins there are, which may run, and which are broken.

use super::{HostError, config::Config, log::Log};
use host_sdk::{
    LogLevel,
    host::{LoadError, Manifest, Plugin, discover},
};
use std::path::{Path, PathBuf};

/// Loads every plugin in `directory` that the configuration lets run. A broken one is reported, and
/// the others go on.
///
/// # Errors
/// When the directory cannot be read or has no plugin in it, or none of them can be loaded.
pub(super) fn load_all(directory: &Path, config: &Config, log: &Log) -> Result<Vec<Plugin>, HostError> {
    let found = folders(directory)?;
    let (mut loaded, mut broken) = (Vec::new(), Vec::new());
    for plugin in found {
        match load(&plugin, config, log) {
            Ok(plugin) => loaded.extend(plugin),
            Err(error) => broken.push((plugin, error)),
        }
    }
    if loaded.is_empty() && !broken.is_empty() {
        return Err(HostError::NoneLoaded { broken: broken.into_iter().map(|(_, error)| error).collect() });
    }
    for (plugin, error) in broken {
        log.say(LogLevel::Error, None, format!("the plugin in {} is left out: {error}", plugin.display()));
    }
    Ok(loaded)
}

/// The folders of a plugins directory that hold a plugin, broken or not; there is one at least.
///
/// # Errors
/// When the directory cannot be read or has no plugin in it.
pub(super) fn folders(directory: &Path) -> Result<Vec<PathBuf>, HostError> {
    let found = discover(directory).map_err(|error| unreadable(directory, &error))?;
    if found.is_empty() {
        return Err(HostError::NoPlugin { path: directory.to_owned() });
    }
    Ok(found)
}

/// `None`: the configuration keeps it out, so that nothing of it is even loaded.
fn load(directory: &Path, config: &Config, log: &Log) -> Result<Option<Plugin>, LoadError> {
    let manifest = Manifest::read(directory)?;
    if let Some(reason) = config.gates().closed_to(&manifest.id) {
        log.say(LogLevel::Info, None, format!("the plugin {} is not loaded: {reason}", manifest.id));
        return Ok(None);
    }
    let (plugin, manifest) = Plugin::load(directory)?;
    if !manifest.unknown_keys.is_empty() {
        let keys = manifest.unknown_keys.join(", ");
        let sentence = format!("{} has keys that this host does not know: {keys}", directory.display());
        log.say(LogLevel::Warn, None, sentence);
    }
    log.say(LogLevel::Info, None, format!("loaded the plugin {} {}", manifest.id, manifest.version));
    Ok(Some(plugin))
}

fn unreadable(directory: &Path, error: &LoadError) -> HostError {
    let reason = match error {
        LoadError::Directory { reason, .. } => reason.clone(),
        other => other.to_string(),
    };
    HostError::PluginsUnreadable { path: directory.to_owned(), reason }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tempfile::TempDir;

    fn load_from(directory: &Path, plugins: &str) -> (Result<Vec<Plugin>, HostError>, Vec<String>) {
        let text = format!("{{ plugins: {plugins} }}");
        let config = Config::from_text(Path::new("openclaw.json"), &text, &|_| None).unwrap();
        let log = Log::new(None);
        let loaded = load_all(directory, &config, &log);
        (loaded, log.lines().snapshot().iter().map(ToString::to_string).collect())
    }

    /// A directory with one plugin whose library is not there.
    fn broken() -> TempDir {
        let directory = tempfile::tempdir().unwrap();
        let plugin = directory.path().join("x");
        std::fs::create_dir(&plugin).unwrap();
        let manifest = "id = \"x\"\nversion = \"0.1.0\"\nsdk = \"1.0.0\"\nlibrary = \"gone\"\n";
        std::fs::write(plugin.join("manifest.toml"), manifest).unwrap();
        directory
    }

    #[test]
    fn a_missing_directory_and_an_empty_one_say_what_to_put_where() {
        let directory = tempfile::tempdir().unwrap();
        let missing = load_from(&directory.path().join("no"), "{}").0.unwrap_err().to_string();
        assert!(missing.contains("create it, or name another"), "{missing}");
        let empty = load_from(directory.path(), "{}").0.unwrap_err().to_string();
        assert!(empty.contains("has no plugin in it") && empty.contains("manifest.toml"), "{empty}");
    }

    #[test]
    fn a_broken_plugin_is_named_with_the_remedy() {
        let directory = broken();
        let error = load_from(directory.path(), "{}").0.unwrap_err().to_string();
        assert!(error.contains("gone") && error.contains("install the plugin again"), "{error}");
    }

    #[test]
    fn a_plugin_that_may_not_run_is_not_even_loaded() {
        let directory = broken();
        let (loaded, log) = load_from(directory.path(), "{ deny: ['x'] }");
        assert!(loaded.unwrap().is_empty());
        assert!(log[0].contains("plugins.deny"), "{log:?}");
    }
}
