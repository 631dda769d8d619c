//! The plugin in a host that keeps what it accepts, reads it and answers some of it, for a day of messages.

use super::{asked_and_dismissed, plugin::context};
use crate::{Error, soak::Kind};
use host_sdk::{
    Accepted, Done, InboundMessage, Phase, StopReason, StreamUpdate,
    host::{Channel, Events, Plugin},
    inbox::{Inbox, Listener, Settings, Waiting, Writers},
};
use serde_json::json;
use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
        mpsc,
    },
    thread,
    time::Duration,
};
use tokio::{runtime::Handle, time::sleep};

/// Longer than a stop takes.
const SOON: Duration = Duration::from_secs(60);
/// What is said, and how long the next takes to come.
const SAYS: [&str; 3] = ["正在看", "正在看，原因是", "正在看，原因是编译器太旧了。"];
const APART: Duration = Duration::from_millis(250);

/// What is loaded, and how much of it runs.
#[derive(Clone, Debug, clap::Args)]
pub struct Day {
    /// The fake DingTalk.
    #[arg(long)]
    pub api: String,
    /// The plugin's folder.
    #[arg(long)]
    pub plugin: PathBuf,
    /// Where state goes.
    #[arg(long)]
    pub state: PathBuf,
    /// How many accounts.
    #[arg(long)]
    pub accounts: usize,
    /// How many ids of finished messages each inbox remembers.
    #[arg(long)]
    pub remembers: u64,
}

/// Runs the plugin until it is dismissed, and says then what came of the messages; meanwhile what memory is in use,
/// whenever it is asked.
///
/// # Errors
/// When the plugin cannot be loaded, or an account does not start or stop.
pub async fn run(day: &Day) -> Result<(), Error> {
    let (plugin, _) = Plugin::load(&day.plugin)?;
    let writers = Writers::start(Writers::USUAL).map_err(Error::system("start the threads that write"))?;
    let tally = Arc::<Tally>::default();
    let mut accounts = Vec::with_capacity(day.accounts);
    for number in 0..day.accounts {
        accounts.push(Account::open(&plugin, &writers, day, number, &tally)?);
    }
    for account in &accounts {
        account.channel.start().await?;
    }
    asked_and_dismissed().await?;
    for Account { channel, inbox } in accounts {
        channel.stop(StopReason::Shutdown, SOON).await?;
        inbox.close().await?;
    }
    println!("{tally}");
    Ok(())
}

/// What came of the messages.
#[derive(Debug, Default)]
struct Tally {
    turns: AtomicU64,
    answers: AtomicU64,
    files: AtomicU64,
    failures: AtomicU64,
}

impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [turns, answers, files, failures] =
            [&self.turns, &self.answers, &self.files, &self.failures].map(|count| count.load(Relaxed));
        write!(f, "{turns} {answers} {files} {failures}")
    }
}

struct Account {
    channel: Channel,
    inbox: Inbox,
}

impl Account {
    fn open(
        plugin: &Plugin,
        writers: &Writers,
        day: &Day,
        number: usize,
        tally: &Arc<Tally>,
    ) -> Result<Self, Error> {
        let name = format!("account{number}");
        let account = json!({
            "clientId": format!("dingsoak{number:012}"),
            "clientSecret": "a secret for the soak alone",
            "endpoints": {"api": day.api, "oapi": day.api},
            // Half a day counts as one, so that what came the day before yesterday goes.
            "inboundMedia": {"dir": files(&day.state), "keepDays": 1},
        });
        let config = json!({"enabled": true, "accounts": {&name: account}});
        let file = day.state.join("inbox").join(format!("{name}.redb"));
        let (queue, waiting) = mpsc::channel();
        let settings = Settings { remember_at_most: day.remembers, ..Settings::default() };
        let (inbox, _left) = Inbox::open(&file, settings, writers, Queue(queue))?;
        let context = context(&day.state, name, &config)?;
        let channel = plugin.open(context, Ears(inbox.clone()))?;
        let turns = Turns {
            inbox: inbox.clone(),
            channel: channel.clone(),
            tally: tally.clone(),
            runtime: Handle::current(),
        };
        thread::spawn(move || waiting.iter().for_each(|message| turns.begin(message)));
        Ok(Self { channel, inbox })
    }
}

/// Where the files go that people send.
pub(crate) fn files(state: &Path) -> PathBuf {
    state.join("files")
}

struct Ears(Inbox);

impl Events for Ears {
    fn receive(&self, message: InboundMessage, answer: Done<Accepted>) {
        self.0.offer(message, answer);
    }
}

struct Queue(mpsc::Sender<Arc<Waiting>>);

impl Listener for Queue {
    fn waiting(&self, message: Arc<Waiting>) {
        // Nobody is there any more when the process ends; no message is then under way.
        drop(self.0.send(message));
    }
}

/// Who works on the messages of an account.
#[derive(Clone)]
struct Turns {
    inbox: Inbox,
    channel: Channel,
    tally: Arc<Tally>,
    runtime: Handle,
}

impl Turns {
    /// Reads a message, as every host does, and ends its turn, or answers it besides the others.
    fn begin(&self, waiting: Arc<Waiting>) {
        self.inbox.started(&waiting);
        self.tally.turns.fetch_add(1, Relaxed);
        let Ok(Some(message)) = self.inbox.read(&waiting) else { return self.failed("a message is gone") };
        if Kind::of_message(&waiting.id) == Kind::Read {
            return self.inbox.finished(&waiting);
        }
        let turns = self.clone();
        self.runtime.spawn(async move {
            turns.answer(message).await;
            turns.inbox.finished(&waiting);
        });
    }

    async fn answer(&self, message: InboundMessage) {
        for attachment in message.attachments.clone() {
            match self.channel.fetch(attachment).await {
                Ok(_) => drop(self.tally.files.fetch_add(1, Relaxed)),
                Err(error) => self.failed(error),
            }
        }
        for (seq, text) in SAYS.iter().enumerate() {
            let phase = if seq + 1 == SAYS.len() { Phase::Done } else { Phase::Open };
            let update = StreamUpdate {
                turn: message.id.clone(),
                stream: message.id.clone(),
                seq: seq as u64 + 1,
                phase,
                text: (*text).to_owned(),
                conversation: message.conversation.clone(),
                reply: message.reply.clone(),
                ..StreamUpdate::default()
            };
            let shown = self.channel.stream_update(update);
            if phase == Phase::Open {
                drop(shown); // the last one tells whether all of it was
                sleep(APART).await;
                continue;
            }
            match shown.await {
                Ok(_) => drop(self.tally.answers.fetch_add(1, Relaxed)),
                Err(error) => self.failed(error),
            }
        }
    }

    fn failed(&self, what: impl std::fmt::Display) {
        self.tally.failures.fetch_add(1, Relaxed);
        eprintln!("{what}");
    }
}
