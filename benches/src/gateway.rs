//! The least that pushes like DingTalk: it opens connections, pushes frames, and notes when each is answered.
//!
//! The fake DingTalk of host-mock writes down all that happens and costs accordingly; here the candidates
//! are to be what takes the time.

use crate::{Error, frame};
use axum::{
    Json, Router,
    extract::{
        State,
        ws::{Message, Utf8Bytes, WebSocket, WebSocketUpgrade},
    },
    response::Response,
    routing::{any, get, post},
};
use futures_util::{SinkExt, StreamExt, stream::SplitSink};
use serde_json::{Value, json};
use std::{
    path::PathBuf,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};
use tests::TlsFront;
use tokio::{
    net::TcpListener,
    sync::{Notify, watch},
    task::JoinSet,
    time::{Instant, sleep_until},
};

/// Longer than anything takes that works.
const PATIENCE: Duration = Duration::from_secs(120);

/// How a round pushes.
#[derive(Clone, Copy, Debug)]
pub struct Push {
    /// How many messages, over all connections in turn.
    pub messages: usize,
    /// How many of them a second; as fast as they are taken, without.
    pub per_second: Option<u32>,
    /// How many people write to each connection, each in a conversation of their own.
    pub people: usize,
}

/// What became of a round.
#[derive(Debug)]
pub struct Round {
    /// From the first push to the last acknowledgement.
    pub took: Duration,
    /// From each push to its acknowledgement, shortest first.
    pub latencies: Vec<Duration>,
}

/// What is pushed to.
pub struct Gateway {
    shared: Arc<Shared>,
    base: String,
    front: Option<TlsFront>,
    _server: JoinSet<()>,
}

struct Shared {
    /// Where connections lead, as `ws://127.0.0.1:port`.
    door: String,
    links: Mutex<Vec<Arc<Link>>>,
    count: watch::Sender<usize>,
    round: Mutex<Arc<Ledger>>,
    calls: AtomicUsize,
}

type Sink = SplitSink<WebSocket, Message>;

/// One connection; who pushes on it has its sink.
struct Link(tokio::sync::Mutex<Sink>);

/// When the messages of a round were pushed and acknowledged, in nanoseconds of its own clock, which is never 0.
struct Ledger {
    number: usize,
    began: Instant,
    pushed: Vec<AtomicU64>,
    acknowledged: Vec<AtomicU64>,
    left: AtomicUsize,
    done: Notify,
}

impl Ledger {
    fn new(number: usize, messages: usize) -> Self {
        let empty = || (0..messages).map(|_| AtomicU64::new(0)).collect();
        Self {
            number,
            began: Instant::now(),
            pushed: empty(),
            acknowledged: empty(),
            left: AtomicUsize::new(messages),
            done: Notify::new(),
        }
    }

    fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_nanos()).unwrap_or(u64::MAX).max(1)
    }

    fn message_id(&self, message: usize) -> String {
        format!("b{}-{message}", self.number)
    }

    /// Notes the first acknowledgement of a message; those of earlier rounds are nobody's.
    fn acknowledge(&self, message_id: &str) {
        let number = message_id.strip_prefix('b').and_then(|rest| rest.split_once('-'));
        let Some((round, message)) = number else { return };
        let (Ok(round), Ok(message)) = (round.parse::<usize>(), message.parse::<usize>()) else { return };
        let Some(at) = self.acknowledged.get(message).filter(|_| round == self.number) else { return };
        if at.swap(self.now(), Ordering::Relaxed) == 0 && self.left.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.done.notify_one();
        }
    }

    fn round(&self) -> Round {
        let read =
            |times: &[AtomicU64]| times.iter().map(|at| at.load(Ordering::Relaxed)).collect::<Vec<_>>();
        let (pushed, acknowledged) = (read(&self.pushed), read(&self.acknowledged));
        let first = pushed.iter().min().copied().unwrap_or_default();
        let last = acknowledged.iter().max().copied().unwrap_or_default();
        let waits =
            pushed.iter().zip(&acknowledged).map(|(from, to)| Duration::from_nanos(to.saturating_sub(*from)));
        let mut latencies: Vec<_> = waits.collect();
        latencies.sort_unstable();
        Round { took: Duration::from_nanos(last.saturating_sub(first)), latencies }
    }
}

impl Gateway {
    /// Listens on a free port of this machine.
    ///
    /// # Errors
    /// When there is none.
    pub async fn start() -> Result<Self, Error> {
        Self::behind(None).await
    }

    /// The same with TLS, by a certificate of an authority that only [`authority_file`](Self::authority_file) knows.
    ///
    /// # Errors
    /// When there is no port.
    pub async fn with_tls() -> Result<Self, Error> {
        Self::behind(Some(TlsFront::start().await)).await
    }

    async fn behind(front: Option<TlsFront>) -> Result<Self, Error> {
        let listener =
            TcpListener::bind("127.0.0.1:0").await.map_err(Error::system("open a port on 127.0.0.1"))?;
        let address = listener.local_addr().map_err(Error::system("learn the port"))?;
        let base = match &front {
            Some(front) => front.url(),
            None => format!("http://{address}"),
        };
        if let Some(front) = &front {
            front.leads_to()(address);
        }
        let shared = Arc::new(Shared {
            door: base.replacen("http", "ws", 1),
            links: Mutex::default(),
            count: watch::Sender::new(0),
            round: Mutex::new(Arc::new(Ledger::new(0, 0))),
            calls: AtomicUsize::new(0),
        });
        let router = Router::new()
            .route("/v1.0/gateway/connections/open", post(open))
            .route("/connect", get(connect))
            .route("/v1.0/oauth2/accessToken", post(token))
            .route("/gettoken", any(token))
            .fallback(done)
            .with_state(shared.clone());
        let mut server = JoinSet::new();
        server.spawn(async move {
            // It ends with the gateway alone.
            let _ended = axum::serve(listener, router).await;
        });
        Ok(Self { shared, base, front, _server: server })
    }

    /// Where it is, as `http://127.0.0.1:port`.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.base
    }

    /// The certificate to trust, where it speaks TLS.
    #[must_use]
    pub fn authority_file(&self) -> Option<PathBuf> {
        self.front.as_ref().map(TlsFront::authority_file)
    }

    /// How many calls there were, but for those that open connections.
    #[must_use]
    pub fn calls(&self) -> usize {
        self.shared.calls.load(Ordering::Relaxed)
    }

    /// Waits until so many connections stand.
    ///
    /// # Errors
    /// When they do not within two minutes.
    pub async fn connected(&self, wanted: usize) -> Result<(), Error> {
        let mut count = self.shared.count.subscribe();
        let waiting = tokio::time::timeout(PATIENCE, count.wait_for(|count| *count >= wanted));
        let stood = waiting.await.map(|arrived| arrived.map(drop));
        if matches!(stood, Ok(Ok(()))) {
            return Ok(());
        }
        Err(Error::Unconnected { stand: *self.shared.count.borrow(), wanted })
    }

    /// Pushes, and waits until everything is acknowledged.
    ///
    /// # Errors
    /// When something is not within two minutes, or a connection breaks.
    pub async fn play(&self, push: Push) -> Result<Round, Error> {
        let ledger = {
            let mut round = self.shared.round();
            *round = Arc::new(Ledger::new(round.number + 1, push.messages));
            round.clone()
        };
        let links = self.shared.links().clone();
        let mut pushing = JoinSet::new();
        for (first, link) in links.iter().enumerate() {
            let (ledger, link, step) = (ledger.clone(), link.clone(), links.len());
            let mine: Vec<_> = (first..push.messages)
                .step_by(step)
                .map(|message| {
                    (
                        message,
                        Utf8Bytes::from(frame::message(
                            &ledger.message_id(message),
                            message / step % push.people.max(1),
                        )),
                    )
                })
                .collect();
            pushing.spawn(async move { push_all(&ledger, &link, mine, push.per_second).await });
        }
        while let Some(pushed) = pushing.join_next().await {
            if !matches!(pushed, Ok(Ok(()))) {
                return Err(Error::Broken);
            }
        }
        let all = tokio::time::timeout(PATIENCE, ledger.done.notified()).await;
        if all.is_err() {
            return Err(Error::Unacknowledged {
                left: ledger.left.load(Ordering::Acquire),
                of: push.messages,
            });
        }
        Ok(ledger.round())
    }
}

/// Pushes its share on one connection: at once, or each when its time has come.
async fn push_all(
    ledger: &Ledger,
    link: &Link,
    mine: Vec<(usize, Utf8Bytes)>,
    per_second: Option<u32>,
) -> Result<(), axum::Error> {
    let mut sink = link.0.lock().await;
    let begins = Instant::now();
    for (message, text) in mine {
        if let Some(per_second) = per_second {
            sleep_until(
                begins + Duration::from_secs(1) * u32::try_from(message).unwrap_or(u32::MAX) / per_second,
            )
            .await;
        }
        ledger.pushed[message].store(ledger.now(), Ordering::Relaxed);
        sink.send(Message::Text(text)).await?;
    }
    Ok(())
}

impl Shared {
    fn links(&self) -> MutexGuard<'_, Vec<Arc<Link>>> {
        self.links.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn round(&self) -> MutexGuard<'_, Arc<Ledger>> {
        self.round.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn open(State(shared): State<Arc<Shared>>) -> Json<Value> {
    Json(json!({"endpoint": format!("{}/connect", shared.door), "ticket": "bench"}))
}

async fn token() -> Json<Value> {
    Json(
        json!({"accessToken": "bench", "access_token": "bench", "expireIn": 7200, "expires_in": 7200, "errcode": 0}),
    )
}

/// Every other call succeeds, as the creation of a card or an update does.
async fn done(State(shared): State<Arc<Shared>>) -> Json<Value> {
    shared.calls.fetch_add(1, Ordering::Relaxed);
    let delivered = json!([{"success": true, "carrierId": "bench"}]);
    Json(json!({"success": true, "result": {"outTrackId": "bench", "deliverResults": delivered}}))
}

async fn connect(State(shared): State<Arc<Shared>>, upgrade: WebSocketUpgrade) -> Response {
    upgrade.on_upgrade(|socket| listen(shared, socket))
}

/// Takes a connection in, and reads its acknowledgements until it ends.
async fn listen(shared: Arc<Shared>, socket: WebSocket) {
    let (sink, mut incoming) = socket.split();
    let link = Arc::new(Link(tokio::sync::Mutex::new(sink)));
    shared.links().push(link.clone());
    shared.count.send_modify(|count| *count += 1);
    while let Some(Ok(message)) = incoming.next().await {
        let Message::Text(text) = message else { continue };
        if let Some(message_id) = frame::acknowledged(text.as_str()) {
            let round = shared.round().clone();
            round.acknowledge(&message_id);
        }
    }
    shared.links().retain(|other| !Arc::ptr_eq(other, &link));
    shared.count.send_modify(|count| *count -= 1);
}
