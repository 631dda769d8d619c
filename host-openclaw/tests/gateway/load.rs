//! Much at once, and again and again. It takes minutes and is measured rather than claimed, so it is
//! played only when it is named.

use crate::{
    claim::{Found, Stage, claims},
    world::{CROWD, World},
};
use host_mock::dingtalk::App;
use std::{fs, time::Duration};

pub(crate) const STAGE: Stage = Stage {
    name: "load",
    begin: || Box::pin(World::with(vec![App::default()], World::credentials)),
    claims: claims![two_hundred_messages_at_once_are_all_answered, ten_reloads_leave_nothing_behind],
};

const RELOADS: usize = 10;

/// By how many kB the gateway may grow with ten reloads: each loads the adapter's JavaScript anew, which
/// Node.js keeps, and its collector takes its time.
const MOST_GROWTH: usize = 100_000;

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

async fn ten_reloads_leave_nothing_behind(world: &mut World) -> Found {
    // The first one brings what stays: Node's pool is complete, the reloader compiled.
    reload(world).await?;
    let before = figures(world);
    for _ in 0..RELOADS {
        reload(world).await?;
    }
    let asked = world.dingtalk.says("Lin", "#say still here");
    assert_eq!(world.answer_to(&asked).await.text(), "still here");
    let after = figures(world);
    println!("before {RELOADS} reloads {before:?}, after them {after:?}");
    assert_eq!(world.dingtalk.look(|view| view.live_connections().count()), 1);
    // A runtime, a connection or an inbox that stayed each time would be more than one of each.
    assert!(after.threads < before.threads + RELOADS, "{after:?}");
    assert!(after.descriptors < before.descriptors + RELOADS, "{after:?}");
    assert!(after.resident < before.resident + MOST_GROWTH, "{after:?}");
    Ok(())
}

async fn reload(world: &World) -> Found {
    let connections = world.dingtalk.look(|view| view.connections().count());
    world.reloads().await?;
    world.dingtalk.connected_times(connections + 1).await;
    Ok(())
}

/// What the gateway's process has.
#[derive(Debug)]
struct Figures {
    threads: usize,
    descriptors: usize,
    /// In kB.
    resident: usize,
}

fn figures(world: &World) -> Figures {
    let id = world.gateway.as_ref().and_then(|gateway| gateway.id()).unwrap();
    let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let of = |key: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(key)).unwrap_or_default();
        line.split_whitespace().next().and_then(|number| number.parse().ok()).unwrap_or(0)
    };
    let descriptors = fs::read_dir(format!("/proc/{id}/fd")).map_or(0, Iterator::count);
    Figures { threads: of("Threads:"), descriptors, resident: of("VmRSS:") }
}
