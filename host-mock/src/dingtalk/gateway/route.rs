//! The way of a push to one of the live subscribers (DingTalk protocol, §2.6, §2.9).

use std::sync::Arc;
use std::time::Duration;

use super::super::record::Changed;
use super::super::settings::Unsubscribed;
use super::super::world::{Shared, World};
use super::connection::{ConnectionId, Order};
use super::frame::Outgoing;
use super::push::{Delivery, NewPush, Push, PushKind, ROBOT_TOPIC};
use super::system::next_message_id;

/// Queues a push and delivers it if anyone subscribes to it.
pub(in crate::dingtalk) fn push(world: &mut World, new: NewPush) {
    let line = format!("push {} of {} for {}", new.topic, new.id, new.app);
    let queued = world.note(Changed::Push(new.id.clone()), line);
    let repushes = world.settings.repush_times;
    let key = world.gateway.ledger.add(new, queued, repushes);
    route(world, key);
}

/// Pushes something again, as the service does by mistake (DingTalk protocol, §2.10 F6).
pub(in crate::dingtalk) fn push_again(world: &mut World, id: &str) -> bool {
    let Some(key) = world.gateway.ledger.of_message(id).map(|push| push.queued.seq) else { return false };
    route(world, key);
    true
}

/// As [`push_again`], after a while and whatever happens until then.
pub(in crate::dingtalk) fn push_again_after(world: &mut World, id: &str, after: Duration) -> bool {
    let Some(push) = world.gateway.ledger.of_message(id) else { return false };
    let (key, what) = (push.queued.seq, Changed::Push(push.id.clone()));
    let at = world.clock.now() + after;
    world.gateway.ledger.repeat_at(key, at);
    world.note(what, format!("{id} will be pushed again in {after:?}"));
    true
}

/// Gives a push to one live subscriber chosen at random (DingTalk protocol, §2.9), or lets it wait.
pub(super) fn route(world: &mut World, key: u64) {
    let Some(push) = world.gateway.ledger.get(key) else { return };
    let subscribers = world.gateway.subscribers(&push.app, push.kind, &push.topic);
    let what = Changed::Push(push.id.clone());
    let (id, is_message) = (push.id.clone(), push.topic == ROBOT_TOPIC);
    if let Some(fate) = elsewhere(world, is_message, subscribers.len()) {
        world.note(what, format!("{id} {fate}"));
        world.gateway.ledger.unsubscribed(key, true);
        return;
    }
    let Some(push) = world.gateway.ledger.get(key) else { return };
    if subscribers.is_empty() {
        let lost = world.settings.unsubscribed == Unsubscribed::Lose;
        let fate = if lost { "is lost" } else { "waits" };
        let line = format!("nobody subscribes to {}: it {fate}", push.id);
        world.note(what, line);
        world.gateway.ledger.unsubscribed(key, lost);
        return;
    }
    let connection = subscribers[world.random.below(subscribers.len())];
    let message_id = next_message_id(world);
    let Some(push) = world.gateway.ledger.get(key) else { return };
    let frame = push_frame(world, push, &message_id, connection);
    let repush_after = match push.kind {
        PushKind::Event => Some(world.settings.event_repush_after),
        PushKind::Callback => world.settings.callback_repush_after,
    };
    let line = format!("{} delivered on connection {} as {message_id}", push.id, connection.0);
    let swallowed = world.gateway.connections.get(&connection).is_some_and(|it| it.zombie || it.deaf);
    let sent = world.note(what, line);
    let delivery =
        Delivery { sent, message_id: message_id.clone(), connection, swallowed, written: None, ack: None };
    world.gateway.ledger.sent(key, delivery, repush_after);
    if !swallowed {
        world.gateway.order(connection, Order::Push { key, message_id, frame });
    }
}

/// Where a push goes that no client of ours gets.
fn elsewhere(world: &mut World, is_message: bool, subscribers: usize) -> Option<&'static str> {
    if world.gateway.http_mode && is_message {
        return Some("goes to an HTTP address: the robot's messages are not pushed");
    }
    // One more among those of which one is chosen at random.
    let is_taken = world.gateway.has_rival && world.random.below(subscribers + 1) == subscribers;
    is_taken.then_some("is taken by another client with this Client ID")
}

fn push_frame(world: &World, push: &Push, message_id: &str, connection: ConnectionId) -> String {
    Outgoing {
        kind: push.kind.word(),
        topic: &push.topic,
        message_id,
        time_ms: world.clock.epoch_ms(world.clock.now()),
        app_id: world.directory.app(&push.app).map(|app| app.app_id.as_str()),
        connection_id: Some(&connection.to_string()),
        extra_headers: Some(&push.event_headers),
        data: &push.data.to_string(),
    }
    .text()
}

/// Repeats pushes whose time for an ACK is over, for as long as the fake runs.
pub(in crate::dingtalk) async fn repeat_pushes(shared: Arc<Shared>) {
    loop {
        let due = shared.look(|world| world.gateway.ledger.next_due().map(|at| world.clock.instant(at)));
        let timer = async {
            match due {
                Some(due) => tokio::time::sleep_until(due).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = timer => shared.with(|world| {
                let now = world.clock.now();
                for key in world.gateway.ledger.due(now) {
                    route(world, key);
                }
            }),
            // Something changed, perhaps what is due next.
            () = shared.postman.notified() => {}
        }
    }
}
