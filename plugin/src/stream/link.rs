//! One connection's life, as a value: its signs of life, and how far it is counted upon.

use super::frame::Body;
use std::{
    fmt,
    time::{Duration, Instant},
};

/// Silence after which a link is asked for a sign of life, asked again, and given up.
const PULSE: [Duration; 3] = [Duration::from_secs(8), Duration::from_secs(12), Duration::from_secs(16)];
/// DingTalk closes ten seconds after its notice; a little more, and we do it.
pub(super) const DRAIN: Duration = Duration::from_secs(12);
/// How long a link is still read that we ourselves replaced.
pub(super) const PART: Duration = Duration::from_secs(2);
/// A life this long was useful, even without a frame.
pub(super) const USEFUL: Duration = Duration::from_secs(30);
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
    /// The last sign of life of any kind, and how often we asked since.
    heard: Instant,
    asked: usize,
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
            heard: now,
            asked: 0,
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

    /// Whether its life was long enough to have been of use.
    pub(super) fn was_useful(&self, now: Instant) -> bool {
        now >= self.since + USEFUL
    }

    /// Anything arrived.
    pub(super) fn on_sign_of_life(&mut self, now: Instant) {
        (self.heard, self.asked) = (now, 0);
    }

    /// A frame arrived.
    pub(super) fn on_frame(&mut self, frame: &Body, now: Instant) {
        self.on_sign_of_life(now);
        self.framed = now;
        match frame {
            Body::Robot { .. } | Body::CardCallback { .. } => self.delivered = now,
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

    /// A new link is up: if it is the replacement for this one, this one parts.
    pub(super) fn on_successor(&mut self, now: Instant) {
        if self.role == Role::Retiring {
            self.role = Role::Draining { until: now + PART };
        }
    }

    /// Time has passed.
    pub(super) fn on_time(&mut self, now: Instant) -> Due {
        match self.role {
            Role::Draining { until } if now >= until => Due::Drained,
            _ if now >= self.heard + PULSE[PULSE.len() - 1] => Due::Silent,
            _ if now >= self.pulse_due() => {
                self.asked += 1;
                Due::Ping
            }
            Role::Live if now >= self.suspicious_at() => {
                self.role = Role::Retiring;
                Due::Replacement
            }
            _ => Due::Nothing,
        }
    }

    /// When [`on_time`](Self::on_time) has something to do.
    pub(super) fn deadline(&self) -> Instant {
        match self.role {
            Role::Live => self.pulse_due().min(self.suspicious_at()),
            Role::Retiring => self.pulse_due(),
            Role::Draining { until } => self.pulse_due().min(until),
        }
    }

    fn pulse_due(&self) -> Instant {
        self.heard + PULSE[self.asked.min(PULSE.len() - 1)]
    }

    fn suspicious_at(&self) -> Instant {
        (self.framed + self.frameless).min(self.delivered + self.idle)
    }
}
