use super::*;
use crate::stream::turnstile::Turnstile;
use futures_util::sink;
use serde_json::{Value, json};
use std::{collections::VecDeque, sync::Mutex};
use tokio::sync::{Notify, oneshot};

/// How long DingTalk has a connection before we know of it.
const HANDSHAKE: Duration = Duration::from_millis(10);

/// DingTalk's end of an in-memory link.
struct Peer {
    to_us: mpsc::UnboundedSender<Result<Incoming>>,
    from_us: mpsc::UnboundedReceiver<Outgoing>,
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
        (Self { to_us, from_us }, Socket { incoming: Box::pin(incoming), outgoing: Box::pin(outgoing) })
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

    async fn card_action(&self, _: String) -> Option<Shown> {
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
    driver: JoinSet<()>,
}

impl World {
    fn new() -> Self {
        Self::refusing([])
    }

    /// A world whose first openings fail.
    fn refusing(openings: impl IntoIterator<Item = ErrorKind>) -> Self {
        let (to_test, peers) = mpsc::unbounded_channel();
        let (offers, offered) = mpsc::unbounded_channel();
        let (to_card, shown) = mpsc::unbounded_channel();
        let dingtalk = Dingtalk {
            openings: Mutex::new(openings.into_iter().collect()),
            turnstile: Arc::default(),
            peers: to_test,
        };
        let host = Arc::new(Host {
            offers,
            shown: to_card,
            card_answer: Mutex::default(),
            status: Mutex::default(),
            told: Notify::new(),
        });
        let (tally, stop) = (Arc::new(Tally::default()), CancellationToken::new());
        let mut driver = JoinSet::new();
        driver.spawn(run(dingtalk, Arc::clone(&host), Settings::default(), Arc::clone(&tally), stop.clone()));
        Self { peers, host, offers: offered, shown, tally, stop, driver }
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

#[tokio::test(start_paused = true)]
async fn a_push_is_acknowledged_after_the_host_accepts_and_not_before() {
    let mut world = World::new();
    let mut peer = world.peer().await;
    peer.message("f1", "m1", "c");
    let (message, accept) = world.offer().await;
    assert_eq!(message.id, "m1");
    assert!(peer.is_silent());

    accept.send(Accepted::New);
    assert_eq!(peer.acked().await, "f1");
}

#[tokio::test(start_paused = true)]
async fn a_ping_is_echoed_while_the_host_is_busy() {
    let mut world = World::new();
    let mut peer = world.peer().await;
    peer.message("f1", "m1", "c");
    let (_, _busy) = world.offer().await;
    peer.push("SYSTEM", "ping", "p1", &json!({"opaque": "x"}));
    let ack = peer.ack().await;
    assert_eq!((&ack["headers"]["messageId"], &ack["data"]), (&json!("p1"), &json!(r#"{"opaque":"x"}"#)));
}

#[tokio::test(start_paused = true)]
async fn a_second_push_joins_the_first_and_both_are_acknowledged_on_their_own_links() {
    let mut world = World::new();
    let mut old = world.peer().await;
    old.message("f1", "m1", "c");
    let (_, accept) = world.offer().await;
    old.push("SYSTEM", "disconnect", "d1", &json!({"reason": "connection is expired"}));
    assert_eq!(old.acked().await, "d1");
    let mut new = world.peer().await;
    new.message("f2", "m1", "c");
    new.push("SYSTEM", "ping", "p1", &json!({}));
    assert_eq!(new.acked().await, "p1");

    accept.send(Accepted::New);
    assert_eq!(old.acked().await, "f1");
    assert_eq!(new.acked().await, "f2");
    assert!(world.offers.try_recv().is_err());
    assert_eq!((world.counted("messages"), world.counted("repeated")), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_refused_message_is_offered_again_by_itself_and_acknowledged_then() {
    let mut world = World::new();
    let mut peer = world.peer().await;
    peer.message("f1", "m1", "c");
    world.offer().await.1.send(Accepted::Refused);
    world.until("ingressUnavailable", true).await;
    assert_eq!(world.status("retryingHandOvers"), 1);
    assert!(peer.is_silent());

    let (message, accept) = world.offer().await;
    assert_eq!(message.id, "m1");
    peer.message("f2", "m1", "c");
    peer.push("SYSTEM", "ping", "p1", &json!({}));
    assert_eq!(peer.acked().await, "p1");
    accept.send(Accepted::New);
    assert_eq!([peer.acked().await, peer.acked().await], ["f1", "f2"]);
    world.until("ingressUnavailable", false).await;
    assert_eq!((world.counted("messages"), world.counted("handOvers"), world.counted("refused")), (1, 2, 1));
}

#[tokio::test(start_paused = true)]
async fn a_host_that_drops_a_message_is_offered_it_again_before_the_next_one() {
    let mut world = World::new();
    let mut peer = world.peer().await;
    peer.message("f1", "m1", "c");
    peer.message("f2", "m2", "c");
    drop(world.offer().await);
    for (id, frame) in [("m1", "f1"), ("m2", "f2")] {
        let (message, accept) = world.offer().await;
        assert_eq!(message.id, id);
        accept.send(Accepted::New);
        assert_eq!(peer.acked().await, frame);
    }
}

#[tokio::test(start_paused = true)]
async fn a_late_acceptance_is_acknowledged_once_and_ends_the_retries() {
    let mut world = World::new();
    let mut peer = world.peer().await;
    peer.message("f1", "m1", "c");
    let (_, late) = world.offer().await;
    let pings = async { drop(peer.next().await) };
    let (_, again) = tokio::select! {
        again = world.offer() => again,
        () = pings => panic!("it is not acknowledged yet"),
    };
    late.send(Accepted::New);
    assert_eq!(peer.acked().await, "f1");
    again.send(Accepted::Duplicate);
    world.until("waitingHandOvers", 0).await;
    assert!(peer.is_silent());
    assert!(world.offers.try_recv().is_err());
}

#[tokio::test(start_paused = true)]
async fn a_thousand_acknowledgements_at_once_cost_no_connection() {
    let mut world = World::new();
    let mut peer = world.peer().await;
    let mut owed = Vec::new();
    for n in 0..1000 {
        peer.message(&format!("f{n}"), &format!("m{n}"), &format!("c{n}"));
        owed.push(world.offer().await.1);
    }
    owed.into_iter().for_each(|accept| accept.send(Accepted::New));
    for n in 0..1000 {
        assert_eq!(peer.acked().await, format!("f{n}"));
    }
    assert_eq!((world.status("connected"), world.counted("connected")), (json!(true), 1));
}

#[tokio::test(start_paused = true)]
async fn what_makes_no_sense_is_answered_or_ignored_and_the_connection_stands() {
    let mut world = World::new();
    let mut peer = world.peer().await;
    peer.to_us.send(Ok(Incoming::Text("<html>".into()))).unwrap();
    let frame = json!({"type": "CALLBACK", "headers": {"topic": crate::api::gateway::ROBOT, "messageId": "f1"},
        "data": "not json"});
    peer.to_us.send(Ok(Incoming::Text(frame.to_string()))).unwrap();
    peer.push("EVENT", "*", "e1", &json!({}));
    peer.push("CALLBACK", "/v9/unknown", "u1", &json!({}));
    assert_eq!(peer.acked().await, "f1");
    assert_eq!(peer.acked().await, "e1");
    assert_eq!(peer.ack().await["code"], 404);
    assert_eq!(
        ["drops/unreadable", "drops/undecodable", "events", "unknown"].map(|name| world.counted(name)),
        [1, 1, 1, 1]
    );
}

#[tokio::test(start_paused = true)]
async fn a_cards_answer_is_what_the_host_says_in_time() {
    let mut world = World::new();
    let mut peer = world.peer().await;
    let (answer, answered) = oneshot::channel();
    *world.host.card_answer.lock().unwrap() = Some(answered);
    answer.send(approved()).unwrap();
    peer.push("CALLBACK", crate::api::gateway::CARD, "k1", &json!({}));
    let data: Value = serde_json::from_str(peer.ack().await["data"].as_str().unwrap()).unwrap();
    assert_eq!(data["response"]["cardData"]["cardParamMap"], json!({"status": "approved"}));
}

fn approved() -> Shown {
    Shown { card: "card-1".into(), variables: [("status".to_owned(), "approved".to_owned())].into() }
}

#[tokio::test(start_paused = true)]
async fn what_a_host_says_too_late_is_shown_by_a_call_of_its_own() {
    let mut world = World::new();
    let mut peer = world.peer().await;
    let (answer, answered) = oneshot::channel();
    *world.host.card_answer.lock().unwrap() = Some(answered);
    peer.push("CALLBACK", crate::api::gateway::CARD, "k1", &json!({}));
    assert_eq!(peer.ack().await["data"], r#"{"response":{}}"#);

    answer.send(approved()).unwrap();
    assert_eq!(world.shown.recv().await, Some(approved()));
    assert_eq!(world.counted("lateCardActions"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_card_is_answered_emptily_after_1500_ms() {
    let mut world = World::new();
    let mut peer = world.peer().await;
    let (_answer, answered) = oneshot::channel();
    *world.host.card_answer.lock().unwrap() = Some(answered);
    let pushed = clock::now();
    peer.push("CALLBACK", crate::api::gateway::CARD, "k1", &json!({}));
    assert_eq!(peer.ack().await["data"], r#"{"response":{}}"#);
    let took = clock::now() - pushed;
    assert!(took >= Duration::from_millis(1500) && took < Duration::from_millis(1600), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn wrong_credentials_block_with_a_sentence_and_recover_by_themselves() {
    let mut world = World::refusing([ErrorKind::Auth { code: "authFailed".into() }]);
    world.until("lifecycle", "blocked").await;
    assert_eq!(world.status("connected"), false);
    assert!(world.status("lastError").as_str().unwrap().contains("check clientId and clientSecret"));

    let _peer = world.peer().await; // a minute later
    world.until("connected", true).await;
    assert_eq!(world.status("lastError"), Value::Null);
    assert_eq!(world.counted("setbacks"), 1);
}

#[tokio::test(start_paused = true)]
async fn an_unreachable_host_is_named_while_it_is_tried_again() {
    let away = || ErrorKind::Network { host: "api.dingtalk.com".into(), ambiguous: false };
    let mut world = World::refusing([away(), away()]);
    world.until("reconnectAttempts", 2).await;
    assert_eq!(world.status("lifecycle"), "recovering");
    assert!(world.status("lastError").as_str().unwrap().contains("cannot reach api.dingtalk.com"));
    let _peer = world.peer().await;
    world.until("connected", true).await;
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_breaks_off_is_restored() {
    let mut world = World::new();
    let peer = world.peer().await;
    world.until("connected", true).await;
    drop(peer);
    world.until("connected", false).await;
    assert!(world.status("lastDisconnect")["error"].as_str().unwrap().contains("closed"));
    let _peer = world.peer().await;
    world.until("connected", true).await;
}

#[tokio::test(start_paused = true)]
async fn a_link_that_answers_nothing_is_replaced_within_20_seconds() {
    let mut world = World::new();
    let silent = world.peer().await;
    let begun = clock::now();
    let _next = world.peer().await;
    let took = clock::now() - begun;
    assert!(took >= Duration::from_secs(16) && took < Duration::from_secs(20), "{took:?}");
    drop(silent);
}

#[tokio::test(start_paused = true)]
async fn stop_says_goodbye_and_ends_the_driver() {
    let mut world = World::new();
    let mut peer = world.peer().await;
    world.until("connected", true).await;
    world.stop.cancel();
    assert_eq!(peer.next().await, Outgoing::Close);
    drop(peer);
    world.driver.join_next().await.unwrap().unwrap();
    assert_eq!((world.status("connected"), world.status("lifecycle")), (json!(false), json!("stopped")));
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_comes_up_while_stopping_is_said_goodbye_to() {
    let mut world = World::new();
    let mut peer = world.peer().await;
    world.stop.cancel();
    assert_eq!(peer.next().await, Outgoing::Close);
}

#[tokio::test(start_paused = true)]
async fn stop_does_not_wait_for_a_host_or_a_peer_that_never_answers() {
    let mut world = World::new();
    let peer = world.peer().await;
    peer.message("f1", "m1", "c");
    let (_, _never) = world.offer().await;
    let begun = clock::now();
    world.stop.cancel();
    world.driver.join_next().await.unwrap().unwrap();
    assert!(clock::now() - begun <= 2 * GOODBYE);
    drop(peer);
}

#[tokio::test(start_paused = true)]
async fn stop_says_goodbye_while_the_host_still_thinks_and_counts_what_it_leaves() {
    let mut world = World::new();
    let mut peer = world.peer().await;
    peer.message("f1", "m1", "c");
    peer.message("f2", "m2", "c");
    let (_, thinking) = world.offer().await;
    world.stop.cancel();
    assert_eq!(peer.next().await, Outgoing::Close);
    drop(peer);
    world.driver.join_next().await.unwrap().unwrap();
    thinking.send(Accepted::New);
    assert_eq!(world.counted("drops/leftAtStop"), 2);
}
