use super::*;
use crate::{
    message::card_action::{CardAction, Shown},
    stream::turnstile::{Turn, Turnstile},
};
use futures_util::sink;
use host_sdk::StatusPatch;
use serde_json::{Value, json};
use std::{collections::VecDeque, sync::Mutex};
use tokio::sync::{Notify, oneshot};

mod cards;
mod connection;
mod crowd;
mod messages;

/// How long DingTalk has a connection before we know of it.
const HANDSHAKE: Duration = Duration::from_millis(10);

/// DingTalk's end of an in-memory link.
struct Peer {
    to_us: mpsc::UnboundedSender<Result<Incoming>>,
    from_us: mpsc::UnboundedReceiver<Outgoing>,
    /// When we dialled.
    dialled: Instant,
}

impl Peer {
    fn pair() -> (Self, Socket) {
        let (to_us, incoming) = mpsc::unbounded_channel();
        let (outgoing, from_us) = mpsc::unbounded_channel();
        let incoming =
            futures_util::stream::unfold(incoming, |mut incoming: mpsc::UnboundedReceiver<_>| async {
                incoming.recv().await.map(|packet| (packet, incoming))
            });
        let outgoing = sink::unfold(outgoing, |outgoing: mpsc::UnboundedSender<_>, packet| async {
            outgoing.send(packet).ok();
            Ok(outgoing)
        });
        (
            Self { to_us, from_us, dialled: clock::now() },
            Socket { incoming: Box::pin(incoming), outgoing: Box::pin(outgoing) },
        )
    }

    fn push(&self, kind: &str, topic: &str, id: &str, data: &Value) {
        let data = data.to_string();
        let frame = json!({"type": kind, "headers": {"topic": topic, "messageId": id}, "data": data});
        self.to_us.send(Ok(Incoming::Text(frame.to_string()))).unwrap();
    }

    fn message(&self, frame: &str, id: &str, conversation: &str) {
        let data = json!({"msgId": id, "conversationId": conversation, "msgtype": "text"});
        self.push("CALLBACK", crate::api::gateway::ROBOT, frame, &data);
    }

    /// What arrives next, pings apart, which are answered.
    async fn next(&mut self) -> Outgoing {
        loop {
            match self.from_us.recv().await.expect("the link stands") {
                Outgoing::Ping => drop(self.to_us.send(Ok(Incoming::Pong))),
                other => return other,
            }
        }
    }

    /// The next answer.
    async fn ack(&mut self) -> Value {
        match self.next().await {
            Outgoing::Text(text) => serde_json::from_str(&text).unwrap(),
            other => panic!("{other:?} instead of an answer"),
        }
    }

    /// The id of the frame that the next answer is for.
    async fn acked(&mut self) -> String {
        self.ack().await["headers"]["messageId"].as_str().unwrap().to_owned()
    }

    fn is_silent(&mut self) -> bool {
        self.from_us.try_recv().is_err()
    }
}

/// A DingTalk of scripted openings, whose every dial succeeds.
struct Dingtalk {
    openings: Mutex<VecDeque<ErrorKind>>,
    turnstile: Arc<Turnstile>,
    peers: mpsc::UnboundedSender<Peer>,
}

impl Transport for Dingtalk {
    async fn turn(&self) -> Turn {
        self.turnstile.turn().await
    }

    async fn open(&self) -> Result<Invitation> {
        match self.openings.lock().unwrap().pop_front() {
            None => Ok(Invitation::new("ws://h/?ticket=t")),
            Some(kind) => Err(Error::new(kind, "opening")),
        }
    }

    async fn dial(&self, _: Invitation) -> Result<Socket> {
        let (peer, socket) = Peer::pair();
        self.peers.send(peer).ok();
        tokio::time::sleep(HANDSHAKE).await;
        Ok(socket)
    }
}

type Offered = (InboundMessage, Answered);

/// What the host does to answer.
struct Answered(Box<dyn FnOnce(Accepted) + Send>);

impl Answered {
    fn send(self, accepted: Accepted) {
        (self.0)(accepted);
    }
}

/// A host that answers when the test does.
struct Host {
    offers: mpsc::UnboundedSender<Offered>,
    card_answer: Mutex<Option<oneshot::Receiver<Shown>>>,
    shown: mpsc::UnboundedSender<Shown>,
    status: Mutex<StatusPatch>,
    told: Notify,
}

impl Inlet for Host {
    fn receive(&self, message: InboundMessage, answered: impl FnOnce(Accepted) + Send + 'static) {
        self.offers.send((message, Answered(Box::new(answered)))).unwrap();
    }

    async fn card_action(&self, _: CardAction) -> Option<Shown> {
        let answer = self.card_answer.lock().unwrap().take();
        answer?.await.ok()
    }

    async fn show(&self, shown: Shown) {
        self.shown.send(shown).unwrap();
    }

    fn status(&self, patch: StatusPatch) {
        self.status.lock().unwrap().merge(patch);
        self.told.notify_one();
    }
}

/// A driver between an in-memory DingTalk and an in-memory host.
struct World {
    peers: mpsc::UnboundedReceiver<Peer>,
    host: Arc<Host>,
    offers: mpsc::UnboundedReceiver<Offered>,
    shown: mpsc::UnboundedReceiver<Shown>,
    tally: Arc<Tally>,
    stop: CancellationToken,
    settings: watch::Sender<Settings>,
    driver: JoinSet<()>,
}

impl World {
    fn new() -> Self {
        Self::refusing([])
    }

    /// A world whose first openings fail.
    fn refusing(openings: impl IntoIterator<Item = ErrorKind>) -> Self {
        Self::of(Settings::default(), openings, Arc::default())
    }

    /// A world as it is told, that shares its turnstile.
    fn of(
        settings: Settings,
        openings: impl IntoIterator<Item = ErrorKind>,
        turnstile: Arc<Turnstile>,
    ) -> Self {
        let (to_test, peers) = mpsc::unbounded_channel();
        let (offers, offered) = mpsc::unbounded_channel();
        let (to_card, shown) = mpsc::unbounded_channel();
        let dingtalk =
            Dingtalk { openings: Mutex::new(openings.into_iter().collect()), turnstile, peers: to_test };
        let host = Arc::new(Host {
            offers,
            shown: to_card,
            card_answer: Mutex::default(),
            status: Mutex::default(),
            told: Notify::new(),
        });
        let (tally, stop) = (Arc::new(Tally::default()), CancellationToken::new());
        let mut driver = JoinSet::new();
        let (settings, wanted) = watch::channel(settings);
        driver.spawn(run(Arc::new(dingtalk), Arc::clone(&host), wanted, Arc::clone(&tally), stop.clone()));
        Self { peers, host, offers: offered, shown, tally, stop, settings, driver }
    }

    async fn peer(&mut self) -> Peer {
        self.peers.recv().await.expect("the driver runs")
    }

    async fn offer(&mut self) -> Offered {
        self.offers.recv().await.expect("the driver runs")
    }

    fn status(&self, key: &str) -> Value {
        self.host.status.lock().unwrap().get(key).cloned().unwrap_or_default()
    }

    /// Waits, on the paused clock, until the status says so.
    async fn until(&self, key: &str, value: impl Into<Value>) {
        let value = value.into();
        let told = async {
            while self.status(key) != value {
                self.host.told.notified().await;
            }
        };
        timeout(Duration::from_secs(600), told).await.expect(key);
    }

    fn counted(&self, name: &str) -> u64 {
        self.tally.snapshot().pointer(&format!("/{name}")).and_then(Value::as_u64).expect(name)
    }
}
