//! `chaos`: a rehearsal of faults, with one plugin in this process.
//!
//! It is a glance. The proof, with a host that is killed, slow or refusing and a ledger of every message, is
//! `cargo xtask chaos`.

use super::{
    Exit, Failure,
    place::PluginsDirectory,
    signals::Ending,
    tell::{say, tell, tell_json},
};
use crate::{
    dingtalk::{App, DingTalk, Endpoint, Fault, Settings, View},
    host::{ConfigSource, Host, LogEntry, Options, PluginSource},
};
use clap::ValueEnum;
use host_sdk::LogLevel;
use serde::Serialize;
use serde_json::json;
use std::{
    collections::BTreeMap,
    io::{self, IsTerminal},
    sync::Arc,
    time::{Duration, Instant},
};

const EXAMPLES: &str = "\
Examples:
  host-mock chaos --plugins target/dist
      300 messages while everything goes wrong that can be rehearsed in a minute
  host-mock chaos --plugins target/dist --fault reset --fault lost-answer --messages 1000 --json
      only these, for scripts
  host-mock chaos --plugins target/dist --seed 7
      the same order of faults again

The proof, with hosts that are killed, is `cargo xtask chaos`.";

/// Between two messages.
const PACE: Duration = Duration::from_millis(40);
/// How many messages lie between two faults.
const EVERY: u32 = 20;
/// How long the last answer may take.
const PATIENCE: Duration = Duration::from_secs(120);

/// What every message begins with.
const PREFIX: &str = "rehearsal ";

/// Rehearses faults: pushes messages while connections and calls fail, and counts the answers.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    plugins: PluginsDirectory,
    /// Which fault strikes; may be given several times. All but `stall` and `lost-answer`, unless told
    /// otherwise.
    #[arg(long, value_name = "FAULT")]
    fault: Vec<Strike>,
    /// How many messages are pushed.
    #[arg(long, value_name = "NUMBER", default_value_t = 300, value_parser = clap::value_parser!(u32).range(1..=5_000))]
    messages: u32,
    /// What decides the order of faults; another one each time, unless told otherwise.
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
    /// As JSON.
    #[arg(long)]
    json: bool,
}

/// A fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Strike {
    /// The gateway asks to reconnect, and ends the connection.
    Disconnect,
    /// The same, but it goes on giving the old connection pushes that never arrive.
    Deaf,
    /// TCP is reset.
    Reset,
    /// TCP ends without a close frame.
    Drop,
    /// The WebSocket is closed by a frame.
    Close,
    /// The connection hangs, and goes on getting its share of the pushes for ever. Takes half a minute each.
    Stall,
    /// Three calls are refused for their haste.
    Throttled,
    /// Every token ends at once.
    TokenRevoked,
    /// A call's answer is lost. One that another fault refused is then not repeated, since nobody can know.
    LostAnswer,
    /// Every session webhook ends at once.
    WebhookExpired,
    /// The next attempt to connect is refused, and the connection is lost.
    ConnectRefused,
}

/// What came of it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Outcome {
    seed: u64,
    messages: u32,
    faults: usize,
    connections: usize,
    answered: usize,
    unanswered: Vec<u32>,
    twice: Vec<u32>,
    violations: Vec<String>,
    seconds: f64,
}

/// Plays it.
///
/// # Errors
/// When the host cannot run, or a message was not answered exactly once.
pub async fn run(args: &Args) -> Result<(), Failure> {
    let mut ending = Ending::listen();
    let outcome = tokio::select! {
        outcome = play(args) => outcome?,
        () = ending.asked() => return Err(Failure::new(Exit::Interrupted, "interrupted")),
    };
    if args.json {
        tell_json(&outcome);
    } else {
        tell(outcome.people_s());
    }
    if outcome.is_clean() { Ok(()) } else { Err(Failure::told(Exit::Failed)) }
}

impl Args {
    /// Which faults strike.
    fn faults(&self) -> Vec<Strike> {
        if !self.fault.is_empty() {
            return self.fault.clone();
        }
        let all = Strike::value_variants().iter().copied();
        all.filter(|strike| !matches!(strike, Strike::Stall | Strike::LostAnswer)).collect()
    }
}

async fn play(args: &Args) -> Result<Outcome, Failure> {
    let seed = args.seed.unwrap_or_else(a_seed);
    let directory = tempfile::Builder::new().prefix("openclaw-chaos-").tempdir();
    let directory = directory.map_err(|error| Failure::system("make a temporary directory", &error))?;
    let dingtalk = DingTalk::start(settings(seed)).await;
    let dingtalk = dingtalk.map_err(|error| Failure::system("open a port on 127.0.0.1", &error))?;
    let config = ConfigSource::Value(config(&dingtalk.base_url(), &dingtalk.app()));
    let plugins = PluginSource::Directory(args.plugins.path()?);
    let mut options = Options::new(config, plugins, directory.path());
    options.log_sink = Some(Arc::new(|entry: &LogEntry| {
        if entry.level == LogLevel::Error {
            say(entry);
        }
    }));
    let host = Host::start(options).await?;
    for account in host.accounts() {
        host.wait_connected(&account.to_string()).await?;
    }
    let begun = Instant::now();
    let faults = push(args, &dingtalk, seed).await;
    // Whether or not all came, the count says.
    drop(dingtalk.try_wait_for(PATIENCE, |view| all_answered(view, args.messages)).await);
    let outcome = dingtalk.look(|view| Outcome::of(args.messages, view));
    let violations = dingtalk.violations().iter().map(ToString::to_string).collect();
    let seconds = begun.elapsed().as_secs_f64();
    host.stop().await?;
    dingtalk.shutdown().await;
    Ok(Outcome { seed, faults, violations, seconds, ..outcome })
}

/// Pushes all messages, with a fault now and then; how many there were.
async fn push(args: &Args, dingtalk: &DingTalk, seed: u64) -> usize {
    let shown = io::stderr().is_terminal();
    let chosen = args.faults();
    let (mut faults, mut next) = (0, seed);
    for number in 0..args.messages {
        if number % EVERY == EVERY / 2 {
            next = mix(next);
            let place = usize::try_from(next % chosen.len() as u64).unwrap_or_default();
            chosen[place].strike(dingtalk);
            faults += 1;
        }
        match number % 3 {
            0 => dingtalk.says("Lin", &text(number)),
            1 => dingtalk.says("Mo", &text(number)),
            _ => dingtalk.says_in_group("Release crew", "Lin", &text(number)),
        };
        if shown {
            eprint!("\r{} of {} messages, {faults} faults", number + 1, args.messages);
        }
        tokio::time::sleep(PACE).await;
    }
    if shown {
        eprintln!();
    }
    faults
}

impl Strike {
    fn strike(self, dingtalk: &DingTalk) {
        let sends = [Endpoint::SendBySession, Endpoint::BatchSend, Endpoint::GroupSend];
        let all = |fault: Fault, times: u32| {
            for endpoint in sends {
                dingtalk.on(endpoint).answer(fault.clone()).times(times);
            }
        };
        match self {
            Self::Disconnect => drop(dingtalk.connections().disconnect()),
            Self::Deaf => drop(dingtalk.connections().disconnect_deaf()),
            Self::Reset => drop(dingtalk.connections().reset()),
            Self::Drop => drop(dingtalk.connections().drop_abruptly()),
            Self::Close => drop(dingtalk.connections().close(1001)),
            Self::Stall => drop(dingtalk.connections().stall()),
            Self::Throttled => all(Fault::Qps, 3),
            Self::TokenRevoked => dingtalk.revoke_tokens(),
            Self::LostAnswer => all(Fault::LostAnswer, 1),
            Self::WebhookExpired => dingtalk.expire_webhooks(),
            Self::ConnectRefused => {
                dingtalk.on(Endpoint::OpenConnection).answer(Fault::refused(503, "unavailable")).once();
                dingtalk.connections().drop_abruptly();
            }
        }
    }
}

impl Outcome {
    fn of(messages: u32, view: View<'_>) -> Self {
        let answers = answers(view);
        let often = |number: &u32| answers.get(number).copied().unwrap_or_default();
        let unanswered: Vec<_> = (0..messages).filter(|number| often(number) == 0).collect();
        let twice = (0..messages).filter(|number| often(number) > 1).collect();
        let answered = messages as usize - unanswered.len();
        let connections = view.connections().count();
        let (seed, faults, violations, seconds) = Default::default();
        Self { seed, messages, faults, connections, answered, unanswered, twice, violations, seconds }
    }

    fn is_clean(&self) -> bool {
        self.unanswered.is_empty() && self.twice.is_empty() && self.violations.is_empty()
    }

    fn people_s(&self) -> String {
        let Self { seed, messages, faults, connections, answered, seconds, .. } = self;
        let mut text = format!(
            "{answered} of {messages} messages answered, {} of them twice; {faults} faults, {connections} \
             connections, {seconds:.0} s\nseed: {seed}\n",
            self.twice.len(),
        );
        self.unanswered
            .iter()
            .take(10)
            .for_each(|number| text.push_str(&format!("  unanswered: {number}\n")));
        self.twice.iter().take(10).for_each(|number| text.push_str(&format!("  twice: {number}\n")));
        self.violations
            .iter()
            .take(10)
            .for_each(|line| text.push_str(&format!("  against the rules: {line}\n")));
        text
    }
}

fn all_answered(view: View<'_>, messages: u32) -> Option<()> {
    (answers(view).len() >= messages as usize).then_some(())
}

/// How often each message was answered.
fn answers(view: View<'_>) -> BTreeMap<u32, usize> {
    let mut answers = BTreeMap::new();
    let numbers =
        view.messages().filter_map(|message| message.text().trim().strip_prefix(PREFIX)?.parse().ok());
    numbers.for_each(|number| *answers.entry(number).or_default() += 1);
    answers
}

fn text(number: u32) -> String {
    format!("{PREFIX}{number}")
}

fn settings(seed: u64) -> Settings {
    Settings {
        seed,
        callback_repush_after: Some(Duration::from_secs(3)),
        repush_times: 30,
        disconnect_grace: Duration::from_secs(1),
        remember: 1_000_000,
        ..Settings::default()
    }
}

/// Answers are plain messages here: one each, to be counted.
fn config(base_url: &str, app: &App) -> serde_json::Value {
    let dingtalk = json!({
        "clientId": app.client_id, "clientSecret": app.client_secret, "enableAICard": false,
        "endpoints": {"api": base_url, "oapi": base_url},
        "dmPolicy": "open", "groupPolicy": "open",
    });
    json!({"channels": {"dingtalk": dingtalk}})
}

/// Another number that is as good as any (SplitMix64).
fn mix(seed: u64) -> u64 {
    let seed = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mixed = (seed ^ (seed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB) >> 3
}

fn a_seed() -> u64 {
    // Short enough to be read out.
    std::time::UNIX_EPOCH.elapsed().map(|since| u64::from(since.subsec_micros())).unwrap_or_default()
}
