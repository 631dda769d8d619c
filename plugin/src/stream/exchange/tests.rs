//! Claims that hold whatever the network and the host do, and in whatever order.

use super::*;
use proptest::prelude::*;
use std::time::Duration;
use world::{Host, Network, World};

mod world;

/// What may happen.
#[derive(Clone, Debug)]
enum Happening {
    Network(Network),
    Host { which: usize, does: Host },
    Hears { which: usize },
    Passes { tenths: u32 },
    Sleeps { seconds: i64 },
    Stops,
}

fn happening() -> impl Strategy<Value = Happening> {
    let which = || 0usize..6;
    let network = prop_oneof![
        5 => prop::option::weighted(0.3, world::setback()).prop_map(Network::Opened),
        5 => prop::option::weighted(0.3, world::setback()).prop_map(Network::Dialled),
        9 => (which(), 0u8..9).prop_map(|(link, message)| Network::Pushes { link, message }),
        1 => which().prop_map(|link| Network::Pings { link }),
        1 => which().prop_map(|link| Network::SaysGoodbye { link }),
        1 => which().prop_map(|link| Network::Breaks { link }),
        1 => which().prop_map(|link| Network::FallsSilent { link }),
    ];
    let host = prop_oneof![4 => Just(Host::Takes), 2 => Just(Host::Refuses), 1 => Just(Host::Forgets)];
    prop_oneof![
        60 => network.prop_map(Happening::Network),
        25 => (which(), host).prop_map(|(which, does)| Happening::Host { which, does }),
        25 => which().prop_map(|which| Happening::Hears { which }),
        12 => (0u32..400).prop_map(|tenths| Happening::Passes { tenths }),
        2 => (0i64..5000).prop_map(|seconds| Happening::Sleeps { seconds }),
        1 => Just(Happening::Stops),
    ]
}

fn happen(world: &mut World, happening: Happening) {
    match happening {
        Happening::Network(event) => world.network(event),
        Happening::Host { which, does } => world.host(which, does),
        Happening::Hears { which } => world.hear(which),
        Happening::Passes { tenths } => world.pass(tenths * Duration::from_millis(100)),
        Happening::Sleeps { seconds } => world.sleep(seconds),
        Happening::Stops => world.stop(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// The checks themselves are the world's: see what it asserts of each job.
    #[test]
    fn every_message_is_taken_once_in_order_and_acknowledged_after_it_on_its_own_link(
        links in 1usize..=3,
        happenings in prop::collection::vec(happening(), 0..200),
    ) {
        let mut world = World::new(links);
        for happening in happenings {
            happen(&mut world, happening);
            world.check_what_always_holds();
        }
        if !world.is_stopped() {
            world.recover();
            world.check_that_nothing_is_owed();
        }
    }
}

#[test]
fn a_message_that_is_refused_twice_and_pushed_again_on_another_link_is_taken_once() {
    let mut world = World::new(1);
    world.network(Network::Opened(None));
    world.network(Network::Dialled(None));
    world.network(Network::Pushes { link: 0, message: 1 });
    for _ in 0..2 {
        world.host(0, Host::Refuses);
        world.hear(0);
        world.pass(Duration::from_secs(1));
    }
    world.network(Network::SaysGoodbye { link: 0 });
    world.network(Network::Opened(None));
    world.network(Network::Dialled(None));
    world.network(Network::Pushes { link: 1, message: 1 });
    world.host(0, Host::Takes);
    world.hear(0);
    world.check_that_nothing_is_owed();
}
