//! What happens, while it happens: events for a page, a frame's worth at a time.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::http::StatusCode;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use serde_json::{Value, json};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};

use super::entry::Entry;
use super::refusal::Refusal;
use super::{Desk, faults, organisation, timeline};
use crate::dingtalk::{Change, Changed, View};

/// How many may listen at the same time.
const LISTENERS: usize = 32;

/// How long changes are gathered, about two frames of a screen.
const FRAME: Duration = Duration::from_millis(33);

/// How many changes one event has at most.
const MOST: usize = 1_000;

/// Counts one who listens.
struct Seat(Arc<Desk>);

impl Seat {
    fn take(desk: Arc<Desk>) -> Result<Self, Refusal> {
        let count: &AtomicUsize = &desk.listeners;
        let taken = count.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |count| {
            (count < LISTENERS).then_some(count + 1)
        });
        if taken.is_err() {
            let message = format!("{LISTENERS} listen already: close a page");
            return Err(Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "too_many_listeners", message));
        }
        Ok(Self(desk))
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.0.listeners.fetch_sub(1, Ordering::Relaxed);
    }
}

/// How far a listener is.
enum Stage {
    Greeting(Seat, Receiver<Change>),
    Listening(Seat, Receiver<Change>),
    Ended,
}

/// Events until the page closes, the fake ends, or the page is too slow: then it is told how much it missed,
/// and has to begin anew.
pub(super) fn events(desk: Arc<Desk>) -> Result<Response, Refusal> {
    let changes = desk.dingtalk()?.changes();
    let seat = Seat::take(desk)?;
    let events = stream::unfold(Stage::Greeting(seat, changes), |stage| async move {
        match stage {
            Stage::Greeting(seat, changes) => {
                Some((event("hello", &json!({})), Stage::Listening(seat, changes)))
            }
            Stage::Listening(seat, changes) => Some(listen(seat, changes).await?),
            Stage::Ended => None,
        }
    });
    let kept = KeepAlive::new().interval(Duration::from_secs(15));
    Ok(Sse::new(events).keep_alive(kept).into_response())
}

async fn listen(seat: Seat, mut changes: Receiver<Change>) -> Option<(Result<Event, Infallible>, Stage)> {
    match gather(&mut changes).await {
        Gathered::Some(gathered) => {
            let dingtalk = seat.0.dingtalk().ok()?;
            let mut updates = dingtalk.look(|view| updates(view, &gathered));
            if gathered.iter().any(|change| change.what == Changed::Fault) {
                updates.push(json!({"type": "faults", "faults": faults::list(&seat.0)["faults"]}));
                let state = dingtalk.look(|view| organisation::state(view, &dingtalk.base_url()));
                updates.push(json!({"type": "state", "state": state}));
            }
            Some((event("batch", &json!(updates)), Stage::Listening(seat, changes)))
        }
        Gathered::Missed(count) => Some((event("missed", &json!({"changes": count})), Stage::Ended)),
        Gathered::Ended => None,
    }
}

fn event(name: &str, data: &Value) -> Result<Event, Infallible> {
    Ok(Event::default().event(name).data(data.to_string()))
}

enum Gathered {
    Some(Vec<Change>),
    Missed(u64),
    Ended,
}

async fn gather(changes: &mut Receiver<Change>) -> Gathered {
    let mut gathered = match changes.recv().await {
        Ok(change) => vec![change],
        Err(RecvError::Lagged(count)) => return Gathered::Missed(count),
        Err(RecvError::Closed) => return Gathered::Ended,
    };
    tokio::time::sleep(FRAME).await;
    while gathered.len() < MOST {
        match changes.try_recv() {
            Ok(change) => gathered.push(change),
            Err(TryRecvError::Lagged(count)) => return Gathered::Missed(count),
            Err(TryRecvError::Empty | TryRecvError::Closed) => break,
        }
    }
    Gathered::Some(gathered)
}

/// What has changed, each thing once, as it is now.
fn updates(view: View<'_>, changes: &[Change]) -> Vec<Value> {
    let mut updates = Vec::new();
    let mut told = BTreeSet::new();
    let mut connections = false;
    for change in changes {
        if timeline::is_note(change) {
            updates.push(line(timeline::note(view, change)));
        }
        match &change.what {
            Changed::Call(seq) if told.insert(format!("call {seq}")) => {
                let call = view.calls().rev().find(|call| call.arrived.seq == *seq);
                updates.extend(call.map(|call| line(timeline::call(view, call))));
            }
            Changed::Push(id) | Changed::Reaction(id) if told.insert(format!("push {id}")) => {
                if let Some(push) = view.push(id) {
                    updates.push(line(timeline::push(view, push)));
                    updates.extend(Entry::written(push).map(|it| entry(view, it)));
                }
            }
            Changed::Card(id) if told.insert(format!("card {id}")) => {
                let shown = view.card(id).into_iter().flat_map(Entry::cards);
                updates.extend(shown.map(|it| entry(view, it)));
            }
            Changed::Message(chat) => messages(view, change, chat, &mut updates),
            Changed::Connection(_) => connections = true,
            _ => {}
        }
    }
    if connections {
        updates.push(json!({"type": "connections", "connections": organisation::connections(view)}));
    }
    updates
}

/// The message or the aside of this moment; where it is an older one that was taken back, what is gone.
fn messages(view: View<'_>, change: &Change, chat: &str, updates: &mut Vec<Value>) {
    let seq = change.moment.seq;
    let sent = view.messages().rev().take(MOST).filter(|it| it.sent.seq == seq).map(Entry::sent);
    let asides = view.asides().rev().take(MOST).filter(|it| it.said.seq == seq).map(Entry::aside);
    let mut found: Vec<_> = sent.chain(asides).collect();
    if found.is_empty() {
        let gone = view.messages().filter(|it| it.conversation == chat && it.recalled.is_some());
        let cards = view.cards().filter(|it| it.recalled.is_some() && it.is_in(chat));
        found = gone.map(Entry::sent).chain(cards.flat_map(Entry::cards)).collect();
    }
    updates.extend(found.into_iter().map(|it| entry(view, it)));
}

fn line(line: Value) -> Value {
    json!({"type": "line", "line": line})
}

fn entry(view: View<'_>, entry: Entry) -> Value {
    json!({"type": "entry", "entry": entry.json(view)})
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::dingtalk::Moment;

    fn change(seq: u64) -> Change {
        let moment = Moment { seq, at: Duration::from_secs(seq) };
        Change { moment, what: Changed::Fault, line: String::new() }
    }

    #[tokio::test(start_paused = true)]
    async fn who_reads_too_slowly_is_told_how_much_was_missed() {
        let (feed, mut changes) = tokio::sync::broadcast::channel(4);
        for seq in 0..10 {
            feed.send(change(seq)).unwrap();
        }
        assert!(matches!(gather(&mut changes).await, Gathered::Missed(6)));
    }

    #[tokio::test(start_paused = true)]
    async fn what_happens_within_a_frame_is_told_at_once() {
        let (feed, mut changes) = tokio::sync::broadcast::channel(64);
        for seq in 0..10 {
            feed.send(change(seq)).unwrap();
        }
        let Gathered::Some(gathered) = gather(&mut changes).await else { panic!("nothing was gathered") };
        assert_eq!(gathered.len(), 10);
        drop(feed);
        assert!(matches!(gather(&mut changes).await, Gathered::Ended));
    }
}
