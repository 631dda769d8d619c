//! `channels status`: how the accounts of the host that runs are.

use super::{
    Exit, Failure,
    doctor::{Language, cost, lines},
    place::StateDirectory,
    tell::{plain, say, tell, tell_json},
};
use crate::control::{Client, Health};
use serde_json::Value;

const EXAMPLES: &str = "\
Examples:
  host-mock channels status
      all accounts; the exit code is 1 where one that should run is not connected
  host-mock channels status --probe --json
      have each account examine itself first, for scripts
  host-mock channels status --metrics
      counters, gauges and times of every account, as JSON

A probe sends nothing that anybody sees, and takes no message from the bot. With cards it makes three calls of the
month's quota for each bot, one without.";

/// Shows how the accounts of the host that runs are.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Clone, Debug, clap::Subcommand)]
enum Verb {
    /// Shows every account: whether it runs, is connected, and what is the matter.
    Status(Status),
}

#[derive(Clone, Debug, clap::Args)]
struct Status {
    /// Has each account examine itself: credentials, permissions, network.
    #[arg(long, conflicts_with = "metrics")]
    probe: bool,
    /// Shows what the accounts have counted instead, as JSON.
    #[arg(long)]
    metrics: bool,
    #[command(flatten)]
    state: StateDirectory,
    /// The language of what a probe found [default: that of LC_ALL or LANG, else Chinese].
    #[arg(long, value_enum)]
    lang: Option<Language>,
    /// As JSON.
    #[arg(long)]
    json: bool,
}

/// Does what was asked.
///
/// # Errors
/// When no host runs, or something is the matter with an account.
pub async fn run(args: &Args) -> Result<(), Failure> {
    let Verb::Status(status) = &args.verb;
    let client = Client::of(&status.state.path()?)?;
    if status.metrics {
        tell_json(&client.metrics().await?);
        return Ok(());
    }
    if status.probe && !status.json {
        say("each account examines itself, which may take a while");
    }
    let health = client.status(status.probe).await?;
    if status.json {
        tell_json(&health);
    } else {
        tell(people_s(&health, Language::or_environment(status.lang)));
    }
    if is_well(&health) { Ok(()) } else { Err(Failure::told(Exit::Failed)) }
}

/// Whether every account that should run is connected, and no examination failed.
fn is_well(health: &Health) -> bool {
    let so =
        |account: &crate::host::AccountSnapshot, field: &str| account.get(field) == Some(&Value::Bool(true));
    let idle = |account: &crate::host::AccountSnapshot| so(account, "enabled") && !so(account, "connected");
    !health.accounts.accounts().iter().any(idle) && health.probes.iter().all(|probe| probe.report.ok)
}

fn people_s(health: &Health, language: Language) -> String {
    let mut text = health.accounts.to_string();
    for probe in &health.probes {
        text.push_str(&format!("\n{}\n", plain(&probe.account)));
        probe.report.checks.iter().for_each(|check| text.push_str(&lines(check, language)));
        text.push_str(&cost(probe.report.charged_calls, language));
    }
    text
}
