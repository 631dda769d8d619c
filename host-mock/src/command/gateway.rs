//! The fake DingTalk alone, for whoever develops a bot: fixed ports, credentials, a page.

use std::io::{self, Write};
use std::net::IpAddr;
use std::path::PathBuf;

use serde_json::json;

use super::{Exit, Failure, signals::Ending, tell::say};
use crate::dingtalk::{App, Group, Person, Settings};
use crate::simulator::scenario::{Scenario, ScenarioError};
use crate::simulator::{AllowedHosts, Refusal, Simulator, WrittenFault, faults};

const EXAMPLES: &str = "\
Examples:
  host-mock gateway
      a DingTalk at http://127.0.0.1:8899, and its page there; a bot needs the base URL and the credentials
  host-mock gateway --port 0 --json
      on any free port, told in one line of JSON
  host-mock gateway --scenario chat.json --once
      plays a chat that was exported, once a bot is connected; fails unless it is answered as it was
  host-mock gateway --fault f7-503:2 --fault latency=800
      begins with trouble: two attempts to connect are refused, and every answer is slow; --faults lists what there is";

/// Runs a DingTalk on this machine, with a page to write from and to watch.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The port; 0 for any.
    #[arg(long, value_name = "NUMBER", default_value_t = 8899)]
    pub port: u16,
    /// The address to listen at. Whoever reaches it can do everything: leave it at this machine.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1")]
    pub listen: IpAddr,
    /// Another name under which a browser may ask for the page; may be given several times.
    #[arg(long, value_name = "NAME")]
    pub allow_host: Vec<String>,
    /// Makes ids others than usual.
    #[arg(long, value_name = "NUMBER")]
    pub seed: Option<u64>,
    /// An application in place of the usual one: its Client ID, or ID=SECRET; may be given several times.
    #[arg(long, value_name = "ID[=SECRET]")]
    pub app: Vec<String>,
    /// A person besides Lin and Mo, as STAFFID=NAME; may be given several times.
    #[arg(long, value_name = "ID=NAME", value_parser = pair)]
    pub person: Vec<(String, String)>,
    /// A group besides “Release crew”; may be given several times.
    #[arg(long, value_name = "TITLE")]
    pub group: Vec<String>,
    /// A fault to begin with, its number, and how many calls it strikes; may be given several times.
    #[arg(long, value_name = "NAME[=NUMBER][:TIMES]")]
    pub fault: Vec<WrittenFault>,
    /// Lists the faults with their words, and ends.
    #[arg(long)]
    pub faults: bool,
    /// Plays a chat that was exported from the page, once a client is connected.
    #[arg(long, value_name = "FILE")]
    pub scenario: Option<PathBuf>,
    /// Ends when the scenario has been played.
    #[arg(long, requires = "scenario")]
    pub once: bool,
    /// Tells where it is as one line of JSON.
    #[arg(long)]
    pub json: bool,
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (id, name) = text.split_once('=').ok_or("write it as STAFFID=NAME, as in user0003=Wei")?;
    if id.is_empty() || name.is_empty() {
        return Err("neither the staff id nor the name may be empty".to_owned());
    }
    Ok((id.to_owned(), name.to_owned()))
}

/// Why a gateway did not run, or not well.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GatewayError {
    /// Something else listens there.
    #[error(
        "port {port} of {listen} is taken: end what listens there, or take another with --port (0 for any)"
    )]
    PortTaken {
        /// The address.
        listen: IpAddr,
        /// The port.
        port: u16,
    },
    /// The address cannot be listened at.
    #[error("cannot listen at {listen}, port {port}: {source}")]
    Listen {
        /// The address.
        listen: IpAddr,
        /// The port.
        port: u16,
        /// What the system says.
        source: io::Error,
    },
    /// An argument cannot be.
    #[error("{0}")]
    Argument(String),
    /// A fault cannot be turned on.
    #[error("--fault {name}: {why}")]
    Fault {
        /// As it was written.
        name: String,
        /// Why not.
        why: Refusal,
    },
    /// The scenario cannot be read, or went otherwise.
    #[error(transparent)]
    Scenario(#[from] ScenarioError),
    /// Nobody reads what is told.
    #[error("cannot tell where it is: {0}")]
    Output(#[source] io::Error),
}

impl From<GatewayError> for Failure {
    fn from(error: GatewayError) -> Self {
        let exit = match error {
            GatewayError::Scenario(ScenarioError::Unreadable { .. } | ScenarioError::Damaged { .. })
            | GatewayError::PortTaken { .. }
            | GatewayError::Listen { .. }
            | GatewayError::Argument(_)
            | GatewayError::Fault { .. } => Exit::Wrong,
            GatewayError::Scenario(_) | GatewayError::Output(_) => Exit::Failed,
        };
        Self::new(exit, error.to_string())
    }
}

/// Runs until Ctrl-C, or until its scenario has been played.
///
/// # Errors
///
/// If it cannot run as it was asked to, or the scenario goes otherwise.
pub async fn run(args: &Args, out: &mut (impl Write + Send)) -> Result<(), GatewayError> {
    if args.faults {
        return list(args.json, out).map_err(GatewayError::Output);
    }
    let mut ending = Ending::listen();
    let scenario = args.scenario.as_deref().map(Scenario::read).transpose()?;
    let simulator = start(args).await?;
    for fault in &args.fault {
        simulator
            .turn_on_written(fault)
            .map_err(|why| GatewayError::Fault { name: fault.to_string(), why })?;
    }
    tell(&simulator, args.json, out).map_err(GatewayError::Output)?;
    let played = async {
        if let Some(scenario) = &scenario {
            play(&simulator, scenario).await?;
        }
        if args.once { Ok(()) } else { std::future::pending().await }
    };
    tokio::select! {
        played = played => played,
        () = ending.asked() => Ok(()),
    }
}

async fn play(simulator: &Simulator, scenario: &Scenario) -> Result<(), ScenarioError> {
    say("waiting for a client to play the scenario to");
    // Whoever asked for this may take as long as they like to start their bot.
    while simulator
        .dingtalk()
        .try_wait_for(PATIENCE, |view| view.live_connections().next().map(|_| ()))
        .await
        .is_err()
    {
        say("still waiting for a client");
    }
    scenario.play(simulator, |step, of| say(format_args!("step {step} of {of}"))).await?;
    say("played: every answer was as it should be");
    Ok(())
}

/// How often it says that it still waits.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(60);

async fn start(args: &Args) -> Result<Simulator, GatewayError> {
    let (listen, port) = (args.listen, args.port);
    let hosts = AllowedHosts::named(args.allow_host.iter().cloned());
    let simulator = Simulator::start(settings(args)?, hosts).await;
    simulator.map_err(|source| match source.kind() {
        io::ErrorKind::AddrInUse => GatewayError::PortTaken { listen, port },
        _ => GatewayError::Listen { listen, port, source },
    })
}

fn settings(args: &Args) -> Result<Settings, GatewayError> {
    let mut settings = Settings { listen: args.listen, port: args.port, ..Settings::default() };
    settings.seed = args.seed.unwrap_or(settings.seed);
    // Whoever develops a bot may have templates of their own; `--fault card-template` refuses all.
    settings.strictness.any_template = true;
    if !args.app.is_empty() {
        settings.apps = args.app.iter().map(|text| app(text)).collect::<Result<_, _>>()?;
    }
    for (id, name) in &args.person {
        if settings.people.iter().any(|person| person.staff_id == *id || person.nick == *name) {
            return Err(GatewayError::Argument(format!("--person {id}={name}: the id or the name is taken")));
        }
        settings.people.push(Person::new(id, name));
    }
    for title in &args.group {
        if title.trim().is_empty() || settings.groups.iter().any(|group| group.title == *title) {
            return Err(GatewayError::Argument(format!("--group {title:?}: the title is empty or taken")));
        }
        settings.groups.push(Group::new(title));
    }
    Ok(settings)
}

fn app(text: &str) -> Result<App, GatewayError> {
    let (id, secret) = text.split_once('=').map_or((text, None), |(id, secret)| (id, Some(secret)));
    if id.is_empty() || secret == Some("") {
        return Err(GatewayError::Argument("--app takes a Client ID, or ID=SECRET".to_owned()));
    }
    let mut app = App::new(id);
    if let Some(secret) = secret {
        secret.clone_into(&mut app.client_secret);
    }
    Ok(app)
}

fn list(as_json: bool, out: &mut impl Write) -> io::Result<()> {
    if as_json {
        let all = faults().map(|(name, [zh, en], _)| json!({"name": name, "zh": zh, "en": en}));
        return writeln!(out, "{}", json!(all.collect::<Vec<_>>()));
    }
    faults().try_for_each(|(name, [zh, en], _)| writeln!(out, "{name:19} {en} · {zh}"))
}

/// Says where it is. The credentials are made up, and are what a bot needs.
fn tell(simulator: &Simulator, as_json: bool, out: &mut impl Write) -> io::Result<()> {
    let (dingtalk, page) = (simulator.dingtalk(), simulator.page());
    if as_json {
        let apps = dingtalk.apps().into_iter().map(
            |app| json!({"clientId": app.client_id, "clientSecret": app.client_secret, "name": app.name}),
        );
        let api = format!("{page}simulator/api/");
        let told = json!({"baseUrl": dingtalk.base_url(), "page": page, "api": api,
            "apps": apps.collect::<Vec<_>>()});
        writeln!(out, "{told}")?;
        return out.flush();
    }
    writeln!(out, "DingTalk 钉钉    {}", dingtalk.base_url())?;
    for app in dingtalk.apps() {
        writeln!(out, "Client ID       {}", app.client_id)?;
        writeln!(out, "Client Secret   {}", app.client_secret)?;
    }
    writeln!(out, "页面 page        {page}")?;
    writeln!(out, "Ctrl-C ends it.")?;
    out.flush()
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        args: Args,
    }

    async fn ran(line: &[&str]) -> (Result<(), GatewayError>, String) {
        let mut out = Vec::new();
        let line = Line::parse_from(["gateway"].iter().chain(line));
        let ended = run(&line.args, &mut out).await;
        (ended, String::from_utf8(out).unwrap())
    }

    #[tokio::test]
    async fn a_port_that_is_taken_is_told_with_its_way_out() {
        let taken = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = taken.local_addr().unwrap().port();

        let (ended, _) = ran(&["--port", &port.to_string()]).await;

        let error = ended.unwrap_err();
        let words = format!("port {port} of 127.0.0.1 is taken");
        assert!(error.to_string().starts_with(&words) && error.to_string().contains("--port"), "{error}");
        assert_eq!(Failure::from(error).exit, Exit::Wrong);
    }

    #[tokio::test]
    async fn a_fault_that_does_not_exist_or_has_no_such_number_is_told() {
        for (fault, words) in [
            ("f3", "did you mean `f3-reset`?"),
            ("nothing", "there are f1-disconnect, "),
            ("latency=0", "takes 1 to 120000 ms"),
        ] {
            let error = ran(&["--port", "0", "--fault", fault]).await.0.unwrap_err();
            assert!(error.to_string().contains(words), "{error}");
            assert_eq!(Failure::from(error).exit, Exit::Wrong);
        }
    }

    #[tokio::test]
    async fn a_damaged_scenario_is_told_with_its_file_and_place() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("chat.json");
        std::fs::write(&file, "{\"format\": 1,\n\"steps\": [").unwrap();

        let error = ran(&["--port", "0", "--scenario", &file.display().to_string()]).await.0.unwrap_err();

        assert!(
            error.to_string().contains("chat.json is no scenario") && error.to_string().contains("line 2")
        );
        assert_eq!(Failure::from(error).exit, Exit::Wrong);
    }

    #[test]
    fn a_bot_may_make_cards_of_a_template_of_its_own() {
        let args = Line::parse_from(["gateway"]).args;
        assert!(settings(&args).unwrap().strictness.any_template);
    }

    #[tokio::test]
    async fn it_tells_programs_in_one_line_of_json_where_it_is() {
        let args = Line::parse_from(["gateway", "--port", "0", "--app", "dingmine=secret"]).args;
        let simulator = start(&args).await.unwrap();
        let mut out = Vec::new();

        tell(&simulator, true, &mut out).unwrap();

        let told: serde_json::Value = serde_json::from_slice(&out).unwrap();
        assert_eq!(out.iter().filter(|byte| **byte == b'\n').count(), 1);
        assert_eq!(told["baseUrl"], simulator.dingtalk().base_url());
        assert_eq!(told["apps"][0]["clientSecret"], "secret");
    }
}
