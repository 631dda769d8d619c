//! A DingTalk for a day of messages: what it remembers of them is only what is under way.
//!
//! Its tokens end, and it takes them back; its connections go, and what was not acknowledged on them is pushed
//! again on the next; and it repeats messages that were acknowledged. It counts what is done with cards and files.

mod answers;

use super::{frames, kind::Kind};
use crate::{Error, frame};
use axum::{
    Router,
    extract::{
        Path, State,
        ws::{Message, WebSocket, WebSocketUpgrade},
    },
    http::HeaderMap,
    response::Response,
    routing::{any, get, post},
};
use futures_util::{SinkExt, StreamExt, stream::SplitSink};
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};
use tokio::{
    net::TcpListener,
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    task::JoinSet,
    time::timeout,
};

/// Longer than anything takes that works.
const PATIENCE: Duration = Duration::from_secs(120);
/// Messages of one account that are under way at once, at most.
const WINDOW: usize = 400;
/// How long a token serves, in seconds; it is renewed after half of it.
const TOKEN_S: u64 = 10;
/// The bytes of a file that somebody sends.
const FILE: usize = 20_000;

/// What is there for all of a day.
pub(super) struct DingTalk {
    base: String,
    shared: Arc<Shared>,
    _server: JoinSet<()>,
}

struct Shared {
    base: String,
    accounts: Vec<Account>,
    counts: Counts,
    /// Changes whenever one of the counts does that somebody may wait for.
    bell: watch::Sender<u64>,
}

/// One application's connection, and what is under way on it.
struct Account {
    /// Tokens before this one are not taken any more.
    oldest_token: AtomicU64,
    newest_token: AtomicU64,
    open: tokio::sync::Mutex<Option<SplitSink<WebSocket, Message>>>,
    under_way: Mutex<HashMap<String, UnderWay>>,
    window: Arc<Semaphore>,
}

/// A message that is not acknowledged.
struct UnderWay {
    text: String,
    _permit: OwnedSemaphorePermit,
}

/// What was done.
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) acknowledged: AtomicU64,
    pub(super) cards: AtomicU64,
    pub(super) closed: AtomicU64,
    pub(super) files: AtomicU64,
    pub(super) tokens: AtomicU64,
    pub(super) refused: AtomicU64,
    pub(super) connections: AtomicU64,
    pub(super) repeated: AtomicU64,
}

impl DingTalk {
    /// Listens on a free port of this machine, for so many applications.
    pub(super) async fn start(accounts: usize) -> Result<Self, Error> {
        let listener =
            TcpListener::bind("127.0.0.1:0").await.map_err(Error::system("open a port on 127.0.0.1"))?;
        let address = listener.local_addr().map_err(Error::system("learn the port"))?;
        let base = format!("http://{address}");
        let shared = Arc::new(Shared {
            base: base.clone(),
            accounts: (0..accounts.max(1)).map(|_| Account::new()).collect(),
            counts: Counts::default(),
            bell: watch::Sender::new(0),
        });
        let router = Router::new()
            .route("/v1.0/gateway/connections/open", post(answers::open))
            .route("/connect/{account}", get(connect))
            .route("/v1.0/oauth2/accessToken", post(answers::token))
            .route("/v1.0/robot/messageFiles/download", post(answers::locate))
            .route("/file", get(answers::file))
            .fallback(any(answers::call))
            .with_state(shared.clone());
        let mut server = JoinSet::new();
        server.spawn(async move {
            // It ends with the day alone.
            let _ended = axum::serve(listener, router).await;
        });
        Ok(Self { base, shared, _server: server })
    }

    pub(super) fn base(&self) -> &str {
        &self.base
    }

    pub(super) fn counts(&self) -> &Counts {
        &self.shared.counts
    }

    /// Pushes a message to an account as soon as its connection takes one more.
    pub(super) async fn push(
        &self,
        account: u64,
        number: u64,
        kind: Kind,
        person: usize,
    ) -> Result<(), Error> {
        let id = kind.message_id(number);
        let text = frames::message(&id, kind, person);
        let to = self.shared.nth(account);
        let permit = timeout(PATIENCE, to.window.clone().acquire_owned()).await;
        let Ok(Ok(permit)) = permit else { return Err(Error::Unacknowledged { left: WINDOW, of: WINDOW }) };
        to.under_way().insert(id, UnderWay { text: text.clone(), _permit: permit });
        to.send(text).await;
        Ok(())
    }

    /// Pushes one again that was acknowledged, as DingTalk does now and then.
    pub(super) async fn repeat(&self, account: u64, number: u64, kind: Kind, person: usize) {
        self.shared.counts.repeated.fetch_add(1, Relaxed);
        self.shared.nth(account).send(frames::message(&kind.message_id(number), kind, person)).await;
    }

    /// Takes back every token there is.
    pub(super) fn revoke_tokens(&self) {
        for account in &self.shared.accounts {
            account.oldest_token.store(account.newest_token.load(Relaxed) + 1, Relaxed);
        }
    }

    /// Ends the connection of an account: announced, or without a word before.
    pub(super) async fn disconnect(&self, account: u64, is_announced: bool) {
        let mut open = self.shared.nth(account).open.lock().await;
        match open.as_mut() {
            // The plugin opens another one first; this one then ends.
            Some(sink) if is_announced => drop(sink.send(Message::Text(frames::disconnect().into())).await),
            Some(sink) => drop(sink.close().await),
            None => {}
        }
    }

    /// Waits until each account is connected.
    pub(super) async fn connected(&self) -> Result<(), Error> {
        let wanted = self.shared.accounts.len();
        let stand = |counts: &Counts| usize::try_from(counts.connections.load(Relaxed)).unwrap_or(usize::MAX);
        let late = |stand| Error::Unconnected { stand, wanted };
        self.until(|counts| stand(counts) >= wanted).await.map_err(|()| late(stand(self.counts())))
    }

    /// Waits until what is counted is `wanted`.
    pub(super) async fn until(&self, wanted: impl Fn(&Counts) -> bool) -> Result<(), ()> {
        let mut bell = self.shared.bell.subscribe();
        let waiting = timeout(PATIENCE, bell.wait_for(|_| wanted(&self.shared.counts)));
        waiting.await.map(drop).map_err(drop)
    }

    pub(super) fn accounts(&self) -> u64 {
        self.shared.accounts.len() as u64
    }

    /// How many messages may be under way at once.
    pub(super) fn window(&self) -> usize {
        WINDOW * self.shared.accounts.len()
    }

    /// How many messages are not acknowledged.
    pub(super) fn left(&self) -> usize {
        self.shared.accounts.iter().map(|account| account.under_way().len()).sum()
    }
}

impl Account {
    fn new() -> Self {
        Self {
            oldest_token: AtomicU64::new(0),
            newest_token: AtomicU64::new(0),
            open: tokio::sync::Mutex::default(),
            under_way: Mutex::default(),
            window: Arc::new(Semaphore::new(WINDOW)),
        }
    }

    fn under_way(&self) -> MutexGuard<'_, HashMap<String, UnderWay>> {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What finds no connection is pushed once there is one again.
    async fn send(&self, text: String) {
        if let Some(sink) = self.open.lock().await.as_mut() {
            drop(sink.send(Message::Text(text.into())).await);
        }
    }
}

impl Shared {
    fn counted(&self, count: impl Fn(&Counts) -> &AtomicU64) {
        count(&self.counts).fetch_add(1, Relaxed);
        self.bell.send_modify(|count| *count += 1);
    }

    /// The account with this number, counted around.
    fn nth(&self, number: u64) -> &Account {
        let place = usize::try_from(number % self.accounts.len() as u64).unwrap_or_default();
        &self.accounts[place]
    }

    fn account(&self, number: usize) -> Option<&Account> {
        self.accounts.get(number)
    }

    /// Whether a call comes with a token that serves.
    fn admits(&self, headers: &HeaderMap) -> bool {
        let token = headers.get("x-acs-dingtalk-access-token").and_then(|token| token.to_str().ok());
        let parts = token.and_then(|token| token.split_once('-'));
        let Some((account, number)) = parts else { return false };
        let (Ok(account), Ok(number)) = (account.parse(), number.parse::<u64>()) else { return false };
        let is_taken =
            self.account(account).is_some_and(|account| number >= account.oldest_token.load(Relaxed));
        if !is_taken {
            self.counts.refused.fetch_add(1, Relaxed);
        }
        is_taken
    }
}

async fn connect(
    State(shared): State<Arc<Shared>>,
    Path(account): Path<usize>,
    upgrade: WebSocketUpgrade,
) -> Response {
    upgrade.on_upgrade(move |socket| listen(shared, account, socket))
}

/// Takes a connection in, which replaces the one before, and reads its acknowledgements until it ends.
async fn listen(shared: Arc<Shared>, number: usize, socket: WebSocket) {
    let Some(account) = shared.account(number) else { return };
    let (mut sink, mut incoming) = socket.split();
    let before = {
        // What is pushed from now on waits for this connection, so that nothing falls between two.
        let mut open = account.open.lock().await;
        let waiting: Vec<_> = account.under_way().values().map(|message| message.text.clone()).collect();
        for text in waiting {
            drop(sink.send(Message::Text(text.into())).await);
        }
        open.replace(sink)
    };
    shared.counted(|counts| &counts.connections);
    if let Some(mut before) = before {
        drop(before.close().await);
    }
    while let Some(Ok(message)) = incoming.next().await {
        let Message::Text(text) = message else { continue };
        let Some(id) = frame::acknowledged(text.as_str()) else { continue };
        if account.under_way().remove(&id).is_some() {
            shared.counted(|counts| &counts.acknowledged);
        }
    }
}
