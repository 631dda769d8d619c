//! What can be done to Stream connections from outside (DingTalk protocol, §2.10).

use super::super::record::Changed;
use super::super::world::{Shared, World};
use super::connection::{ConnectionId, Order};
use super::system;

/// A hand on the open connections, or on one of them; every action tells how many it reached.
#[derive(Debug)]
#[must_use = "say what is to happen to the connections"]
pub struct Connections<'a> {
    shared: &'a Shared,
    only: Option<ConnectionId>,
}

/// The `reason` of a `disconnect` as it was seen live (DingTalk protocol, §2.5).
const REASON: &str = "persistent connection is timeout";

impl<'a> Connections<'a> {
    pub(in crate::dingtalk) fn new(shared: &'a Shared, only: Option<ConnectionId>) -> Self {
        Self { shared, only }
    }

    /// Sends a `disconnect`, delivers nothing more, and ends TCP after the grace (F1).
    pub fn disconnect(self) -> usize {
        self.each("", |world, id| system::disconnect(world, id, REASON))
    }

    /// As [`disconnect`](Self::disconnect), but the service goes on giving the connection its share of the
    /// pushes until TCP ends, and none of it arrives (F2).
    pub fn disconnect_deaf(self) -> usize {
        self.each("is deaf", |world, id| {
            if let Some(connection) = world.gateway.connections.get_mut(&id) {
                connection.deaf = true;
            }
            system::disconnect(world, id, REASON);
        })
    }

    /// Resets TCP without any frame (F3).
    pub fn reset(self) -> usize {
        self.each("is reset", |world, id| {
            if let Some(line) = world.gateway.lines.get(&id) {
                line.wire.reset();
            }
        })
    }

    /// Ends TCP without a close frame (F3).
    pub fn drop_abruptly(self) -> usize {
        self.each("is dropped", |world, id| {
            if let Some(line) = world.gateway.lines.get(&id) {
                line.wire.cut();
            }
        })
    }

    /// Sends a close frame with this code, then ends TCP (F3). What was pushed before can be read before it.
    pub fn close(self, code: u16) -> usize {
        self.each("is closed", |world, id| world.gateway.order(id, Order::Close(code)))
    }

    /// Stops reading and writing while TCP stays (F4); it keeps getting its share of pushes, even after the
    /// client has gone (F10).
    pub fn stall(self) -> usize {
        self.each("stalls", |world, id| {
            if let Some(line) = world.gateway.lines.get(&id) {
                line.wire.stall();
            }
        })
    }

    /// Undoes [`stall`](Self::stall) and [`make_zombie`](Self::make_zombie).
    pub fn resume(self) -> usize {
        self.each("resumes", |world, id| {
            if let Some(line) = world.gateway.lines.get(&id) {
                line.wire.resume();
            }
            if let Some(connection) = world.gateway.connections.get_mut(&id) {
                connection.zombie = false;
            }
        })
    }

    /// Answers and sends pings as before, but swallows every push (F5).
    pub fn make_zombie(self) -> usize {
        self.each("is a zombie", |world, id| {
            if let Some(connection) = world.gateway.connections.get_mut(&id) {
                connection.zombie = true;
            }
        })
    }

    /// Sends a text frame as it is, be it none of the service's.
    pub fn send(self, text: &str) -> usize {
        self.each("", |world, id| world.gateway.order(id, Order::Frame(text.to_owned())))
    }

    /// Sends a `ping` frame now (DingTalk protocol, §2.5).
    pub fn ping(self) -> usize {
        self.each("", |world, id| world.gateway.order(id, Order::Ping))
    }

    fn each(self, line: &str, act: impl Fn(&mut World, ConnectionId)) -> usize {
        self.shared.with(|world| {
            let ids: Vec<_> = world.gateway.lines.keys().copied().collect();
            let chosen: Vec<_> =
                ids.into_iter().filter(|id| self.only.is_none_or(|only| only == *id)).collect();
            for id in &chosen {
                if !line.is_empty() {
                    world.note(Changed::Connection(id.0), format!("connection {} {line}", id.0));
                }
                act(world, *id);
            }
            chosen.len()
        })
    }
}
