//! The host with a tiny channel behind the real boundary.

use super::*;
use host_sdk::inbox::{Caps, Inbox};
use host_sdk::{
    Accepted, ChannelError, Conversation, Descriptor, Diagnostic, InboundMessage, Json, Lifecycle,
    OpenContext, OutboundMessage, Phase, Receipt, Resolved, ResolvedAccount, Result as ChannelResult,
    Severity, StreamUpdate,
    channel::{Channel, Host as ChannelHost, Newer},
    export_channel,
};
use serde::Deserialize;
use serde_json::json;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};
use tempfile::TempDir;

/// What the section `channels.tiny` may say.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Section {
    accounts: BTreeMap<String, Written>,
}

/// What an account may say.
#[derive(Clone, Debug, Deserialize)]
#[serde(default)]
struct Written {
    enabled: bool,
    token: String,
    /// Fails there: `open` or `start`.
    fails_at: String,
    blocked: bool,
    /// The messages that arrive at the start: id and conversation.
    arriving: Vec<(String, String)>,
    /// How long it shows a last update, in milliseconds.
    last_takes_ms: u64,
    /// Who may talk to it.
    access: serde_json::Value,
}

impl Default for Written {
    fn default() -> Self {
        Self {
            enabled: true,
            token: "token".into(),
            fails_at: String::new(),
            blocked: false,
            arriving: vec![],
            last_takes_ms: 0,
            access: json!({"dmPolicy": "open"}),
        }
    }
}

/// A channel that does what its configuration says and shows everything in its metrics.
struct Tiny {
    host: ChannelHost,
    written: Written,
    shown: Arc<Mutex<Vec<StreamUpdate>>>,
}

export_channel!(Tiny);

impl Tiny {
    fn fails_at(written: &Written, place: &str) -> ChannelResult<()> {
        let error = || ChannelError::new(host_sdk::ErrorCode::Config, format!("told to fail at {place}"));
        if written.fails_at == place { Err(error()) } else { Ok(()) }
    }
}

impl Channel for Tiny {
    type Shared = ();

    fn describe() -> Descriptor {
        Descriptor { id: "tiny".into(), version: "0.1.0".into(), ..Descriptor::default() }
    }

    fn resolve(config: &Json) -> Resolved {
        let section: Section = config.parse().unwrap_or_default();
        let missing = section.accounts.iter().filter(|(_, written)| written.token.is_empty());
        let diagnostics = missing.map(|(id, _)| Diagnostic {
            severity: Severity::Error,
            path: format!("accounts.{id}.token"),
            message: "it is missing".into(),
            suggestion: "copy it from the console".into(),
            ..Diagnostic::default()
        });
        let diagnostics = diagnostics.collect();
        let accounts = section.accounts.into_iter().map(|(id, written)| ResolvedAccount {
            id,
            enabled: written.enabled,
            configured: !written.token.is_empty(),
            reason: if written.enabled { String::new() } else { "`enabled` is false".into() },
            settings: Json::new(&written.access),
            ..ResolvedAccount::default()
        });
        Resolved { accounts: accounts.collect(), diagnostics, ..Resolved::default() }
    }

    fn open(context: OpenContext, _: Arc<()>, host: ChannelHost) -> ChannelResult<Self> {
        let section: Section = context.config.parse().unwrap_or_default();
        let written = section.accounts.get(&context.account).cloned().unwrap_or_default();
        Self::fails_at(&written, "open")?;
        Ok(Self { host, written, shown: Arc::default() })
    }

    async fn start(&self) -> ChannelResult<()> {
        Self::fails_at(&self.written, "start")?;
        tracing::info!(answer = 42, "started");
        self.host.status(match self.written.blocked {
            true => StatusPatch::new().lifecycle(Lifecycle::Blocked).last_error(Some("wrong token".into())),
            false => StatusPatch::new().connected(true),
        });
        let (host, arriving) = (self.host.clone(), self.written.arriving.clone());
        self.host.spawn("arriving", async move {
            for (id, conversation) in arriving {
                let conversation = Conversation { id: conversation, ..Conversation::default() };
                let message = InboundMessage {
                    text: format!("text of {id}"),
                    id,
                    conversation,
                    ..InboundMessage::default()
                };
                host.receive(message).await;
            }
        });
        Ok(())
    }

    async fn stop(&self, why: StopReason) {
        self.host.status(StatusPatch::new().with("stopped", format!("{why:?}")));
    }

    async fn send(&self, message: OutboundMessage) -> ChannelResult<Receipt> {
        let notice = message.notice.map(|notice| format!("{}: {}", message.key, notice.kind));
        self.host.status(StatusPatch::new().with("notice", notice));
        Ok(Receipt::default())
    }

    async fn stream_update(&self, update: StreamUpdate, _: &mut Newer) -> ChannelResult<Receipt> {
        if update.phase.is_final() {
            self.host.status(StatusPatch::new().with("ending", update.turn.clone()));
            tokio::time::sleep(Duration::from_millis(self.written.last_takes_ms)).await;
        }
        let receipt = Receipt::delivered(&update.stream, "tiny", update.text.len());
        self.host.status(StatusPatch::new().with("shown", update.text.clone()));
        self.shown.lock().unwrap_or_else(PoisonError::into_inner).push(update);
        Ok(receipt)
    }

    fn metrics(&self) -> Json {
        Json::new(&*self.shown.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A host with the channel `tiny`, and the place where it keeps its state.
struct Stand {
    host: Host,
    state: TempDir,
}

fn options(channels: serde_json::Value, state: &TempDir) -> Options {
    let plugins = PluginSource::Loaded(vec![Plugin::linked::<Tiny>().unwrap()]);
    Options::new(ConfigSource::Value(json!({ "channels": channels })), plugins, state.path())
}

async fn stand(section: serde_json::Value, agent: impl Agent) -> Stand {
    let state = tempfile::tempdir().unwrap();
    let host = Host::start(options(json!({ "tiny": section }), &state).agent(agent)).await.unwrap();
    Stand { host, state }
}

/// Why a host does not start.
async fn refusal(channels: serde_json::Value) -> String {
    let state = tempfile::tempdir().unwrap();
    Host::start(options(channels, &state)).await.unwrap_err().to_string()
}

/// One account at which these messages arrive.
fn arriving(messages: &[(&str, &str)]) -> serde_json::Value {
    json!({ "accounts": { "default": { "arriving": messages } } })
}

fn shown(host: &Host) -> Vec<StreamUpdate> {
    host.channel("default").unwrap().metrics().parse().unwrap()
}

fn position(entries: &[Recorded], wanted: impl Fn(&Event) -> bool) -> Option<usize> {
    entries.iter().position(|entry| wanted(&entry.event))
}

#[tokio::test]
async fn a_message_is_taken_then_answered_and_the_answer_arrives() {
    let stand = stand(arriving(&[("m1", "c")]), Echo).await;

    let end = stand.host.wait_turn(1).await.unwrap();
    assert!(end.arrived());
    assert_eq!((&*end.text, end.phase, &*end.stream), ("text of m1", Phase::Done, "default/m1"));

    let record = stand.host.record();
    let taken = position(&record, |event| matches!(event, Event::Offered { answer: Accepted::New, .. }));
    let started = position(&record, |event| matches!(event, Event::TurnStarted { .. }));
    let ended = position(&record, |event| matches!(event, Event::TurnEnded(_)));
    assert!(taken < started && started < ended, "{record:#?}");
}

#[tokio::test]
async fn an_answer_begins_empty_grows_whole_and_ends_once() {
    let (agent, master) = Puppet::new();
    let stand = stand(arriving(&[("m1", "c")]), agent).await;
    let turn = master.next_turn().await.unwrap();
    for (token, so_far) in [("", ""), ("Hel", "Hel"), ("lo", "Hello")] {
        turn.say(token);
        stand
            .host
            .wait_status("default", |status| status.get("shown") == Some(&so_far.into()))
            .await
            .unwrap();
    }
    turn.done();
    let end = stand.host.wait_turn(1).await.unwrap();

    let updates = shown(&stand.host);
    assert_eq!((updates[0].phase, &*updates[0].text), (Phase::Open, ""));
    assert!(updates.windows(2).all(|pair| pair[0].seq < pair[1].seq));
    let finals: Vec<_> = updates.iter().filter(|update| update.phase.is_final()).collect();
    assert_eq!((finals.len(), &*finals[0].text, finals[0].seq), (1, "Hello", end.updates));
}

#[tokio::test]
async fn one_conversation_is_answered_in_order_and_another_does_not_wait_for_it() {
    let (agent, master) = Puppet::new();
    let _stand = stand(arriving(&[("a1", "a"), ("a2", "a"), ("b1", "b")]), agent).await;
    let mut first = [master.next_turn().await.unwrap(), master.next_turn().await.unwrap()];
    first.sort_by(|one, other| one.message().id.cmp(&other.message().id));
    let [a1, b1] = first;
    assert_eq!((&*a1.message().id, &*b1.message().id), ("a1", "b1"));
    a1.done();
    assert_eq!(master.next_turn().await.unwrap().message().id, "a2");
}

#[tokio::test]
async fn an_agent_that_fails_ends_the_answer_with_its_sentence() {
    let steps = vec![Step::say("so far"), Step::Fail("the model is gone".into())];
    let stand = stand(arriving(&[("m1", "c")]), Script::new(vec![steps])).await;
    let end = stand.host.wait_turn(1).await.unwrap();
    assert_eq!((end.phase, &*end.text), (Phase::Failed, "so far\n\nthe model is gone"));
    assert_eq!(shown(&stand.host).last().unwrap().phase, Phase::Failed);
}

#[tokio::test]
async fn a_message_that_arrives_twice_is_answered_once() {
    let stand = stand(arriving(&[("m1", "c"), ("m1", "c"), ("m2", "c")]), Echo).await;
    let ends = [stand.host.wait_turn(1).await.unwrap(), stand.host.wait_turn(2).await.unwrap()];
    assert_eq!(ends.map(|end| end.turn.clone()), ["m1", "m2"]);
    let record = stand.host.record();
    let duplicate = |event: &Event| matches!(event, Event::Offered { answer: Accepted::Duplicate, .. });
    assert!(position(&record, duplicate).is_some());
}

#[tokio::test]
async fn what_a_crash_left_unanswered_is_answered_after_the_restart() {
    let (agent, master) = Puppet::new();
    let Stand { host, state } = stand(arriving(&[("m1", "a"), ("m2", "b")]), agent).await;
    let mut turns = vec![master.next_turn().await.unwrap(), master.next_turn().await.unwrap()];
    turns.retain(|turn| turn.message().id == "m2"); // m1 is done
    host.wait_turn(1).await.unwrap();
    drop(host);

    let config = json!({ "tiny": arriving(&[("m1", "a"), ("m2", "b")]) });
    let host = Host::start(options(config, &state)).await.unwrap();
    let end = host.wait_turn(1).await.unwrap();
    assert_eq!((&*end.turn, end.arrived()), ("m2", true));
    let both_offered = |entries: &[Recorded]| {
        let answers = entries.iter().filter_map(|entry| match entry.event {
            Event::Offered { answer, .. } => Some(answer),
            _ => None,
        });
        Some(answers.collect::<Vec<_>>()).filter(|answers| answers.len() == 2)
    };
    let answers = host.wait_for("both messages offered again", both_offered).await.unwrap();
    assert_eq!(answers, [Accepted::Duplicate, Accepted::Duplicate]);
}

#[tokio::test]
async fn a_stop_leaves_a_running_turn_to_the_next_start() {
    let (agent, master) = Puppet::new();
    let Stand { host, state } = stand(arriving(&[("m1", "c")]), agent).await;
    let _turn = master.next_turn().await.unwrap();
    host.stop().await.unwrap();

    let config = json!({ "tiny": { "accounts": { "default": {} } } });
    let host = Host::start(options(config, &state)).await.unwrap();
    assert_eq!(host.wait_turn(1).await.unwrap().turn, "m1");
}

#[tokio::test]
async fn a_stop_lets_out_an_answer_that_is_complete_and_the_next_start_does_not_give_it_again() {
    let slow = json!({ "accounts": { "default": { "arriving": [("m1", "c")], "last_takes_ms": 300 } } });
    let Stand { host, state } = stand(slow, Echo).await;
    host.wait_status("default", |status| status.get("ending") == Some(&"m1".into())).await.unwrap();
    host.stop().await.unwrap();

    let config = json!({ "tiny": arriving(&[("m1", "c"), ("m2", "c")]) });
    let host = Host::start(options(config, &state)).await.unwrap();
    assert_eq!(host.wait_turn(1).await.unwrap().turn, "m2");
}

#[tokio::test]
async fn a_stop_waits_for_an_answer_only_so_long_and_leaves_it_to_the_next_start() {
    let stuck = json!({ "accounts": { "default": { "arriving": [("m1", "c")], "last_takes_ms": 60_000 } } });
    let Stand { host, state } = stand(stuck, Echo).await;
    host.wait_status("default", |status| status.get("ending") == Some(&"m1".into())).await.unwrap();
    host.stop().await.unwrap();

    let config = json!({ "tiny": { "accounts": { "default": {} } } });
    let host = Host::start(options(config, &state)).await.unwrap();
    assert_eq!(host.wait_turn(1).await.unwrap().turn, "m1");
}

#[tokio::test]
async fn an_account_that_fails_is_reported_and_the_others_run() {
    let section = json!({ "accounts": {
        "bad": { "fails_at": "start" }, "worse": { "fails_at": "open" }, "good": {},
    }});
    let stand = stand(section, Echo).await;
    assert_eq!(stand.host.accounts(), [Address::new("tiny", "good")]);
    stand.host.wait_connected("good").await.unwrap();
    let log: Vec<String> = stand.host.log().iter().map(ToString::to_string).collect();
    for (account, place) in [("bad", "start"), ("worse", "open")] {
        let told = |line: &String| line.contains(account) && line.contains(&format!("fail at {place}"));
        assert!(log.iter().any(told), "{log:#?}");
    }
}

#[tokio::test]
async fn with_no_account_left_the_failure_is_the_message() {
    let message = refusal(json!({ "tiny": { "accounts": { "bad": { "fails_at": "open" } } } })).await;
    assert_eq!(message, "no account could be started: tiny/bad cannot be opened: told to fail at open");
}

#[tokio::test]
async fn an_account_runs_only_if_both_levels_let_it() {
    let account = json!({ "accounts": { "off": { "enabled": false }, "on": {} } });
    assert_eq!(stand(account, Echo).await.host.accounts(), [Address::new("tiny", "on")]);
    let off = refusal(json!({ "tiny": { "enabled": false, "accounts": { "on": {} } } })).await;
    assert!(off.contains("`channels.tiny.enabled` is false: set it to true"), "{off}");
    let off = refusal(json!({ "tiny": { "accounts": { "off": { "enabled": false } } } })).await;
    assert!(off.contains("tiny/off is switched off"), "{off}");
}

#[tokio::test]
async fn what_is_missing_is_told_in_the_plugins_words() {
    let message = refusal(json!({ "tiny": { "accounts": { "default": { "token": "" } } } })).await;
    let words = "channels.tiny.accounts.default.token: it is missing; copy it from the console";
    assert_eq!(message, format!("the configuration: there is no account to run: {words}"));
}

#[tokio::test]
async fn a_plugin_without_a_section_and_a_section_without_a_plugin_are_both_told() {
    let message = refusal(json!({ "tinny": {} })).await;
    assert!(message.contains("has no section `channels.tiny`"), "{message}");
    assert!(message.contains("no plugin serves `channels.tinny`"), "{message}");
}

#[tokio::test]
async fn a_blocked_account_says_why_it_does_not_connect() {
    let stand = stand(json!({ "accounts": { "default": { "blocked": true } } }), Echo).await;
    let error = stand.host.wait_connected("default").await.unwrap_err();
    assert_eq!(error.to_string(), "tiny/default is not connected (blocked): wrong token");
}

#[tokio::test]
async fn the_log_has_the_lines_of_a_channel_with_its_account() {
    let stand = stand(json!({ "accounts": { "default": {} } }), Echo).await;
    let started = |lines: &[LogEntry]| lines.iter().find(|line| line.message == "started").cloned();
    let line = stand.host.wait_log("the start", started).await.unwrap();
    assert_eq!(line.account, Some(Address::new("tiny", "default")));
    assert!(line.to_string().contains("answer=42"), "{line}");
}

#[tokio::test]
async fn a_stopped_host_has_told_its_channels_why() {
    let stand = stand(json!({ "accounts": { "default": {} } }), Echo).await;
    let board = stand.host.board.clone();
    stand.host.stop_because(StopReason::Reload).await.unwrap();
    let status = board.of(&Address::new("tiny", "default"));
    assert_eq!(status.get("stopped"), Some(&"reload".into()));
}

#[tokio::test]
async fn a_wait_in_vain_says_what_did_happen() {
    let state = tempfile::tempdir().unwrap();
    let mut options = options(json!({ "tiny": arriving(&[("m1", "c")]) }), &state);
    options.patience = Duration::from_millis(1);
    let host = Host::start(options).await.unwrap();
    let error = host.wait_for("a miracle", |_| None::<()>).await.unwrap_err().to_string();
    assert!(error.starts_with("waited in vain for a miracle"), "{error}");
}

#[tokio::test]
async fn an_unknown_account_is_answered_with_the_known_ones() {
    let stand = stand(json!({ "accounts": { "default": {} } }), Echo).await;
    let error = stand.host.wait_connected("defualt").await.unwrap_err().to_string();
    assert_eq!(error, "no account is called \"defualt\": running are tiny/default");
}

/// A host that answers nobody, with these caps, once all of these messages were offered.
async fn crowded(caps: Caps, messages: &[(&str, &str)]) -> (Stand, PuppetMaster, Vec<Accepted>) {
    let (agent, master) = Puppet::new();
    let state = tempfile::tempdir().unwrap();
    let mut options = options(json!({ "tiny": arriving(messages) }), &state).agent(agent);
    options.inbox.caps = caps;
    let host = Host::start(options).await.unwrap();
    let offered = |entries: &[Recorded]| {
        let answers = entries.iter().filter_map(|entry| match entry.event {
            Event::Offered { answer, .. } => Some(answer),
            _ => None,
        });
        Some(answers.collect::<Vec<_>>()).filter(|answers| answers.len() == messages.len())
    };
    let answers = host.wait_for("all messages offered", offered).await.unwrap();
    (Stand { host, state }, master, answers)
}

#[tokio::test]
async fn a_flooded_conversation_is_told_once_and_others_go_on() {
    let caps = Caps { conversation: 2, ..Caps::default() };
    let messages = [("1", "a"), ("2", "a"), ("3", "a"), ("4", "a"), ("5", "b")];
    let (stand, _master, answers) = crowded(caps, &messages).await;
    let (new, dropped) = (Accepted::New, Accepted::Dropped);
    assert_eq!(answers, [new, new, dropped, dropped, new]);
    let told = |status: &StatusPatch| status.get("notice").is_some();
    let status = stand.host.wait_status("default", told).await.unwrap();
    assert_eq!(status.get("notice"), Some(&"flooded/3: flooded".into()));
    assert_eq!(stand.host.inbox("default").unwrap().dropped, 2);
}

#[tokio::test]
async fn a_full_account_refuses() {
    let caps = Caps { account: 2, ..Caps::default() };
    let (_stand, _master, answers) = crowded(caps, &[("1", "a"), ("2", "b"), ("3", "c")]).await;
    assert_eq!(answers, [Accepted::New, Accepted::New, Accepted::Refused]);
}

/// An inbox of `tiny/default` that somebody else has, and what it takes to wait for it.
struct Occupied {
    options: Options,
    writers: Writers,
    board: StatusBoard,
    record: Record,
    log: Log,
    accounts: Accounts,
    jobs: mpsc::UnboundedSender<Job>,
    _state: TempDir,
}

impl Occupied {
    fn new() -> Self {
        let state = tempfile::tempdir().unwrap();
        Self {
            options: options(json!({}), &state),
            writers: Writers::start(1).unwrap(),
            board: StatusBoard::default(),
            record: Record::new(),
            log: Log::new(None),
            accounts: Accounts::default(),
            jobs: mpsc::unbounded_channel().0,
            _state: state,
        }
    }

    /// Opens the inbox, if it can be had within `patience`.
    async fn open(&self, patience: Duration) -> Result<Inbox, String> {
        let opener = Opener {
            options: &self.options,
            state: State::new(self.options.state_dir.clone()),
            writers: self.writers.clone(),
            until: Instant::now() + patience,
            board: &self.board,
            record: &self.record,
            log: &self.log,
            accounts: &self.accounts,
            jobs: &self.jobs,
        };
        let opened = opener.inbox(&address(), &opener.postman(&address())).await.unwrap();
        opened.map(|(inbox, _)| inbox).map_err(|error| error.to_string())
    }

    fn last_error(&self) -> Option<String> {
        Some(self.board.of(&address()).get("lastError")?.as_str()?.to_owned())
    }
}

fn address() -> Address {
    Address::new("tiny", "default")
}

#[tokio::test]
async fn a_successor_waits_for_the_inbox_and_its_status_says_so() {
    let occupied = Occupied::new();
    let predecessor = occupied.open(Duration::ZERO).await.unwrap();
    let mut board = occupied.board.watch(&address());
    let (successor, ()) = tokio::join!(occupied.open(Duration::from_secs(20)), async {
        board.wait_for(|status| status.get("lastError").is_some()).await.unwrap();
        let told = occupied.last_error().unwrap();
        assert!(told.contains("default.redb is in use by another host"), "{told}");
        predecessor.close().await.unwrap();
    });
    successor.unwrap();
    assert_eq!(occupied.last_error(), None);
}

#[tokio::test]
async fn a_successor_gives_up_with_the_file_and_the_remedy() {
    let occupied = Occupied::new();
    let _predecessor = occupied.open(Duration::ZERO).await.unwrap();
    let error = occupied.open(Duration::from_millis(1)).await.unwrap_err();
    assert!(error.contains("default.redb") && error.contains("stop that one"), "{error}");
}
