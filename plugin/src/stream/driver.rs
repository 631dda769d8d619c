//! The task of one account's connection: carries what happens to the exchange, and does what it says.
//! It never waits for a socket or for the host, so nothing holds up anything else.

mod card;
mod hand_over;
mod sides;

use super::{
    action::{Action, Loss},
    exchange::Exchange,
    intake::Ticket,
    job::Job,
    link::LinkId,
    receipt::Receipt,
    setback::Setback,
    settings::Settings,
    socket::{Incoming, Outgoing, Socket},
    tally::Tally,
};
use crate::{
    api::gateway::Invitation,
    clock::{self, Moment},
    error::{Error, ErrorKind, Result},
    message::card_action::CardAction,
};
use futures_util::FutureExt;
use hand_over::Owed;
use host_sdk::{Accepted, InboundMessage};
pub(crate) use sides::{Inlet, Transport};
use std::{
    collections::HashMap,
    panic::AssertUnwindSafe,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{
    sync::{mpsc, watch},
    task::JoinSet,
    time::timeout,
};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

/// Events that wait for the driver. Sockets that are full of them are read no further.
const EVENTS: usize = 256;
/// An attempt that takes longer than all its parts may is a fault of ours.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(30);
/// How long a stop may take.
const PARTING: Duration = Duration::from_secs(2);
/// Events that are taken in before anything is done about them.
const AT_ONCE: usize = 64;
/// Card actions under way at the same time; those past it are answered emptily.
const CARD_ACTIONS: usize = 64;

/// What happens. Channels have room for 32 from their beginning, so what is large and rare is boxed.
pub(super) enum Event {
    /// An invitation came, or did not.
    Opened(Box<Result<Invitation>>),
    /// A socket is connected, or is not.
    Dialled { link: LinkId, outcome: Box<Result<Socket>> },
    /// Something arrived.
    Arrived { link: LinkId, packet: Incoming },
    /// A socket ended without our doing.
    Lost { link: LinkId, loss: Loss },
    /// The host has answered for a message.
    Answered { ticket: Ticket, accepted: Accepted },
    /// A card callback is to be answered, with what the card shows as JSON text.
    Acted { receipt: Receipt, response: Option<String> },
}

struct Driver<T, I> {
    transport: Arc<T>,
    inlet: Arc<I>,
    tally: Arc<Tally>,
    exchange: Exchange,
    /// Dropping a sender hangs up.
    outboxes: HashMap<LinkId, mpsc::UnboundedSender<Outgoing>>,
    /// Socket tasks, which say goodbye when they end.
    links: JoinSet<()>,
    /// Everything else under way, which ends with the driver.
    errands: JoinSet<()>,
    card_actions: JoinSet<()>,
    events: mpsc::Sender<Event>,
    happened: mpsc::Receiver<Event>,
    answers: mpsc::UnboundedSender<Event>,
    answered: mpsc::UnboundedReceiver<Event>,
    settings: watch::Receiver<Settings>,
    /// The last setback that was logged, so that each is told once and not once a minute.
    told: String,
}

/// Keeps an account connected, as `settings` say just now, until `stop`, then closes its connections, gives the host a moment for what
/// it has not taken, and ends.
pub(crate) async fn run<T: Transport, I: Inlet>(
    transport: Arc<T>,
    inlet: Arc<I>,
    mut settings: watch::Receiver<Settings>,
    tally: Arc<Tally>,
    stop: CancellationToken,
) {
    let (events, happened) = mpsc::channel(EVENTS);
    let (answers, answered) = mpsc::unbounded_channel();
    let wanted = *settings.borrow_and_update();
    let mut driver = Driver {
        transport,
        inlet,
        exchange: Exchange::new(wanted, Arc::clone(&tally)),
        tally,
        outboxes: HashMap::new(),
        links: JoinSet::new(),
        errands: JoinSet::new(),
        card_actions: JoinSet::new(),
        events,
        happened,
        answers,
        answered,
        settings,
        told: String::new(),
    };
    driver.perform();
    while stop.run_until_cancelled(driver.step()).await.is_some() {
        driver.perform();
    }
    driver.part().await;
}

async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline.into()).await,
        None => std::future::pending().await,
    }
}

impl<T: Transport, I: Inlet> Driver<T, I> {
    /// Waits for the next thing to happen, and tells the exchange, also of what else has happened by then. May
    /// be dropped while it waits.
    async fn step(&mut self) {
        tokio::select! {
            Some(event) = self.answered.recv() => self.take_all(event),
            Some(event) = self.happened.recv() => self.take_all(event),
            Ok(()) = self.settings.changed() => self.on_settings(),
            () = until(self.exchange.deadline()) => self.on_time(),
            Some(_) = self.links.join_next() => {}
            Some(_) = self.errands.join_next() => {}
            Some(_) = self.card_actions.join_next() => {}
        }
    }

    /// Does what the exchange wants done.
    fn perform(&mut self) {
        let mut offers = Vec::new();
        let at = clock::moment();
        while let Some(job) = self.exchange.next_job(at) {
            match job {
                Job::Connection(action) => self.act(action),
                Job::HandOver { ticket, message, receipts } => {
                    offers.push((message, self.owed(ticket, receipts)));
                }
                Job::Act { receipt, action } => self.card_action(receipt, *action),
                Job::Tell(patch) => self.inlet.status(patch),
            }
        }
        if !offers.is_empty() {
            self.hand_over(offers);
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
            Action::Report(_) => {} // becomes a status on the way here
        }
    }

    fn on_settings(&mut self) {
        let (settings, at) = (*self.settings.borrow_and_update(), clock::moment());
        self.exchange.on_clock(at);
        self.exchange.on_settings(settings, at);
    }

    fn on_time(&mut self) {
        let at = clock::moment();
        self.exchange.on_clock(at);
        self.exchange.on_time(at);
    }

    fn take_all(&mut self, first: Event) {
        let at = clock::moment();
        self.exchange.on_clock(at);
        self.take(first, at);
        for _ in 1..AT_ONCE {
            let Ok(event) = self.answered.try_recv().or_else(|_| self.happened.try_recv()) else { break };
            self.take(event, at);
        }
    }

    fn take(&mut self, event: Event, at: Moment) {
        match event {
            Event::Opened(outcome) => {
                let outcome = (*outcome).map_err(|error| self.setback(&error));
                self.exchange.on_opened(outcome, at);
            }
            Event::Dialled { link, outcome } => {
                let outcome = (*outcome).map(|socket| self.tend(link, socket));
                let outcome = outcome.map_err(|error| self.setback(&error));
                self.exchange.on_dialled(link, outcome, at);
            }
            Event::Arrived { link, packet } => match packet {
                Incoming::Text(text) => self.exchange.on_text(link, &text, at),
                Incoming::Pong => self.exchange.on_pong(link, at),
                Incoming::Alive => self.exchange.on_sign_of_life(link, at),
                Incoming::Closed(_) => {} // the socket's task tells the end itself
            },
            Event::Lost { link, loss } => {
                tracing::info!(%link, why = loss.why, "connection lost");
                self.outboxes.remove(&link);
                self.exchange.on_lost(link, loss, at);
            }
            Event::Answered { ticket, accepted } => self.exchange.on_answer(ticket, accepted, at),
            Event::Acted { receipt, response } => self.exchange.on_acted(&receipt, response.as_deref()),
        }
    }

    fn open(&mut self) {
        let (transport, events) = (Arc::clone(&self.transport), self.events.clone());
        self.errand(async move {
            let turn = transport.turn().await;
            let outcome = attempt("opening the Stream connection", transport.open()).await;
            drop(turn);
            events.send(Event::Opened(Box::new(outcome))).await.ok();
        });
    }

    fn dial(&mut self, link: LinkId, invitation: Invitation) {
        let (transport, events) = (Arc::clone(&self.transport), self.events.clone());
        // Among the links, because an end of the driver has to wait for it too: a connection that
        // comes up with nobody to read it would keep its share of the messages.
        self.links.spawn(
            async move {
                let outcome = attempt("connecting the Stream WebSocket", transport.dial(invitation)).await;
                events.send(Event::Dialled { link, outcome: Box::new(outcome) }).await.ok();
            }
            .in_current_span(),
        );
    }

    fn errand(&mut self, errand: impl Future<Output = ()> + Send + 'static) {
        self.errands.spawn(errand.in_current_span());
    }

    fn tend(&mut self, link: LinkId, socket: Socket) {
        let (outbox, outgoing) = mpsc::unbounded_channel();
        self.outboxes.insert(link, outbox);
        let serving = socket.serve(link, outgoing, self.events.clone());
        self.links.spawn(serving.instrument(tracing::info_span!("link", %link)));
    }

    fn send(&self, link: LinkId, packet: Outgoing) {
        if let Some(outbox) = self.outboxes.get(&link) {
            outbox.send(packet).ok(); // a socket that ended tells so itself
        }
    }

    /// What the host will owe for a message.
    fn owed(&self, ticket: Ticket, receipts: Vec<Receipt>) -> Owed {
        let ways = receipts.into_iter().filter_map(|receipt| {
            let outbox = self.outboxes.get(&receipt.link())?;
            Some((outbox.downgrade(), receipt))
        });
        Owed::new(ticket, ways.collect(), self.answers.clone(), Arc::clone(&self.tally))
    }

    fn hand_over(&mut self, offers: Vec<(Arc<InboundMessage>, Owed)>) {
        let inlet = Arc::clone(&self.inlet);
        self.errand(async move {
            for (message, owed) in offers {
                // A host that panics drops what it owes, which is a refusal.
                let message = Arc::unwrap_or_clone(message);
                let handing = || inlet.receive(message, move |accepted| owed.answer(accepted));
                std::panic::catch_unwind(AssertUnwindSafe(handing)).ok();
            }
        });
    }

    fn card_action(&mut self, receipt: Option<Receipt>, action: CardAction) {
        if self.card_actions.len() >= CARD_ACTIONS {
            self.tally.crowded_card_actions.count();
            tracing::warn!("too many card actions at once: one is dropped");
            return receipt.iter().for_each(|receipt| self.exchange.on_acted(receipt, None));
        }
        let (inlet, events, tally) = (Arc::clone(&self.inlet), self.events.clone(), Arc::clone(&self.tally));
        self.card_actions.spawn(card::act(inlet, action, receipt, events, tally).in_current_span());
    }

    /// What a failed attempt means. It is logged once, until another one takes its place.
    fn setback(&mut self, error: &Error) -> Setback {
        let setback = Setback::from(error);
        let (why, causes) = (&setback.why, error.causes());
        if self.told == *why {
            tracing::debug!(causes, "{why}");
        } else {
            tracing::warn!(causes, "{why}");
            self.told.clone_from(why);
        }
        setback
    }

    /// Says goodbye, and for a moment gives the host what it has not taken and what crosses the goodbye.
    async fn part(&mut self) {
        self.exchange.stop(clock::moment());
        let parted = async {
            self.perform();
            while !(self.links.is_empty() && self.happened.is_empty() && self.exchange.has_parted()) {
                self.step().await;
                self.perform();
            }
        };
        timeout(PARTING, parted).await.ok();
        self.exchange.leave();
        self.errands.shutdown().await;
        self.card_actions.shutdown().await;
        self.links.shutdown().await;
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
