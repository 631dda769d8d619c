//! `pairing list` and `pairing approve`: whoever owns the bot lets people in.

use super::{Failure, place::StateDirectory};
use crate::host::{HostError, Pairings, Waits};
use serde_json::json;
use std::io::{self, Write};

const EXAMPLES: &str = "\
Examples:
  host-mock pairing list dingtalk
      who waits to be let in, and by which code
  host-mock pairing approve dingtalk ABCD2345
      lets them in";

/// Shows who waits to be let in, and lets them in.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Clone, Debug, clap::Subcommand)]
enum Verb {
    /// Shows who waits to be let in, with the code that each was told.
    List {
        #[command(flatten)]
        place: Place,
    },
    /// Lets in who was told this code. A host that runs need not be told.
    Approve {
        #[command(flatten)]
        place: Place,
        /// The code, in capitals or not.
        code: String,
    },
}

#[derive(Clone, Debug, clap::Args)]
struct Place {
    /// The channel, such as dingtalk.
    channel: String,
    /// Only this account; all of the channel, unless told otherwise.
    #[arg(long, value_name = "ID")]
    account: Option<String>,
    #[command(flatten)]
    state: StateDirectory,
    /// As JSON.
    #[arg(long)]
    json: bool,
}

impl Args {
    /// Does what was asked, and writes what came of it to `out`.
    ///
    /// # Errors
    /// When nobody waits with the code, or the state cannot be read or written.
    pub fn run(&self, out: &mut impl Write) -> Result<(), Failure> {
        let written = match &self.verb {
            Verb::List { place } => {
                let waiting = place.pairings()?.waiting(&place.channel, place.account.as_deref())?;
                if place.json { list_json(&waiting, out) } else { list(&waiting, out) }
            }
            Verb::Approve { place, code } => {
                let pairings = place.pairings()?;
                let (account, approval) = pairings.approve(&place.channel, place.account.as_deref(), code)?;
                let who = who(&approval.name, &approval.id);
                if place.json {
                    let approved =
                        json!({"account": account.to_string(), "id": approval.id, "name": approval.name});
                    writeln!(out, "{approved:#}").ok();
                    return Ok(());
                }
                writeln!(out, "{who} may write to {account} from now on")
            }
        };
        // It is done; that nobody reads of it does not undo it.
        written.ok();
        Ok(())
    }
}

impl Place {
    /// A misspelt directory is not to be made.
    fn pairings(&self) -> Result<Pairings, Failure> {
        let path = self.state.path()?;
        if path.is_dir() {
            return Ok(Pairings::at(path));
        }
        Err(Failure::from(HostError::State {
            path,
            reason: "it is no directory".into(),
            remedy: "name the directory where the host keeps its state",
        }))
    }
}

fn list(waiting: &[Waits], out: &mut impl Write) -> io::Result<()> {
    if waiting.is_empty() {
        return writeln!(out, "nobody waits");
    }
    for Waits { account, request, left_ms } in waiting {
        let (code, who, minutes) = (&request.code, who(&request.name, &request.id), left_ms / 60_000);
        writeln!(out, "{code}  {account}  {who}, for {minutes} more minutes")?;
    }
    Ok(())
}

fn list_json(waiting: &[Waits], out: &mut impl Write) -> io::Result<()> {
    let waiting = waiting.iter().map(|Waits { account, request, left_ms }| {
        json!({
            "account": account.to_string(), "code": request.code.as_str(), "id": request.id, "name": request.name,
            "leftMs": left_ms,
        })
    });
    writeln!(out, "{:#}", waiting.collect::<serde_json::Value>())
}

/// People choose their names: nothing in one reaches the terminal but what can be seen.
fn who(name: &str, id: &str) -> String {
    let (name, id) = (name.escape_debug(), id.escape_debug());
    if name.clone().next().is_none() { id.to_string() } else { format!("{name} ({id})") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::Address;
    use clap::Parser;
    use host_sdk::{
        Sender,
        access::{Asked, Code, Pairing},
    };
    use std::path::Path;

    #[derive(Parser)]
    struct Cli {
        #[command(flatten)]
        args: Args,
    }

    /// What the command writes, or says is wrong.
    fn run(state: &Path, words: &[&str]) -> Result<String, String> {
        let place = ["--state", state.to_str().unwrap()];
        let words = ["pairing"].iter().chain(words).chain(&place);
        let mut out = Vec::new();
        Cli::try_parse_from(words)
            .map_err(|error| error.to_string())?
            .args
            .run(&mut out)
            .map_err(|error| error.to_string())?;
        Ok(String::from_utf8(out).unwrap())
    }

    /// A state directory in which somebody of this name has waited for half a minute, and their code.
    fn asked(name: &str) -> (tempfile::TempDir, Code) {
        let state = tempfile::tempdir().unwrap();
        let sender = Sender { id: "user0001".into(), name: name.into(), ..Sender::default() };
        let mut pairing = Pairing::default();
        let now_ms = i64::try_from(std::time::UNIX_EPOCH.elapsed().unwrap().as_millis()).unwrap();
        let asked = pairing.ask(&sender, "m", now_ms - 30_000, || Code::from_random(7));
        let Asked::Created(code) = asked else { panic!("{asked:?}") };
        let directory = state.path().join("pairing/dingtalk");
        std::fs::create_dir_all(&directory).unwrap();
        std::fs::write(directory.join("default.json"), pairing.to_json()).unwrap();
        (state, code)
    }

    #[test]
    fn who_waits_is_listed_and_let_in() {
        let (state, code) = asked("Lin");
        let listed = run(state.path(), &["list", "dingtalk"]).unwrap();
        let account = Address::new("dingtalk", "default");
        assert_eq!(listed, format!("{code}  {account}  Lin (user0001), for 59 more minutes\n"));
        assert_eq!(run(state.path(), &["list", "dingtalk", "--account", "x"]).unwrap(), "nobody waits\n");

        let small = code.as_str().to_lowercase();
        let approved = run(state.path(), &["approve", "dingtalk", &small]).unwrap();
        assert_eq!(approved, "Lin (user0001) may write to dingtalk/default from now on\n");
        assert_eq!(run(state.path(), &["list", "dingtalk"]).unwrap(), "nobody waits\n");
        let again = run(state.path(), &["approve", "dingtalk", &small]).unwrap_err();
        assert!(again.contains("nobody waits with this code"), "{again}");
    }

    #[test]
    fn a_name_cannot_write_to_the_terminal() {
        let (state, _) = asked("\u{1b}[2J小林\r");
        let listed = run(state.path(), &["list", "dingtalk"]).unwrap();
        assert!(listed.contains("小林") && !listed.contains(['\u{1b}', '\r']), "{listed:?}");
    }

    #[test]
    fn a_state_directory_that_is_not_there_is_not_made() {
        let state = tempfile::tempdir().unwrap();
        let missing = state.path().join("stat");
        let message = run(&missing, &["list", "dingtalk"]).unwrap_err();
        assert!(message.contains("name the directory"), "{message}");
        assert!(!missing.exists());
    }
}
