//! The way of a call: written down, met by faults, checked, answered, written down again.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::{StreamExt, stream};

use super::answer::{Answer, Payload, Refusal};
use super::endpoint::{Endpoint, Family};
use super::fault::{Fault, QPS_LIMIT, Ruling};
use super::record::{Call, Changed};
use super::request::Request;
use super::violation::Rule;
use super::wire::WireHandle;
use super::world::{Shared, World};
use super::{card, gateway, media, odd, people, registration, robot, token, webhook};

/// Answers every call but the WebSocket handshake.
pub(super) async fn serve(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(wire): ConnectInfo<WireHandle>,
    request: axum::extract::Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let request = Request::read(parts, body).await;
    let (flight, ruling) = Flight::start(&shared, &request);
    let sent = flight.arrived;
    pause(ruling.late).await;
    let answer = match ruling.fault.clone() {
        Some(Fault::Hang) => std::future::pending().await,
        Some(Fault::Reset) => return flight.reset(&wire),
        Some(Fault::LostAnswer) => {
            shared.with(|world| answer(world, &request, sent, None));
            return flight.reset(&wire);
        }
        Some(Fault::TornAnswer) => {
            let answer = shared.with(|world| answer(world, &request, sent, None));
            flight.end(&answer);
            return torn(answer, wire);
        }
        Some(Fault::LandsLate(delay)) => {
            let landing = tokio::spawn(land(Arc::clone(&shared), request, sent, delay));
            match landing.await {
                Ok(answer) => answer,
                Err(_) => return flight.reset(&wire),
            }
        }
        fault => shared.with(|world| answer(world, &request, sent, fault.as_ref())),
    };
    pause(ruling.slow_answer).await;
    flight.end(&answer);
    let ahead_s = shared.look(|world| world.settings.clock_ahead_s);
    odd::dated(odd::respond(answer, ruling.fault.as_ref()), ahead_s)
}

/// Carries a call out later; nobody who hangs up stops it.
async fn land(shared: Arc<Shared>, request: Request, sent: u64, delay: Duration) -> Answer {
    pause(delay).await;
    shared.with(|world| {
        let answer = answer(world, &request, sent, None);
        let now = world.clock.now();
        world.record.call_landed(sent, now);
        answer
    })
}

/// Sends the head and half the body, then ends TCP.
fn torn(answer: Answer, wire: WireHandle) -> Response {
    let whole = answer.bytes();
    let half = Bytes::copy_from_slice(&whole[..whole.len() / 2]);
    let rest = stream::once(async move {
        // By the next turn hyper has written what it was given.
        tokio::task::yield_now().await;
        wire.cut();
        Err(io::ErrorKind::ConnectionAborted.into())
    });
    let body = Body::from_stream(stream::once(async { Ok::<_, io::Error>(half) }).chain(rest));
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    (status, [(header::CONTENT_LENGTH, whole.len())], body).into_response()
}

/// Waits; no time means not even a turn of the timer.
pub(super) async fn pause(delay: Duration) {
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
}

/// A call between its arrival and its answer; dropped unanswered, it counts as abandoned.
pub(super) struct Flight<'a> {
    shared: &'a Shared,
    arrived: u64,
    answered: bool,
}

impl<'a> Flight<'a> {
    /// Writes the call down and asks which faults it meets.
    pub(super) fn start(shared: &'a Shared, request: &Request) -> (Self, Ruling) {
        shared.with(|world| {
            let endpoint = Endpoint::of(&request.method, &request.path);
            let arrived = arrive(world, request, endpoint);
            let ruling = endpoint.map(|endpoint| world.faults.rule(endpoint)).unwrap_or_default();
            ruling
                .spent
                .iter()
                .for_each(|name| note_fault(world, format!("{name} has struck as often as it should")));
            (Self { shared, arrived, answered: false }, ruling)
        })
    }

    /// Writes the answer down.
    pub(super) fn end(mut self, answer: &Answer) {
        self.answered = true;
        self.shared.with(|world| {
            let now = world.clock.now();
            world.record.call_ended(self.arrived, now, Some((answer.status, answer.remembered())));
            card::flight_ended(world, self.arrived, true);
        });
    }

    /// Resets TCP; the answer returned here is never written.
    pub(super) fn reset(self, wire: &WireHandle) -> Response {
        wire.reset();
        Answer { status: 500, body: Payload::Bytes(Vec::new()) }.into_response()
    }
}

impl Drop for Flight<'_> {
    fn drop(&mut self) {
        if !self.answered {
            self.shared.with(|world| {
                let now = world.clock.now();
                world.record.call_ended(self.arrived, now, None);
                card::flight_ended(world, self.arrived, false);
            });
        }
    }
}

fn arrive(world: &mut World, request: &Request, endpoint: Option<Endpoint>) -> u64 {
    let body = request.remembered_body();
    if endpoint == Some(Endpoint::Streaming) {
        card::watch_flights(world, &request.fields());
    }
    if endpoint.is_none() {
        world.violation(Rule::KnownApi, format!("{} {}", request.method, request.path));
    }
    let arrived = world.moment();
    world.record.call_arrived(Call {
        arrived,
        endpoint,
        method: request.method.clone(),
        path: request.path.clone(),
        query: request.query.clone(),
        token: request.token(endpoint.is_some_and(|it| it.family() == Family::Oapi)).map(str::to_owned),
        body,
        answered: None,
        status: None,
        answer: serde_json::Value::Null,
        abandoned: false,
        landed: None,
    });
    arrived.seq
}

/// The answer to a call: a fault's if there is one, else the service's. `sent` is the call's place in the
/// one order, which may be long ago.
fn answer(world: &mut World, request: &Request, sent: u64, fault: Option<&Fault>) -> Answer {
    let Some(endpoint) = Endpoint::of(&request.method, &request.path) else {
        let unknown = Refusal::api(404, "InvalidAction.NotFound", "Specified api is not found");
        return unknown.into_answer(&world.request_id());
    };
    let refused = fault.and_then(|fault| fault.refusal(endpoint.family()));
    let result = match refused {
        Some(refusal) => Err(refusal),
        None => admit(world, endpoint, request).and_then(|app| handle(world, endpoint, request, sent, &app)),
    };
    let answer = result.unwrap_or_else(|refusal| refusal.into_answer(&world.request_id()));
    world.settings.quirks.apply(answer)
}

/// Checks what every API has in common, and tells whose token the call carries.
fn admit(world: &mut World, endpoint: Endpoint, request: &Request) -> Result<String, Refusal> {
    if !endpoint.needs_token() {
        return Ok(String::new());
    }
    let family = endpoint.family();
    let now = world.clock.now();
    let app = request
        .token(family == Family::Oapi)
        .and_then(|token| world.tokens.owner(token, now))
        .ok_or_else(|| Refusal::invalid_token(family))?
        .to_owned();
    if let Some(limit) = world.settings.qps
        && !world.throttle.admit(&app, endpoint, limit, now)
    {
        return Err(Refusal::throttled(family, QPS_LIMIT));
    }
    match endpoint.scope() {
        Some(scope) if !world.directory.app(&app).is_some_and(|app| app.scopes.contains(scope)) => {
            Err(Refusal::denied(family, scope))
        }
        _ => Ok(app),
    }
}

fn handle(
    world: &mut World,
    endpoint: Endpoint,
    request: &Request,
    sent: u64,
    app: &str,
) -> Result<Answer, Refusal> {
    let fields = request.fields();
    let body = match endpoint {
        Endpoint::AccessToken => token::access_token(world, request),
        Endpoint::GetToken => token::gettoken(world, request),
        Endpoint::OpenConnection => gateway::open(world, request),
        // The handshake has its own way, because it needs the connection.
        Endpoint::Connect => Err(Refusal::bad("invalidParameter")),
        Endpoint::SendBySession => webhook::send(world, request),
        Endpoint::BatchSend => robot::batch_send(world, app, fields),
        Endpoint::GroupSend => robot::group_send(world, app, fields),
        Endpoint::BatchRecall => robot::batch_recall(world, app, fields),
        Endpoint::GroupRecall => robot::group_recall(world, app, fields),
        Endpoint::ReadStatus => robot::read_status(world, app, request),
        Endpoint::MessageFile => media::message_file(world, app, fields),
        Endpoint::File => return media::file(world, request),
        Endpoint::UploadMedia => media::upload(world, request),
        Endpoint::CreateCard => card::create(world, app, fields),
        Endpoint::DeliverCard => card::deliver(world, app, fields),
        Endpoint::CreateAndDeliver => card::create_and_deliver(world, app, fields),
        Endpoint::UpdateCard => card::update(world, app, fields),
        Endpoint::Streaming => card::streaming(world, app, fields, sent),
        Endpoint::EmotionReply => robot::emotion_reply(world, app, fields),
        Endpoint::EmotionRecall => robot::emotion_recall(world, app, fields),
        Endpoint::UserGet => people::user_get(world, fields),
        Endpoint::InitRegistration => registration::init(world, fields),
        Endpoint::BeginRegistration => registration::begin(world, fields),
        Endpoint::PollRegistration => registration::poll(world, fields),
    };
    body.map(Answer::ok)
}

/// Notes that somebody changed how the fake behaves.
pub(super) fn note_fault(world: &mut World, line: impl Into<String>) {
    world.note(Changed::Fault, line);
}
