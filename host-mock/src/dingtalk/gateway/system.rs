//! The gateway's own frames: `ping` and `disconnect` (DingTalk protocol, §2.5).

use serde_json::json;

use super::super::record::Changed;
use super::super::violation::Rule;
use super::super::world::World;
use super::connection::{ConnectionId, Order};
use super::frame::Outgoing;

fn system_frame(world: &mut World, topic: &str, data: &str) -> (String, String) {
    let message_id = next_message_id(world);
    let frame = Outgoing {
        kind: "SYSTEM",
        topic,
        message_id: &message_id,
        time_ms: world.clock.epoch_ms(world.clock.now()),
        app_id: None,
        connection_id: None,
        extra_headers: None,
        data,
    };
    (frame.text(), message_id)
}

/// How many `ping` frames may stay unanswered; one is survivable (DingTalk protocol, §0.1).
const OPEN_PINGS: usize = 2;

/// A `ping` frame, whose data comes back (DingTalk protocol, §2.5).
pub(super) fn ping(world: &mut World, id: ConnectionId) -> String {
    let data = json!({"opaque": world.random.letters(8)}).to_string();
    let (frame, message_id) = system_frame(world, "ping", &data);
    let Some(connection) = world.gateway.connections.get_mut(&id) else { return frame };
    connection.open_pings.push_back((message_id, data));
    if connection.open_pings.len() > OPEN_PINGS {
        connection.open_pings.clear();
        world.violation(Rule::PingAnswered, format!("connection {} answers no pings", id.0));
    }
    frame
}

/// Sends a `disconnect`: from now on nothing is delivered there (DingTalk protocol, §2.5).
pub(super) fn disconnect(world: &mut World, id: ConnectionId, reason: &str) {
    let (frame, message_id) = system_frame(world, "disconnect", &json!({"reason": reason}).to_string());
    let moment = world.note(Changed::Connection(id.0), format!("connection {} is told to disconnect", id.0));
    if let Some(connection) = world.gateway.connections.get_mut(&id) {
        connection.draining = Some(moment);
        connection.answerless.push(message_id);
    }
    world.gateway.order(id, Order::Drain(frame));
}

/// Sends the frames that some servers greet with, and most never (DingTalk protocol, §2.5, §2.10 F9).
pub(super) fn greet(world: &mut World, id: ConnectionId) {
    for topic in ["CONNECTED", "REGISTERED"] {
        let (frame, message_id) = system_frame(world, topic, "{}");
        if let Some(connection) = world.gateway.connections.get_mut(&id) {
            connection.answerless.push(message_id);
        }
        world.gateway.order(id, Order::Frame(frame));
    }
}

/// An id of one frame; the shape is the service's (DingTalk protocol, §2.3).
pub(super) fn next_message_id(world: &mut World) -> String {
    world.gateway.frames += 1;
    let time = world.clock.epoch_ms(world.clock.now());
    format!("c0a81e05_1770_{time:x}_{:x}", world.gateway.frames)
}
