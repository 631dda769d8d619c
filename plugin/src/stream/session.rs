//! The Stream connection as a value: it is told what happens and what time it is, and says what
//! to do. It knows no socket, no clock and no JSON.
//!
//! There is the *seek* for a live link, and there are the links. They are apart so that a
//! replacement is sought while the old link is still read and answered.

use super::{
    action::{Action, Change, Ending, Loss},
    frame::{Ack, Answer, Body, Frame},
    link::{Due, Link, LinkId},
    patience::{Patience, Pause},
    setback::Setback,
    settings::Settings,
    wake::Wake,
};
use crate::api::gateway::Invitation;
use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

/// A server that says goodbye to each new link, or a wall clock that keeps jumping, is not followed
/// at once more often than this. Half of what DingTalk leaves between its goodbye and the end: a
/// replacement that had to wait this long still stands before the old link has drained.
const HURRY: Duration = Duration::from_secs(5);

/// The search for a live link.
///
/// ```text
///            +------------------- passing failure: back off -------------------+
///            v                                                                 |
///        Waiting{until} --time--> Opening --invitation--> Dialing{link} -------+
///            ^    |   or wake-up   ^   |                       |
///            |    +--- goodbye ----+   | credentials rejected, | connected: a link is Live,
///   a link is lost                 |   | or refused for long   | enough of them
///            |                     |   v                       v
///        Settled <-----------------|---|-----------------------+
///            | goodbye, rotation   | Blocked{until}
///            +---------------------+---time
///
///   any --stop--> Closed
/// ```
///
/// A link that comes up while more are wanted, or while a link that said goodbye or retires has no
/// replacement, leads through `Settled` to `Opening` at once. Links that are lost, say goodbye or retire
/// while something is sought change nothing else: whether they are replaced is seen when that is over.
///
/// A goodbye that follows another within [`HURRY`] leads from `Settled` to `Waiting` until that is over.
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
pub(super) struct Session {
    settings: Settings,
    seek: Seek,
    links: Vec<Link>,
    next_link: u64,
    patience: Patience,
    /// When something was last followed at once, or will be.
    hurried: Option<Instant>,
    wake: Wake,
    /// Whether what is under way goes by a way that is no longer the account's.
    is_outdated: bool,
    actions: VecDeque<Action>,
}

impl Session {
    /// A connection whose first attempt is the first action.
    pub(super) fn new(settings: Settings) -> Self {
        let mut session = Self {
            settings,
            seek: Seek::Settled,
            links: Vec::new(),
            next_link: 1,
            patience: Patience::new(settings.seed),
            hurried: None,
            wake: Wake::default(),
            is_outdated: false,
            actions: VecDeque::new(),
        };
        session.report(Change::Starting);
        session.seek_now();
        session
    }

    /// What to do next, until `None`.
    pub(super) fn next_action(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    /// When [`on_time`](Self::on_time) has something to do.
    pub(super) fn deadline(&self) -> Option<Instant> {
        let links = self.links.iter().map(Link::deadline);
        let seek = match self.seek {
            Seek::Waiting { until } | Seek::Blocked { until } => Some(until),
            Seek::Settled | Seek::Opening | Seek::Dialing { .. } | Seek::Closed => None,
        };
        links.chain(seek).min()
    }

    /// How many links stand, those included that are only read out.
    pub(super) fn open_links(&self) -> usize {
        self.links.len()
    }

    /// Failures in a row: of attempts, and of links that were lost before they were of use.
    pub(super) fn failures(&self) -> u32 {
        self.patience.failures()
    }

    /// How long the newest link that was pinged took to answer.
    pub(super) fn round_trip(&self) -> Option<Duration> {
        self.links.iter().rev().find_map(Link::round_trip)
    }

    /// Whether it is over.
    pub(super) fn is_closed(&self) -> bool {
        self.seek == Seek::Closed
    }

    /// What the owner wants from now on.
    pub(super) fn on_settings(&mut self, settings: Settings, now: Instant) {
        let is_another_way = settings.way != self.settings.way;
        self.settings = settings;
        if self.is_closed() {
            return;
        }
        for link in &mut self.links {
            link.bear(settings.rotate_after);
        }
        self.part_with_surplus(now);
        if is_another_way {
            self.renew();
        } else if self.seek == Seek::Settled && self.lacks_links() {
            self.seek_now();
        }
    }

    /// The answer to [`Action::Open`].
    pub(super) fn on_opened(&mut self, outcome: Result<Invitation, Setback>, now: Instant) {
        if self.seek != Seek::Opening {
            return;
        }
        if std::mem::take(&mut self.is_outdated) {
            return self.seek_now();
        }
        match outcome {
            Ok(invitation) => {
                let link = LinkId(self.next_link);
                self.next_link += 1;
                self.patience.on_invited();
                self.seek = Seek::Dialing { link };
                self.actions.push_back(Action::Dial { link, invitation });
            }
            Err(setback) => self.on_setback(setback, now),
        }
    }

    /// The answer to [`Action::Dial`].
    pub(super) fn on_dialled(&mut self, link: LinkId, outcome: Result<(), Setback>, now: Instant) {
        if self.seek != (Seek::Dialing { link }) {
            if outcome.is_ok() {
                self.actions.push_back(Action::HangUp { link, why: Ending::Unwanted });
            }
            return;
        }
        if std::mem::take(&mut self.is_outdated) {
            if outcome.is_ok() {
                self.actions.push_back(Action::HangUp { link, why: Ending::Unwanted });
            }
            return self.seek_now();
        }
        match outcome {
            Ok(()) => self.on_connected(link, now),
            Err(setback) => self.on_setback(setback, now),
        }
    }

    /// A frame arrived. A message or a card callback is handed back: it is for the host, and is
    /// answered by [`acknowledge`](Self::acknowledge). That holds also for what crossed our goodbye on a
    /// link that is gone: nobody may push it again.
    #[must_use = "a frame that is handed back is for the host"]
    pub(super) fn on_frame(&mut self, link: LinkId, frame: Frame, now: Instant) -> Option<Frame> {
        let is_for_host = matches!(frame.body, Body::Robot { .. } | Body::CardCallback { .. });
        let Some(entry) = self.link_mut(link) else { return is_for_host.then_some(frame) };
        entry.on_frame(&frame.body, now);
        self.on_alive(link, now);
        if let Answer::Now(ack) = frame.answer() {
            self.acknowledge(link, ack);
        }
        match frame.body {
            Body::Robot { .. } | Body::CardCallback { .. } => {
                self.report(Change::Inbound);
                return Some(frame);
            }
            Body::Disconnect { .. } => self.on_goodbye(link, now),
            Body::Ping { .. } | Body::Event { .. } | Body::Unknown { .. } => {}
        }
        None
    }

    /// Anything arrived: a ping, or something unreadable.
    pub(super) fn on_sign_of_life(&mut self, link: LinkId, now: Instant) {
        let Some(entry) = self.link_mut(link) else { return };
        entry.on_sign_of_life(now);
        self.on_alive(link, now);
    }

    /// The answer to a ping arrived.
    pub(super) fn on_pong(&mut self, link: LinkId, now: Instant) {
        let Some(entry) = self.link_mut(link) else { return };
        entry.on_pong(now);
        self.on_alive(link, now);
    }

    /// A link ended without our doing.
    pub(super) fn on_lost(&mut self, link: LinkId, loss: Loss, now: Instant) {
        self.credit(link, now);
        let Some(index) = self.links.iter().position(|entry| entry.id() == link) else { return };
        self.links.remove(index);
        if self.links.is_empty() {
            let blocked = matches!(self.seek, Seek::Blocked { .. });
            self.report(Change::Down { loss, blocked });
        }
        if self.seek == Seek::Settled && self.lacks_links() {
            self.seek_later(now);
        }
    }

    /// Both clocks, to be told before anything else that happens: after a sleep of the machine no
    /// link is believed before it has answered.
    pub(super) fn on_clock(&mut self, now: Instant, unix_ms: i64) {
        let Some(asleep) = self.wake.look(now, unix_ms) else { return };
        if self.is_closed() {
            return;
        }
        self.report(Change::Woken { asleep });
        for link in &mut self.links {
            link.verify(now);
            self.actions.push_back(Action::Ping { link: link.id() });
        }
        if matches!(self.seek, Seek::Waiting { .. }) {
            self.hurry(now); // what was out of reach before the sleep may be reached now
        }
    }

    /// The deadline has come.
    pub(super) fn on_time(&mut self, now: Instant) {
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
                Due::Replacement if self.seek == Seek::Settled => self.seek_now(),
                Due::Replacement => {}
                Due::Drained => self.hang_up(link, Ending::Drained, now),
                Due::Silent => self.hang_up(link, Ending::Silent, now),
            }
        }
    }

    /// Sends the answer to a delivered frame, if the link it came on still stands.
    pub(super) fn acknowledge(&mut self, link: LinkId, ack: Ack) {
        if self.links.iter().any(|entry| entry.id() == link) {
            self.actions.push_back(Action::Send { link, ack });
        }
    }

    /// Ends everything: closes all links at once, so that DingTalk stops pushing to them.
    pub(super) fn stop(&mut self) {
        if self.is_closed() {
            return;
        }
        self.seek = Seek::Closed;
        for link in std::mem::take(&mut self.links) {
            self.actions.push_back(Action::HangUp { link: link.id(), why: Ending::Stopping });
        }
        self.report(Change::Stopped);
    }

    /// Replaces every link, each by one that stands before it goes. Whoever changed the way wants to see
    /// what comes of it, so nothing is waited for.
    fn renew(&mut self) {
        for link in &mut self.links {
            link.retire();
        }
        match self.seek {
            Seek::Settled | Seek::Waiting { .. } | Seek::Blocked { .. } => self.seek_now(),
            Seek::Opening | Seek::Dialing { .. } => self.is_outdated = true,
            Seek::Closed => {}
        }
    }

    /// Lets go of links that are more than wanted, the oldest first.
    fn part_with_surplus(&mut self, now: Instant) {
        let counted = self.links.iter().filter(|link| link.is_counted_upon()).count();
        let surplus = counted.saturating_sub(self.settings.links);
        let mut oldest = self.links.iter_mut().filter(|link| link.is_counted_upon());
        oldest.by_ref().take(surplus).for_each(|link| link.part(now));
    }

    fn on_connected(&mut self, link: LinkId, now: Instant) {
        if let Some(replaced) = self.links.iter_mut().find(|link| link.is_retiring()) {
            replaced.part(now);
        }
        self.links.push(Link::new(link, self.settings.rotate_after, now));
        self.part_with_surplus(now);
        self.seek = Seek::Settled;
        self.report(Change::Up);
        if self.lacks_links() {
            self.seek_now();
        }
    }

    /// DingTalk will close this link. What it has for us comes elsewhere from now on.
    fn on_goodbye(&mut self, link: LinkId, now: Instant) {
        let is_news = self.link_mut(link).is_some_and(|link| link.on_goodbye(now));
        if is_news && matches!(self.seek, Seek::Settled | Seek::Waiting { .. }) {
            self.hurry(now);
        }
    }

    /// Seeks at once, or as soon as it may be at once again: nothing has failed, so the backoff has
    /// no say in it.
    fn hurry(&mut self, now: Instant) {
        let due = self.hurried.map_or(now, |last| now.max(last + HURRY));
        match self.seek {
            Seek::Waiting { until } if until <= due => {}
            _ if due <= now => {
                self.hurried = Some(now);
                self.seek_now();
            }
            _ => {
                self.hurried = Some(due);
                self.seek = Seek::Waiting { until: due };
            }
        }
    }

    fn on_alive(&mut self, link: LinkId, now: Instant) {
        self.credit(link, now);
        self.report(Change::Activity);
    }

    /// A link that has turned out to be of use ends the row of failures, once: else a second link
    /// that is closed at once each time would be sought for ever without a pause.
    fn credit(&mut self, link: LinkId, now: Instant) {
        if self.link_mut(link).is_some_and(|link| link.take_credit(now)) {
            self.patience.on_success();
        }
    }

    fn link_mut(&mut self, link: LinkId) -> Option<&mut Link> {
        self.links.iter_mut().find(|entry| entry.id() == link)
    }

    fn hang_up(&mut self, link: LinkId, why: Ending, now: Instant) {
        self.actions.push_back(Action::HangUp { link, why });
        self.on_lost(link, Loss::new(why.clause()), now);
    }

    fn on_setback(&mut self, setback: Setback, now: Instant) {
        let Setback { why, nature } = setback;
        match self.patience.after(nature) {
            Pause::Passing(wait) => {
                self.seek = Seek::Waiting { until: now + wait };
                let connected = !self.links.is_empty();
                self.report(Change::Setback { why, connected });
            }
            Pause::Blocked(wait) => {
                self.seek = Seek::Blocked { until: now + wait };
                self.report(Change::Blocked { why });
            }
        }
    }

    fn seek_now(&mut self) {
        self.seek = Seek::Opening;
        self.actions.push_back(Action::Open);
    }

    fn seek_later(&mut self, now: Instant) {
        self.seek = Seek::Waiting { until: now + self.patience.after_loss() };
    }

    /// A retiring link does not count: its replacement is what is lacking.
    fn lacks_links(&self) -> bool {
        self.links.iter().filter(|link| link.is_live()).count() < self.settings.links
    }

    fn report(&mut self, change: Change) {
        self.actions.push_back(Action::Report(change));
    }
}

#[cfg(test)]
mod tests;
