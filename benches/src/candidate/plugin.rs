//! The plugin in the least of a host: it accepts what arrives, and ends each turn at once.

use super::{
    dismissed,
    speech::{Manner, Speaker},
};
use crate::Error;
use host_sdk::{
    Accepted, Done, HostInfo, InboundMessage, Json, OpenContext, StopReason,
    host::{Channel, Events, Plugin},
    inbox::{Caps, Inbox, Listener, Settings, Waiting, Writers},
};
use serde_json::{Value, json};
use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};

/// Longer than a stop takes.
const SOON: Duration = Duration::from_secs(60);

/// When a message counts as accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Accept {
    /// At once: what a host costs that keeps nothing.
    AtOnce,
    /// When it is on the disk.
    Durably,
}

/// What is loaded, and how much of it runs.
#[derive(Clone, Debug)]
pub struct Load {
    /// The plugin's folder.
    pub plugin: PathBuf,
    /// Where state goes.
    pub state: PathBuf,
    /// How many accounts, with a connection each.
    pub accounts: usize,
    /// When a message counts as accepted.
    pub accept: Accept,
    /// A certificate to trust besides the system's.
    pub ca_file: Option<PathBuf>,
    /// What is answered, if anything is.
    pub manner: Option<Manner>,
}

/// Runs the plugin with so many accounts until it is dismissed; says when the library is loaded, and when the
/// accounts start. Without an account it loads nothing.
///
/// # Errors
/// When the plugin cannot be loaded, or an account does not start.
pub async fn run(api: &str, load: &Load) -> Result<(), Error> {
    if load.accounts == 0 {
        println!("nothing to load");
        return dismissed().await;
    }
    let begun = Instant::now();
    let (plugin, _) = Plugin::load(&load.plugin)?;
    println!("loaded {}", begun.elapsed().as_micros());
    let writers = Writers::start(Writers::USUAL).map_err(Error::system("start the threads that write"))?;
    let mut accounts = Vec::with_capacity(load.accounts);
    for number in 0..load.accounts {
        accounts.push(Account::open(&plugin, &writers, api, load, number)?);
    }
    println!("starting");
    let starts: Vec<_> = accounts.iter().map(|account| account.channel.start()).collect();
    for start in starts {
        start.await?;
    }
    dismissed().await?;
    let stops: Vec<_> =
        accounts.iter().map(|account| account.channel.stop(StopReason::Shutdown, SOON)).collect();
    for stop in stops {
        stop.await?;
    }
    for inbox in accounts.iter().filter_map(|account| account.inbox.as_ref()) {
        inbox.close().await?;
    }
    Ok(())
}

struct Account {
    channel: Channel,
    inbox: Option<Inbox>,
}

impl Account {
    fn open(
        plugin: &Plugin,
        writers: &Writers,
        api: &str,
        load: &Load,
        number: usize,
    ) -> Result<Self, Error> {
        let name = format!("account{number}");
        let inbox = match load.accept {
            Accept::AtOnce => None,
            Accept::Durably => Some(inbox(&load.state.join("inbox").join(format!("{name}.redb")), writers)?),
        };
        let mut account = json!({
            "clientId": format!("dingbench{number:012}"),
            "clientSecret": "a secret for the bench alone",
            "endpoints": {"api": api, "oapi": api},
        });
        if let Some(file) = &load.ca_file {
            account["caFile"] = json!(file);
        }
        // Each is opened with a section of its own, as a host does that has many of them in one file.
        let config = json!({"enabled": true, "accounts": {&name: account}});
        let context = context(&load.state, name, &config)?;
        let speaker = load.manner.map(Speaker::new);
        let channel = plugin.open(context, Ears { inbox: inbox.clone(), speaker: speaker.clone() })?;
        if let Some(speaker) = speaker {
            speaker.speaks_to(&channel);
        }
        Ok(Self { channel, inbox })
    }
}

/// What an account is opened with, and the folders for it below `state`.
pub(super) fn context(state: &Path, account: String, config: &Value) -> Result<OpenContext, Error> {
    let [own, shared] = [state.join(&account), state.join("shared")];
    for folder in [&own, &shared] {
        fs::create_dir_all(folder).map_err(Error::system("create a folder for state"))?;
    }
    Ok(OpenContext {
        account,
        config: Json::new(config),
        state_dir: own.to_string_lossy().into_owned(),
        shared_state_dir: shared.to_string_lossy().into_owned(),
        home: state.to_string_lossy().into_owned(),
        locale: "zh-CN".into(),
        host: HostInfo {
            name: "benches".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            ..HostInfo::default()
        },
        ..OpenContext::default()
    })
}

/// What hears an account.
struct Ears {
    inbox: Option<Inbox>,
    speaker: Option<Arc<Speaker>>,
}

impl Events for Ears {
    fn receive(&self, message: InboundMessage, answer: Done<Accepted>) {
        match (&self.inbox, &self.speaker) {
            (Some(inbox), _) => inbox.offer(message, answer),
            (None, speaker) => {
                answer.answer(Ok(Accepted::New));
                if let Some(speaker) = speaker {
                    speaker.answer(message);
                }
            }
        }
    }
}

/// An inbox that turns nothing away: what is dropped would be acknowledged without having been kept.
fn inbox(file: &Path, writers: &Writers) -> Result<Inbox, Error> {
    let caps = Caps { sender: usize::MAX, conversation: usize::MAX, account: usize::MAX };
    let turns = Turns::default();
    let inbox = Inbox::open(file, Settings { caps, ..Settings::default() }, writers, turns.clone())?.0;
    // It is set once, before anything can be offered.
    let _unset = turns.0.set(inbox.clone());
    Ok(inbox)
}

/// Turns that have no sooner begun than ended.
#[derive(Clone, Default)]
struct Turns(Arc<OnceLock<Inbox>>);

impl Listener for Turns {
    fn waiting(&self, message: Arc<Waiting>) {
        if let Some(inbox) = self.0.get() {
            inbox.started(&message);
            inbox.finished(&message);
        }
    }
}
