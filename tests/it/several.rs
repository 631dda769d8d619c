//! Several at once: plugins, hosts, and two generations of one library.

use host_sdk::{
    StopReason,
    host::{LogSubscription, Plugin},
};
use std::fs;
use tests::{
    Copied, PLUGIN, World, plugin, pulse,
    pulse::{Ears, PULSE, SOON, order, started},
};

#[tokio::test]
async fn two_plugins_work_side_by_side_in_one_process() {
    let pulse = pulse().plugin();
    let ears = Ears::default();
    let beating = started(&pulse, "default", ears.clone());
    let world = World::start().await;
    assert_eq!((plugin().descriptor().id.as_str(), pulse.descriptor().id.as_str()), (PLUGIN, PULSE));
    ears.take();

    world.dingtalk().says("Lin", "hello");
    let turn = world.agent().next_turn().await.unwrap();
    order(&beating, "hand over 10");
    turn.say("Hello, Lin.");
    turn.done();
    assert_eq!(world.dingtalk().closed_card().await.text(), "Hello, Lin.");

    assert!(ears.take().is_empty(), "no line of the other plugin");
    assert!(!world.log().contains("pulse"), "no line of the other plugin");
    beating.stop(StopReason::Shutdown, SOON).await.unwrap();
    world.end().await;
}

/// A copy of a host: it loads for itself, and listens for itself.
struct HostCopy {
    plugin: Plugin,
    lines: Ears,
    _subscription: LogSubscription,
}

impl HostCopy {
    fn load(folder: &Copied) -> Self {
        let (plugin, lines) = (folder.load(), Ears::default());
        let root = lines.clone();
        let _subscription = plugin.log_to(move |line| root.note(line)).unwrap();
        Self { plugin, lines, _subscription }
    }
}

#[test]
fn two_copies_of_a_host_hear_their_own_channels_and_both_hear_what_belongs_to_none() {
    let folder = Copied::of(pulse());
    let (one, two) = (HostCopy::load(&folder), HostCopy::load(&folder));
    let channel_of_one = started(&one.plugin, "one", one.lines.clone());
    let channel_of_two = started(&two.plugin, "two", two.lines.clone());
    assert_eq!(one.lines.take(), ["info pulse started account=one"]);
    assert_eq!(two.lines.take(), ["info pulse started account=two"]);

    order(&channel_of_one, "elsewhere");
    let own = ["info pulse::orders from a task", "info pulse::orders from blocking work"];
    let nobodys = "info pulse::orders from a task of nobody's";
    assert_eq!(one.lines.take(), [own[0], own[1], nobodys]);
    assert_eq!(two.lines.take(), [nobodys]);

    drop((channel_of_one, one));
    order(&channel_of_two, "elsewhere");
    assert_eq!(two.lines.take(), [own[0], own[1], nobodys], "the other copy's end changes nothing");
}

/// A library in whose strings `from` reads `to`.
fn generation(mut library: Vec<u8>, from: &str, to: &str) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let at = library.windows(from.len()).position(|bytes| bytes == from.as_bytes()).unwrap();
    library[at..at + to.len()].copy_from_slice(to.as_bytes());
    library
}

#[test]
fn a_replaced_library_is_what_the_next_load_gets_while_the_old_one_runs_on() {
    let folder = Copied::of(pulse());
    let first = folder.load();
    let old = started(&first, "old", Ears::default());

    folder.change_library(|library| generation(library, "the first generation", "the third generation"));
    let second = folder.load();
    let new = started(&second, "new", Ears::default());

    let names = [&first, &second].map(|plugin| plugin.descriptor().name.clone());
    assert!(names[0].contains("first generation") && names[1].contains("third generation"), "{names:?}");
    order(&old, "levels");
    order(&new, "hand over 3");

    // Each has statics of its own: what the new one is told does not reach the old one.
    assert!(second.log_filter("off"));
    let ears = Ears::default();
    let also_old = started(&first, "also old", ears.clone());
    assert_eq!(ears.take().len(), 1);
    for channel in [old, new, also_old] {
        channel.stop(StopReason::Shutdown, SOON).wait(SOON).unwrap();
    }
}

#[test]
fn a_library_is_replaced_also_where_its_old_file_is_kept_under_another_name() {
    let folder = Copied::of(pulse());
    let first = folder.load();
    let (library, kept) = (folder.library(), folder.path().join("kept"));
    fs::rename(&library, &kept).unwrap();
    fs::copy(kept, library).unwrap();
    folder.change_library(|library| generation(library, "the first generation", "the newer generation"));

    for _ in 0..2 {
        assert!(folder.load().descriptor().name.contains("newer generation"));
    }
    order(&started(&first, "default", Ears::default()), "levels");
}
