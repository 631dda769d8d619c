//! A model of DingTalk, against which every order of updates, answers, losses, late landings, delays and ends
//! can be played. It panics where what a session promises does not hold.

use super::*;

const PACE: Duration = Duration::from_millis(600);
/// After its end a card is over within this, whatever DingTalk does: the steps of its life add up to it.
const OVER_WITHIN: Duration = Duration::from_secs(20 + 5 + 18 + 15 + 5);

/// How long a driver may take to look what is to be done.
const A_LOOK: Duration = Duration::from_secs(1);

/// What happens next.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Grow,
    Say(u8),
    Finish(Ending),
    Dismiss,
    Wait(u64),
    Pace(Pace),
    /// DingTalk treats the request that is under way like this.
    Treat(Treatment),
    /// A partial request is given up by its driver; it lands later, if it does.
    Abandon {
        lands: bool,
    },
    /// What was under way somewhere lands now.
    LandLate,
}

/// What DingTalk does with a request, and what is heard of it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Treatment {
    Accept,
    Postpone(u64),
    Refuse,
    /// It is carried out now, later or not at all, and no answer comes.
    Lose {
        lands: Landing,
        odd: bool,
    },
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Landing {
    Now,
    Late,
    Never,
}

/// A card as DingTalk has it.
#[derive(Debug, Default)]
struct ModelCard {
    exists: bool,
    recalled: bool,
    shows: String,
    finalised: bool,
    closed: bool,
    revisions: Vec<u32>,
    late: Vec<Request>,
}

impl ModelCard {
    /// Whether a request can be carried out; a card that was finalised or closed streams no more.
    fn land(&mut self, request: &Request) -> bool {
        let is_there = self.exists && !self.recalled;
        match request {
            Request::Create { .. } if self.exists => return false,
            Request::Create { face, .. } => {
                self.exists = true;
                self.shows = face.text.clone();
            }
            Request::Stream { revision, .. } if self.revisions.contains(revision) => return is_there,
            Request::Stream { .. } if !is_there || self.finalised || self.closed => return false,
            Request::Stream { revision, face, ending } => {
                self.revisions.push(*revision);
                self.shows = face.text.clone();
                self.finalised = ending.is_some();
            }
            _ if !is_there => return false,
            Request::Close { face, .. } => {
                self.shows = face.text.clone();
                self.closed = true;
            }
            Request::GiveUp { shown } => {
                self.shows = shown.text.clone();
                self.closed = true;
                // A closing that lands after that, having hung for longer than anybody waits, would say the
                // rest a second time. Nothing can be done about it.
                self.late.retain(|it| !matches!(it, Request::Close { .. }));
            }
            Request::Retract => self.recalled = true,
        }
        true
    }
}

/// A session, its driver and DingTalk.
struct World {
    now: Instant,
    session: Session,
    card: ModelCard,
    under_way: Option<Request>,
    text: String,
    end: Option<(String, Instant)>,
    sent: Vec<Request>,
    accepted: Vec<Request>,
    words_left_at: Option<Instant>,
    pace: Option<Duration>,
}

impl World {
    fn new() -> Self {
        let now = crate::clock::now();
        let session = Session::new(Face::default(), Pace::Every(PACE));
        Self {
            now,
            session,
            card: ModelCard::default(),
            under_way: None,
            text: String::new(),
            end: None,
            sent: Vec::new(),
            accepted: Vec::new(),
            words_left_at: None,
            pace: Some(PACE),
        }
    }

    fn face(&self, status: &str) -> Face {
        Face { text: self.text.clone(), reach: self.text.len(), status: status.into() }
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Grow | Step::Say(_) | Step::Finish(_) if self.end.is_some() => {
                self.session.push(Face { text: "too late".into(), ..Face::default() });
            }
            Step::Grow => {
                self.text.push('+');
                self.session.push(self.face(""));
            }
            Step::Say(what) => self.session.push(self.face(&what.to_string())),
            Step::Finish(ending) => {
                self.text.push('.');
                self.session.finish(self.face(""), ending);
                self.end.get_or_insert((self.text.clone(), self.now));
            }
            Step::Dismiss if self.text.is_empty() => {
                let sentence = Face { text: "(nothing)".into(), reach: 9, ..Face::default() };
                self.session.dismiss(sentence, Ending::Done);
                self.end.get_or_insert(("(nothing)".into(), self.now));
            }
            Step::Dismiss => {}
            Step::Wait(millis) => self.wait(Duration::from_millis(millis)),
            Step::Pace(pace) => {
                self.session.set_pace(pace);
                self.pace = match pace {
                    Pace::Every(interval) => Some(interval),
                    Pace::Never => None,
                };
            }
            Step::Treat(treatment) => self.treat(treatment),
            Step::Abandon { lands } => {
                if let Some(request) = self.under_way.take_if(|request| request.is_partial()) {
                    self.card.late.extend(lands.then_some(request));
                    self.session.abandon();
                }
            }
            Step::LandLate => {
                if let Some(request) = self.card.late.pop() {
                    self.card.land(&request);
                }
            }
        }
    }

    /// Time passes; a driver does not wait for an answer with the last text beyond the grace for a partial one.
    /// It looks what is to be done whenever something may be.
    fn wait(&mut self, time: Duration) {
        if self.end.as_ref().is_some_and(|(_, ended)| self.now + time >= *ended + self.session.grace()) {
            self.step(Step::Abandon { lands: true });
        }
        let mut left = time;
        while left > A_LOOK {
            self.pass(A_LOOK);
            self.pump();
            left -= A_LOOK;
        }
        self.pass(left);
    }

    /// Time passes; nobody waits for an answer beyond the session's deadline.
    fn pass(&mut self, time: Duration) {
        self.now += time;
        if self.session.deadline().is_some_and(|deadline| deadline <= self.now)
            && let Some(request) = self.under_way.take()
        {
            self.card.late.push(request);
            self.session.on_answer(Answer::Lost(Duration::ZERO), self.now);
        }
    }

    fn treat(&mut self, treatment: Treatment) {
        let Some(request) = self.under_way.take() else { return };
        let after = Duration::from_secs(1);
        let answer = match treatment {
            Treatment::Accept if self.card.land(&request) => {
                self.accepted.push(request);
                Answer::Accepted
            }
            Treatment::Accept if matches!(request, Request::Create { .. }) => Answer::Exists,
            Treatment::Accept | Treatment::Refuse => Answer::Refused,
            Treatment::Postpone(millis) => Answer::Later(Duration::from_millis(millis)),
            Treatment::Lose { lands, odd } => {
                match lands {
                    Landing::Now => drop(self.card.land(&request)),
                    Landing::Late => self.card.late.push(request),
                    Landing::Never => {}
                }
                if odd { Answer::Odd(after) } else { Answer::Lost(after) }
            }
        };
        self.session.on_answer(answer, self.now);
    }

    /// Sends what is to be sent, and looks whether it may be.
    fn pump(&mut self) {
        let Next::Send(intent) = self.session.next(self.now) else { return };
        let Some(request) = self.session.begin(intent, self.now) else { return };
        assert!(self.under_way.is_none(), "two requests under way");
        self.check(&request);
        self.sent.push(request.clone());
        self.under_way = Some(request);
    }

    fn check(&mut self, request: &Request) {
        let is_accepted = |wanted: fn(&Request) -> bool| self.accepted.iter().any(wanted);
        assert!(
            !is_accepted(|it| matches!(it, Request::Close { .. } | Request::GiveUp { .. })),
            "after the end"
        );
        assert!(!is_accepted(|it| matches!(it, Request::Retract)), "after the recall");
        if let Some(face) = request.face() {
            assert_eq!(face, self.session.wanted(), "not the newest words");
        }
        match request {
            Request::Create { .. } => assert!(!is_accepted(|it| matches!(it, Request::Create { .. }))),
            Request::Stream { revision, face, ending } => self.check_stream(*revision, face, *ending),
            Request::Close { .. } => assert!(self.end.is_some()),
            Request::Retract => assert!(self.text.is_empty(), "a card with words is not taken back"),
            Request::GiveUp { .. } => {}
        }
        let shown = &self.session.shown().text;
        let words_leave = request.face().is_some_and(|face| face.has_words() && face.text != *shown);
        if request.is_partial() && words_leave {
            let due = self.words_left_at.zip(self.pace).map(|(last, pace)| last + pace);
            assert!(due.is_none_or(|due| self.now >= due), "faster than the pace");
        }
        if words_leave {
            self.words_left_at = Some(self.now);
        }
    }

    fn check_stream(&self, revision: u32, face: &Face, ending: Option<Ending>) {
        let streamed = self.sent.iter().filter_map(|it| match it {
            Request::Stream { revision, face, ending } => Some((*revision, face, *ending)),
            _ => None,
        });
        for (earlier, before, end) in streamed {
            if earlier == revision {
                assert_eq!((before, end), (face, ending), "a revision changed");
            } else {
                assert!(earlier < revision && end.is_none(), "something streamed beside the last text");
                assert!(face.text.starts_with(&before.text) || ending.is_some(), "a text went back");
            }
        }
        let finalised = |it: &Request| matches!(it, Request::Stream { ending: Some(_), .. });
        assert!(!self.accepted.iter().any(finalised), "streamed after the last text was accepted");
    }

    /// What people see once it is over, with what a fallback adds to it.
    fn verdict(&self) {
        let Next::Over(outcome) = self.session.clone().next(self.now) else { panic!("it is not over") };
        let (whole, _) = self.end.clone().expect("a verdict comes after the end");
        let count = |wanted: fn(&Request) -> bool| self.accepted.iter().filter(|it| wanted(it)).count();
        assert!(count(|it| matches!(it, Request::Stream { ending: Some(_), .. })) <= 1, "finalised twice");
        assert!(
            count(|it| matches!(it, Request::Close { .. } | Request::GiveUp { .. })) <= 1,
            "closed twice"
        );
        match outcome {
            Outcome::Shown => {
                assert_eq!(self.card.shows, whole);
                assert!(self.card.finalised || self.card.closed, "it looks as if it grew");
            }
            Outcome::Retracted => {
                assert!((self.card.recalled || !self.card.exists) && self.text.is_empty());
            }
            Outcome::GivenUp { shown, open } => {
                assert_eq!(&whole[..shown.reach], shown.text.as_str(), "the rest is what comes after it");
                if !open {
                    assert_eq!(self.card.shows, shown.text);
                    assert!(self.card.closed || !self.card.exists);
                }
            }
        }
    }
}

/// Plays a card to its end: the steps, an end if none of them is one, what DingTalk still does, and then
/// nothing any more.
pub(crate) fn play(steps: impl IntoIterator<Item = Step>, last_words: impl IntoIterator<Item = Treatment>) {
    let mut world = World::new();
    world.pump();
    for step in steps {
        world.step(step);
        world.pump();
    }
    if world.end.is_none() {
        world.step(Step::Finish(Ending::Done));
    }
    let ended_at = world.end.as_ref().expect("it has just ended").1;
    let mut treatments = last_words.into_iter().map(Step::Treat);
    while !matches!(world.session.next(world.now), Next::Over(_)) {
        world.pump();
        world.step(treatments.next().unwrap_or(Step::Wait(0))); // from then on DingTalk is dumb
        world.step(Step::Wait(1000));
        assert!(world.now - ended_at <= OVER_WITHIN, "it does not end");
    }
    world.verdict();
    while !world.card.late.is_empty() {
        world.step(Step::LandLate);
    }
    let Next::Over(outcome) = world.session.next(world.now) else { unreachable!() };
    // What lands after the end changes nothing that people read, where DingTalk took the end.
    if !matches!(outcome, Outcome::GivenUp { open: true, .. } | Outcome::Retracted) && world.card.exists {
        world.verdict();
    }
}

/// The same as bytes have it, two for each step; what comes after eighty is what DingTalk still does after the end.
pub(crate) fn any_life(life: &[u8]) {
    const STEPS: usize = 80;
    const LAST_WORDS: usize = 30;
    let pairs = life.chunks_exact(2).map(|pair| (pair[0], pair[1]));
    let steps = pairs.clone().take(STEPS).map(|(what, how)| step(what, how));
    let last_words = pairs.skip(STEPS).take(LAST_WORDS).map(|(what, how)| treatment(what, how));
    play(steps, last_words);
}

fn step(what: u8, how: u8) -> Step {
    let millis = |most: u64| u64::from(how) * most / 255;
    match what % 32 {
        0..6 => Step::Grow,
        6..8 => Step::Say(how),
        8 => Step::Finish([Ending::Done, Ending::Failed, Ending::Cancelled][usize::from(how % 3)]),
        9 => Step::Dismiss,
        10..16 => Step::Wait(millis(1_500)),
        16 => Step::Wait(millis(25_000)),
        17 if how == 0 => Step::Pace(Pace::Never),
        17 => Step::Pace(Pace::Every(Duration::from_millis(100 + millis(2_900)))),
        18 => Step::Abandon { lands: how.is_multiple_of(2) },
        19 => Step::LandLate,
        _ => Step::Treat(treatment(what, how)),
    }
}

fn treatment(what: u8, how: u8) -> Treatment {
    match what % 8 {
        0..4 => Treatment::Accept,
        4 => Treatment::Postpone(u64::from(how) * 70_000 / 255),
        5 => Treatment::Refuse,
        _ => Treatment::Lose {
            lands: [Landing::Now, Landing::Late, Landing::Never][usize::from(how % 3)],
            odd: how.is_multiple_of(2),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::any_life;

    /// Found by the fuzzer: a driver that counted the grace anew at every look never gave the request up.
    #[test]
    fn a_driver_that_looks_often_waits_for_a_partial_text_no_longer_than_one_that_does_not() {
        let life = [&[16, 16, 251, 245, 54, 105, 102, 102, 105, 105][..], &[142; 100]].concat();
        any_life(&life);
    }

    /// Found by the fuzzer: who looks once in half a minute sees every limit pass too late.
    #[test]
    fn a_driver_that_looks_each_second_ends_a_card_whose_calls_are_lost() {
        any_life(&[9, 0, 58, 154, 202, 0, 254, 59, 0, 0, 9, 0, 16, 240, 240, 240, 255, 240, 240, 240]);
    }
}
