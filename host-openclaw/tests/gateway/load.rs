//! Much at once, and again and again.

use crate::{
    bench::{candidate::Candidate, disk, memory},
    claim::{Found, Stage, claims},
    gateway::Gateway,
    home::CONSENT,
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
    claims: claims![
        two_hundred_messages_at_once_are_all_answered,
        ten_reloads_leave_no_thread_no_file_and_no_connection
    ],
};

/// How soon 99 of 100 are acknowledged, of many messages at once.
const SOON: Duration = Duration::from_millis(100);

/// Where a pause of a millisecond takes longer, and a write, the machine is busy with other things, and times say
/// nothing of the plugin.
const BUSY: Duration = Duration::from_millis(25);

const RELOADS: usize = 10;

/// A plugin that is nothing but a little JavaScript, and here without an account: what OpenClaw itself keeps of a
/// reload is seen by it.
const PROBE: &str = "dingtalk-probe";

/// How many of these: less than of the plugin, as each takes as long.
const PROBE_RELOADS: usize = 5;

/// By how many bytes more JavaScript's heap may grow with a reload of this plugin than with one of the probe's, once
/// garbage has been collected. It was 1.0 MB: Node.js never forgets a module, and each reload is two copies of all of
/// them.
const MOST_HEAP: u64 = 2_000_000;

/// By how many bytes more a reload may leave the rest of the process. Allocators keep tens of megabytes, now more and
/// now less: over ten reloads it fell by 40 MB. Another library, or an account that stays, each time would be seen.
const MOST_BESIDE: u64 = 8_000_000;

async fn begin() -> World {
    let mut world = World::with_apps(vec![App::default()]).await;
    world.home.has_plugin().await;
    let probe = world.home.path().join(PROBE);
    Candidate::probe().is_copied_to(&probe);
    world.home.runs(&["plugins", "install", probe.to_str().unwrap(), "--force", CONSENT.trim()]).await;
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

async fn ten_reloads_leave_no_thread_no_file_and_no_connection(world: &mut World) -> Found {
    // The first ones, and the first turn, bring what stays: OpenClaw's workers, Node's pool, a compiled reloader.
    reload(world).await?;
    world.reloads_plugin(PROBE).await?;
    still_answers(world).await;
    let first = figures(world).await;
    for _ in 0..PROBE_RELOADS {
        world.reloads_plugin(PROBE).await?;
    }
    let before = figures(world).await;
    for _ in 0..RELOADS {
        reload(world).await?;
    }
    still_answers(world).await;
    let after = figures(world).await;
    println!(
        "{first:?}\nafter {PROBE_RELOADS} reloads of the probe {before:?}\nafter {RELOADS} of this plugin {after:?}"
    );
    assert_eq!(world.dingtalk.look(|view| view.live_connections().count()), 1);
    // A runtime, a connection or an inbox that stayed each time would be more than one of each.
    let times = u64::try_from(RELOADS).unwrap();
    assert!(after.threads < before.threads + times, "{after:?}");
    assert!(after.descriptors < before.descriptors + RELOADS, "{after:?}");
    let by_another = before.heap.saturating_sub(first.heap) * times / u64::try_from(PROBE_RELOADS).unwrap();
    assert!(
        after.heap < before.heap + by_another + times * MOST_HEAP,
        "{by_another} by the probe, {after:?}"
    );
    assert!(after.beside < before.beside + times * MOST_BESIDE, "{after:?}");
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
    /// In use, of JavaScript's heap.
    heap: u64,
    /// What is resident besides that heap: native memory, code, and what allocators keep.
    beside: u64,
}

async fn figures(world: &World) -> Figures {
    let samples = memory::settled(world).await;
    let least = samples.iter().min_by_key(|memory| memory.used).unwrap();
    let id = world.gateway.as_ref().and_then(|gateway| gateway.id()).unwrap();
    let descriptors = fs::read_dir(format!("/proc/{id}/fd")).map_or(0, Iterator::count);
    let beside = samples.iter().map(|memory| memory.resident.saturating_sub(memory.heap)).min().unwrap();
    Figures { threads: least.threads, descriptors, heap: least.used, beside }
}
