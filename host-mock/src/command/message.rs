//! `message send`: says something without having been asked, through the host that runs.

use super::{
    Exit, Failure,
    place::StateDirectory,
    tell::{plain, tell, tell_json},
};
use crate::control::{Client, Sending, Trouble};
use host_sdk::{Outcome, Receipt};
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  host-mock message send --target user0002 --message \"The build is green.\"
      write to a person by staff id
  host-mock message send --account bot2 --target group:cidXXXX --message \"See below\" --media report.pdf
      write to a group, with a file from a directory that the host allows (run --media-root)";

/// Says something without having been asked; a host has to run.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Clone, Debug, clap::Subcommand)]
enum Verb {
    /// Sends a message to a person or a group.
    Send(Send),
}

#[derive(Clone, Debug, clap::Args)]
struct Send {
    /// Where to: a person's staff id, a group's conversation id, or a name that the bot has heard.
    #[arg(long, value_name = "WHERE")]
    target: String,
    /// What to say, in markdown.
    #[arg(long, value_name = "TEXT", default_value = "", required_unless_present = "media")]
    message: String,
    /// A file to send; may be given several times.
    #[arg(long, value_name = "FILE")]
    media: Vec<PathBuf>,
    /// Sends sound as a voice message.
    #[arg(long)]
    as_voice: bool,
    /// The account that sends; as in default, or dingtalk/default.
    #[arg(long, value_name = "ID", default_value = "default")]
    account: String,
    #[command(flatten)]
    state: StateDirectory,
    /// As JSON.
    #[arg(long)]
    json: bool,
}

/// Does what was asked.
///
/// # Errors
/// When no host runs, or not everything was sent.
pub async fn run(args: &Args) -> Result<(), Failure> {
    let Verb::Send(send) = &args.verb;
    let files = send.media.iter().map(|file| {
        // The host has another working directory than we.
        std::path::absolute(file).map_err(|error| Failure::system("tell where a file is", &error))
    });
    let sending = Sending {
        account: send.account.clone(),
        target: send.target.clone(),
        text: send.message.clone(),
        files: files.collect::<Result<_, _>>()?,
        as_voice: send.as_voice,
    };
    let receipt = Client::of(&send.state.path()?)?.send(&sending).await?;
    if send.json {
        tell_json(&receipt);
    } else {
        tell(people_s(&receipt));
    }
    let whole = receipt.parts.iter().all(|part| part.outcome == Outcome::Delivered);
    if whole { Ok(()) } else { Err(Failure::told(Exit::Failed)) }
}

fn people_s(receipt: &Receipt) -> String {
    let line = |part: &host_sdk::ReceiptPart| {
        let id = if part.id.is_empty() { String::new() } else { format!(" {}", plain(&part.id)) };
        format!("{}: {}{id}\n", part.outcome.name().unwrap_or("unknown"), plain(&part.surface))
    };
    receipt.parts.iter().map(line).collect()
}

impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Self {
        let exit = match trouble {
            Trouble::NoHost(_) => Exit::NoHost,
            Trouble::Refused(_) => Exit::Wrong,
            _ => Exit::Failed,
        };
        Self::new(exit, trouble.to_string())
    }
}
