//! One Stream connection: its record, and the task that drives its socket (DingTalk protocol, §2.2 to §2.5).

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use super::super::record::Moment;
use super::super::wire::WireHandle;
use super::super::world::Shared;
use super::push::PushKind;
use super::ticket::Grant;
use super::{closed, inbox, opened, system};

/// The number of a connection, 1 for the first; its `Display` is its `connectionId`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId(pub u64);

impl fmt::Display for ConnectionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "c0000000-0000-11f0-9999-fake{:08}", self.0)
    }
}

/// A Stream connection, open or closed.
#[derive(Debug, Clone)]
pub struct Connection {
    /// Its number.
    pub id: ConnectionId,
    /// The Client ID of the app.
    pub app: String,
    /// What it subscribed to.
    pub topics: Vec<(PushKind, String)>,
    /// The `ua` of its `connections/open`.
    pub user_agent: String,
    /// When it opened.
    pub opened: Moment,
    /// When it was sent a `disconnect`; nothing is delivered on it from then on.
    pub draining: Option<Moment>,
    /// When and how it ended.
    pub closed: Option<(Moment, Ending)>,
    /// WebSocket pings that the client sent.
    pub ws_pings: u64,
    /// `ping` frames that the client answered.
    pub pings_answered: u64,
    /// Whether it swallows what it is given (DingTalk protocol, §2.10 F5).
    pub zombie: bool,
    /// Whether it gets its share of pushes also while it drains, and swallows it (DingTalk protocol, §2.10
    /// F2).
    pub deaf: bool,
    pub(super) open_pings: VecDeque<(String, String)>,
    /// The frames that need no answer and may have one: greetings and `disconnect`, a handful.
    pub(super) answerless: Vec<String>,
}

impl Connection {
    pub(super) fn new(id: ConnectionId, grant: Grant, opened: Moment) -> Self {
        let Grant { app, topics, user_agent } = grant;
        Self {
            id,
            app,
            topics,
            user_agent,
            opened,
            draining: None,
            closed: None,
            ws_pings: 0,
            pings_answered: 0,
            zombie: false,
            deaf: false,
            open_pings: VecDeque::new(),
            answerless: Vec::new(),
        }
    }

    /// Whether pushes may be given to it.
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.closed.is_none() && self.draining.is_none()
    }

    /// Whether the service gives it a share of the pushes, wherever that ends.
    pub(super) fn has_share(&self) -> bool {
        self.is_live() || self.deaf && self.closed.is_none()
    }
}

/// How a connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// The client sent a close frame with this code; 1005 stands for none.
    ClosedByClient(u16),
    /// TCP ended without a close frame.
    Lost,
    /// The fake ended it.
    ClosedByServer,
}

/// How long a closing connection is still heard.
const PARTING: Duration = Duration::from_secs(1);

/// What a connection's task is told to do.
#[derive(Debug)]
pub(super) enum Order {
    /// Send this frame.
    Frame(String),
    /// Send the frame of a push, and note that it was written.
    Push {
        /// The push's number.
        key: u64,
        /// The delivery's id.
        message_id: String,
        /// The frame.
        frame: String,
    },
    /// Send the last frame, be silent, then end TCP.
    Drain(String),
    /// Send a `ping`.
    Ping,
    /// Send a close frame, then end TCP.
    Close(u16),
}

/// The way to a connection's task and to its TCP connection.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) orders: mpsc::UnboundedSender<Order>,
    pub(super) wire: WireHandle,
}

/// Drives a connection until it ends.
pub(super) async fn run(socket: WebSocket, shared: Arc<Shared>, wire: WireHandle, grant: Grant) {
    // Bounded by what the test pushes: a stalled connection keeps it all.
    let (orders, inbox) = mpsc::unbounded_channel();
    let (id, ping_every, grace) = shared.with(|world| {
        let id = opened(world, grant, Line { orders, wire });
        if world.settings.greets {
            system::greet(world, id);
        }
        (id, world.settings.ping_every, world.settings.disconnect_grace)
    });
    let driver = Driver { socket, inbox, id, ping_every, grace, silent_until: None };
    let ending = driver.drive(&shared).await;
    shared.with(|world| closed(world, id, ending));
}

struct Driver {
    socket: WebSocket,
    inbox: mpsc::UnboundedReceiver<Order>,
    id: ConnectionId,
    ping_every: Option<Duration>,
    grace: Duration,
    /// Set by a `disconnect`: silence until then, and the end.
    silent_until: Option<Instant>,
}

impl Driver {
    async fn drive(mut self, shared: &Shared) -> Ending {
        let mut next_ping = self.ping_every.map(|every| Instant::now() + every);
        loop {
            let deadline = self.silent_until.or(next_ping);
            tokio::select! {
                received = self.socket.recv() => match self.receive(received, shared).await {
                    Some(ending) => return ending,
                    None => continue,
                },
                Some(order) = self.inbox.recv() => {
                    if let Some(ending) = self.obey(order, shared).await {
                        return ending;
                    }
                }
                () = at(deadline) => {
                    if self.silent_until.is_some() {
                        return Ending::ClosedByServer;
                    }
                    next_ping = self.ping_every.map(|every| Instant::now() + every);
                    if let Some(ending) = self.obey(Order::Ping, shared).await {
                        return ending;
                    }
                }
            }
        }
    }

    async fn receive(
        &mut self,
        received: Option<Result<Message, axum::Error>>,
        shared: &Shared,
    ) -> Option<Ending> {
        match received {
            Some(Ok(Message::Text(text))) => shared.with(|world| inbox::on_text(world, self.id, &text)),
            Some(Ok(Message::Binary(bytes))) => {
                let text = String::from_utf8_lossy(&bytes);
                shared.with(|world| inbox::on_text(world, self.id, &text));
            }
            // The pong is tungstenite's business.
            Some(Ok(Message::Ping(_))) => shared.with(|world| inbox::on_ws_ping(world, self.id)),
            Some(Ok(Message::Pong(_))) => {}
            Some(Ok(Message::Close(frame))) => {
                // One more read sends the reply that completes the closing handshake.
                drop(self.socket.recv().await);
                return Some(Ending::ClosedByClient(frame.map_or(1005, |frame| frame.code)));
            }
            Some(Err(_)) | None => return Some(Ending::Lost),
        }
        None
    }

    /// Reads what the client still sends. A TCP connection that ends with something unread is reset, and a
    /// reset takes from the client what it has not read itself.
    async fn hear_out(&mut self, shared: &Shared) {
        let heard = async {
            loop {
                let received = self.socket.recv().await;
                if self.receive(received, shared).await.is_some() {
                    return;
                }
            }
        };
        // However it ends, it has ended.
        drop(tokio::time::timeout(PARTING, heard).await);
    }

    async fn obey(&mut self, order: Order, shared: &Shared) -> Option<Ending> {
        let frame = match order {
            Order::Frame(frame) => frame,
            Order::Push { key, message_id, frame } => {
                if self.socket.send(Message::Text(frame.into())).await.is_err() {
                    return Some(Ending::Lost);
                }
                shared.with(|world| {
                    let moment = world.moment();
                    world.gateway.ledger.written(key, &message_id, moment);
                });
                return None;
            }
            Order::Ping => shared.with(|world| system::ping(world, self.id)),
            Order::Drain(frame) => {
                self.silent_until = Some(Instant::now() + self.grace);
                frame
            }
            Order::Close(code) => {
                let close = CloseFrame { code, reason: "".into() };
                drop(self.socket.send(Message::Close(Some(close))).await);
                self.hear_out(shared).await;
                return Some(Ending::ClosedByServer);
            }
        };
        let sent = self.socket.send(Message::Text(frame.into())).await;
        sent.is_err().then_some(Ending::Lost)
    }
}

async fn at(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}
