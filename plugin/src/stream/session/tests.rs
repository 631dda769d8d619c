use super::*;
use crate::{
    api::gateway::ROBOT,
    clock,
    stream::link::{PART, USEFUL},
};
use proptest::prelude::*;
use serde_json::{Value, json};

const S: Duration = Duration::from_secs(1);

/// A session, a hand-moved clock, and what the session wanted done since last asked.
struct Rig {
    session: Session,
    start: Instant,
    now: Instant,
}

impl Rig {
    fn new() -> Self {
        Self::with(Settings::default())
    }

    fn with(settings: Settings) -> Self {
        let now = clock::now();
        Self { session: Session::new(settings), start: now, now }
    }

    /// A rig whose first link is up.
    #[track_caller]
    fn connected() -> (Self, LinkId) {
        let mut rig = Self::new();
        let link = rig.connect();
        rig.actions();
        (rig, link)
    }

    fn actions(&mut self) -> Vec<Action> {
        std::iter::from_fn(|| self.session.next_action()).collect()
    }

    /// Everything but the signs of life.
    fn changes(&mut self) -> Vec<Change> {
        let changes = self.actions().into_iter().filter_map(|action| match action {
            Action::Report(change) if change != Change::Activity => Some(change),
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

    fn frame(&mut self, link: LinkId, kind: &str, topic: &str) {
        let frame = json!({"type": kind, "headers": {"topic": topic, "messageId": "m"}, "data": "{}"});
        self.session.on_frame(link, Frame::decode(&frame.to_string()).unwrap(), self.now);
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
                    self.session.on_sign_of_life(link, self.now);
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

#[test]
fn is_connected_only_once_the_websocket_is_up() {
    let mut rig = Rig::new();
    assert_eq!(rig.actions(), [Action::Report(Change::Starting), Action::Open]);

    rig.session.on_opened(Ok(Invitation::new("ws://h/?ticket=t")), rig.now);
    let [Action::Dial { link, .. }] = rig.actions()[..] else { panic!() };

    rig.session.on_dialled(link, Ok(()), rig.now);
    assert_eq!(rig.actions(), [Action::Report(Change::Up)]);
}

#[test]
fn a_ping_is_answered_and_delivers_nothing() {
    let (mut rig, link) = Rig::connected();
    rig.frame(link, "SYSTEM", "ping");
    let actions = rig.actions();
    assert_eq!(sent(&actions)[0]["data"], "{}");
    assert!(!actions.iter().any(|action| matches!(action, Action::Deliver { .. })));
}

#[test]
fn a_message_is_delivered_and_answered_only_when_acknowledged() {
    let (mut rig, link) = Rig::connected();
    rig.frame(link, "CALLBACK", ROBOT);
    let actions = rig.actions();
    assert!(sent(&actions).is_empty());
    let Some(Action::Deliver { frame, .. }) = actions.last() else { panic!("{actions:?}") };

    let Answer::WhenAccepted(ack) = frame.answer() else { panic!() };
    rig.session.acknowledge(link, ack);
    assert_eq!(sent(&rig.actions()).len(), 1);
}

#[test]
fn an_answer_to_a_link_that_is_gone_is_dropped() {
    let (mut rig, link) = Rig::connected();
    rig.frame(link, "CALLBACK", ROBOT);
    let Some(Action::Deliver { frame, .. }) = rig.actions().pop() else { panic!() };
    rig.session.on_lost(link, "reset", rig.now);
    rig.actions();

    let Answer::WhenAccepted(ack) = frame.answer() else { panic!() };
    rig.session.acknowledge(link, ack);
    assert!(rig.actions().is_empty());
}

#[test]
fn a_goodbye_is_followed_at_once_while_the_old_link_is_still_read() {
    let (mut rig, old) = Rig::connected();
    rig.frame(old, "SYSTEM", "disconnect");
    assert!(rig.actions().contains(&Action::Open));
    let new = rig.connect();
    rig.actions();

    rig.frame(old, "CALLBACK", ROBOT);
    assert!(
        rig.actions().iter().any(|action| matches!(action, Action::Deliver { link, .. } if *link == old))
    );

    let seen = rig.pass_alive(12 * S);
    assert!(seen.contains(&Action::HangUp { link: old, why: Ending::Drained }));
    assert!(!seen.iter().any(|action| matches!(action, Action::Report(Change::Down { .. }))));
    assert_eq!(rig.session.links.len(), 1);
    assert_eq!(rig.session.links[0].id(), new);
}

#[test]
fn a_repeated_goodbye_changes_nothing() {
    let (mut rig, old) = Rig::connected();
    rig.frame(old, "SYSTEM", "disconnect");
    rig.connect();
    rig.actions();
    rig.frame(old, "SYSTEM", "disconnect");
    assert!(!rig.actions().contains(&Action::Open));
}

#[test]
fn a_server_that_says_goodbye_to_every_link_makes_no_hot_loop() {
    let (mut rig, mut link) = Rig::connected();
    let mut attempts = 0;
    while rig.now < rig.start + 60 * S {
        rig.frame(link, "SYSTEM", "disconnect");
        while rig.session.seek != Seek::Opening {
            rig.pass(S / 10);
        }
        link = rig.connect();
        attempts += 1;
    }
    assert!(attempts <= 20, "{attempts} attempts in a minute");
}

#[test]
fn a_silent_link_is_asked_twice_and_dead_after_16_seconds() {
    let (mut rig, link) = Rig::connected();
    rig.pass(Duration::from_millis(7999));
    assert!(rig.actions().is_empty());
    rig.pass(Duration::from_millis(1));
    assert_eq!(rig.actions(), [Action::Ping { link }]);
    rig.pass(4 * S);
    assert_eq!(rig.actions(), [Action::Ping { link }]);
    rig.pass(4 * S);
    let actions = rig.actions();
    assert_eq!(actions[0], Action::HangUp { link, why: Ending::Silent });
    assert!(matches!(&actions[1], Action::Report(Change::Down { .. })));
    assert!(rig.wait() <= S);
}

#[test]
fn a_pong_is_enough_to_live() {
    let (mut rig, _) = Rig::connected();
    let seen = rig.pass_alive(5 * 60 * S);
    assert!(!seen.iter().any(|action| matches!(action, Action::HangUp { .. } | Action::Open)));
}

#[test]
fn a_link_without_messages_is_replaced_before_it_is_left() {
    let (mut rig, old) = Rig::connected();
    let seen = rig.pass_alive(30 * 60 * S);
    assert!(seen.contains(&Action::Open));
    assert!(!seen.iter().any(|action| matches!(action, Action::HangUp { .. })));

    rig.connect();
    let seen = rig.pass_alive(PART);
    assert!(seen.contains(&Action::HangUp { link: old, why: Ending::Drained }));
}

#[test]
fn a_link_on_which_dingtalk_stops_to_ping_is_suspicious_earlier() {
    let (mut rig, link) = Rig::connected();
    rig.frame(link, "SYSTEM", "ping");
    assert!(!rig.pass_alive(30 * S).contains(&Action::Open));
    rig.frame(link, "SYSTEM", "ping");
    assert!(!rig.pass_alive(119 * S).contains(&Action::Open));
    assert!(rig.pass_alive(S).contains(&Action::Open), "four pings of thirty seconds did not come");
}

#[test]
fn a_single_ping_tells_nothing_about_the_next_one() {
    let (mut rig, link) = Rig::connected();
    rig.frame(link, "SYSTEM", "ping");
    assert!(!rig.pass_alive(29 * 60 * S).contains(&Action::Open));
}

#[test]
fn a_lost_link_is_down_at_once_and_sought_after_a_backoff() {
    let (mut rig, link) = Rig::connected();
    rig.session.on_lost(link, "reset", rig.now);
    assert_eq!(rig.changes(), [Change::Down { why: "reset".into(), blocked: false }]);
    let wait = rig.wait();
    assert!(wait >= S / 2 && wait < S, "{wait:?}");
    rig.pass(S);
    rig.connect();
    assert_eq!(rig.changes(), [Change::Up]);
}

#[test]
fn the_backoff_grows_until_a_link_was_useful() {
    let (mut rig, mut link) = Rig::connected();
    for _ in 0..4 {
        rig.session.on_lost(link, "reset", rig.now);
        rig.pass(60 * S);
        link = rig.connect();
    }
    rig.session.on_lost(link, "reset", rig.now);
    assert!(rig.wait() > 7 * S);

    rig.pass(60 * S);
    link = rig.connect();
    rig.pass_alive(USEFUL);
    rig.session.on_lost(link, "reset", rig.now);
    assert!(rig.wait() < S, "thirty seconds are a useful life");

    rig.pass(S);
    link = rig.connect();
    rig.frame(link, "CALLBACK", ROBOT);
    rig.session.on_lost(link, "reset", rig.now);
    assert!(rig.wait() < S, "and so is a message");
}

#[test]
fn rejected_credentials_block_and_are_probed_once_a_minute() {
    let mut rig = Rig::new();
    for _ in 0..5 {
        rig.actions();
        rig.refuse(Nature::Credentials);
        assert_eq!(rig.changes(), [Change::Blocked { why: "no".into() }]);
        assert_eq!(rig.wait(), PROBE);
        rig.pass(PROBE);
    }
    rig.connect();
    assert_eq!(rig.changes(), [Change::Up]);
}

#[test]
fn a_link_lost_while_blocked_leaves_it_blocked() {
    let (mut rig, link) = Rig::connected();
    rig.frame(link, "SYSTEM", "disconnect");
    rig.refuse(Nature::Credentials);
    rig.actions();
    rig.session.on_lost(link, "closed", rig.now);
    assert_eq!(rig.changes(), [Change::Down { why: "closed".into(), blocked: true }]);
    assert_eq!(rig.wait(), PROBE);
}

#[test]
fn other_refusals_block_only_when_they_last() {
    let mut rig = Rig::new();
    rig.actions();
    let refusals: Vec<bool> = (0..4)
        .map(|_| {
            rig.refuse(Nature::Refused);
            let blocked = matches!(rig.changes()[..], [Change::Blocked { .. }]);
            rig.pass(PROBE);
            blocked
        })
        .collect();
    assert_eq!(refusals, [false, false, true, true]);
}

#[test]
fn a_throttled_attempt_waits_as_long_as_it_was_told() {
    let mut rig = Rig::new();
    rig.refuse(Nature::Throttled(300 * S));
    assert_eq!(rig.wait(), 300 * S);
}

#[test]
fn an_unreachable_host_is_tried_for_ever_with_longer_waits() {
    let mut rig = Rig::new();
    for _ in 0..50 {
        rig.refuse(Nature::Passing);
        assert!(rig.wait() < 60 * S);
        rig.pass(60 * S);
    }
    rig.actions();
    rig.refuse(Nature::Passing);
    assert_eq!(rig.changes(), [Change::Setback { why: "no".into(), attempts: 51, connected: false }]);
    assert!(rig.wait() >= 30 * S);
}

#[test]
fn a_refused_handshake_asks_for_a_new_invitation() {
    let mut rig = Rig::new();
    rig.session.on_opened(Ok(Invitation::new("ws://h/?ticket=t")), rig.now);
    let Seek::Dialing { link } = rig.session.seek else { panic!() };
    let setback = Setback { why: "handshake".into(), nature: Nature::Refused };
    rig.session.on_dialled(link, Err(setback), rig.now);
    rig.pass(S);
    assert_eq!(rig.session.seek, Seek::Opening);
}

#[test]
fn two_live_links_are_kept_when_two_are_wanted() {
    let mut rig = Rig::with(Settings { links: 2, ..Settings::default() });
    let first = rig.connect();
    let second = rig.connect();
    assert_eq!(rig.session.seek, Seek::Settled);
    rig.actions();

    rig.session.on_lost(first, "reset", rig.now);
    assert_eq!(rig.changes(), [], "one still stands");
    rig.pass(S);
    rig.connect();
    rig.session.on_lost(second, "reset", rig.now);
    assert!(!rig.changes().iter().any(|change| matches!(change, Change::Down { .. })));
}

#[test]
fn stop_closes_every_link_at_once_and_is_final() {
    let (mut rig, old) = Rig::connected();
    rig.frame(old, "SYSTEM", "disconnect");
    let new = rig.connect();
    rig.actions();

    rig.session.stop();
    let stopping = |link| Action::HangUp { link, why: Ending::Stopping };
    assert_eq!(rig.actions(), [stopping(old), stopping(new), Action::Report(Change::Stopped)]);

    rig.session.stop();
    rig.session.on_lost(new, "closed", rig.now);
    rig.pass(3600 * S);
    assert!(rig.actions().is_empty());
    assert!(rig.session.is_closed());
}

#[test]
fn a_link_that_comes_up_after_stop_is_hung_up() {
    let mut rig = Rig::new();
    rig.session.on_opened(Ok(Invitation::new("ws://h/?ticket=t")), rig.now);
    let Seek::Dialing { link } = rig.session.seek else { panic!() };
    rig.session.stop();
    rig.actions();
    rig.session.on_dialled(link, Ok(()), rig.now);
    assert_eq!(rig.actions(), [Action::HangUp { link, why: Ending::Unwanted }]);
}

#[test]
fn signs_of_life_are_reported_once_a_second() {
    let (mut rig, link) = Rig::connected();
    for _ in 0..50 {
        rig.session.on_sign_of_life(link, rig.now);
        rig.now += S / 10;
    }
    assert_eq!(rig.actions().len(), 5);
}

/// What may happen to a session, in any order.
#[derive(Clone, Debug)]
enum Happening {
    Opened(Option<Nature>),
    Dialled(Option<Nature>),
    Frame { link: u64, kind: &'static str, topic: &'static str },
    Lost { link: u64 },
    Alive { link: u64 },
    Passed { tenths: u32 },
}

fn happening() -> impl Strategy<Value = Happening> {
    let nature = || {
        prop::option::of(prop::sample::select(vec![
            Nature::Credentials,
            Nature::Refused,
            Nature::Passing,
            Nature::Throttled(30 * S),
        ]))
    };
    let frames = [("SYSTEM", "ping"), ("SYSTEM", "disconnect"), ("CALLBACK", ROBOT), ("EVENT", "*")];
    prop_oneof![
        4 => nature().prop_map(Happening::Opened),
        4 => nature().prop_map(Happening::Dialled),
        4 => (1u64..12, prop::sample::select(frames.to_vec()))
            .prop_map(|(link, (kind, topic))| Happening::Frame { link, kind, topic }),
        2 => (1u64..12).prop_map(|link| Happening::Lost { link }),
        2 => (1u64..12).prop_map(|link| Happening::Alive { link }),
        3 => (0u32..400).prop_map(|tenths| Happening::Passed { tenths }),
    ]
}

impl Rig {
    fn happen(&mut self, happening: Happening) {
        let outcome = |nature: Option<Nature>| match nature {
            None => Ok(()),
            Some(nature) => Err(Setback { why: "no".into(), nature }),
        };
        match happening {
            Happening::Opened(nature) => {
                let invitation = outcome(nature).map(|()| Invitation::new("ws://h/?ticket=t"));
                self.session.on_opened(invitation, self.now);
            }
            Happening::Dialled(nature) => {
                let Seek::Dialing { link } = self.session.seek else { return };
                self.session.on_dialled(link, outcome(nature), self.now);
            }
            Happening::Frame { link, kind, topic } => self.frame(LinkId(link), kind, topic),
            Happening::Lost { link } => self.session.on_lost(LinkId(link), "reset", self.now),
            Happening::Alive { link } => self.session.on_sign_of_life(LinkId(link), self.now),
            Happening::Passed { tenths } => self.pass(tenths * S / 10),
        }
    }

    /// Lets everything succeed for a while.
    fn succeed_for(&mut self, time: Duration) {
        let end = self.now + time;
        while self.now < end {
            self.happen(Happening::Opened(None));
            self.happen(Happening::Dialled(None));
            self.pass_alive(S);
        }
    }
}

proptest! {
    #[test]
    fn whatever_happened_it_connects_again_once_it_can(
        links in 1usize..=2,
        happenings in prop::collection::vec(happening(), 0..150),
    ) {
        let mut rig = Rig::with(Settings { links, ..Settings::default() });
        for happening in happenings {
            rig.happen(happening);
            prop_assert!(rig.session.seek != Seek::Settled || !rig.session.lacks_links(),
                "nothing is sought although a link is lacking");
        }
        rig.succeed_for(120 * S);
        prop_assert_eq!(rig.session.seek, Seek::Settled);
        prop_assert_eq!(rig.session.links.len(), links, "{:?}", rig.session.links);
    }

    #[test]
    fn whatever_happens_attempts_stay_few(happenings in prop::collection::vec(happening(), 0..150)) {
        let mut rig = Rig::new();
        let mut attempts = 0;
        for happening in happenings {
            rig.happen(happening);
            attempts += rig.actions().iter().filter(|action| **action == Action::Open).count();
        }
        let seconds = usize::try_from((rig.now - rig.start).as_secs()).unwrap();
        prop_assert!(attempts <= 2 + 2 * (seconds + 1), "{attempts} attempts in {seconds} s");
    }
}
