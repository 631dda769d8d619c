//! What happened, in one order: calls, messages, reactions and a line for each change.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;
use std::time::Duration;

use serde_json::Value;

use super::endpoint::Endpoint;
use super::violation::{Rule, Violation};

/// A place in the one order of everything recorded; later moments are greater.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    /// The sequence number, unique within one fake.
    pub seq: u64,
    /// The time since the fake started.
    pub at: Duration,
}

impl PartialEq for Moment {
    fn eq(&self, other: &Self) -> bool {
        self.seq == other.seq
    }
}

impl Eq for Moment {}

impl PartialOrd for Moment {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Moment {
    fn cmp(&self, other: &Self) -> Ordering {
        self.seq.cmp(&other.seq)
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:<4} {:>9.3}s", self.seq, self.at.as_secs_f64())
    }
}

/// An HTTP call that reached the fake.
#[derive(Debug, Clone)]
pub struct Call {
    /// When the whole request had been read.
    pub arrived: Moment,
    /// The endpoint; `None` for a path that the fake does not know.
    pub endpoint: Option<Endpoint>,
    /// The HTTP method.
    pub method: String,
    /// The path without the query.
    pub path: String,
    /// The query, decoded.
    pub query: BTreeMap<String, String>,
    /// The access token, wherever the call carried it.
    pub token: Option<String>,
    /// The JSON body; `null` if empty, a string if it was no JSON, part sizes if it was a form.
    pub body: Value,
    /// When the answer was handed to the socket; `None` while the call is in flight.
    pub answered: Option<Moment>,
    /// The HTTP status of the answer.
    pub status: Option<u16>,
    /// The body of the answer, written down as `body` is.
    pub answer: Value,
    /// Whether the connection ended before it was answered.
    pub abandoned: bool,
    /// When it took effect, if it had been stuck on its way.
    pub landed: Option<Moment>,
}

impl Call {
    /// Whether the call was answered as DingTalk answers success: HTTP 200 and no `errcode` but 0.
    #[must_use]
    pub fn succeeded(&self) -> bool {
        let errcode = self.answer.get("errcode").and_then(Value::as_i64).unwrap_or(0);
        self.status == Some(200) && errcode == 0
    }

    /// The error `code` of the answer (new API) or its `errcode` (oapi, webhook), as text.
    #[must_use]
    pub fn error_code(&self) -> Option<String> {
        let code = self.answer.get("code").and_then(Value::as_str).map(str::to_owned);
        code.or_else(|| self.answer.get("errcode").and_then(Value::as_i64).map(|code| code.to_string()))
    }
}

/// How a message got into its conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Via {
    /// Through the `sessionWebhook` (DingTalk protocol, §5).
    Webhook,
    /// Through a robot send (DingTalk protocol, §6).
    Robot,
}

/// A message of a robot that people see.
#[derive(Debug, Clone)]
pub struct Message {
    /// When it was accepted.
    pub sent: Moment,
    /// How it was sent.
    pub via: Via,
    /// The Client ID of the robot.
    pub app: String,
    /// The conversation that shows it.
    pub conversation: String,
    /// The `msgtype` of a webhook message or the `msgKey` of a robot send.
    pub kind: String,
    /// The object under the `msgtype`, or the decoded `msgParam`.
    pub content: Value,
    /// The ids under `at`, for people a webhook message mentions.
    pub at_user_ids: Vec<String>,
    /// The id for recall and read state.
    pub process_query_key: String,
    /// When it was recalled.
    pub recalled: Option<Moment>,
}

impl Message {
    /// What a person reads: the text or markdown of the message, else an empty string.
    #[must_use]
    pub fn text(&self) -> &str {
        let fields = ["content", "text"];
        fields.iter().find_map(|key| self.content.get(key)?.as_str()).unwrap_or_default()
    }
}

/// What a person said in a group without mentioning a robot: DingTalk shows it to people alone.
#[derive(Debug, Clone)]
pub struct Aside {
    /// When it was said.
    pub said: Moment,
    /// The group's conversation.
    pub conversation: String,
    /// Who said it, by staff id.
    pub staff_id: String,
    /// What was said.
    pub text: String,
}

/// An emotion under a person's message, the "thinking" mark (DingTalk protocol, §9.1).
#[derive(Debug, Clone)]
pub struct Reaction {
    /// The `msgId` of the message it is attached to.
    pub msg_id: String,
    /// The emotion's name.
    pub name: String,
    /// When it appeared.
    pub added: Moment,
    /// When it was recalled.
    pub recalled: Option<Moment>,
}

/// What a change of the fake's world was about.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Changed {
    /// A call arrived, was answered or was abandoned; the number is that of its arrival.
    Call(u64),
    /// A push was queued, delivered or acknowledged; the text is its `msgId` or event id.
    Push(String),
    /// A card was created, delivered or changed; the text is its `outTrackId`.
    Card(String),
    /// A message appeared in or vanished from the conversation named here.
    Message(String),
    /// An emotion appeared under or vanished from the message named here.
    Reaction(String),
    /// A connection opened, drained or closed; the number is its own.
    Connection(u64),
    /// The client broke a rule of the protocol.
    Violation,
    /// Somebody changed how the fake behaves.
    Fault,
}

/// One line of what happened; its `Display` is for people.
#[derive(Debug, Clone)]
pub struct Change {
    /// When it happened.
    pub moment: Moment,
    /// What it was about.
    pub what: Changed,
    /// What happened, as a clause.
    pub line: String,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.moment, self.line)
    }
}

/// How many changes are kept for a failure's report.
const JOURNAL: usize = 400;

/// Everything recorded, bounded by [`Settings::remember`](super::Settings::remember) per kind.
#[derive(Debug)]
pub(super) struct Record {
    seq: u64,
    remember: usize,
    calls: VecDeque<Call>,
    in_flight: BTreeSet<u64>,
    pub(super) messages: VecDeque<Message>,
    pub(super) reactions: VecDeque<Reaction>,
    pub(super) asides: VecDeque<Aside>,
    pub(super) violations: Vec<Violation>,
    journal: VecDeque<Change>,
    fresh: Vec<Change>,
}

impl Record {
    pub(super) fn new(remember: usize) -> Self {
        Self {
            seq: 0,
            remember,
            calls: VecDeque::new(),
            in_flight: BTreeSet::new(),
            messages: VecDeque::new(),
            reactions: VecDeque::new(),
            asides: VecDeque::new(),
            violations: Vec::new(),
            journal: VecDeque::new(),
            fresh: Vec::new(),
        }
    }

    /// The next moment of the one order.
    pub(super) fn moment(&mut self, at: Duration) -> Moment {
        self.seq += 1;
        Moment { seq: self.seq, at }
    }

    /// Writes a line for everyone who waits or watches.
    pub(super) fn note(&mut self, moment: Moment, what: Changed, line: impl Into<String>) {
        let change = Change { moment, what, line: line.into() };
        push_bounded(&mut self.journal, change.clone(), JOURNAL);
        self.fresh.push(change);
    }

    /// The changes since the last time this was asked.
    pub(super) fn take_fresh(&mut self) -> Vec<Change> {
        std::mem::take(&mut self.fresh)
    }

    pub(super) fn journal(&self) -> impl DoubleEndedIterator<Item = &Change> {
        self.journal.iter()
    }

    pub(super) fn violation(&mut self, at: Duration, rule: Rule, detail: impl Into<String>) {
        let violation = Violation { moment: self.moment(at), rule, detail: detail.into() };
        self.note(violation.moment, Changed::Violation, format!("VIOLATION {violation}"));
        // A client that breaks a rule does so every time: the first ones say it all.
        if self.violations.len() < self.remember {
            self.violations.push(violation);
        }
    }

    pub(super) fn calls(&self) -> impl DoubleEndedIterator<Item = &Call> {
        self.calls.iter()
    }

    /// The calls that were not answered yet.
    pub(super) fn calls_in_flight(&self) -> impl Iterator<Item = &Call> {
        self.in_flight.iter().filter_map(|seq| self.call(*seq))
    }

    fn call(&self, arrived: u64) -> Option<&Call> {
        let index = self.calls.binary_search_by_key(&arrived, |call| call.arrived.seq).ok()?;
        self.calls.get(index)
    }

    pub(super) fn call_arrived(&mut self, call: Call) {
        let seq = call.arrived.seq;
        self.note(
            call.arrived,
            Changed::Call(seq),
            format!("→ {} {} {}", call.method, call.path, brief(&call.body)),
        );
        self.in_flight.insert(seq);
        push_bounded(&mut self.calls, call, self.remember);
    }

    /// Writes the answer of a call down, or that its client hung up (`answer` is `None`).
    pub(super) fn call_ended(&mut self, arrived: u64, at: Duration, answer: Option<(u16, Value)>) {
        if !self.in_flight.remove(&arrived) {
            return;
        }
        let moment = self.moment(at);
        let Ok(index) = self.calls.binary_search_by_key(&arrived, |call| call.arrived.seq) else { return };
        let call = &mut self.calls[index];
        call.abandoned = answer.is_none();
        let line = match answer {
            Some((status, body)) => {
                let line = format!("← {status} {} {}", call.path, brief(&body));
                (call.answered, call.status, call.answer) = (Some(moment), Some(status), body);
                line
            }
            None => format!("✗ {} #{arrived} ended without an answer", call.path),
        };
        self.note(moment, Changed::Call(arrived), line);
    }

    /// Writes down that a call that was stuck on its way has taken effect.
    pub(super) fn call_landed(&mut self, arrived: u64, at: Duration) {
        let moment = self.moment(at);
        let Ok(index) = self.calls.binary_search_by_key(&arrived, |call| call.arrived.seq) else { return };
        let call = &mut self.calls[index];
        call.landed = Some(moment);
        let line = format!("⤓ {} #{arrived} landed", call.path);
        self.note(moment, Changed::Call(arrived), line);
    }

    pub(super) fn message(&mut self, message: Message) {
        let line = format!("message ({}) in {}: {:?}", message.kind, message.conversation, message.text());
        self.note(message.sent, Changed::Message(message.conversation.clone()), line);
        push_bounded(&mut self.messages, message, self.remember);
    }

    pub(super) fn aside(&mut self, aside: Aside) {
        let line =
            format!("{} said in {}, not to a robot: {:?}", aside.staff_id, aside.conversation, aside.text);
        self.note(aside.said, Changed::Message(aside.conversation.clone()), line);
        push_bounded(&mut self.asides, aside, self.remember);
    }

    pub(super) fn reaction(&mut self, reaction: Reaction) {
        let line = format!("{} under {}", reaction.name, reaction.msg_id);
        self.note(reaction.added, Changed::Reaction(reaction.msg_id.clone()), line);
        push_bounded(&mut self.reactions, reaction, self.remember);
    }
}

/// Appends, and forgets the oldest beyond `most`.
pub(super) fn push_bounded<T>(queue: &mut VecDeque<T>, item: T, most: usize) {
    queue.push_back(item);
    while queue.len() > most {
        queue.pop_front();
    }
}

/// JSON short enough for one line.
pub(super) fn brief(value: &Value) -> String {
    const WIDTH: usize = 300;
    if value.is_null() {
        return String::new();
    }
    let text = value.to_string();
    match text.char_indices().nth(WIDTH) {
        Some((cut, _)) => format!("{}…", &text[..cut]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(record: &mut Record) -> u64 {
        let arrived = record.moment(Duration::ZERO);
        record.call_arrived(Call {
            arrived,
            endpoint: None,
            method: "GET".into(),
            path: "/".into(),
            query: BTreeMap::new(),
            token: None,
            body: Value::Null,
            answered: None,
            status: None,
            answer: Value::Null,
            abandoned: false,
            landed: None,
        });
        arrived.seq
    }

    #[test]
    fn a_call_is_in_flight_until_it_ends() {
        let mut record = Record::new(10);
        let first = call(&mut record);
        let second = call(&mut record);
        assert_eq!(record.calls_in_flight().count(), 2);

        record.call_ended(first, Duration::ZERO, Some((200, Value::Null)));
        record.call_ended(second, Duration::ZERO, None);

        assert_eq!(record.calls_in_flight().count(), 0);
        assert_eq!(record.call(first).unwrap().status, Some(200));
        assert!(record.call(second).unwrap().abandoned);
    }

    #[test]
    fn old_calls_are_forgotten() {
        let mut record = Record::new(2);
        let first = call(&mut record);
        call(&mut record);
        call(&mut record);

        record.call_ended(first, Duration::ZERO, None);

        assert_eq!(record.calls().count(), 2);
        assert!(record.call(first).is_none());
    }
}
