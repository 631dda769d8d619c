//! What clients send: ACKs, answers to `ping`, WebSocket pings (DingTalk protocol, §2.4).

use std::time::Duration;

use serde_json::Value;

use super::super::card;
use super::super::record::Changed;
use super::super::request::Fields;
use super::super::violation::Rule;
use super::super::world::World;
use super::connection::ConnectionId;
use super::frame::Incoming;
use super::push::{Ack, CARD_TOPIC, Delivery};

pub(super) fn on_ws_ping(world: &mut World, id: ConnectionId) {
    if let Some(connection) = world.gateway.connections.get_mut(&id) {
        connection.ws_pings += 1;
    }
    world.note(Changed::Connection(id.0), format!("connection {} sent a WebSocket ping", id.0));
}

/// Takes a client's answer to whatever frame it names (DingTalk protocol, §2.4).
pub(super) fn on_text(world: &mut World, id: ConnectionId, text: &str) {
    let answer = match Incoming::parse(text) {
        Ok(answer) => answer,
        Err(why) => return world.violation(Rule::AckShape, format!("{why}: {text:.200}")),
    };
    let Some(connection) = world.gateway.connections.get_mut(&id) else { return };
    // An answer to a disconnect is neither needed nor wrong (DingTalk protocol, §0.1), nor is one to a
    // greeting (§2.5).
    if connection.answerless.contains(&answer.message_id) {
        return;
    }
    let ping = connection.open_pings.iter().position(|(message_id, _)| *message_id == answer.message_id);
    match ping.and_then(|index| connection.open_pings.remove(index)) {
        Some((_, data)) => on_ping_answer(world, id, &answer, &data),
        None => on_ack(world, id, &answer),
    }
}

fn on_ping_answer(world: &mut World, id: ConnectionId, answer: &Incoming, sent: &str) {
    if world.settings.strictness.ping_echo && !is_echo(answer.data.as_deref(), sent) {
        world.violation(Rule::PingEchoed, format!("{sent} came back as {:?}", answer.data));
    }
    if let Some(connection) = world.gateway.connections.get_mut(&id) {
        connection.pings_answered += 1;
    }
    world.note(Changed::Connection(id.0), format!("connection {} answered a ping", id.0));
}

/// Whether the same value came back: the SDK for Python writes what it has read anew, with other spaces.
fn is_echo(data: Option<&str>, sent: &str) -> bool {
    let read = |text: &str| serde_json::from_str::<Value>(text).ok();
    data == Some(sent) || data.and_then(read).is_some_and(|value| Some(value) == read(sent))
}

fn on_ack(world: &mut World, id: ConnectionId, answer: &Incoming) {
    let moment = world.moment();
    let data = answer.json();
    let make = |delivery: &Delivery| Ack {
        moment,
        latency: moment.at.saturating_sub(delivery.sent.at),
        code: answer.code,
        data: data.clone(),
    };
    match world.gateway.ledger.acked(id, &answer.message_id, make) {
        Ok(push) => {
            let (push_id, is_card) = (push.id.clone(), push.topic == CARD_TOPIC);
            let card = is_card.then(|| push.data["outTrackId"].as_str().unwrap_or_default().to_owned());
            let sent =
                push.deliveries.iter().find(|it| it.message_id == answer.message_id).map(|it| it.sent.at);
            let latency = moment.at.saturating_sub(sent.unwrap_or_default());
            let line = format!("ACK {} of {push_id} after {latency:?}", answer.code);
            world.record.note(moment, Changed::Push(push_id), line);
            if let Some(card) = card {
                on_card_answer(world, &card, latency, &data);
            }
        }
        Err(why) => world.violation(Rule::AckOnItsConnection, format!("{}: {why}", answer.message_id)),
    }
}

/// A card's answer changes the card, if it comes in time (DingTalk protocol, §8.8).
fn on_card_answer(world: &mut World, out_track_id: &str, latency: Duration, data: &Value) {
    if latency > world.settings.card_callback_time {
        world.violation(Rule::CardCallbackInTime, format!("{out_track_id}: after {latency:?}"));
    } else if let Some(response) = Fields::of(data).object("response") {
        card::answered(world, out_track_id, response);
    }
}

#[cfg(test)]
mod tests {
    use super::is_echo;

    #[test]
    fn what_comes_back_with_other_spaces_came_back() {
        let sent = r#"{"opaque":"a1"}"#;
        assert!(is_echo(Some(sent), sent));
        assert!(is_echo(Some(r#"{"opaque": "a1"}"#), sent));
        assert!(!is_echo(Some(r#"{"opaque":"b2"}"#), sent));
        assert!(!is_echo(None, sent));
        assert!(!is_echo(Some("no JSON"), "no other"));
    }
}
