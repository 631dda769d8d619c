//! One connection's life, as a value: its signs of life, and how far it is counted upon.

use super::{
    frame::Body,
    pulse::{Beat, Pulse},
};
use std::{
    fmt,
    time::{Duration, Instant},
};

/// DingTalk closes ten seconds after its notice; a little more, and we do it.
pub(super) const DRAIN: Duration = Duration::from_secs(12);
/// How long a link is still read that we ourselves replaced.
pub(super) const PART: Duration = Duration::from_secs(2);
/// A life this long was useful, even without a frame.
pub(super) const USEFUL: Duration = Duration::from_secs(30);
/// A life that delivered something was useful if it was no shorter than this. A server that hands out
/// one message per connection and closes it is still not asked more often than this and the shortest
/// wait after a loss allow.
pub(super) const FRUITFUL: Duration = Duration::from_secs(1);
/// DingTalk does not say how often it pings. Where a link has shown it, this many pings may fail
/// to come, and at least this long, before the link is suspicious.
const MISSED_PINGS: u32 = 4;
const FRAMELESS: Duration = Duration::from_secs(90);

/// One WebSocket connection, in the order of their making.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct LinkId(pub(super) u64);

impl fmt::Display for LinkId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A connected link.
///
/// ```text
///   Live --DingTalk says goodbye--> Draining{until} --closed, or until--> gone
///     |                                ^
///     +--suspicious--> Retiring -------+ a replacement is up
///
///   any --lost, or silent--> gone
/// ```
#[derive(Debug)]
pub(super) struct Link {
    id: LinkId,
    role: Role,
    since: Instant,
    pulse: Pulse,
    /// Whether it delivered anything at all, and whether its use was counted.
    fruitful: bool,
    credited: bool,
    /// The last frame, and how long to bear without another.
    framed: Instant,
    frameless: Duration,
    /// DingTalk's last ping.
    pinged: Option<Instant>,
    /// The last message or card callback, and how long to bear without another.
    delivered: Instant,
    idle: Duration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    /// Counted upon.
    Live,
    /// Still counted upon, but a replacement is sought.
    Retiring,
    /// No longer counted upon, but still read and answered.
    Draining { until: Instant },
}

/// What time wants of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due {
    /// Nothing yet.
    Nothing,
    /// A question for a sign of life.
    Ping,
    /// A replacement: it has delivered nothing for too long. The link now retires.
    Replacement,
    /// An end: it has drained.
    Drained,
    /// An end: it gave no sign of life.
    Silent,
}

impl Link {
    /// A link that has just come up, to be replaced after `idle` without a delivery.
    pub(super) fn new(id: LinkId, idle: Duration, now: Instant) -> Self {
        Self {
            id,
            role: Role::Live,
            since: now,
            pulse: Pulse::new(now),
            fruitful: false,
            credited: false,
            framed: now,
            frameless: idle,
            pinged: None,
            delivered: now,
            idle,
        }
    }

    pub(super) fn id(&self) -> LinkId {
        self.id
    }

    /// Whether it is counted upon, and no replacement sought.
    pub(super) fn is_live(&self) -> bool {
        self.role == Role::Live
    }

    /// Whether it is counted upon, a replacement being sought or not.
    pub(super) fn is_counted_upon(&self) -> bool {
        !matches!(self.role, Role::Draining { .. })
    }

    /// Whether it waits for its replacement.
    pub(super) fn is_retiring(&self) -> bool {
        self.role == Role::Retiring
    }

    /// Whether it has turned out to be of use; says so once.
    pub(super) fn take_credit(&mut self, now: Instant) -> bool {
        let enough = if self.fruitful { FRUITFUL } else { USEFUL };
        let is_news = !self.credited && now >= self.since + enough;
        self.credited |= is_news;
        is_news
    }

    /// How long its last answer to a ping took.
    pub(super) fn round_trip(&self) -> Option<Duration> {
        self.pulse.round_trip()
    }

    /// Anything arrived.
    pub(super) fn on_sign_of_life(&mut self, now: Instant) {
        self.pulse.on_sign(now);
    }

    /// The answer to a ping arrived.
    pub(super) fn on_pong(&mut self, now: Instant) {
        self.pulse.on_pong(now);
    }

    /// The machine has slept: a ping is under way, and has to be answered soon.
    pub(super) fn verify(&mut self, now: Instant) {
        self.pulse.verify(now);
    }

    /// A frame arrived.
    pub(super) fn on_frame(&mut self, frame: &Body, now: Instant) {
        self.on_sign_of_life(now);
        self.framed = now;
        match frame {
            Body::Robot { .. } | Body::CardCallback { .. } => {
                (self.delivered, self.fruitful) = (now, true);
            }
            Body::Ping { .. } => {
                if let Some(last) = self.pinged.replace(now) {
                    self.frameless = (MISSED_PINGS * (now - last)).max(FRAMELESS).min(self.idle);
                }
            }
            Body::Disconnect { .. } | Body::Event { .. } | Body::Unknown { .. } => {}
        }
    }

    /// DingTalk says goodbye; answers whether that is news.
    pub(super) fn on_goodbye(&mut self, now: Instant) -> bool {
        let is_news = !matches!(self.role, Role::Draining { .. });
        if is_news {
            self.role = Role::Draining { until: now + DRAIN };
        }
        is_news
    }

    /// It has to be replaced, though nothing is the matter with it; answers whether that is news.
    pub(super) fn retire(&mut self) -> bool {
        let is_news = self.is_live();
        if is_news {
            self.role = Role::Retiring;
        }
        is_news
    }

    /// How long it may be without a delivery from now on.
    pub(super) fn bear(&mut self, idle: Duration) {
        // Without a ping of DingTalk's there is no other measure yet.
        self.frameless = if self.pinged.is_some() { self.frameless.min(idle) } else { idle };
        self.idle = idle;
    }

    /// Its replacement is up, or none is wanted.
    pub(super) fn part(&mut self, now: Instant) {
        self.role = Role::Draining { until: now + PART };
    }

    /// Time has passed.
    pub(super) fn on_time(&mut self, now: Instant) -> Due {
        if matches!(self.role, Role::Draining { until } if now >= until) {
            return Due::Drained;
        }
        match self.pulse.on_time(now) {
            Beat::Gone => return Due::Silent,
            Beat::Ask => return Due::Ping,
            Beat::Steady => {}
        }
        if self.is_live() && now >= self.suspicious_at() {
            self.role = Role::Retiring;
            return Due::Replacement;
        }
        Due::Nothing
    }

    /// When [`on_time`](Self::on_time) has something to do.
    pub(super) fn deadline(&self) -> Instant {
        match self.role {
            Role::Live => self.pulse.due().min(self.suspicious_at()),
            Role::Retiring => self.pulse.due(),
            Role::Draining { until } => self.pulse.due().min(until),
        }
    }

    fn suspicious_at(&self) -> Instant {
        (self.framed + self.frameless).min(self.delivered + self.idle)
    }
}
