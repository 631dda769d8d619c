//! What is pushed to clients, how often, and what they answered (DingTalk protocol, §2.6).

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use serde_json::Value;

use super::super::record::{Moment, push_bounded};
use super::ConnectionId;

/// The topic of messages to the robot (DingTalk protocol, §3).
pub(in crate::dingtalk) const ROBOT_TOPIC: &str = "/v1.0/im/bot/messages/get";

/// The topic of card actions (DingTalk protocol, §3).
pub(in crate::dingtalk) const CARD_TOPIC: &str = "/v1.0/card/instances/callback";

/// The `type` of a pushed frame (DingTalk protocol, §2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PushKind {
    /// Robot messages and card actions.
    Callback,
    /// Events of the organisation.
    Event,
}

impl PushKind {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Callback => "CALLBACK",
            Self::Event => "EVENT",
        }
    }
}

/// Something pushed to an app.
#[derive(Debug, Clone)]
pub struct Push {
    /// When the service wanted to push it.
    pub queued: Moment,
    /// The Client ID of the app.
    pub app: String,
    /// The frame's type.
    pub kind: PushKind,
    /// The frame's topic.
    pub topic: String,
    /// The id that stays the same however often it is pushed: `msgId`, `eventId` or the `outTrackId`.
    pub id: String,
    /// The decoded `data`.
    pub data: Value,
    /// The `event…` headers of an EVENT.
    pub event_headers: BTreeMap<String, String>,
    /// Every time it was pushed.
    pub deliveries: Vec<Delivery>,
    /// Whether it was lost because nobody subscribed to it.
    pub lost: bool,
    waiting: bool,
    repush_at: Option<Duration>,
    repushes_left: u32,
}

impl Push {
    /// The first answer to any of its deliveries.
    #[must_use]
    pub fn ack(&self) -> Option<&Ack> {
        self.deliveries.iter().filter_map(|delivery| delivery.ack.as_ref()).min_by_key(|ack| ack.moment)
    }

    /// The conversation that a robot message belongs to.
    #[must_use]
    pub fn conversation(&self) -> Option<&str> {
        self.data.get("conversationId")?.as_str()
    }
}

/// One frame on one connection.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// When it was handed to the connection.
    pub sent: Moment,
    /// Its `headers.messageId`, new for each delivery (DingTalk protocol, §2.6).
    pub message_id: String,
    /// The connection.
    pub connection: ConnectionId,
    /// Whether a zombie or a deaf connection swallowed it (DingTalk protocol, §2.10 F2, F5).
    pub swallowed: bool,
    /// When the whole frame had been given to TCP, so that the client could read it; `None` where it never
    /// was (DingTalk protocol, §2.10 F2, F4, F5, F10).
    pub written: Option<Moment>,
    /// The client's answer.
    pub ack: Option<Ack>,
}

/// A client's answer to a delivery.
#[derive(Debug, Clone)]
pub struct Ack {
    /// When it arrived.
    pub moment: Moment,
    /// How long the client took.
    pub latency: Duration,
    /// The `code`, 200 for OK.
    pub code: i64,
    /// The decoded `data`; `null` if it was no JSON.
    pub data: Value,
}

/// A push before it has been anywhere.
#[derive(Debug)]
pub(in crate::dingtalk) struct NewPush {
    pub(in crate::dingtalk) app: String,
    pub(in crate::dingtalk) kind: PushKind,
    pub(in crate::dingtalk) topic: String,
    pub(in crate::dingtalk) id: String,
    pub(in crate::dingtalk) data: Value,
    pub(in crate::dingtalk) event_headers: BTreeMap<String, String>,
}

/// Every push, oldest first; its number is that of its `queued` moment.
#[derive(Debug)]
pub(in crate::dingtalk) struct PushLedger {
    pushes: VecDeque<Push>,
    /// The pushes to be repeated by their time, so that the next one is found without a search.
    due: BTreeSet<(Duration, u64)>,
    /// The pushes to be repeated although nothing is wrong with them (DingTalk protocol, §2.10 F6).
    mistakes: BTreeSet<(Duration, u64)>,
    remember: usize,
}

impl PushLedger {
    pub(super) fn new(remember: usize) -> Self {
        Self { pushes: VecDeque::new(), due: BTreeSet::new(), mistakes: BTreeSet::new(), remember }
    }

    pub(super) fn add(&mut self, new: NewPush, queued: Moment, repushes: u32) -> u64 {
        let NewPush { app, kind, topic, id, data, event_headers } = new;
        let push = Push {
            queued,
            app,
            kind,
            topic,
            id,
            data,
            event_headers,
            deliveries: Vec::new(),
            lost: false,
            waiting: false,
            repush_at: None,
            repushes_left: repushes,
        };
        push_bounded(&mut self.pushes, push, self.remember);
        queued.seq
    }

    pub(in crate::dingtalk) fn all(&self) -> impl DoubleEndedIterator<Item = &Push> {
        self.pushes.iter()
    }

    pub(super) fn get(&self, key: u64) -> Option<&Push> {
        let index = self.pushes.binary_search_by_key(&key, |push| push.queued.seq).ok()?;
        self.pushes.get(index)
    }

    fn get_mut(&mut self, key: u64) -> Option<&mut Push> {
        let index = self.pushes.binary_search_by_key(&key, |push| push.queued.seq).ok()?;
        self.pushes.get_mut(index)
    }

    /// The push of a message, an event or a card action by its lasting id; the newest one if it was
    /// pushed to several apps.
    pub(in crate::dingtalk) fn of_message(&self, id: &str) -> Option<&Push> {
        self.pushes.iter().rev().find(|push| push.id == id)
    }

    /// The pushes that wait for a connection of this app with one of these topics, in order.
    pub(super) fn waiting(&self, app: &str, topics: &[(PushKind, String)]) -> Vec<u64> {
        let wanted = |push: &&Push| {
            push.waiting
                && push.app == app
                && topics.iter().any(|(kind, topic)| push.kind == *kind && push.topic == *topic)
        };
        self.pushes.iter().filter(wanted).map(|push| push.queued.seq).collect()
    }

    /// Notes that nobody subscribes to a push at the moment.
    pub(super) fn unsubscribed(&mut self, key: u64, lost: bool) {
        if let Some(push) = self.get_mut(key) {
            (push.lost, push.waiting) = (lost, !lost);
        }
    }

    /// Notes a delivery, and when it is to be repeated if no ACK comes.
    pub(super) fn sent(&mut self, key: u64, delivery: Delivery, repush_after: Option<Duration>) {
        let Some(push) = self.get_mut(key) else { return };
        push.waiting = false;
        let at = repush_after.filter(|_| push.repushes_left > 0).map(|after| delivery.sent.at + after);
        let before = std::mem::replace(&mut push.repush_at, at);
        push.deliveries.push(delivery);
        self.reschedule(key, before, at);
    }

    /// Notes that the frame of a delivery was given to TCP as a whole.
    pub(super) fn written(&mut self, key: u64, message_id: &str, moment: Moment) {
        let Some(push) = self.get_mut(key) else { return };
        // The newest first: an older delivery has been written long ago.
        let delivery = push.deliveries.iter_mut().rev().find(|it| it.message_id == message_id);
        if let Some(delivery) = delivery {
            delivery.written = Some(moment);
        }
    }

    /// Has a push repeated at a time, whatever became of it until then.
    pub(super) fn repeat_at(&mut self, key: u64, at: Duration) {
        self.mistakes.insert((at, key));
    }

    fn reschedule(&mut self, key: u64, before: Option<Duration>, at: Option<Duration>) {
        if let Some(before) = before {
            self.due.remove(&(before, key));
        }
        if let Some(at) = at {
            self.due.insert((at, key));
        }
    }

    /// Notes an answer; it must come from the connection that the frame went to.
    pub(super) fn acked(
        &mut self,
        connection: ConnectionId,
        message_id: &str,
        ack: impl FnOnce(&Delivery) -> Ack,
    ) -> Result<&Push, &'static str> {
        let is_meant = |it: &Delivery| it.message_id == message_id;
        let index = self.pushes.iter().rposition(|push| push.deliveries.iter().any(is_meant));
        let push = &mut self.pushes[index.ok_or("no frame has this messageId")?];
        let delivery = push.deliveries.iter_mut().find(|it| is_meant(it));
        let delivery = delivery.expect("the push was found by this delivery");
        if delivery.connection != connection {
            return Err("the frame went to another connection");
        }
        let ack = ack(delivery);
        // A LATER asks for the event again, which the repush time then brings (DingTalk protocol, §2.4).
        let later =
            push.kind == PushKind::Event && ack.data.get("status").is_some_and(|status| status == "LATER");
        delivery.ack.get_or_insert(ack);
        if !later && let Some(at) = push.repush_at.take() {
            self.due.remove(&(at, push.queued.seq));
        }
        Ok(push)
    }

    /// When the next push is to be repeated.
    pub(super) fn next_due(&self) -> Option<Duration> {
        [&self.due, &self.mistakes].into_iter().filter_map(|due| due.first()).map(|(at, _)| *at).min()
    }

    /// The pushes whose time for an ACK is over, and those whose time for a mistake has come.
    pub(super) fn due(&mut self, now: Duration) -> Vec<u64> {
        let mut keys = take_until(&mut self.due, now);
        for key in &keys {
            if let Some(push) = self.get_mut(*key) {
                push.repush_at = None;
                push.repushes_left -= 1;
            }
        }
        keys.extend(take_until(&mut self.mistakes, now));
        keys
    }
}

/// Takes the pushes out whose time has come.
fn take_until(due: &mut BTreeSet<(Duration, u64)>, now: Duration) -> Vec<u64> {
    let later = due.split_off(&(now + Duration::from_nanos(1), 0));
    std::mem::replace(due, later).into_iter().map(|(_, key)| key).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const AFTER: Duration = Duration::from_secs(3);

    fn at(seq: u64) -> Moment {
        Moment { seq, at: Duration::from_secs(seq) }
    }

    fn new(kind: PushKind) -> NewPush {
        let (id, topic) = ("msg1".into(), "t".into());
        NewPush { app: "app".into(), kind, topic, id, data: json!({}), event_headers: BTreeMap::new() }
    }

    fn delivery(seq: u64, message_id: &str, connection: u64) -> Delivery {
        let connection = ConnectionId(connection);
        let (sent, message_id) = (at(seq), message_id.into());
        Delivery { sent, message_id, connection, swallowed: false, written: None, ack: None }
    }

    fn ack(seq: u64, data: Value) -> impl FnOnce(&Delivery) -> Ack {
        move |delivery| Ack { moment: at(seq), latency: at(seq).at - delivery.sent.at, code: 200, data }
    }

    fn ledger(kind: PushKind) -> (PushLedger, u64) {
        let mut ledger = PushLedger::new(10);
        let key = ledger.add(new(kind), at(1), 1);
        (ledger, key)
    }

    #[test]
    fn a_push_without_ack_falls_due_as_often_as_it_may_be_repeated() {
        let (mut ledger, key) = ledger(PushKind::Callback);
        ledger.sent(key, delivery(1, "m1", 1), Some(AFTER));
        assert_eq!(ledger.next_due(), Some(Duration::from_secs(4)));
        assert!(ledger.due(Duration::from_secs(3)).is_empty());

        assert_eq!(ledger.due(Duration::from_secs(4)), [key]);
        ledger.sent(key, delivery(4, "m2", 1), Some(AFTER));

        assert_eq!(ledger.next_due(), None);
    }

    #[test]
    fn an_ack_ends_the_waiting_and_has_a_latency() {
        let (mut ledger, key) = ledger(PushKind::Callback);
        ledger.sent(key, delivery(1, "m1", 1), Some(AFTER));

        ledger.acked(ConnectionId(1), "m1", ack(2, Value::Null)).unwrap();

        assert_eq!(ledger.next_due(), None);
        assert_eq!(ledger.get(key).unwrap().ack().unwrap().latency, Duration::from_secs(1));
    }

    #[test]
    fn a_mistake_repeats_what_was_acknowledged_once() {
        let (mut ledger, key) = ledger(PushKind::Callback);
        ledger.sent(key, delivery(1, "m1", 1), Some(AFTER));
        ledger.acked(ConnectionId(1), "m1", ack(2, Value::Null)).unwrap();

        ledger.repeat_at(key, Duration::from_secs(16));

        assert_eq!(ledger.next_due(), Some(Duration::from_secs(16)));
        assert!(ledger.due(Duration::from_secs(15)).is_empty());
        assert_eq!(ledger.due(Duration::from_secs(16)), [key]);
        assert_eq!(ledger.next_due(), None);
    }

    #[test]
    fn what_was_written_is_told_from_what_was_only_sent() {
        let (mut ledger, key) = ledger(PushKind::Callback);
        ledger.sent(key, delivery(1, "m1", 1), None);
        ledger.sent(key, delivery(2, "m2", 2), None);

        ledger.written(key, "m2", at(3));

        let written: Vec<_> = ledger.get(key).unwrap().deliveries.iter().map(|it| it.written).collect();
        assert_eq!(written, [None, Some(at(3))]);
    }

    #[test]
    fn an_event_for_later_is_pushed_again() {
        let (mut ledger, key) = ledger(PushKind::Event);
        ledger.sent(key, delivery(1, "m1", 1), Some(AFTER));

        ledger.acked(ConnectionId(1), "m1", ack(2, json!({"status": "LATER"}))).unwrap();

        assert_eq!(ledger.due(Duration::from_secs(4)), [key]);
    }

    #[test]
    fn an_ack_belongs_to_the_connection_that_delivered_the_frame() {
        let (mut ledger, key) = ledger(PushKind::Callback);
        ledger.sent(key, delivery(1, "m1", 1), None);

        assert!(ledger.acked(ConnectionId(2), "m1", ack(2, Value::Null)).is_err());
        assert!(ledger.acked(ConnectionId(1), "m2", ack(2, Value::Null)).is_err());
        assert!(ledger.get(key).unwrap().ack().is_none());
    }

    #[test]
    fn a_push_waits_for_a_connection_that_subscribes_to_it() {
        let (mut ledger, key) = ledger(PushKind::Callback);
        ledger.unsubscribed(key, false);
        let topics = |kind: PushKind| [(kind, "t".to_owned())];

        assert_eq!(ledger.waiting("app", &topics(PushKind::Callback)), [key]);
        assert!(ledger.waiting("app", &topics(PushKind::Event)).is_empty());
        assert!(ledger.waiting("other", &topics(PushKind::Callback)).is_empty());
        ledger.sent(key, delivery(2, "m1", 1), None);
        assert!(ledger.waiting("app", &topics(PushKind::Callback)).is_empty());
    }
}
