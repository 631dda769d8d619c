//! The life of one AI card, as a value that is told things and says what to send.
//!
//! What it promises, whatever happens in whatever order:
//!
//! - at most one request is under way; its words are fixed when it leaves, and are the newest;
//! - between two partial texts lies at least the pace, and the newest text always goes out;
//! - the last text is finalised once, then the card is closed once, and nothing follows;
//! - a text that was sent under one revision is only ever sent again unchanged under it;
//! - whatever DingTalk answers or does not answer, it ends: every step has its limit. A card that exists
//!   when its answer ends shows all of it, or is given up, within half a minute.

mod phase;

use super::{
    patience::{Attempts, Limits},
    request::{Answer, Ending, Face, Intent, Next, Outcome, Request},
    tempo::{Pace, Tempo},
};
use phase::{End, Phase};
use std::time::{Duration, Instant};

#[derive(Clone, Debug)]
struct InFlight {
    request: Request,
    since: Instant,
}

/// The last streaming request, which keeps its revision for as long as it is repeated unchanged.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Revision {
    number: u32,
    face: Face,
    ending: Option<Ending>,
}

/// One AI card.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    phase: Phase,
    /// What it is to show.
    wanted: Face,
    end: Option<End>,
    /// It was created without anything that only a closing takes away.
    is_plain: bool,
    /// What DingTalk accepted last.
    shown: Face,
    revision: Option<Revision>,
    tempo: Tempo,
    attempts: Attempts,
    in_flight: Option<InFlight>,
}

impl Session {
    /// A card that is to be created with `face`, which may be empty, and then updated at `pace`.
    pub(crate) fn new(face: Face, pace: Pace) -> Self {
        Self {
            phase: Phase::Planned { doubtful: false },
            wanted: face,
            end: None,
            is_plain: false,
            shown: Face::default(),
            revision: None,
            tempo: Tempo::new(pace),
            attempts: Attempts::unlimited(),
            in_flight: None,
        }
    }

    /// A card that an earlier process was about to create; whether it did is not known.
    pub(crate) fn doubtful(face: Face, pace: Pace) -> Self {
        Self { phase: Phase::Planned { doubtful: true }, ..Self::new(face, pace) }
    }

    /// A card that an earlier process created; what it shows is not known. `is_final`: its last text may
    /// have been streamed, so that it can only be closed.
    pub(crate) fn adopted(face: Face, pace: Pace, is_final: bool) -> Self {
        let phase = if is_final { Phase::Resting } else { Phase::Growing };
        Self { phase, ..Self::new(face, pace) }
    }

    /// From now on it is updated at `pace`.
    pub(crate) fn set_pace(&mut self, pace: Pace) {
        self.tempo.set_pace(pace);
    }

    /// There is something new to show. Ignored after the end.
    pub(crate) fn push(&mut self, face: Face) {
        if self.end.is_none() {
            self.wanted = face;
        }
    }

    /// The text is complete. Only the first end counts.
    pub(crate) fn finish(&mut self, face: Face, ending: Ending) {
        self.end_with(face, End::WithWords(ending));
    }

    /// It is over, and nothing was said: the card is taken back, or says `sentence` if it cannot be.
    pub(crate) fn dismiss(&mut self, sentence: Face, ending: Ending) {
        let said = self.shown.has_words() || self.revision.as_ref().is_some_and(|sent| sent.face.has_words());
        let end = if said { End::WithWords(ending) } else { End::InSilence(ending) };
        self.end_with(sentence, end);
    }

    /// What to do now. `Send` is followed by [`begin`](Self::begin) as soon as it may leave.
    pub(crate) fn next(&mut self, now: Instant) -> Next {
        if self.in_flight.is_some() {
            return Next::Rest;
        }
        self.turn_to_the_end(now);
        while self.attempts.until().is_some_and(|until| until <= now) {
            self.fail(now);
        }
        let (intent, due) = match &self.phase {
            Phase::Over(outcome) => return Next::Over(outcome.clone()),
            Phase::Planned { .. } | Phase::Creating { .. } => (Intent::Create, None),
            Phase::Growing => match self.growth() {
                Some(growth) => growth,
                None => return Next::Rest,
            },
            Phase::Resting => return Next::Rest,
            Phase::Retracting => (Intent::Retract, None),
            Phase::Finalising => (Intent::Final, None),
            Phase::Closing | Phase::Rescuing => (Intent::Close, None),
            Phase::GivingUp => (Intent::GiveUp, None),
        };
        match due.max(self.tempo.held_until()).filter(|due| *due > now) {
            Some(due) => Next::Wait(self.deadline().map_or(due, |deadline| due.min(deadline))),
            None => Next::Send(intent),
        }
    }

    /// The request for `intent`, with the newest words; `None` if something else is to be done now. It
    /// counts as under way until it is answered or abandoned.
    pub(crate) fn begin(&mut self, intent: Intent, now: Instant) -> Option<Request> {
        if self.next(now) != Next::Send(intent) {
            return None;
        }
        let face = || self.wanted.clone();
        let ending = self.end.map_or(Ending::Done, End::ending);
        let request = match intent {
            Intent::Create => Request::Create { face: face(), is_plain: self.tempo.pace() == Pace::Never },
            Intent::Partial | Intent::Status => self.stream(None),
            Intent::Final => self.stream(Some(ending)),
            Intent::Close => Request::Close { face: face(), ending },
            Intent::Retract => Request::Retract,
            Intent::GiveUp => Request::GiveUp { shown: self.shown.clone() },
        };
        if let Phase::Planned { doubtful } = self.phase {
            let begun = self.attempts;
            self.enter(Phase::Creating { doubtful }, now);
            self.attempts.end_with(begun);
        }
        if let Some(face) = request.face() {
            self.tempo.leaves(face.has_words() && intent != Intent::Status, now);
        }
        self.in_flight = Some(InFlight { request: request.clone(), since: now });
        Some(request)
    }

    /// A request was answered.
    pub(crate) fn on_answer(&mut self, answer: Answer, now: Instant) {
        let Some(InFlight { request, since }) = self.in_flight.take() else { return };
        let again = match answer {
            Answer::Later(after) | Answer::Lost(after) | Answer::Odd(after) => Some(now + after),
            Answer::Accepted | Answer::Exists | Answer::Refused => None,
        };
        self.tempo.hold(again);
        if matches!(answer, Answer::Lost(_) | Answer::Odd(_)) {
            self.doubt();
        }
        match answer {
            Answer::Accepted => {
                self.tempo.learn(now.saturating_duration_since(since));
                self.attempts.reassured();
                self.succeed(request, now);
            }
            Answer::Exists => self.enter(Phase::Growing, now),
            Answer::Refused => self.fail(now),
            Answer::Odd(_) if self.attempts.is_odd_again() => self.fail(now),
            // A newer partial text will take its place, at its pace.
            _ if self.phase == Phase::Growing => {}
            _ if again.is_some_and(|again| self.attempts.another(again)) => {}
            _ => self.fail(now),
        }
    }

    /// The request that was under way is not waited for any more. Whether DingTalk took it is
    /// unknown; what follows puts it right.
    pub(crate) fn abandon(&mut self) {
        if self.in_flight.take().is_some() {
            self.doubt();
        }
    }

    /// When the present step is given up, with or without an answer.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.attempts.until()
    }

    /// How long a final text waits for a partial one that is under way.
    pub(crate) fn grace(&self) -> Duration {
        self.tempo.grace()
    }

    /// Whether words are to be shown that are not: more of them would leave no sooner.
    pub(crate) fn awaits_words(&self) -> bool {
        self.end.is_none() && matches!(self.growth(), Some((Intent::Partial, _)))
    }

    /// What it is to show.
    pub(crate) fn wanted(&self) -> &Face {
        &self.wanted
    }

    /// What people can see, as far as known.
    pub(crate) fn shown(&self) -> &Face {
        &self.shown
    }

    /// Whether it ends, or has ended.
    pub(crate) fn is_ending(&self) -> bool {
        self.end.is_some()
    }

    /// What was under way may have been carried out. A card that may exist has to be ended.
    fn doubt(&mut self) {
        if let Phase::Creating { doubtful } = &mut self.phase {
            *doubtful = true;
        }
    }

    fn end_with(&mut self, face: Face, end: End) {
        if self.end.is_none() {
            self.wanted = face;
            self.end = Some(end);
        }
    }

    /// What grows, and when it may leave; `None` if all is shown, or nothing is to be.
    fn growth(&self) -> Option<(Intent, Option<Instant>)> {
        let Pace::Every(_) = self.tempo.pace() else { return None };
        if self.wanted.text != self.shown.text {
            Some((Intent::Partial, self.tempo.words_due()))
        } else if self.wanted.status != self.shown.status {
            Some((Intent::Status, self.tempo.status_due()))
        } else {
            None
        }
    }

    /// Once the end is known, a card that exists goes towards it. One that was never asked for is not made
    /// to be taken back, and people with a whole answer do not wait for it without limit.
    fn turn_to_the_end(&mut self, now: Instant) {
        let Some(end) = self.end else { return };
        match (&self.phase, end) {
            (Phase::Planned { doubtful: false }, End::InSilence(_)) => {
                self.enter(Phase::Over(Outcome::Retracted), now);
            }
            (Phase::Planned { .. }, _) if self.attempts.until().is_none() => {
                self.attempts = Attempts::at(Limits::CREATING, now);
            }
            (Phase::Growing | Phase::Resting, End::InSilence(_)) => self.enter(Phase::Retracting, now),
            (Phase::Growing, End::WithWords(_)) => self.enter(Phase::Finalising, now),
            (Phase::Resting, End::WithWords(_)) => self.enter(Phase::Rescuing, now),
            _ => {}
        }
    }

    /// The step went well.
    fn succeed(&mut self, request: Request, now: Instant) {
        if let Some(face) = request.face() {
            self.shown = face.clone();
        }
        let next = match request {
            Request::Create { is_plain, .. } => {
                self.is_plain = is_plain;
                Phase::Growing
            }
            Request::Stream { ending: None, .. } => return,
            Request::Stream { ending: Some(_), .. } if self.needs_no_closing() => Phase::Over(Outcome::Shown),
            Request::Stream { .. } => Phase::Closing,
            Request::Close { .. } => Phase::Over(Outcome::Shown),
            Request::Retract => Phase::Over(Outcome::Retracted),
            Request::GiveUp { .. } => Phase::Over(self.given_up(false)),
        };
        self.enter(next, now);
    }

    /// The step will not go well: on to the next best one.
    fn fail(&mut self, now: Instant) {
        self.tempo.hold(None);
        let next = match &self.phase {
            Phase::Planned { doubtful: false } | Phase::Creating { doubtful: false } => {
                Phase::Over(self.given_up(false))
            }
            Phase::Planned { doubtful: true } | Phase::Creating { doubtful: true } | Phase::Rescuing => {
                Phase::GivingUp
            }
            Phase::Growing | Phase::Resting => Phase::Resting,
            Phase::Retracting => {
                self.end = self.end.map(|end| End::WithWords(end.ending()));
                Phase::Finalising
            }
            Phase::Finalising => Phase::Rescuing,
            Phase::Closing => Phase::Over(Outcome::Shown),
            Phase::GivingUp => Phase::Over(self.given_up(true)),
            Phase::Over(outcome) => Phase::Over(outcome.clone()),
        };
        self.enter(next, now);
    }

    fn enter(&mut self, phase: Phase, now: Instant) {
        self.attempts = phase.limits().map_or_else(Attempts::unlimited, |limits| Attempts::at(limits, now));
        self.phase = phase;
    }

    fn given_up(&self, open: bool) -> Outcome {
        Outcome::GivenUp { shown: self.shown.clone(), open }
    }

    /// The closing takes the button away, and repairs what a partial text may do that lands late. Where
    /// there is neither, the finalising is end enough: with it DingTalk puts the card into its last state.
    fn needs_no_closing(&self) -> bool {
        let was_streamed = self.revision.as_ref().is_some_and(|last| last.number > 1);
        self.is_plain && !was_streamed
    }

    fn stream(&mut self, ending: Option<Ending>) -> Request {
        let last = self.revision.as_ref();
        let unchanged = last.filter(|last| last.face == self.wanted && last.ending == ending);
        let number = unchanged.map_or_else(|| last.map_or(0, |last| last.number) + 1, |last| last.number);
        let face = self.wanted.clone();
        self.revision = Some(Revision { number, face: face.clone(), ending });
        Request::Stream { revision: number, face, ending }
    }
}

#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod model;
#[cfg(test)]
mod model_tests;
#[cfg(test)]
mod tests;
