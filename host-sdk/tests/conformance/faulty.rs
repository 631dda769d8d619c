//! A channel of a platform in memory: a good one, but for the one fault that its section names.

use crate::{LONG, platform::Platform};
use host_sdk::{
    Accepted, Applied, Attachment, ChannelError, Check, Conversation, Descriptor, ErrorCode, Handle,
    InboundMessage, Json, LocalFile, OpenContext, OutboundMessage, Receipt, Report, Resolved,
    ResolvedAccount, Result, StopReason, StreamUpdate, Verdict,
    channel::{Channel, Host, Newer},
    export_channel,
};
use serde::Deserialize;
use std::{
    sync::{
        Arc, Condvar, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

/// How soon a message that the host refused is offered again.
const PACE: Duration = Duration::from_millis(5);

export_channel!(Faulty);

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
struct Section {
    platform: usize,
    fault: String,
}

pub(crate) struct Faulty {
    fault: String,
    platform: Arc<Platform>,
    host: Host,
    is_deaf: Arc<AtomicBool>,
}

/// Whether the channels' library, with its two threads, is there.
static THERE: (Mutex<bool>, Condvar) = (Mutex::new(false), Condvar::new());

/// Blocks until nothing is left of the channels so far, whose threads may still be kept.
pub(crate) fn all_is_over() {
    let there = THERE.0.lock().unwrap_or_else(PoisonError::into_inner);
    drop(THERE.1.wait_while(there, |there| *there));
}

/// What all channels share, and are outlived by.
pub(crate) struct Presence;

impl Presence {
    fn say(there: bool) {
        *THERE.0.lock().unwrap_or_else(PoisonError::into_inner) = there;
        THERE.1.notify_all();
    }
}

impl Default for Presence {
    fn default() -> Self {
        Self::say(true);
        Self
    }
}

impl Drop for Presence {
    fn drop(&mut self) {
        Self::say(false);
    }
}

/// Whether threads are kept, by a channel whose fault that is.
static KEPT: (Mutex<bool>, Condvar) = (Mutex::new(false), Condvar::new());

/// From now on threads are kept, or let go of.
pub(crate) fn keep_threads(kept: bool) {
    *KEPT.0.lock().unwrap_or_else(PoisonError::into_inner) = kept;
    KEPT.1.notify_all();
}

/// Keeps the thread until the fault was found.
fn keep_the_thread() {
    let kept = KEPT.0.lock().unwrap_or_else(PoisonError::into_inner);
    drop(KEPT.1.wait_timeout_while(kept, LONG, |kept| *kept));
}

fn rejected(why: &str) -> ChannelError {
    ChannelError::new(ErrorCode::Rejected, why)
}

impl Faulty {
    fn has(&self, fault: &str) -> bool {
        self.fault == fault
    }

    fn delivered(&self, text: &str) -> Receipt {
        self.platform.show(text);
        Receipt::delivered("1", "memory", text.len())
    }
}

impl Channel for Faulty {
    type Shared = Presence;

    fn describe() -> Descriptor {
        Descriptor { id: "faulty".into(), ..Default::default() }
    }

    fn resolve(section: &Json) -> Resolved {
        let section: Section = section.parse().unwrap_or_default();
        match section.fault.as_str() {
            "resolve panics" => panic!("as told"),
            "resolve hangs" => keep_the_thread(),
            _ => {}
        }
        let account = |id: &str| ResolvedAccount { id: id.into(), enabled: true, ..Default::default() };
        let mut accounts = vec![account("first"), account("second")];
        if section.fault == "accounts unsorted" {
            accounts.reverse();
        }
        let default_account = if section.fault == "unknown default" { "third" } else { "first" };
        Resolved { accounts, default_account: default_account.into(), ..Default::default() }
    }

    fn open(context: OpenContext, _: Arc<Presence>, host: Host) -> Result<Self> {
        let section: Section = context.config.parse().unwrap_or_default();
        let platform =
            Platform::numbered(section.platform).ok_or_else(|| rejected("there is no such platform"))?;
        if section.fault == "holds on to the host" {
            std::mem::forget(host.clone());
        }
        Ok(Self { fault: section.fault, platform, host, is_deaf: Arc::default() })
    }

    async fn start(&self) -> Result<()> {
        if self.platform.has_started_before() && self.has("starts once") {
            return Err(rejected("it did once"));
        }
        if self.has("start keeps its thread") {
            keep_the_thread();
        }
        self.platform.running.fetch_add(1, Ordering::Relaxed);
        let (platform, host) = (self.platform.clone(), self.host.clone());
        let (takes_offence, is_deaf) = (self.has("takes offence"), self.is_deaf.clone());
        self.host.spawn("listener", async move {
            let mut written = platform.written.lock().await;
            while let Some(text) = written.recv().await {
                if is_deaf.load(Ordering::Relaxed) {
                    continue;
                }
                while host.receive(message(&text)).await == Accepted::Refused {
                    if takes_offence {
                        return;
                    }
                    tokio::time::sleep(PACE).await;
                }
            }
        });
        Ok(())
    }

    async fn stop(&self, _: StopReason) {
        let others = self.platform.running.fetch_sub(1, Ordering::Relaxed) > 1;
        if self.has("stop keeps its thread") || others && self.has("accounts in each other's way") {
            keep_the_thread();
        }
    }

    async fn send(&self, message: OutboundMessage) -> Result<Receipt> {
        let Some(conversation) = message.conversation else {
            assert!(!self.has("send panics without a conversation"), "as told");
            return Err(rejected(if self.has("refuses without a word") { "" } else { "to whom?" }));
        };
        assert_eq!(conversation.id, "here");
        if self.has("messages late") && message.text.starts_with("number") {
            let (platform, text) = (self.platform.clone(), message.text);
            self.host.spawn("postman", async move {
                tokio::time::sleep(PACE).await;
                platform.show(&text);
            });
            return Ok(Receipt::default());
        }
        Ok(self.delivered(&message.text))
    }

    async fn stream_update(&self, update: StreamUpdate, _: &mut Newer) -> Result<Receipt> {
        if self.has("updates keep their thread") {
            keep_the_thread();
        }
        if !update.phase.is_final() {
            return Ok(Receipt::default());
        }
        let whole = update.text.len();
        let shown = if self.has("last words cut off") { &update.text[..whole / 2] } else { &update.text };
        let receipt = self.delivered(shown);
        if self.has("has an afterthought") {
            self.platform.show("by the way");
        }
        Ok(receipt)
    }

    async fn reconfigure(&self, section: Json) -> Result<Applied> {
        let understood = section.parse::<Section>();
        assert!(understood.is_ok() || !self.has("reconfigure panics"), "as told");
        self.is_deaf.store(self.has("deaf once reconfigured"), Ordering::Relaxed);
        understood.map(|_| Applied::Live).map_err(|_| rejected("that is no section"))
    }

    async fn fetch(&self, _: Attachment) -> Result<LocalFile> {
        match self.fault.as_str() {
            "fetch hangs" => std::future::pending().await,
            "fetches anything" => Ok(LocalFile::default()),
            _ => Err(rejected("there is no such file")),
        }
    }

    async fn probe(&self) -> Result<Report> {
        match self.fault.as_str() {
            "probe panics" => panic!("as told"),
            "probe hangs" => std::future::pending().await,
            _ => {}
        }
        let verdict = if self.has("probe contradicts itself") { Verdict::Failed } else { Verdict::Ok };
        let check = Check { name: "memory".into(), verdict, ..Default::default() };
        Ok(Report { ok: true, checks: vec![check], ..Default::default() })
    }

    fn metrics(&self) -> Json {
        match self.fault.as_str() {
            "metrics panic" => panic!("as told"),
            "metrics are a list" => Json::from_text("[1]"),
            _ => Json::default(),
        }
    }
}

fn message(text: &str) -> InboundMessage {
    InboundMessage {
        id: text.to_owned(),
        text: text.to_owned(),
        conversation: Conversation { id: "here".into(), ..Default::default() },
        reply: Handle::new("here"),
        ..Default::default()
    }
}
