//! The Stream connection as a value: it is told what happens and what time it is, and says what
//! to do. It knows no socket, no clock and no JSON.
//!
//! There is the *seek* for a live link, and there are the links. They are apart so that a
//! replacement is sought while the old link is still read and answered.

use super::{
    backoff::Backoff,
    frame::{Ack, Answer, Body, Frame},
    link::{Due, Link, LinkId},
};
use crate::api::gateway::Invitation;
use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

/// Rejected credentials are tried again this often: a person may have corrected them.
const PROBE: Duration = Duration::from_secs(60);
/// Refusals other than of credentials in a row after which a person is needed.
const REFUSALS: u32 = 3;
/// A server that says goodbye to each new link is not followed at once more often than this.
const HURRY: Duration = Duration::from_secs(5);
/// Signs of life are reported no more often than this.
const ACTIVITY: Duration = Duration::from_secs(1);

/// What differs between accounts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings {
    /// For the random part of waits; accounts should have different ones.
    pub(crate) seed: u64,
    /// How many live links are kept.
    pub(crate) links: usize,
    /// A link is replaced after this long without a message or card callback: one that delivers
    /// nothing looks like a quiet night.
    pub(crate) rotate_after: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self { seed: 0, links: 1, rotate_after: Duration::from_secs(30 * 60) }
    }
}

/// What the driver is to do, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// Ask for an invitation; answer with [`Session::on_opened`].
    Open,
    /// Connect; answer with [`Session::on_dialled`].
    Dial {
        /// The link to be.
        link: LinkId,
        /// Where to.
        invitation: Invitation,
    },
    /// Send an answer.
    Send {
        /// On the link that delivered the frame.
        link: LinkId,
        /// The answer.
        ack: Ack,
    },
    /// Send a WebSocket ping.
    Ping {
        /// Where.
        link: LinkId,
    },
    /// Send a WebSocket close and forget the link.
    HangUp {
        /// Which.
        link: LinkId,
        /// Why.
        why: Ending,
    },
    /// Give a message or a card callback to the host. It is answered by [`Session::acknowledge`].
    Deliver {
        /// Where it came from.
        link: LinkId,
        /// The frame.
        frame: Frame,
    },
    /// Tell the host.
    Report(Change),
}

/// Why we end a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// The channel stops.
    Stopping,
    /// It gave no sign of life.
    Silent,
    /// DingTalk had said goodbye, or it was replaced, and its time to drain is over.
    Drained,
    /// It came too late to be of use.
    Unwanted,
}

/// A change in the connection that the host may want to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// The first attempt has begun.
    Starting,
    /// A WebSocket is up.
    Up,
    /// The last one has gone.
    Down {
        /// Why.
        why: String,
        /// Whether a person is needed before there can be another.
        blocked: bool,
    },
    /// An attempt failed; another follows by itself.
    Setback {
        /// Why, and what to do about it.
        why: String,
        /// Failures in a row.
        attempts: u32,
        /// Whether some link still stands.
        connected: bool,
    },
    /// A person has to do something; it is tried again once a minute.
    Blocked {
        /// Why, and what to do about it.
        why: String,
    },
    /// Something arrived, if only a sign of life. At most once a second.
    Activity,
    /// A message or a card callback arrived.
    Inbound,
    /// It is over.
    Stopped,
}

/// Why an attempt failed, as far as it matters for the next one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Setback {
    /// One sentence for people.
    pub(crate) why: String,
    /// What follows from it.
    pub(crate) nature: Nature,
}

/// What follows from a failed attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Nature {
    /// The credentials are wrong.
    Credentials,
    /// The request is refused for another reason; it may be our configuration or DingTalk's mood.
    Refused,
    /// It will pass.
    Passing,
    /// It will pass, but not before this long.
    Throttled(Duration),
}

/// The search for a live link.
///
/// ```text
///            +------------------- passing failure: back off -------------------+
///            v                                                                 |
///        Waiting{until} --time--> Opening --invitation--> Dialing{link} -------+
///            ^                     ^   |                       |
///   a link is lost                 |   | credentials rejected, | connected: a link is Live
///            |                     |   | or refused for long   v
///        Settled <-----------------|---|-----------------------+
///            |                     |   v
///            | goodbye, rotation   | Blocked{until}
///            +---------------------+---time
///
///   any --stop--> Closed
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Seek {
    /// Nothing is sought: there are as many live links as wanted.
    Settled,
    /// The next attempt is due at `until`.
    Waiting { until: Instant },
    /// As `Waiting`, but a person is needed.
    Blocked { until: Instant },
    /// An invitation was asked for.
    Opening,
    /// The link is being connected.
    Dialing { link: LinkId },
    /// Nothing is sought any more.
    Closed,
}

/// The connection of one account.
#[derive(Debug)]
pub(crate) struct Session {
    settings: Settings,
    seek: Seek,
    links: Vec<Link>,
    next_link: u64,
    backoff: Backoff,
    /// Refusals in a row that were not about credentials.
    refusals: u32,
    /// When a goodbye was last followed at once.
    hurried: Option<Instant>,
    /// When a sign of life was last reported.
    active: Option<Instant>,
    actions: VecDeque<Action>,
}

impl Session {
    /// A connection whose first attempt is the first action.
    pub(crate) fn new(settings: Settings) -> Self {
        let mut session = Self {
            settings,
            seek: Seek::Settled,
            links: Vec::new(),
            next_link: 1,
            backoff: Backoff::new(settings.seed),
            refusals: 0,
            hurried: None,
            active: None,
            actions: VecDeque::new(),
        };
        session.report(Change::Starting);
        session.seek_now();
        session
    }

    /// What to do next, until `None`.
    pub(crate) fn next_action(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    /// When [`on_time`](Self::on_time) has something to do.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        let links = self.links.iter().map(Link::deadline);
        let seek = match self.seek {
            Seek::Waiting { until } | Seek::Blocked { until } => Some(until),
            Seek::Settled | Seek::Opening | Seek::Dialing { .. } | Seek::Closed => None,
        };
        links.chain(seek).min()
    }

    /// Whether it is over.
    pub(crate) fn is_closed(&self) -> bool {
        self.seek == Seek::Closed
    }

    /// The answer to [`Action::Open`].
    pub(crate) fn on_opened(&mut self, outcome: Result<Invitation, Setback>, now: Instant) {
        if self.seek != Seek::Opening {
            return;
        }
        match outcome {
            Ok(invitation) => {
                let link = LinkId(self.next_link);
                self.next_link += 1;
                self.refusals = 0;
                self.seek = Seek::Dialing { link };
                self.actions.push_back(Action::Dial { link, invitation });
            }
            Err(setback) => self.on_setback(setback, now),
        }
    }

    /// The answer to [`Action::Dial`].
    pub(crate) fn on_dialled(&mut self, link: LinkId, outcome: Result<(), Setback>, now: Instant) {
        if self.seek != (Seek::Dialing { link }) {
            if outcome.is_ok() {
                self.actions.push_back(Action::HangUp { link, why: Ending::Unwanted });
            }
            return;
        }
        match outcome {
            Ok(()) => self.on_connected(link, now),
            Err(setback) => self.on_setback(setback, now),
        }
    }

    /// A frame arrived.
    pub(crate) fn on_frame(&mut self, link: LinkId, frame: Frame, now: Instant) {
        let Some(entry) = self.links.iter_mut().find(|entry| entry.id() == link) else { return };
        entry.on_frame(&frame.body, now);
        self.report_activity(now);
        match frame.body {
            Body::Robot { .. } | Body::CardCallback { .. } => {
                self.backoff.reset();
                self.report(Change::Inbound);
            }
            Body::Ping { .. } => self.backoff.reset(),
            Body::Disconnect { .. } | Body::Event { .. } | Body::Unknown { .. } => {}
        }
        if let Answer::Now(ack) = frame.answer() {
            self.acknowledge(link, ack);
        }
        match frame.body {
            Body::Robot { .. } | Body::CardCallback { .. } => {
                self.actions.push_back(Action::Deliver { link, frame });
            }
            Body::Disconnect { .. } => self.on_goodbye(link, now),
            Body::Ping { .. } | Body::Event { .. } | Body::Unknown { .. } => {}
        }
    }

    /// Anything arrived: a pong, a ping, or something unreadable.
    pub(crate) fn on_sign_of_life(&mut self, link: LinkId, now: Instant) {
        let Some(entry) = self.links.iter_mut().find(|entry| entry.id() == link) else { return };
        entry.on_sign_of_life(now);
        self.report_activity(now);
    }

    /// A link ended without our doing, `why` being a clause for people.
    pub(crate) fn on_lost(&mut self, link: LinkId, why: &str, now: Instant) {
        let Some(index) = self.links.iter().position(|entry| entry.id() == link) else { return };
        let lost = self.links.remove(index);
        if lost.was_useful(now) {
            self.backoff.reset();
        }
        if self.links.is_empty() {
            let blocked = matches!(self.seek, Seek::Blocked { .. });
            self.report(Change::Down { why: why.to_owned(), blocked });
        }
        if self.seek == Seek::Settled && self.lacks_links() {
            self.seek_later(Duration::ZERO, now);
        }
    }

    /// The deadline has come.
    pub(crate) fn on_time(&mut self, now: Instant) {
        if let Seek::Waiting { until } | Seek::Blocked { until } = self.seek
            && now >= until
        {
            self.seek_now();
        }
        let due: Vec<_> = self.links.iter_mut().map(|link| (link.id(), link.on_time(now))).collect();
        for (link, due) in due {
            match due {
                Due::Nothing => {}
                Due::Ping => self.actions.push_back(Action::Ping { link }),
                Due::Replacement => self.seek_unless_seeking(),
                Due::Drained => self.hang_up(link, Ending::Drained, now),
                Due::Silent => self.hang_up(link, Ending::Silent, now),
            }
        }
    }

    /// Sends the answer to a delivered frame, if the link it came on still stands.
    pub(crate) fn acknowledge(&mut self, link: LinkId, ack: Ack) {
        if self.links.iter().any(|entry| entry.id() == link) {
            self.actions.push_back(Action::Send { link, ack });
        }
    }

    /// Ends everything: closes all links at once, so that DingTalk stops pushing to them.
    pub(crate) fn stop(&mut self) {
        if self.is_closed() {
            return;
        }
        self.seek = Seek::Closed;
        for link in std::mem::take(&mut self.links) {
            self.actions.push_back(Action::HangUp { link: link.id(), why: Ending::Stopping });
        }
        self.report(Change::Stopped);
    }

    fn on_connected(&mut self, link: LinkId, now: Instant) {
        self.links.iter_mut().for_each(|old| old.on_successor(now));
        self.links.push(Link::new(link, self.settings.rotate_after, now));
        self.seek = Seek::Settled;
        self.report(Change::Up);
        if self.lacks_links() {
            self.seek_now();
        }
    }

    /// DingTalk will close this link. What it has for us comes elsewhere from now on.
    fn on_goodbye(&mut self, link: LinkId, now: Instant) {
        let is_news = self.links.iter_mut().any(|entry| entry.id() == link && entry.on_goodbye(now));
        if !is_news || !matches!(self.seek, Seek::Settled | Seek::Waiting { .. }) {
            return;
        }
        if self.hurried.is_none_or(|last| now >= last + HURRY) {
            self.hurried = Some(now);
            self.seek_now();
        } else if self.seek == Seek::Settled {
            self.seek_later(Duration::ZERO, now);
        }
    }

    fn hang_up(&mut self, link: LinkId, why: Ending, now: Instant) {
        self.actions.push_back(Action::HangUp { link, why });
        self.on_lost(link, why.clause(), now);
    }

    fn on_setback(&mut self, setback: Setback, now: Instant) {
        let Setback { why, nature } = setback;
        let at_least = match nature {
            Nature::Credentials => return self.block(why, now),
            Nature::Refused => {
                self.refusals += 1;
                if self.refusals >= REFUSALS {
                    return self.block(why, now);
                }
                Duration::ZERO
            }
            Nature::Passing => Duration::ZERO,
            Nature::Throttled(pause) => pause,
        };
        self.seek_later(at_least, now);
        let (attempts, connected) = (self.backoff.failures(), !self.links.is_empty());
        self.report(Change::Setback { why, attempts, connected });
    }

    fn block(&mut self, why: String, now: Instant) {
        self.seek = Seek::Blocked { until: now + PROBE };
        self.report(Change::Blocked { why });
    }

    fn seek_unless_seeking(&mut self) {
        if self.seek == Seek::Settled {
            self.seek_now();
        }
    }

    fn seek_now(&mut self) {
        self.seek = Seek::Opening;
        self.actions.push_back(Action::Open);
    }

    fn seek_later(&mut self, at_least: Duration, now: Instant) {
        let wait = self.backoff.fail().max(at_least);
        self.seek = Seek::Waiting { until: now + wait };
    }

    /// A retiring link does not count: its replacement is what is lacking.
    fn lacks_links(&self) -> bool {
        self.links.iter().filter(|link| link.is_live()).count() < self.settings.links
    }

    fn report_activity(&mut self, now: Instant) {
        if self.active.is_none_or(|last| now >= last + ACTIVITY) {
            self.active = Some(now);
            self.report(Change::Activity);
        }
    }

    fn report(&mut self, change: Change) {
        self.actions.push_back(Action::Report(change));
    }
}

impl Ending {
    /// Why, for people.
    pub(crate) fn clause(self) -> &'static str {
        match self {
            Self::Stopping => "the channel stops",
            Self::Silent => "the connection gave no sign of life for 16 seconds",
            Self::Drained => "DingTalk renews the connection",
            Self::Unwanted => "the connection came too late",
        }
    }
}

#[cfg(test)]
mod tests;
