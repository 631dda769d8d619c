//! A DingTalk and a host around an exchange, and what each of them may expect of it.

use super::*;
use crate::{
    api::gateway::ROBOT,
    clock,
    stream::{frame::Ack, setback::Nature},
};
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};

/// Within this long the host's answer to an attempt is waited for.
const ATTEMPT: Duration = Duration::from_secs(30);

/// A message that the host did not take for so long may be overtaken.
const STUBBORN: Duration = Duration::from_secs(60);

/// What the network does.
#[derive(Clone, Debug)]
pub(super) enum Network {
    /// The invitation comes, or does not.
    Opened(Option<Nature>),
    /// The connection comes up, or does not.
    Dialled(Option<Nature>),
    /// A message is pushed, the first time or again.
    Pushes { link: usize, message: u8 },
    /// DingTalk asks for a sign of life.
    Pings { link: usize },
    /// DingTalk says that it will close.
    SaysGoodbye { link: usize },
    /// A link breaks.
    Breaks { link: usize },
    /// A link answers nothing any more.
    FallsSilent { link: usize },
}

/// What the host does with a message in its hands.
#[derive(Clone, Copy, Debug)]
pub(super) enum Host {
    /// Appends it, or finds that it has it.
    Takes,
    /// Says that it cannot.
    Refuses,
    /// Never answers.
    Forgets,
}

/// How an attempt to connect may fail.
pub(super) fn setback() -> impl Strategy<Value = Nature> {
    prop::sample::select(vec![
        Nature::Credentials,
        Nature::Refused,
        Nature::Passing,
        Nature::Throttled(Duration::from_secs(30)),
    ])
}

struct Pushed {
    link: LinkId,
    message: u8,
    acknowledged: bool,
}

struct InHand {
    ticket: Ticket,
    message: u8,
    receipts: Vec<Receipt>,
    since: Instant,
}

/// The exchange, and a model of what it is for: messages in the order of their first arrival, and
/// those that the host took, in its order.
pub(super) struct World {
    exchange: Exchange,
    at: Moment,
    is_opening: bool,
    dialling: Option<LinkId>,
    links: Vec<LinkId>,
    silent: HashSet<LinkId>,
    pushes: HashMap<String, Pushed>,
    arrived: Vec<u8>,
    /// When the host was first offered which message, and which were overtaken since.
    offered: HashMap<u8, Instant>,
    overtaken: HashSet<u8>,
    in_hand: Vec<InHand>,
    /// What the host has answered, on its way to the exchange.
    answers: Vec<(Ticket, u8, Accepted)>,
    taken: Vec<u8>,
    /// Messages of which the exchange knows that they were taken.
    known: HashSet<u8>,
    is_stopped: bool,
}

fn conversation(message: u8) -> u8 {
    message % 3
}

fn nth<T: Copy>(of: &[T], which: usize) -> Option<T> {
    (!of.is_empty()).then(|| of[which % of.len()])
}

fn outcome(nature: Option<Nature>) -> Result<(), Setback> {
    nature.map_or(Ok(()), |nature| Err(Setback { why: "no".into(), nature }))
}

impl World {
    pub(super) fn new(links: usize) -> Self {
        let settings = Settings { links, ..Settings::default() };
        let mut world = Self {
            exchange: Exchange::new(settings, Arc::default()),
            at: Moment { now: clock::now(), unix_ms: 1_790_000_000_000 },
            is_opening: false,
            dialling: None,
            links: Vec::new(),
            silent: HashSet::new(),
            pushes: HashMap::new(),
            arrived: Vec::new(),
            offered: HashMap::new(),
            overtaken: HashSet::new(),
            in_hand: Vec::new(),
            answers: Vec::new(),
            taken: Vec::new(),
            known: HashSet::new(),
            is_stopped: false,
        };
        world.perform();
        world
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.is_stopped
    }

    pub(super) fn network(&mut self, event: Network) {
        match event {
            Network::Opened(nature) if std::mem::take(&mut self.is_opening) => {
                let invitation = outcome(nature).map(|()| Invitation::new("ws://h/?ticket=t"));
                self.exchange.on_opened(invitation, self.at);
            }
            Network::Dialled(nature) => {
                let Some(link) = self.dialling.take() else { return };
                if nature.is_none() {
                    self.links.push(link);
                }
                self.exchange.on_dialled(link, outcome(nature), self.at);
            }
            Network::Pushes { link, message } => self.push(link, message),
            Network::Pings { link } => self.frame(link, "SYSTEM", "ping", "p", &json!({"opaque": "x"})),
            Network::SaysGoodbye { link } => self.frame(link, "SYSTEM", "disconnect", "d", &json!({})),
            Network::Breaks { link } => {
                let Some(link) = nth(&self.links, link) else { return };
                self.links.retain(|standing| *standing != link);
                self.exchange.on_lost(link, Loss::new("reset"), self.at);
            }
            Network::FallsSilent { link } => self.silent.extend(nth(&self.links, link)),
            Network::Opened(_) => {}
        }
        self.perform();
    }

    pub(super) fn host(&mut self, which: usize, does: Host) {
        if self.in_hand.is_empty() {
            return;
        }
        let InHand { ticket, message, receipts, .. } = self.in_hand.remove(which % self.in_hand.len());
        let accepted = match does {
            Host::Forgets => return,
            Host::Refuses => Accepted::Refused,
            Host::Takes if self.taken.contains(&message) => Accepted::Duplicate,
            Host::Takes => {
                self.taken.push(message);
                Accepted::New
            }
        };
        self.answers.push((ticket, message, accepted));
        if is_taken(accepted) {
            for receipt in receipts {
                let Some(ack) = receipt.claim().cloned() else { continue };
                if self.links.contains(&receipt.link()) {
                    self.acknowledged(receipt.link(), &ack);
                }
            }
        }
    }

    /// The exchange hears one of the host's answers.
    pub(super) fn hear(&mut self, which: usize) {
        if self.answers.is_empty() {
            return;
        }
        let (ticket, message, accepted) = self.answers.remove(which % self.answers.len());
        if is_taken(accepted) {
            self.known.insert(message);
        }
        self.exchange.on_answer(ticket, accepted, self.at);
        self.perform();
    }

    pub(super) fn pass(&mut self, time: Duration) {
        let end = self.at.now + time;
        while let Some(deadline) = self.exchange.deadline().filter(|deadline| *deadline <= end)
            && !self.is_stopped
        {
            self.move_to(deadline.max(self.at.now));
            self.exchange.on_clock(self.at);
            self.exchange.on_time(self.at);
            self.perform();
        }
        self.move_to(end);
    }

    pub(super) fn sleep(&mut self, seconds: i64) {
        self.at.unix_ms += 1000 * seconds;
        self.exchange.on_clock(self.at);
        self.perform();
    }

    pub(super) fn stop(&mut self) {
        self.is_stopped = true;
        self.exchange.stop(self.at);
        self.perform();
        assert_eq!(self.links, [], "every link was hung up");
    }

    /// Lets everything succeed until nothing is left to do.
    pub(super) fn recover(&mut self) {
        for _ in 0..200 {
            self.silent.clear();
            self.network(Network::Opened(None));
            self.network(Network::Dialled(None));
            while !self.in_hand.is_empty() {
                self.host(0, Host::Takes);
            }
            while !self.answers.is_empty() {
                self.hear(0);
            }
            self.pass(Duration::from_secs(1));
        }
    }

    pub(super) fn check_what_always_holds(&self) {
        if self.is_stopped {
            return;
        }
        let goes_on = !self.links.is_empty() || self.is_opening || self.dialling.is_some();
        assert!(goes_on || self.exchange.deadline().is_some(), "nothing will ever happen again");
        let waiting = self.arrived.iter().filter(|message| !self.known.contains(message)).count();
        assert_eq!(self.exchange.intake.waiting(), waiting, "a message was lost, or kept for nothing");
        for lane in 0..3 {
            let of_lane = |messages: &[u8]| -> Vec<u8> {
                let in_order =
                    |message: &u8| conversation(*message) == lane && !self.overtaken.contains(message);
                messages.iter().copied().filter(in_order).collect()
            };
            assert!(of_lane(&self.arrived).starts_with(&of_lane(&self.taken)), "out of order");
        }
    }

    pub(super) fn check_that_nothing_is_owed(&self) {
        let all: HashSet<u8> = self.arrived.iter().copied().collect();
        assert_eq!(self.taken.len(), all.len(), "every message is taken, and none twice");
        for (frame, push) in &self.pushes {
            assert!(push.acknowledged || !self.links.contains(&push.link), "{frame} is not acknowledged");
        }
    }

    fn push(&mut self, link: usize, message: u8) {
        let Some(link) = nth(&self.links, link) else { return };
        let frame = format!("f{}", self.pushes.len());
        self.pushes.insert(frame.clone(), Pushed { link, message, acknowledged: false });
        if !self.arrived.contains(&message) {
            self.arrived.push(message);
        }
        let conversation = format!("c{}", conversation(message));
        let data = json!({"msgId": message.to_string(), "conversationId": conversation, "msgtype": "text"});
        self.text(link, "CALLBACK", ROBOT, &frame, &data);
    }

    fn frame(&mut self, link: usize, kind: &str, topic: &str, id: &str, data: &Value) {
        if let Some(link) = nth(&self.links, link) {
            self.text(link, kind, topic, id, data);
        }
    }

    fn text(&mut self, link: LinkId, kind: &str, topic: &str, id: &str, data: &Value) {
        let headers = json!({"topic": topic, "messageId": id});
        let frame = json!({"type": kind, "headers": headers, "data": data.to_string()});
        self.exchange.on_text(link, &frame.to_string(), self.at);
    }

    fn move_to(&mut self, now: Instant) {
        self.at.unix_ms += i64::try_from((now - self.at.now).as_millis()).unwrap();
        self.at.now = now;
    }

    fn perform(&mut self) {
        while let Some(job) = self.exchange.next_job(self.at) {
            match job {
                Job::Connection(Action::HangUp { link, .. }) => self.links.retain(|other| *other != link),
                Job::Tell(_) => {}
                Job::HandOver { ticket, message, receipts } => {
                    self.handed_over(ticket, &message.id, receipts)
                }
                job if self.is_stopped => panic!("{job:?} after the stop"),
                Job::Connection(action) => self.act(action),
                Job::Act { .. } => panic!("nobody touched a card"),
            }
        }
    }

    fn act(&mut self, action: Action) {
        match action {
            Action::Open => {
                assert!(!self.is_opening && self.dialling.is_none(), "one attempt at a time");
                self.is_opening = true;
            }
            Action::Dial { link, .. } => self.dialling = Some(link),
            Action::Send { link, ack } => self.acknowledged(link, &ack),
            Action::Ping { link } if self.silent.contains(&link) => {}
            Action::Ping { link } => self.exchange.on_pong(link, self.at),
            Action::HangUp { .. } | Action::Report(_) => unreachable!("taken before"),
        }
    }

    fn handed_over(&mut self, ticket: Ticket, id: &str, receipts: Vec<Receipt>) {
        let message: u8 = id.parse().unwrap();
        assert!(!self.known.contains(&message), "{message} is handed over though it is known to be taken");
        let lane = conversation(message);
        let earlier = self.arrived.iter().take_while(|other| **other != message);
        let skipped = earlier.filter(|other| conversation(**other) == lane && !self.known.contains(other));
        let skipped: Vec<u8> = skipped.copied().collect();
        assert!(skipped.iter().all(|other| self.is_stubborn(*other)), "{message} overtakes {skipped:?}");
        self.overtaken.extend(skipped);
        // What is known to be taken may still be in hand: from an attempt that was not waited for.
        let awaited = |hand: &&InHand| {
            let in_time = self.at.now < hand.since + ATTEMPT;
            conversation(hand.message) == lane && in_time && !self.known.contains(&hand.message)
        };
        let mut awaited = self.in_hand.iter().filter(awaited);
        let alone = awaited.all(|hand| self.is_stubborn(message) || self.is_stubborn(hand.message));
        assert!(alone, "two of one conversation at a time");
        self.offered.entry(message).or_insert(self.at.now);
        self.in_hand.push(InHand { ticket, message, receipts, since: self.at.now });
    }

    fn is_stubborn(&self, message: u8) -> bool {
        self.offered.get(&message).is_some_and(|since| self.at.now >= *since + STUBBORN)
    }

    fn acknowledged(&mut self, link: LinkId, ack: &Ack) {
        let ack: Value = serde_json::from_str(&ack.to_text()).unwrap();
        let Some(push) = ack["headers"]["messageId"].as_str().and_then(|id| self.pushes.get_mut(id)) else {
            return; // of a ping or a goodbye
        };
        assert_eq!(push.link, link, "answered on another link");
        assert!(self.taken.contains(&push.message), "acknowledged before it was taken");
        assert!(!std::mem::replace(&mut push.acknowledged, true), "acknowledged twice");
    }
}
