//! The life of one AI card, as a value that is told things and says what to send.
//!
//! What it promises, whatever happens in whatever order:
//!
//! - at most one request is under way, and a request for newer text replaces one that has not left;
//! - between two partial texts lies at least the pace, and the newest text always goes out;
//! - the last text is finalised once, then the card is closed once, and nothing follows;
//! - a text that was sent under one revision is only ever sent again unchanged under it.

use std::time::{Duration, Instant};

/// A creation that fails for a passing reason is tried this often before text takes over.
const CREATE_TRIES: u32 = 3;
/// The last text matters most, so it gets more.
const FINAL_TRIES: u32 = 6;
/// A closing that keeps failing leaves a finalised card that only lacks its last state.
const CLOSE_TRIES: u32 = 4;
/// The longest that a final text waits for the answer to a partial one.
const LONGEST_GRACE: Duration = Duration::from_secs(1);

/// How an answer ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    Done,
    Failed,
    Cancelled,
}

/// What to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Request {
    /// Create the card and deliver it. Without text it shows that the work has begun.
    Create { text: String },
    /// Replace its text. `ending` is there on the last time.
    Stream { revision: u32, text: String, ending: Option<Ending> },
    /// Put it into its last state, with its whole text.
    Close { text: String, ending: Ending },
    /// End a card that may or may not have been created, because the answer goes another way.
    Withdraw,
}

impl Request {
    /// Whether people see words of the answer by it.
    fn has_text(&self) -> bool {
        match self {
            Self::Create { text } | Self::Stream { text, .. } | Self::Close { text, .. } => !text.is_empty(),
            Self::Withdraw => false,
        }
    }

    /// Whether a newer text may take its place.
    pub(crate) fn is_partial(&self) -> bool {
        matches!(self, Self::Stream { ending: None, .. })
    }
}

/// What to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    Send(Request),
    /// Nothing before this time, unless something is told.
    Wait(Instant),
    /// Nothing until something is told.
    Rest,
    Over(Outcome),
}

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Accepted,
    /// Not now; trying again after this long may help.
    Later(Duration),
    /// As `Later`, but it may have been carried out all the same.
    Lost(Duration),
    /// Not ever.
    Refused,
}

/// How it came out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The card shows the whole text.
    Shown,
    /// There is no card.
    NotCreated,
    /// The card shows this much and will not show more.
    Broken { shown: String },
}

/// Where a card is in its life.
///
/// ```text
/// Planned -> Creating -> Streaming ----------> Finalised -> Over(Shown)
///               |   |        | refused             ^
///               |   |        v        the end      | closing
///               |   |     Resting -----------------+-----> Over(Broken)
///               |   v
///               | Withdrawing    some answer was lost: it may exist
///               v   v
///            Over(NotCreated)
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
enum Phase {
    Planned,
    Creating {
        /// An answer was lost.
        doubtful: bool,
    },
    Withdrawing,
    Streaming,
    /// DingTalk refuses to stream to it; the whole text goes out with the closing.
    Resting,
    Finalised,
    Over(Outcome),
}

#[derive(Clone, Debug)]
struct InFlight {
    request: Request,
    since: Instant,
}

/// The last streaming request, which keeps its revision for as long as it is repeated unchanged.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Revision {
    number: u32,
    text: String,
    ending: Option<Ending>,
}

/// One AI card.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    phase: Phase,
    text: String,
    ending: Option<Ending>,
    /// The last text that DingTalk accepted.
    shown: String,
    revision: Option<Revision>,
    pace: Duration,
    /// When the next partial text may go out.
    next_partial: Instant,
    /// DingTalk asked to be left alone until then.
    held_until: Option<Instant>,
    /// Failures of the present step.
    failures: u32,
    in_flight: Option<InFlight>,
    round_trip: Option<Duration>,
}

impl Session {
    /// A card that is to be created with `text`, which may be empty, and then updated once per `pace` at most.
    pub(crate) fn new(text: impl Into<String>, pace: Duration, now: Instant) -> Self {
        Self {
            phase: Phase::Planned,
            text: text.into(),
            ending: None,
            shown: String::new(),
            revision: None,
            pace,
            next_partial: now,
            held_until: None,
            failures: 0,
            in_flight: None,
            round_trip: None,
        }
    }

    /// The text has grown. Ignored after the end.
    pub(crate) fn push(&mut self, text: &str) {
        if self.ending.is_none() && !text.is_empty() {
            text.clone_into(&mut self.text);
        }
    }

    /// The text is complete. Only the first end counts.
    pub(crate) fn finish(&mut self, text: &str, ending: Ending) {
        self.push(text);
        self.ending.get_or_insert(ending);
    }

    /// What to do now. After `Send` the request counts as under way until it is answered or
    /// abandoned.
    pub(crate) fn next(&mut self, now: Instant) -> Next {
        if self.in_flight.is_some() {
            return Next::Rest;
        }
        let text = || self.text.clone();
        let (request, due) = match (&self.phase, self.ending) {
            (Phase::Over(outcome), _) => return Next::Over(outcome.clone()),
            (Phase::Planned | Phase::Creating { .. }, _) => (Request::Create { text: text() }, None),
            (Phase::Withdrawing, _) => (Request::Withdraw, None),
            (Phase::Streaming, Some(ending)) => (self.stream(Some(ending)), None),
            (Phase::Streaming, None) if self.text != self.shown => {
                (self.stream(None), Some(self.next_partial))
            }
            (Phase::Resting | Phase::Finalised, Some(ending)) => {
                (Request::Close { text: text(), ending }, None)
            }
            (Phase::Streaming | Phase::Resting | Phase::Finalised, None) => return Next::Rest,
        };
        match due.max(self.held_until) {
            Some(due) if due > now => Next::Wait(due),
            _ => self.send(request, now),
        }
    }

    /// A request was answered.
    pub(crate) fn on_answer(&mut self, answer: Answer, now: Instant) {
        let Some(InFlight { request, since }) = self.in_flight.take() else { return };
        self.held_until = match answer {
            Answer::Later(after) | Answer::Lost(after) => Some(now + after),
            Answer::Accepted | Answer::Refused => None,
        };
        if answer == Answer::Accepted {
            self.learn_round_trip(now.saturating_duration_since(since));
        }
        match request {
            Request::Create { text } => self.on_created(answer, text),
            Request::Stream { ending: None, text, .. } => self.on_partial(answer, text),
            Request::Stream { ending: Some(_), text, .. } => self.on_final(answer, text),
            Request::Close { .. } => self.on_closed(answer),
            Request::Withdraw => self.enter(Phase::Over(Outcome::NotCreated)),
        }
    }

    /// The request that was under way is not waited for any more. Whether DingTalk took it is
    /// unknown; what follows puts it right.
    pub(crate) fn abandon(&mut self) {
        self.in_flight = None;
    }

    /// How long a final text waits for a partial one that is under way.
    pub(crate) fn grace(&self) -> Duration {
        self.round_trip.map_or(LONGEST_GRACE, |usual| (usual * 4).min(LONGEST_GRACE))
    }

    /// The newest text.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// What people can see of the text, as far as known.
    pub(crate) fn shown(&self) -> &str {
        &self.shown
    }

    fn on_created(&mut self, answer: Answer, text: String) {
        let doubtful = matches!(answer, Answer::Lost(_)) || self.phase == Phase::Creating { doubtful: true };
        match answer {
            Answer::Accepted => {
                self.shown = text;
                self.enter(Phase::Streaming);
            }
            Answer::Later(_) | Answer::Lost(_) if self.may_try_again(CREATE_TRIES) => {
                self.phase = Phase::Creating { doubtful };
            }
            _ if doubtful => {
                self.held_until = None;
                self.enter(Phase::Withdrawing);
            }
            _ => self.enter(Phase::Over(Outcome::NotCreated)),
        }
    }

    fn on_partial(&mut self, answer: Answer, text: String) {
        match answer {
            Answer::Accepted => self.shown = text,
            Answer::Later(_) | Answer::Lost(_) => {} // the newest text will take its place
            Answer::Refused => self.enter(Phase::Resting),
        }
    }

    fn on_final(&mut self, answer: Answer, text: String) {
        match answer {
            Answer::Accepted => {
                self.shown = text;
                self.enter(Phase::Finalised);
            }
            Answer::Later(_) | Answer::Lost(_) if self.may_try_again(FINAL_TRIES) => {}
            _ => self.enter(Phase::Resting),
        }
    }

    fn on_closed(&mut self, answer: Answer) {
        let outcome = match answer {
            Answer::Later(_) | Answer::Lost(_) if self.may_try_again(CLOSE_TRIES) => return,
            Answer::Accepted => Outcome::Shown,
            // People see the whole text; only the card's last state is missing.
            _ if self.phase == Phase::Finalised => Outcome::Shown,
            _ => Outcome::Broken { shown: self.shown.clone() },
        };
        self.enter(Phase::Over(outcome));
    }

    fn enter(&mut self, phase: Phase) {
        self.phase = phase;
        self.failures = 0;
    }

    fn may_try_again(&mut self, tries: u32) -> bool {
        self.failures += 1;
        self.failures < tries
    }

    fn stream(&self, ending: Option<Ending>) -> Request {
        let last = self.revision.as_ref();
        let unchanged = last.filter(|last| last.text == self.text && last.ending == ending);
        let number = unchanged.map_or_else(|| last.map_or(0, |last| last.number) + 1, |last| last.number);
        Request::Stream { revision: number, text: self.text.clone(), ending }
    }

    fn send(&mut self, request: Request, now: Instant) -> Next {
        match &request {
            Request::Create { .. } if self.phase == Phase::Planned => {
                self.phase = Phase::Creating { doubtful: false };
            }
            Request::Stream { revision, text, ending } => {
                self.revision = Some(Revision { number: *revision, text: text.clone(), ending: *ending });
            }
            Request::Create { .. } | Request::Close { .. } | Request::Withdraw => {}
        }
        if request.has_text() {
            self.next_partial = now + self.pace; // the first words wait for nothing
        }
        self.in_flight = Some(InFlight { request: request.clone(), since: now });
        Next::Send(request)
    }

    fn learn_round_trip(&mut self, last: Duration) {
        self.round_trip = Some(self.round_trip.map_or(last, |usual| (usual * 3 + last) / 4));
    }
}

#[cfg(test)]
mod tests;
