//! Much at once, and again and again. It takes minutes, so it is played only when it is named.

use crate::{
    bench::{candidate::probe, memory},
    claim::{Stage, claims},
    gateway::Gateway,
    world::{CROWD, World},
};
use host_mock::dingtalk::App;
use std::{fs, time::Duration};

pub(crate) const STAGE: Stage = Stage {
    name: "load",
    begin: || Box::pin(begin()),
    claims: claims![two_hundred_messages_at_once_are_all_answered, ten_reloads_leave_nothing_behind],
};

const RELOADS: usize = 10;

/// A plugin that is nothing but JavaScript, and here without an account: what OpenClaw itself keeps of every
/// reload is seen by it.
const PROBE: &str = "dingtalk-probe";

/// By how many bytes more the gateway may grow with a reload of this plugin: less than a runtime, an inbox or
/// a copy of the library that stayed.
const MOST_GROWTH: u64 = 1_000_000;

async fn begin() -> World {
    let mut world = World::with_apps(vec![App::default()]).await;
    world.home.has_plugin();
    world.home.has(&probe(), PROBE);
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
    let asked: Vec<_> =
        (0..CROWD).map(|number| dingtalk.says(&format!("Person {number}"), "#say ok")).collect();

    let mut waits = Vec::new();
    for id in &asked {
        waits.push(dingtalk.acked(id).await.latency);
    }
    waits.sort_unstable();
    let of = |percent: usize| waits[(waits.len() * percent / 100).min(waits.len() - 1)];
    let late = of(99);
    println!(
        "{CROWD} messages acknowledged: {:?} (median), {:?} (99 of 100), {:?} (at most)",
        of(50),
        late,
        of(100)
    );
    let ended = dingtalk.try_wait_for(Duration::from_secs(540), |view| {
        let ended = view.cards().filter(|card| card.has_ended() && card.text() == "ok").count();
        (ended >= CROWD).then_some(())
    });
    ended.await.unwrap();
    assert_eq!(dingtalk.look(|view| view.open_cards().count()), 0);
    assert!(late < Duration::from_millis(100), "{late:?}, on a machine that does nothing else");
}

async fn ten_reloads_leave_nothing_behind(world: &mut World) {
    // The first ones bring what stays: Node's pool is complete, the reloader compiled.
    world.reloads_plugin(PROBE).await;
    reload(world).await;
    let first = figures(world).await;
    for _ in 0..RELOADS {
        world.reloads_plugin(PROBE).await;
    }
    let before = figures(world).await;
    for _ in 0..RELOADS {
        reload(world).await;
    }
    let asked = world.dingtalk.says("Lin", "#say still here");
    assert_eq!(world.answer_to(&asked).await.text(), "still here");
    let after = figures(world).await;
    println!("{first:?}\nafter {RELOADS} reloads of another plugin {before:?}\nof this one {after:?}");
    assert_eq!(world.dingtalk.look(|view| view.live_connections().count()), 1);
    // A runtime, a connection or an inbox that stayed each time would be more than one of each.
    assert!(after.threads < before.threads + RELOADS, "{after:?}");
    assert!(after.descriptors < before.descriptors + RELOADS, "{after:?}");
    let [by_another, by_this] = [(&first, &before), (&before, &after)].map(|(one, next)| growth(one, next));
    assert!(by_this < by_another + RELOADS as u64 * MOST_GROWTH, "{by_this}, {by_another} by another");
}

async fn reload(world: &World) {
    let connections = world.dingtalk.look(|view| view.connections().count());
    world.reloads().await;
    world.dingtalk.connected_times(connections + 1).await;
}

/// What the gateway's process has.
#[derive(Debug)]
struct Figures {
    threads: usize,
    descriptors: usize,
    /// In bytes, once garbage has been collected.
    resident: u64,
}

async fn figures(world: &World) -> Figures {
    let samples = memory::settled(world).await;
    let least = samples.iter().min_by_key(|memory| memory.resident).unwrap();
    let id = world.gateway.as_ref().and_then(|gateway| gateway.id()).unwrap();
    let descriptors = fs::read_dir(format!("/proc/{id}/fd")).map_or(0, Iterator::count);
    let threads = usize::try_from(least.threads).unwrap();
    println!(
        "{} MB are resident, of them {} JavaScript's",
        least.resident / 1_000_000,
        least.heap / 1_000_000
    );
    Figures { threads, descriptors, resident: least.resident }
}

fn growth(before: &Figures, after: &Figures) -> u64 {
    after.resident.saturating_sub(before.resident)
}
