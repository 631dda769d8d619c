//! `config check` and `config schema`: what a configuration means, and what may stand in it.

use super::{
    Exit, Failure,
    place::{ConfigFile, PluginsDirectory},
    tell::{plain, table, tell, tell_json},
};
use crate::host::{Review, installed};
use serde_json::json;

const EXAMPLES: &str = "\
Examples:
  host-mock config check
      what ~/.openclaw/openclaw.json means, and what is wrong with it
  host-mock config check --config openclaw.json --plugins target/dist --json
      the same of other places, for scripts
  host-mock config schema --plugins target/dist > dingtalk.schema.json
      what an editor needs to help with channels.dingtalk";

/// Shows what the configuration means, or what may stand in it; starts nothing.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Clone, Debug, clap::Subcommand)]
enum Verb {
    /// Reads the configuration with the eyes of host and plugins, and says what would run.
    Check(Check),
    /// Prints the JSON Schema of `channels.<id>`.
    Schema(Schema),
}

#[derive(Clone, Debug, clap::Args)]
struct Check {
    #[command(flatten)]
    config: ConfigFile,
    #[command(flatten)]
    plugins: PluginsDirectory,
    /// As JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Debug, clap::Args)]
struct Schema {
    /// The channel; the only one, if there is one.
    channel: Option<String>,
    #[command(flatten)]
    plugins: PluginsDirectory,
}

impl Args {
    /// Does what was asked.
    ///
    /// # Errors
    /// When something is wrong with the configuration, or it cannot be read.
    pub fn run(&self) -> Result<(), Failure> {
        match &self.verb {
            Verb::Check(check) => check.run(),
            Verb::Schema(schema) => schema.run(),
        }
    }
}

impl Check {
    fn run(&self) -> Result<(), Failure> {
        let review = Review::of(&self.config.path()?, &self.plugins.path()?)?;
        if self.json {
            tell_json(&review);
        } else {
            tell(people_s(&review));
        }
        if review.ok { Ok(()) } else { Err(Failure::told(Exit::Wrong)) }
    }
}

fn people_s(review: &Review) -> String {
    let rows = review.accounts.iter().map(|account| {
        let runs = if account.runs { "yes" } else { "no" };
        [plain(&account.address), plain(&account.name), runs.to_owned(), plain(&account.reason)]
    });
    let mut text = table(["account", "name", "runs", "note"], rows);
    for (kind, lines) in [("wrong", &review.problems), ("note", &review.remarks)] {
        lines.iter().for_each(|line| text.push_str(&format!("{kind}: {}\n", plain(line))));
    }
    text.push_str(if review.ok { "the configuration is fine\n" } else { "something is wrong\n" });
    text
}

impl Schema {
    fn run(&self) -> Result<(), Failure> {
        let plugin = installed(&self.plugins.path()?, self.channel.as_deref())?;
        let schema: serde_json::Value =
            plugin.descriptor().config_schema.parse().unwrap_or_else(|_| json!({}));
        tell_json(&schema);
        Ok(())
    }
}
