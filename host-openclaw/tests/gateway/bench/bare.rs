//! What a plugin takes of memory in a Node.js that does nothing else.

use super::{
    candidate::Candidate,
    memory::{self, Memory},
};
use crate::world::World;
use host_mock::dingtalk::{App, View};
use serde_json::json;
use std::path::Path;

/// How many messages it answers before.
const MESSAGES: usize = 20;

/// Starts it there, has it answer, and asks the process.
pub(super) async fn memory(candidate: &Candidate) -> Option<Memory> {
    let mut world = World::with_apps(vec![App::default()]).await;
    let ended = |view: View<'_>| view.cards().filter(|card| card.has_ended()).count();
    let home = world.home.path();
    let (folder, state) = (home.join("plugin"), home.join("state"));
    candidate.is_copied_to(&folder);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("bench").join("bare.mjs");
    let (channel, section) = candidate.section(&world);
    let bare = json!({"folder": folder, "state": state, "channel": channel, "section": section});
    let mut command = world.home.node(&script);
    command.envs(memory::preloaded(&world)).env("OPENCLAW_BENCH_BARE", bare.to_string());
    let process = command.stdout(std::process::Stdio::null()).spawn().unwrap();
    world.dingtalk.connected().await;
    world.dingtalk.limit_qps(None);
    for number in 0..MESSAGES {
        let id = world.dingtalk.says("Lin", &format!("number {number}"));
        world.dingtalk.acked(&id).await;
        world.dingtalk.wait_for(|view| (ended(view) > number).then_some(())).await;
    }
    let memory = memory::asked(world.home.path(), process.id()?).await;
    drop(process); // which kills it
    world.end().await;
    memory
}
