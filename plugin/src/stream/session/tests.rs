use super::*;
use crate::{
    api::gateway::ROBOT,
    clock,
    stream::{
        link::{FRUITFUL, PART, USEFUL},
        patience::PROBE,
        setback::Nature,
    },
};
use serde_json::{Value, json};

mod any_order;
mod frames;
mod goodbye;
mod liveness;
mod seeking;
mod several;
mod wishes;

const S: Duration = Duration::from_secs(1);
const MS: Duration = Duration::from_millis(1);

/// A session, a hand-moved clock, and what the session wanted done since last asked.
struct Rig {
    session: Session,
    start: Instant,
    now: Instant,
    /// How far the wall clock has run ahead.
    unix_ms: i64,
}

impl Rig {
    fn new() -> Self {
        Self::with(Settings::default())
    }

    fn with(settings: Settings) -> Self {
        let now = clock::now();
        Self { session: Session::new(settings), start: now, now, unix_ms: 0 }
    }

    /// A rig whose first link is up.
    #[track_caller]
    fn connected() -> (Self, LinkId) {
        let mut rig = Self::new();
        let link = rig.connect();
        rig.actions();
        (rig, link)
    }

    /// What is wanted, signs of life apart.
    fn actions(&mut self) -> Vec<Action> {
        let actions = std::iter::from_fn(|| self.session.next_action());
        actions.filter(|action| *action != Action::Report(Change::Activity)).collect()
    }

    fn changes(&mut self) -> Vec<Change> {
        let changes = self.actions().into_iter().filter_map(|action| match action {
            Action::Report(change) => Some(change),
            _ => None,
        });
        changes.collect()
    }

    /// Answers the open and the dial that must be wanted now.
    #[track_caller]
    fn connect(&mut self) -> LinkId {
        assert_eq!(self.session.seek, Seek::Opening);
        self.session.on_opened(Ok(Invitation::new("ws://h/?ticket=t")), self.now);
        let Seek::Dialing { link } = self.session.seek else { panic!("{:?}", self.session.seek) };
        self.session.on_dialled(link, Ok(()), self.now);
        link
    }

    fn refuse(&mut self, nature: Nature) {
        self.session.on_opened(Err(Setback { why: "no".into(), nature }), self.now);
    }

    /// Lets a frame arrive; answers with it if it is for the host.
    fn frame(&mut self, link: LinkId, kind: &str, topic: &str) -> Option<Frame> {
        let frame = json!({"type": kind, "headers": {"topic": topic, "messageId": "m"}, "data": "{}"});
        self.session.on_frame(link, Frame::decode(&frame.to_string()).unwrap(), self.now)
    }

    fn lose(&mut self, link: LinkId) {
        self.session.on_lost(link, Loss::new("reset"), self.now);
    }

    /// Lets the wall clock run ahead of the other one.
    fn sleep(&mut self, seconds: i64) {
        self.unix_ms += 1000 * seconds;
        let passed = i64::try_from((self.now - self.start).as_millis()).unwrap();
        self.session.on_clock(self.now, self.unix_ms + passed);
    }

    /// Moves the clock, letting every deadline on the way happen, and answering no ping.
    fn pass(&mut self, time: Duration) {
        let end = self.now + time;
        while let Some(deadline) = self.session.deadline().filter(|deadline| *deadline <= end) {
            self.now = self.now.max(deadline);
            self.session.on_time(self.now);
        }
        self.now = end;
    }

    /// As `pass`, with every ping answered at once.
    fn pass_alive(&mut self, time: Duration) -> Vec<Action> {
        let end = self.now + time;
        let mut seen = Vec::new();
        while let Some(deadline) = self.session.deadline().filter(|deadline| *deadline <= end) {
            self.now = self.now.max(deadline);
            self.session.on_time(self.now);
            for action in self.actions() {
                if let Action::Ping { link } = action {
                    self.session.on_pong(link, self.now);
                }
                seen.push(action);
            }
        }
        self.now = end;
        seen
    }

    /// Time until the next attempt.
    #[track_caller]
    fn wait(&self) -> Duration {
        let (Seek::Waiting { until } | Seek::Blocked { until }) = self.session.seek else {
            panic!("{:?}", self.session.seek)
        };
        until - self.now
    }
}

fn sent(actions: &[Action]) -> Vec<Value> {
    let texts = actions.iter().filter_map(|action| match action {
        Action::Send { ack, .. } => Some(serde_json::from_str(&ack.to_text()).unwrap()),
        _ => None,
    });
    texts.collect()
}
