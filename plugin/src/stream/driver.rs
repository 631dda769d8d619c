//! The task of one account's connection: carries what happens to the machines, and does what
//! they say. It never waits for a socket or for the host, so nothing holds up anything else.

use super::{
    frame::{Ack, Answer, Body, Frame},
    intake::{Intake, Push, Step, Taken, Ticket, Verdict},
    link::LinkId,
    session::{Action, Change, Nature, Session, Setback, Settings},
    socket::{GOODBYE, Incoming, Outgoing, Socket},
    status,
    tally::Tally,
};
use crate::{
    api::gateway::Invitation,
    clock,
    error::{Error, ErrorKind, Result},
    message::inbound,
};
use futures_util::FutureExt;
use host_sdk::{Accepted, InboundMessage, Json, StatusPatch};
use std::{
    collections::HashMap,
    panic::AssertUnwindSafe,
    pin::pin,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinSet,
    time::timeout,
};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

/// Events that wait for the driver. Sockets that are full of them are read no further.
const EVENTS: usize = 256;
/// Answers that wait for a socket; one that takes none of so many is dead.
const OUTBOX: usize = 256;
/// An attempt that takes longer than all its parts may is a fault of ours.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(30);
/// The host appends within milliseconds; one that takes this long has lost the message.
const HAND_OVER_TIMEOUT: Duration = Duration::from_secs(30);
/// DingTalk waits two seconds for a card's answer.
const CARD_TIMEOUT: Duration = Duration::from_millis(1500);
/// A card action that takes longer than this is ended.
const CARD_LIFE: Duration = Duration::from_secs(60);
/// Card actions under way at the same time; those past it are answered emptily.
const CARD_ACTIONS: usize = 64;

/// The way to DingTalk.
pub(crate) trait Transport: Send + Sync + 'static {
    /// Asks for an invitation.
    fn open(&self) -> impl Future<Output = Result<Invitation>> + Send;

    /// Connects.
    fn dial(&self, invitation: Invitation) -> impl Future<Output = Result<Socket>> + Send;
}

/// Who takes what arrives.
pub(crate) trait Inlet: Send + Sync + 'static {
    /// Takes a message durably and calls `answered`, which answers the push, before it does
    /// anything else about the message.
    fn receive(&self, message: InboundMessage, answered: impl FnOnce(Accepted) + Send + 'static);

    /// Acts on a card callback, given as DingTalk's JSON. The answer is the object that becomes
    /// `response`, if it comes within 1.5 s; what comes later must be applied by other means.
    fn card_action(&self, data: String) -> impl Future<Output = Option<Json>> + Send;

    /// Hears how the connection fares. Must not block.
    fn status(&self, patch: StatusPatch);
}

/// What happens.
pub(super) enum Event {
    /// An invitation came, or did not.
    Opened(Result<Invitation>),
    /// A socket is connected, or is not.
    Dialled { link: LinkId, outcome: Result<Socket> },
    /// Something arrived.
    Arrived { link: LinkId, packet: Incoming },
    /// A socket ended without our doing.
    Lost { link: LinkId, why: String },
    /// The host has answered for a message.
    Answered { ticket: Ticket, msg_id: String, accepted: Accepted },
    /// A card callback is to be answered.
    Acted { link: LinkId, ack: Ack },
}

/// How to answer a push.
type Receipt = (LinkId, Ack);

struct Driver<T, I> {
    transport: Arc<T>,
    inlet: Arc<I>,
    tally: Arc<Tally>,
    session: Session,
    intake: Intake<Receipt, InboundMessage>,
    /// Dropping a sender hangs up.
    outboxes: HashMap<LinkId, mpsc::Sender<Outgoing>>,
    /// Socket tasks, which say goodbye when they end.
    links: JoinSet<()>,
    /// Everything else under way, which ends with the driver.
    errands: JoinSet<()>,
    card_actions: JoinSet<()>,
    events: mpsc::Sender<Event>,
    /// The last setback that was logged, so that each is told once and not once a minute.
    told: String,
}

/// Keeps an account connected until `stop`, then closes its connections and ends.
pub(crate) async fn run<T: Transport, I: Inlet>(
    transport: T,
    inlet: Arc<I>,
    settings: Settings,
    tally: Arc<Tally>,
    stop: CancellationToken,
) {
    let (events, mut happened) = mpsc::channel(EVENTS);
    let mut driver = Driver {
        transport: Arc::new(transport),
        inlet,
        tally,
        session: Session::new(settings),
        intake: Intake::default(),
        outboxes: HashMap::new(),
        links: JoinSet::new(),
        errands: JoinSet::new(),
        card_actions: JoinSet::new(),
        events,
        told: String::new(),
    };
    loop {
        driver.perform();
        if driver.session.is_closed() {
            break;
        }
        tokio::select! {
            () = stop.cancelled() => driver.session.stop(),
            Some(event) = happened.recv() => driver.take(event),
            () = until(driver.session.deadline()) => driver.session.on_time(clock::now()),
            Some(_) = driver.links.join_next() => {}
            Some(_) = driver.errands.join_next() => {}
            Some(_) = driver.card_actions.join_next() => {}
        }
    }
    happened.close(); // nobody waits any more for room in it
    while let Ok(event) = happened.try_recv() {
        if let Event::Dialled { outcome: Ok(socket), .. } = event {
            driver.links.spawn(socket.say_goodbye());
        }
    }
    driver.finish().await;
}

async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline.into()).await,
        None => std::future::pending().await,
    }
}

impl<T: Transport, I: Inlet> Driver<T, I> {
    /// Does what the machines want done.
    fn perform(&mut self) {
        loop {
            if let Some(action) = self.session.next_action() {
                self.act(action);
            } else if let Some(step) = self.intake.next_step() {
                self.step(step);
            } else {
                return;
            }
        }
    }

    fn act(&mut self, action: Action) {
        match action {
            Action::Open => self.open(),
            Action::Dial { link, invitation } => self.dial(link, invitation),
            Action::Send { link, ack } => self.send(link, Outgoing::Text(ack.to_text())),
            Action::Ping { link } => self.send(link, Outgoing::Ping),
            Action::HangUp { link, why } => {
                tracing::debug!(%link, why = why.clause(), "hangs up");
                self.outboxes.remove(&link);
            }
            Action::Deliver { link, frame } => self.deliver(link, frame),
            Action::Report(change) => self.report(&change),
        }
    }

    fn step(&mut self, step: Step<Receipt, InboundMessage>) {
        match step {
            Step::HandOver { ticket, message } => self.hand_over(ticket, message),
            Step::Acknowledge((link, ack)) => self.session.acknowledge(link, ack),
        }
    }

    fn take(&mut self, event: Event) {
        let now = clock::now();
        match event {
            Event::Opened(outcome) => {
                let outcome = outcome.map_err(|error| self.setback(&error));
                self.session.on_opened(outcome, now);
            }
            Event::Dialled { link, outcome } => {
                let outcome = outcome.map(|socket| self.tend(link, socket));
                let outcome = outcome.map_err(|error| self.setback(&error));
                self.session.on_dialled(link, outcome, now);
            }
            Event::Arrived { link, packet } => self.arrived(link, packet, now),
            Event::Lost { link, why } => {
                tracing::info!(%link, why, "connection lost");
                self.outboxes.remove(&link);
                self.session.on_lost(link, &why, now);
            }
            Event::Answered { ticket, msg_id, accepted } => self.answered(ticket, &msg_id, accepted, now),
            Event::Acted { link, ack } => self.session.acknowledge(link, ack),
        }
    }

    fn open(&mut self) {
        let (transport, events) = (Arc::clone(&self.transport), self.events.clone());
        self.errand(async move {
            let outcome = attempt("opening the Stream connection", transport.open()).await;
            events.send(Event::Opened(outcome)).await.ok();
        });
    }

    fn dial(&mut self, link: LinkId, invitation: Invitation) {
        let (transport, events) = (Arc::clone(&self.transport), self.events.clone());
        // Among the links, because an end of the driver has to wait for it too: a connection that
        // comes up with nobody to read it would keep its share of the messages.
        self.links.spawn(
            async move {
                let outcome = attempt("connecting the Stream WebSocket", transport.dial(invitation)).await;
                let unheard = events.send(Event::Dialled { link, outcome }).await.err();
                if let Some(mpsc::error::SendError(Event::Dialled { outcome: Ok(socket), .. })) = unheard {
                    socket.say_goodbye().await;
                }
            }
            .in_current_span(),
        );
    }

    fn errand(&mut self, errand: impl Future<Output = ()> + Send + 'static) {
        self.errands.spawn(errand.in_current_span());
    }

    fn tend(&mut self, link: LinkId, socket: Socket) {
        let (outbox, outgoing) = mpsc::channel(OUTBOX);
        self.outboxes.insert(link, outbox);
        let serving = socket.serve(link, outgoing, self.events.clone());
        self.links.spawn(serving.instrument(tracing::info_span!("link", %link)));
    }

    fn send(&mut self, link: LinkId, packet: Outgoing) {
        let Some(outbox) = self.outboxes.get(&link) else { return };
        if let Err(mpsc::error::TrySendError::Full(_)) = outbox.try_send(packet) {
            self.outboxes.remove(&link);
            self.session.on_lost(link, "the socket takes nothing any more", clock::now());
        }
    }

    fn arrived(&mut self, link: LinkId, packet: Incoming, now: Instant) {
        let text = match packet {
            Incoming::Text(text) => text,
            Incoming::Alive => return self.session.on_sign_of_life(link, now),
            Incoming::Closed(_) => return, // the socket's task tells the end itself
        };
        self.tally.frames.count();
        match Frame::decode(&text) {
            Ok(frame) => {
                self.count(&frame);
                self.session.on_frame(link, frame, now);
            }
            Err(_) => {
                self.tally.unreadable.count();
                tracing::warn!(%link, bytes = text.len(), "a frame is not DingTalk's JSON");
                self.session.on_sign_of_life(link, now);
            }
        }
    }

    fn count(&self, frame: &Frame) {
        match &frame.body {
            Body::Disconnect { reason } => tracing::info!(reason, "DingTalk renews the connection"),
            Body::Event { .. } => self.tally.events.count(),
            Body::Unknown { kind, topic } => {
                self.tally.unknown.count();
                tracing::debug!(kind, topic, "a frame of an unknown kind");
            }
            Body::Ping { .. } | Body::Robot { .. } | Body::CardCallback { .. } => {}
        }
    }

    fn deliver(&mut self, link: LinkId, frame: Frame) {
        let ack = match frame.answer() {
            Answer::WhenAccepted(ack) | Answer::WhenActed(ack) => Some(ack),
            Answer::Now(_) | Answer::Never => None,
        };
        match frame.body {
            Body::Robot { data } => self.offer(link, frame.message_id, ack, &data),
            Body::CardCallback { data } => self.card_action(link, ack, data),
            Body::Ping { .. } | Body::Disconnect { .. } | Body::Event { .. } | Body::Unknown { .. } => {}
        }
    }

    fn offer(&mut self, link: LinkId, frame_id: Option<String>, ack: Option<Ack>, data: &str) {
        let message = match inbound::decode(data, clock::unix_ms()) {
            Ok(message) => message,
            Err(undecodable) => {
                self.tally.undecodable.count();
                tracing::warn!(frame_id, msg_id = undecodable.msg_id, "a message could not be understood");
                // Pushed again it would be no clearer.
                return ack.into_iter().for_each(|ack| self.session.acknowledge(link, ack));
            }
        };
        let push = Push {
            message_id: message.id.clone(),
            frame_id,
            conversation: message.conversation.id.clone(),
            receipt: ack.map(|ack| (link, ack)),
            message,
        };
        let msg_id = push.message_id.clone();
        match self.intake.offer(push, clock::now()) {
            Verdict::New => {}
            Verdict::Joined | Verdict::Duplicate => self.tally.repeated.count(),
            Verdict::Full => {
                self.tally.overflowed.count();
                tracing::warn!(msg_id, "no room for a message: the host is too slow");
            }
        }
    }

    fn hand_over(&mut self, ticket: Ticket, message: InboundMessage) {
        self.tally.messages.count();
        let (inlet, events) = (Arc::clone(&self.inlet), self.events.clone());
        let msg_id = message.id.clone();
        let acks = self.acks(ticket);
        self.errand(async move {
            let (tell, told) = oneshot::channel();
            let answered = move |accepted| {
                if is_taken(accepted) {
                    acks.into_iter().for_each(|(outbox, ack)| {
                        // A socket that takes nothing any more is found dead by other means.
                        outbox.try_send(Outgoing::Text(ack.to_text())).ok();
                    });
                }
                tell.send(accepted).ok();
            };
            // A host that panics drops `answered`, and with it what it would have told.
            std::panic::catch_unwind(AssertUnwindSafe(|| inlet.receive(message, answered))).ok();
            let accepted = timeout(HAND_OVER_TIMEOUT, told).await;
            let accepted = accepted.ok().and_then(Result::ok).unwrap_or(Accepted::Refused);
            events.send(Event::Answered { ticket, msg_id, accepted }).await.ok();
        });
    }

    /// The answers to the pushes of a message so far, each with the outbox of its own link: they
    /// are on their way before the host goes on, and so before anybody works on the message.
    fn acks(&mut self, ticket: Ticket) -> Vec<(mpsc::Sender<Outgoing>, Ack)> {
        let receipts = self.intake.take_receipts(ticket).into_iter();
        receipts.filter_map(|(link, ack)| Some((self.outboxes.get(&link)?.clone(), ack))).collect()
    }

    fn answered(&mut self, ticket: Ticket, msg_id: &str, accepted: Accepted, now: Instant) {
        if is_taken(accepted) {
            return self.intake.on_answer(ticket, Taken::Yes, now);
        }
        self.tally.refused.count();
        tracing::warn!(msg_id, "the host did not take a message; it waits to be pushed again");
        self.intake.on_answer(ticket, Taken::No, now);
    }

    fn card_action(&mut self, link: LinkId, ack: Option<Ack>, data: String) {
        self.tally.card_actions.count();
        if self.card_actions.len() >= CARD_ACTIONS {
            tracing::warn!("too many card actions at once: one is dropped");
            return ack.into_iter().for_each(|ack| self.session.acknowledge(link, ack));
        }
        let (inlet, events, tally) = (Arc::clone(&self.inlet), self.events.clone(), Arc::clone(&self.tally));
        let act = async move {
            let acting = AssertUnwindSafe(inlet.card_action(data)).catch_unwind();
            let mut acting = pin!(acting.map(|response| response.ok().flatten()));
            let response = timeout(CARD_TIMEOUT, acting.as_mut()).await;
            if let Some(ack) = ack {
                let ack = match &response {
                    Ok(Some(response)) => ack.with_response(response.as_str()),
                    Ok(None) | Err(_) => ack,
                };
                events.send(Event::Acted { link, ack }).await.ok();
            }
            if response.is_err() {
                tally.late_card_actions.count();
                timeout(CARD_LIFE, acting).await.ok();
            }
        };
        self.card_actions.spawn(act.in_current_span());
    }

    fn report(&mut self, change: &Change) {
        match change {
            Change::Up => {
                self.tally.connected.count();
                self.told.clear();
                tracing::info!("connected");
            }
            Change::Blocked { .. } => tracing::info!("waits for a person; tries again once a minute"),
            _ => {}
        }
        self.inlet.status(status::patch(change, clock::unix_ms()));
    }

    /// What a failed attempt means. It is logged once, until another one takes its place.
    fn setback(&mut self, error: &Error) -> Setback {
        self.tally.setbacks.count();
        let why = error.sentence();
        let causes = error.causes();
        if self.told == why {
            tracing::debug!(causes, "{why}");
        } else {
            tracing::warn!(causes, "{why}");
            self.told.clone_from(&why);
        }
        Setback { why, nature: nature(error.kind()) }
    }

    /// Waits until the goodbyes are said, but not for long.
    async fn finish(mut self) {
        self.errands.shutdown().await;
        self.card_actions.shutdown().await;
        let said = async { while self.links.join_next().await.is_some() {} };
        timeout(2 * GOODBYE, said).await.ok();
        self.links.shutdown().await;
    }
}

fn is_taken(accepted: Accepted) -> bool {
    matches!(accepted, Accepted::New | Accepted::Duplicate)
}

fn nature(kind: &ErrorKind) -> Nature {
    match kind {
        ErrorKind::Auth { .. } => Nature::Credentials,
        ErrorKind::RateLimited { retry_after } => Nature::Throttled(*retry_after),
        ErrorKind::Proxy { fault, .. } if fault.may_pass() => Nature::Passing,
        ErrorKind::Network { .. }
        | ErrorKind::Timeout { .. }
        | ErrorKind::Server { .. }
        | ErrorKind::Protocol => Nature::Passing,
        _ => Nature::Refused,
    }
}

/// An attempt that always has an outcome, so that another one can follow.
async fn attempt<T>(during: &'static str, attempt: impl Future<Output = Result<T>>) -> Result<T> {
    match timeout(ATTEMPT_TIMEOUT, AssertUnwindSafe(attempt).catch_unwind()).await {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(_panic)) => Err(Error::new(ErrorKind::Protocol, during)),
        Err(_elapsed) => Err(Error::new(ErrorKind::Timeout { ambiguous: false }, during)),
    }
}

#[cfg(test)]
mod tests;
