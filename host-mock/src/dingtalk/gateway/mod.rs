//! The Stream gateway: registration, connections and pushes (DingTalk protocol, §2).

mod connection;
mod control;
mod frame;
mod inbox;
mod push;
mod route;
mod system;
mod ticket;

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{ConnectInfo, FromRequestParts, State, WebSocketUpgrade};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use self::connection::{Line, Order};
use self::route::route;
use self::ticket::{Grant, Invalid, TicketBook};
use super::answer::{Answer, Refusal};
use super::endpoint::Family;
use super::fault::Fault;
use super::record::Changed;
use super::request::{Fields, Request};
use super::serve::{Flight, pause};
use super::token::credentials;
use super::violation::Rule;
use super::wire::WireHandle;
use super::world::{Shared, World};

pub use self::connection::{Connection, ConnectionId, Ending};
pub use self::control::Connections;
pub use self::push::{Ack, Delivery, Push, PushKind};
pub(super) use self::push::{CARD_TOPIC, NewPush, PushLedger, ROBOT_TOPIC};
pub(super) use self::route::{push, push_again, push_again_after, repeat_pushes};

/// The largest frame taken from a client; the service documents none (DingTalk protocol, §2.9).
const MAX_FRAME: usize = 1 << 20;

/// The gateway's state.
#[derive(Debug)]
pub(super) struct Gateway {
    tickets: TicketBook,
    /// Every connection there was; bounded by the number of handshakes.
    pub(super) connections: BTreeMap<ConnectionId, Connection>,
    lines: BTreeMap<ConnectionId, Line>,
    pub(super) ledger: PushLedger,
    frames: u64,
    /// Whether the robot's messages are sent to an address in place of a Stream.
    pub(super) http_mode: bool,
    /// Whether somebody else is connected with each Client ID, whom nobody here sees.
    pub(super) has_rival: bool,
}

impl Gateway {
    pub(super) fn new(remember: usize) -> Self {
        Self {
            tickets: TicketBook::default(),
            connections: BTreeMap::new(),
            lines: BTreeMap::new(),
            ledger: PushLedger::new(remember),
            frames: 0,
            http_mode: false,
            has_rival: false,
        }
    }

    fn subscribers(&self, app: &str, kind: PushKind, topic: &str) -> Vec<ConnectionId> {
        let wanted = |it: &&Connection| {
            it.has_share()
                && it.app == app
                && it.topics.iter().any(|(its, name)| *its == kind && name == topic)
        };
        self.connections.values().filter(wanted).map(|connection| connection.id).collect()
    }

    fn order(&self, id: ConnectionId, order: Order) {
        if let Some(line) = self.lines.get(&id) {
            // A task that has just ended takes no more orders: the frame is lost, as on a real line.
            drop(line.orders.send(order));
        }
    }
}

/// `POST /v1.0/gateway/connections/open` (DingTalk protocol, §2.1).
pub(super) fn open(world: &mut World, request: &Request) -> Result<Value, Refusal> {
    let fields = request.fields();
    let invalid = |message: &str| Refusal::api(400, "invalidParameter", message);
    let (client_id, secret) = credentials(fields, "clientId", "clientSecret")
        .ok_or_else(|| invalid("clientId or clientSecret is empty"))?;
    if world.directory.app(client_id).is_none_or(|app| app.client_secret != secret) {
        return Err(Refusal::api(401, "authFailed", "鉴权失败"));
    }
    let topics = subscriptions(fields).ok_or_else(|| invalid("subscriptions invalid"))?;
    let user_agent = fields.text("ua").unwrap_or_default().to_owned();
    let until = world.clock.now() + world.settings.ticket_life;
    let grant = Grant { app: client_id.to_owned(), topics, user_agent };
    let ticket = world.gateway.tickets.issue(grant, until);
    Ok(json!({"endpoint": world.door.url("ws", "/connect"), "ticket": ticket}))
}

/// The topics asked for: at least one, events only as `*` (DingTalk protocol, §3); SYSTEM ones are
/// harmless (§2.1).
fn subscriptions(fields: Fields<'_>) -> Option<Vec<(PushKind, String)>> {
    let asked = fields.value("subscriptions")?.as_array().filter(|asked| !asked.is_empty())?;
    let mut topics = Vec::new();
    for subscription in asked {
        let subscription = Fields::of(subscription);
        let topic = subscription.filled("topic")?;
        match subscription.text("type")? {
            "CALLBACK" => topics.push((PushKind::Callback, topic.to_owned())),
            "EVENT" if topic == "*" => topics.push((PushKind::Event, topic.to_owned())),
            "SYSTEM" => {}
            _ => return None,
        }
    }
    Some(topics)
}

/// `GET /connect?ticket=…`, the WebSocket handshake (DingTalk protocol, §2.2).
pub(super) async fn connect(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(wire): ConnectInfo<WireHandle>,
    request: axum::extract::Request,
) -> Response {
    let (mut parts, _) = request.into_parts();
    let request = Request::head(&parts);
    let (flight, ruling) = Flight::start(&shared, &request);
    pause(ruling.late).await;
    let close_at_once = ruling.fault == Some(Fault::CloseAtOnce);
    let refusal = match &ruling.fault {
        Some(Fault::Hang) => std::future::pending().await,
        Some(Fault::Reset | Fault::LostAnswer | Fault::TornAnswer) => return flight.reset(&wire),
        Some(fault) => fault.refusal(Family::Api),
        None => None,
    };
    let upgrade = WebSocketUpgrade::from_request_parts(&mut parts, &()).await.ok();
    let admitted = shared.with(|world| admit(world, &request, refusal, upgrade));
    pause(ruling.slow_answer).await;
    match admitted {
        Ok((upgrade, grant)) => {
            flight.end(&Answer::text(101, "text/plain", ""));
            upgrade.max_message_size(MAX_FRAME).on_upgrade(move |socket| async move {
                if !close_at_once {
                    connection::run(socket, shared, wire, grant).await;
                }
            })
        }
        Err(answer) => {
            flight.end(&answer);
            answer.into_response()
        }
    }
}

/// Decides on a handshake: a fault's refusal comes first and leaves the ticket alone.
fn admit(
    world: &mut World,
    request: &Request,
    refusal: Option<Refusal>,
    upgrade: Option<WebSocketUpgrade>,
) -> Result<(WebSocketUpgrade, Grant), Answer> {
    let admitted = match (refusal, upgrade) {
        (Some(refusal), _) => Err(refusal),
        (None, None) => Err(Refusal::api(400, "invalidParameter", "no WebSocket handshake")),
        (None, Some(upgrade)) => redeem(world, request).map(|grant| (upgrade, grant)),
    };
    admitted.map_err(|refusal| refusal.into_answer(&world.request_id()))
}

/// Takes the ticket; a handshake without a valid one gets a 400 (DingTalk protocol, §2.2).
fn redeem(world: &mut World, request: &Request) -> Result<Grant, Refusal> {
    let ticket = request.query.get("ticket").map(String::as_str).unwrap_or_default();
    let now = world.clock.now();
    world.gateway.tickets.redeem(ticket, now).map_err(|why| {
        if why == Invalid::Used {
            world.violation(Rule::TicketOnce, format!("ticket {ticket} again"));
        }
        Refusal::api(400, "invalidParameter", &format!("ticket {why:?}").to_lowercase())
    })
}

fn opened(world: &mut World, grant: Grant, line: Line) -> ConnectionId {
    let id = ConnectionId(world.gateway.connections.len() as u64 + 1);
    let opened =
        world.note(Changed::Connection(id.0), format!("connection {} opened by {}", id.0, grant.app));
    let connection = Connection::new(id, grant, opened);
    let waiting = world.gateway.ledger.waiting(&connection.app, &connection.topics);
    world.gateway.lines.insert(id, line);
    world.gateway.connections.insert(id, connection);
    for key in waiting {
        route(world, key);
    }
    id
}

fn closed(world: &mut World, id: ConnectionId, ending: Ending) {
    let moment = world.note(Changed::Connection(id.0), format!("connection {} ended: {ending:?}", id.0));
    world.gateway.lines.remove(&id);
    if let Some(connection) = world.gateway.connections.get_mut(&id) {
        connection.closed = Some((moment, ending));
    }
}
