//! Who waits for an answer that cannot be seen growing, and when to tell them that it takes long.

use super::super::recent::Recent;
use crate::{clock::Moment, message::ReplyHandle};
use std::{
    collections::{HashMap, HashSet},
    time::{Duration, Instant},
};

/// Messages that wait at once. One beyond it is answered without a notice before.
const MOST: usize = 10_000;

/// The messages whose answers are worked on in plain mode.
///
/// ```text
/// (unknown) -> Due ---------> Going out --> Settled
///                 \--- reply, end of turn -->/
/// ```
#[derive(Debug)]
pub(super) struct Waiting {
    /// When this process took over from its predecessor.
    since_ms: i64,
    due: HashMap<String, Due>,
    going_out: HashSet<String>,
    /// Nothing more is said about these.
    settled: Recent,
}

#[derive(Debug)]
struct Due {
    to: ReplyHandle,
    at: Instant,
}

/// What to do next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Send a notice to who wrote this.
    Send(Box<ReplyHandle>),
    /// Nothing before this time, unless something is told.
    Wait(Instant),
    /// Nothing until something is told.
    Rest,
}

impl Waiting {
    /// Nobody waits. What became due before `since_ms` was a predecessor's to say, which may have
    /// done so: it is not said again.
    pub(super) fn new(since_ms: i64) -> Self {
        let settled = Recent::new(MOST);
        Self { since_ms, due: HashMap::new(), going_out: HashSet::new(), settled }
    }

    /// The answer to `to` is worked on, and nothing of it is seen. Its notice is due `delay` after
    /// the message's arrival. Only the first time counts.
    pub(super) fn arm(&mut self, to: &ReplyHandle, delay: Duration, now: Moment) {
        let id = &to.msg_id;
        let known = self.due.contains_key(id) || self.going_out.contains(id) || self.settled.contains(id);
        if id.is_empty() || known || self.due.len() >= MOST {
            return;
        }
        let arrived = if to.received_at_ms > 0 { to.received_at_ms } else { now.unix_ms };
        let passed = Duration::from_millis(u64::try_from(now.unix_ms - arrived).unwrap_or_default());
        let since_arrival = u64::try_from(self.since_ms - arrived).ok().map(Duration::from_millis);
        if since_arrival.is_some_and(|since| delay <= since) {
            self.settled.insert(id);
            return;
        }
        let Some(at) = now.now.checked_add(delay.saturating_sub(passed)) else { return };
        self.due.insert(id.clone(), Due { to: to.clone(), at });
    }

    /// A reply to the message is about to go out, or there will be none. Whether its notice is just
    /// going out.
    pub(super) fn settle(&mut self, msg_id: &str) -> bool {
        self.due.remove(msg_id);
        self.settled.insert(msg_id);
        self.going_out.contains(msg_id)
    }

    /// The notice has gone out, or failed.
    pub(super) fn gone(&mut self, msg_id: &str) {
        self.going_out.remove(msg_id);
    }

    /// Whether a notice for the message is just going out.
    pub(super) fn is_going_out(&self, msg_id: &str) -> bool {
        self.going_out.contains(msg_id)
    }

    /// What to do now.
    pub(super) fn next(&mut self, now: Instant) -> Next {
        let Some((id, at)) = self.due.iter().map(|(id, due)| (id, due.at)).min_by_key(|(_, at)| *at) else {
            return Next::Rest;
        };
        if at > now {
            return Next::Wait(at);
        }
        let id = id.clone();
        let Some(due) = self.due.remove(&id) else { return Next::Rest };
        self.settled.insert(&id);
        self.going_out.insert(id);
        Next::Send(Box::new(due.to))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock;
    use host_sdk::ConversationKind;

    const DELAY: Duration = Duration::from_secs(30);
    /// When the process began.
    const START: i64 = 1_000_000_000;

    /// A clock that the test moves.
    struct World {
        waiting: Waiting,
        start: Instant,
    }

    impl World {
        fn new() -> Self {
            Self { waiting: Waiting::new(START), start: clock::now() }
        }

        /// So many seconds after the start of the process.
        fn at(&self, seconds: u64) -> Moment {
            let now = self.start + Duration::from_secs(seconds);
            Moment { now, unix_ms: START + 1_000 * i64::try_from(seconds).unwrap() }
        }

        fn arm(&mut self, to: &ReplyHandle, seconds: u64) {
            let now = self.at(seconds);
            self.waiting.arm(to, DELAY, now);
        }

        /// Whose notices go out until then.
        fn notices(&mut self, seconds: u64) -> Vec<String> {
            let now = self.at(seconds).now;
            let mut sent = Vec::new();
            while let Next::Send(to) = self.waiting.next(now) {
                sent.push(to.msg_id);
            }
            sent
        }
    }

    /// A message that arrived so many seconds after the start.
    fn message(id: &str, arrived: i64) -> ReplyHandle {
        ReplyHandle {
            conversation_id: "cid".into(),
            kind: ConversationKind::Direct,
            staff_id: Some("user0001".into()),
            sender_id: None,
            sender_nick: None,
            robot_code: None,
            session_webhook: None,
            webhook_expires_at_ms: None,
            msg_id: id.into(),
            sent_at_ms: 0,
            received_at_ms: START + 1_000 * arrived,
        }
    }

    #[test]
    fn a_notice_is_due_after_the_messages_arrival_and_not_after_the_turns_beginning() {
        let mut world = World::new();
        world.arm(&message("m1", 10), 25);
        assert_eq!(world.waiting.next(world.at(39).now), Next::Wait(world.at(40).now));
        assert_eq!(world.notices(40), ["m1"]);
    }

    #[test]
    fn a_turn_that_begins_later_than_that_says_so_at_once() {
        let mut world = World::new();
        world.arm(&message("m1", 10), 90);
        assert_eq!(world.notices(90), ["m1"]);
    }

    #[test]
    fn it_is_said_once() {
        let mut world = World::new();
        let to = message("m1", 10);
        world.arm(&to, 10);
        world.arm(&to, 20);
        assert_eq!(world.notices(60), ["m1"]);
        world.arm(&to, 61);
        world.waiting.gone("m1");
        world.arm(&to, 62);
        assert_eq!(world.notices(200), [""; 0]);
    }

    #[test]
    fn after_a_reply_or_the_end_of_the_turn_nothing_is_said() {
        let mut world = World::new();
        world.arm(&message("m1", 10), 10);
        assert!(!world.waiting.settle("m1"));
        world.arm(&message("m1", 10), 11);
        assert!(!world.waiting.settle("m2"), "a silent turn's end is told, too");
        world.arm(&message("m2", 10), 12);
        assert_eq!(world.notices(100), [""; 0]);
        assert_eq!(world.waiting.next(world.at(100).now), Next::Rest);
    }

    #[test]
    fn two_messages_that_wait_get_one_each_when_theirs_is_due() {
        let mut world = World::new();
        world.arm(&message("m1", 10), 10);
        world.arm(&message("m2", 20), 20);
        assert_eq!(world.notices(40), ["m1"]);
        assert_eq!(world.notices(49), [""; 0]);
        assert_eq!(world.notices(50), ["m2"]);
    }

    #[test]
    fn who_replies_hears_of_a_notice_that_is_just_going_out() {
        let mut world = World::new();
        world.arm(&message("m1", 10), 10);
        assert_eq!(world.notices(40), ["m1"]);
        assert!(world.waiting.settle("m1") && world.waiting.is_going_out("m1"));
        world.waiting.gone("m1");
        assert!(!world.waiting.settle("m1"));
    }

    #[test]
    fn what_a_predecessor_may_have_said_is_not_said_again() {
        let mut world = World::new();
        world.arm(&message("before", -31), 5);
        world.arm(&message("between", -20), 5);
        assert_eq!(world.notices(9), [""; 0]);
        assert_eq!(world.notices(10), ["between"]);
        assert_eq!(world.notices(1_000), [""; 0]);
    }

    #[test]
    fn a_message_from_the_future_waits_no_longer_than_the_delay() {
        let mut world = World::new();
        world.arm(&message("m1", 10_000), 10);
        assert_eq!(world.notices(40), ["m1"]);
    }

    #[test]
    fn a_delay_beyond_all_bounds_is_none() {
        let mut world = World::new();
        let now = world.at(0);
        world.waiting.arm(&message("m1", 0), Duration::MAX, now);
        assert_eq!(world.waiting.next(now.now), Next::Rest);
    }
}
