//! `plugins list` and `plugins inspect`: what lies in the plugins directory.

use super::{
    Exit, Failure,
    place::PluginsDirectory,
    tell::{plain, table, tell, tell_json},
};
use crate::host::{Found, found, installed};
use serde_json::{Value, json};

const EXAMPLES: &str = "\
Examples:
  host-mock plugins list
      which plugins lie in ~/.openclaw/extensions, and whether each can be loaded
  host-mock plugins inspect dingtalk --plugins target/dist
      what the plugin says about itself";

/// Shows which plugins there are, and what they say about themselves.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Clone, Debug, clap::Subcommand)]
enum Verb {
    /// Lists the plugins, and loads each to see whether it can be.
    List {
        #[command(flatten)]
        plugins: PluginsDirectory,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Shows what a plugin says about itself: versions, capabilities, options, metrics.
    Inspect {
        /// The plugin, such as dingtalk.
        id: String,
        #[command(flatten)]
        plugins: PluginsDirectory,
        /// As JSON, with the whole schema.
        #[arg(long)]
        json: bool,
    },
}

impl Args {
    /// Does what was asked.
    ///
    /// # Errors
    /// When there is no such plugin, or one cannot be loaded.
    pub fn run(&self) -> Result<(), Failure> {
        match &self.verb {
            Verb::List { plugins, json } => list(&found(&plugins.path()?)?, *json),
            Verb::Inspect { id, plugins, json } => {
                let plugin = installed(&plugins.path()?, Some(id))?;
                let about = json!(plugin.descriptor());
                if *json {
                    tell_json(&about);
                } else {
                    tell(people_s(&about));
                }
                Ok(())
            }
        }
    }
}

fn list(found: &[Found], json: bool) -> Result<(), Failure> {
    if json {
        tell_json(&found);
    } else {
        let rows = found.iter().map(|plugin| {
            let trouble = plugin.trouble.as_deref().map_or_else(|| "can be loaded".to_owned(), plain);
            [plain(&plugin.id), plain(&plugin.version), plain(&plugin.sdk), trouble, plugin.folder.clone()]
        });
        tell(table(["plugin", "version", "sdk", "state", "folder"], rows));
    }
    let broken = found.iter().any(|plugin| plugin.trouble.is_some());
    if broken { Err(Failure::told(Exit::Wrong)) } else { Ok(()) }
}

fn people_s(about: &Value) -> String {
    let text = |key: &str| plain(about[key].as_str().unwrap_or_default());
    let names = |list: &Value, key: &str| {
        let items = list.as_array().into_iter().flatten();
        let names: Vec<_> =
            items.filter_map(|item| if key.is_empty() { item } else { &item[key] }.as_str()).collect();
        plain(&names.join(", "))
    };
    let options =
        about["configSchema"]["properties"].as_object().or(about["config_schema"]["properties"].as_object());
    let options: Vec<_> = options.into_iter().flatten().map(|(name, _)| name.as_str()).collect();
    format!(
        "{} ({}) {}\nbuilt with host-sdk {}\ncan: {}\noptions: {}\nmetrics: {}\n",
        text("id"),
        text("name"),
        text("version"),
        text("sdk"),
        names(&about["capabilities"], ""),
        plain(&options.join(", ")),
        names(&about["extra"]["metrics"], "name"),
    )
}
