//! Much at once, and again and again. It takes minutes and is measured rather than claimed, so it is
//! played only when it is named.

use crate::{
    claim::{Stage, claims},
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
    println!(
        "{CROWD} messages acknowledged: {:?} (median), {:?} (99 of 100), {:?} (at most)",
        of(50),
        of(99),
        of(100)
    );
    let ended = dingtalk.try_wait_for(Duration::from_secs(540), |view| {
        let ended = view.cards().filter(|card| card.has_ended() && card.text() == "ok").count();
        (ended >= CROWD).then_some(())
    });
    ended.await.unwrap();
    assert_eq!(dingtalk.look(|view| view.open_cards().count()), 0);
}

async fn ten_reloads_leave_nothing_behind(world: &mut World) {
    let before = figures(world);
    for _ in 0..RELOADS {
        let connections = world.dingtalk.look(|view| view.connections().count());
        world.home.runs(&["plugins", "reload", "dingtalk", "--accept-capabilities"]).await;
        world.dingtalk.connected_times(connections + 1).await;
    }
    let asked = world.dingtalk.says("Lin", "#say still here");
    assert_eq!(world.answer_to(&asked).await.text(), "still here");
    let after = figures(world);
    let Figures { threads, resident } = after;
    println!(
        "before {RELOADS} reloads {} threads and {} kB, after them {threads} and {resident}",
        before.threads, before.resident
    );
    assert_eq!(world.dingtalk.look(|view| view.live_connections().count()), 1);
    // Node's own pool may not be complete in the beginning; a runtime that stayed would be 20 threads.
    assert!(threads < before.threads + RELOADS, "{threads} threads, {} before", before.threads);
}

/// What the gateway's process has.
struct Figures {
    threads: usize,
    resident: usize,
}

fn figures(world: &World) -> Figures {
    let id = world.gateway.as_ref().and_then(|gateway| gateway.id()).unwrap();
    let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let of = |key: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(key)).unwrap_or_default();
        line.split_whitespace().next().and_then(|number| number.parse().ok()).unwrap_or(0)
    };
    Figures { threads: of("Threads:"), resident: of("VmRSS:") }
}
