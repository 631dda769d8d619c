//! A look at what would run, without running it.

use super::{Config, HostError, log::Log, plan::Plan, plugins};
use host_sdk::{
    LogLevel,
    host::{LoadError, Manifest, Plugin},
};
use serde::Serialize;
use std::path::Path;

/// What a configuration means, with the plugins that are there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Review {
    /// Whether something would run, and nothing is wrong.
    pub ok: bool,
    /// All accounts that the configuration knows.
    pub accounts: Vec<Reviewed>,
    /// What has to be corrected, each with what to do.
    pub problems: Vec<String>,
    /// What a person should know besides.
    pub remarks: Vec<String>,
}

/// One account that the configuration knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reviewed {
    /// Which, as in `dingtalk/default`.
    pub address: String,
    /// What people call it.
    pub name: String,
    /// Whether it would run.
    pub runs: bool,
    /// Why not; empty if it would.
    pub reason: String,
}

impl Review {
    /// Reads the configuration and loads the plugins; opens and starts nothing.
    ///
    /// # Errors
    /// As where a host starts, but for what the review itself says.
    pub fn of(config: &Path, plugins: &Path) -> Result<Self, HostError> {
        let log = Log::new(None);
        let config = Config::read(config)?;
        let plugins = plugins::load_all(plugins, &config, &log)?;
        let plan = Plan::make(&config, &plugins);
        let known = plan.known.iter().map(|known| Reviewed {
            address: known.address.to_string(),
            name: known.name.clone(),
            runs: known.enabled && known.configured,
            reason: known.reason.clone(),
        });
        let said = log.lines().snapshot();
        let broken =
            said.iter().filter(|line| line.level == LogLevel::Error).map(|line| line.message.clone());
        let (switched_off, wrong) = if plan.accounts.is_empty() || plan.has_mistakes {
            (Vec::new(), plan.reasons)
        } else {
            (plan.reasons, Vec::new())
        };
        let problems: Vec<_> = wrong.into_iter().chain(broken).collect();
        Ok(Self {
            ok: problems.is_empty(),
            accounts: known.collect(),
            problems,
            remarks: [plan.warnings, switched_off].concat(),
        })
    }
}

/// A folder of the plugins directory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Found {
    /// Where it is.
    pub folder: String,
    /// The plugin's id; empty where nothing says it.
    pub id: String,
    /// The plugin's version.
    pub version: String,
    /// The version of the SDK it was built with.
    pub sdk: String,
    /// Why it cannot be loaded, and what to do; nothing, if it can.
    pub trouble: Option<String>,
}

/// What lies in a plugins directory. Each plugin is loaded to see whether it can be.
///
/// # Errors
/// When the directory cannot be read or has no plugin in it.
pub fn found(directory: &Path) -> Result<Vec<Found>, HostError> {
    let look = |folder: &Path| {
        let manifest = Manifest::read(folder);
        let trouble = manifest.as_ref().err().map(ToString::to_string);
        let trouble = trouble.or_else(|| Plugin::load(folder).err().map(|error| error.to_string()));
        let (id, version, sdk) = manifest.map_or_else(
            |_| Default::default(),
            |manifest| (manifest.id, manifest.version.to_string(), manifest.sdk.to_string()),
        );
        Found { folder: folder.display().to_string(), id, version, sdk, trouble }
    };
    Ok(plugins::folders(directory)?.iter().map(|folder| look(folder)).collect())
}

/// Loads the plugin of a channel; where none is named, the only one that is there.
///
/// # Errors
/// When there is no such plugin, none was named and there are several, or it cannot be loaded.
pub fn installed(directory: &Path, id: Option<&str>) -> Result<Plugin, HostError> {
    let folders = plugins::folders(directory)?;
    let ids: Vec<_> =
        folders.iter().map(|folder| Manifest::read(folder).map(|manifest| manifest.id)).collect();
    let meant = match id {
        Some(id) => ids.iter().position(|known| known.as_ref().is_ok_and(|known| known == id)),
        None => (folders.len() == 1).then_some(0),
    };
    let Some(folder) = meant.and_then(|place| folders.get(place)) else {
        let known = ids.into_iter().filter_map(Result::ok).collect();
        return Err(HostError::UnknownPlugin { name: id.unwrap_or_default().to_owned(), known });
    };
    let loaded: Result<_, LoadError> = Plugin::load(folder);
    loaded.map(|(plugin, _)| plugin).map_err(|error| HostError::NoneLoaded { broken: vec![error] })
}
