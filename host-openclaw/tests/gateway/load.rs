//! Much at once, and again and again.

use crate::{
    bench::{disk, memory},
    claim::{Found, Stage, claims},
    gateway::Gateway,
    world::{CROWD, World},
};
use host_mock::dingtalk::App;
use std::{
    fs,
    time::{Duration, Instant},
};
use tokio::time::sleep;

pub(crate) const STAGE: Stage = Stage {
    name: "load",
    begin: || Box::pin(begin()),
    claims: claims![two_hundred_messages_at_once_are_all_answered, ten_reloads_leave_nothing_behind],
};

/// How soon 99 of 100 are acknowledged, of many messages at once.
const SOON: Duration = Duration::from_millis(100);

/// Where a pause of a millisecond takes longer, and a write, the machine is busy with other things, and times say
/// nothing of the plugin.
const BUSY: Duration = Duration::from_millis(25);

const RELOADS: usize = 10;

/// By how many bytes JavaScript's heap may grow with a reload, once garbage has been collected: OpenClaw itself
/// keeps nothing of one.
const MOST_HEAP: u64 = 1_000_000;

/// By how many bytes all of the process may grow: what it has differs by tens of MB from one moment to the next.
const MOST_RESIDENT: u64 = 10_000_000;

async fn begin() -> World {
    let mut world = World::with_apps(vec![App::default()]).await;
    world.home.has_plugin().await;
    let section = world.credentials();
    world.home.edits(|config| config["channels"]["dingtalk"] = section);
    world.gateway = Some(Gateway::start_with(&world.home, &memory::preloaded(&world)).await);
    world.dingtalk.connected().await;
    world
}

async fn two_hundred_messages_at_once_are_all_answered(world: &mut World) {
    let dingtalk = &world.dingtalk;
    // The first turn of a gateway takes seconds, which are not what is measured.
    let first = dingtalk.says("Lin", "#say warm");
    world.answer_to(&first).await;
    let delay = others_delay(world).await;
    let asked: Vec<_> =
        (0..CROWD).map(|number| dingtalk.says(&format!("Person {number}"), "#say ok")).collect();

    let mut waits = Vec::new();
    for id in &asked {
        waits.push(dingtalk.acked(id).await.latency);
    }
    let answered = dingtalk.look(|view| view.cards().filter(|card| card.has_ended()).count()) - 1;
    waits.sort_unstable();
    let of = |percent: usize| waits[(waits.len() * percent / 100).min(waits.len() - 1)];
    let late = of(99);
    println!(
        "{CROWD} messages acknowledged: {:?} (median), {late:?} (99 of 100), {:?} (at most); by then {answered} \
         were answered",
        of(50),
        of(100)
    );
    println!("before that, a millisecond and a write took up to {delay:?}");
    // No acknowledgement waits for a turn.
    assert!(answered < CROWD / 10, "{answered} were answered before all were acknowledged");
    assert!(late < SOON || delay > BUSY, "{late:?}");
    let ended = dingtalk.try_wait_for(Duration::from_secs(540), |view| {
        let ended = view.cards().filter(|card| card.has_ended() && card.text() == "ok").count();
        (ended >= CROWD).then_some(())
    });
    ended.await.unwrap();
    assert_eq!(dingtalk.look(|view| view.open_cards().count()), 0);
}

/// What a pause of a millisecond and a write to the disk take at most, for whatever else this machine does.
async fn others_delay(world: &World) -> Duration {
    let mut most = Duration::ZERO;
    for _ in 0..50 {
        let began = Instant::now();
        sleep(Duration::from_millis(1)).await;
        disk::sync(world.home.path());
        most = most.max(began.elapsed());
    }
    most
}

async fn ten_reloads_leave_nothing_behind(world: &mut World) -> Found {
    // The first one, and the first turn, bring what stays: OpenClaw's workers, Node's pool, a compiled reloader.
    reload(world).await?;
    still_answers(world).await;
    let before = figures(world).await;
    for _ in 0..RELOADS {
        reload(world).await?;
    }
    still_answers(world).await;
    let after = figures(world).await;
    println!("before {RELOADS} reloads {before:?}, after them {after:?}");
    assert_eq!(world.dingtalk.look(|view| view.live_connections().count()), 1);
    // A runtime, a connection or an inbox that stayed each time would be more than one of each.
    let times = u64::try_from(RELOADS).unwrap();
    assert!(after.threads < before.threads + times, "{after:?}");
    assert!(after.descriptors < before.descriptors + RELOADS, "{after:?}");
    assert!(after.heap < before.heap + times * MOST_HEAP, "{after:?}");
    assert!(after.resident < before.resident + times * MOST_RESIDENT, "{after:?}");
    Ok(())
}

async fn still_answers(world: &World) {
    let asked = world.dingtalk.says("Lin", "#say still here");
    assert_eq!(world.answer_to(&asked).await.text(), "still here");
}

async fn reload(world: &World) -> Found {
    let connections = world.dingtalk.look(|view| view.connections().count());
    world.reloads().await?;
    world.dingtalk.connected_times(connections + 1).await;
    Ok(())
}

/// What the gateway's process has; bytes once garbage has been collected.
#[derive(Debug)]
struct Figures {
    threads: u64,
    descriptors: usize,
    heap: u64,
    resident: u64,
}

async fn figures(world: &World) -> Figures {
    let samples = memory::settled(world).await;
    let least = samples.iter().min_by_key(|memory| memory.resident).unwrap();
    let id = world.gateway.as_ref().and_then(|gateway| gateway.id()).unwrap();
    let descriptors = fs::read_dir(format!("/proc/{id}/fd")).map_or(0, Iterator::count);
    Figures { threads: least.threads, descriptors, heap: least.heap, resident: least.resident }
}
