//! The failures of the Stream connection (DingTalk protocol, §2.10), each played by the fake DingTalk to the
//! library that ships, loaded by a host. One module an idea; the tests name the failure that they play.
#![allow(clippy::unwrap_used, reason = "a test may, also in the functions it is made of")]

mod crowd;
mod goodbye;
mod loss;
mod refusal;
mod repeats;
mod silence;

use host_mock::dingtalk::{ConnectionId, Settings};
use std::time::Duration;
use tests::{Setup, World};

/// How long DingTalk waits for an ACK in these tests; users report 16 to 60 s (DingTalk protocol, §2.6).
const REPUSH: Duration = Duration::from_secs(1);

/// A world in which what is not acknowledged is pushed again.
async fn repushing() -> World {
    let dingtalk = Settings { callback_repush_after: Some(REPUSH), repush_times: 100, ..Settings::default() };
    World::of(Setup { dingtalk, ..Setup::default() }).await
}

/// The agent is asked this next, and answers.
#[track_caller]
fn answered(world: &World, asked: &str) -> impl Future<Output = ()> {
    let at = std::panic::Location::caller();
    async move {
        let turn = world.agent().next_turn().await.unwrap();
        assert_eq!(turn.message().id, asked, "{at}: another message came first");
        turn.done();
    }
}

/// Nothing is left to be answered: what is asked now comes next.
async fn nothing_else_was_asked(world: &World) {
    let last = world.dingtalk().says("Mo", "is that all?");
    answered(world, &last).await;
}

/// When DingTalk had a connection: the test may learn of it late.
fn opened_at(world: &World, id: ConnectionId) -> Duration {
    world.dingtalk().look(|view| view.connections().find(|it| it.id == id).unwrap().opened.at)
}

/// Waits for a connection that is younger than the one given.
async fn after(world: &World, old: ConnectionId) -> ConnectionId {
    let newer = world.dingtalk().wait_for(|view| {
        let newest = view.live_connections().next_back()?;
        (newest.id > old).then_some(newest.id)
    });
    newer.await
}
