//! From one version to the next, and back, while people are being answered.

use crate::{
    claim::{Stage, claims},
    package,
    registry::Registry,
    trouble::{grows, whole},
    world::World,
};
use host_mock::dingtalk::App;

/// An older version than any that was released.
const PREVIOUS: &str = "0.0.1";
const PACKAGE: &str = "npm:openclaw-dingtalk";

pub(crate) const STAGE: Stage = Stage {
    name: "updates",
    begin: || Box::pin(begin()),
    claims: claims![
        an_update_in_mid_answer_loses_and_repeats_nothing,
        the_version_before_goes_on_where_a_killed_one_was,
    ],
};

/// The previous version from a registry, connected.
async fn begin() -> World {
    let mut world = World::with_apps(vec![App::default()]).await;
    let registry = Registry::start().await;
    world.home.registry = Some(registry.url());
    world.registry = Some(registry);
    publishes(&world, PREVIOUS).await;
    world.home.runs(&["plugins", "install", PACKAGE, "--force", "--accept-capabilities"]).await;
    world.home.configures(&world.credentials()).await;
    world.starts().await;
    world.dingtalk.connected().await;
    world
}

async fn an_update_in_mid_answer_loses_and_repeats_nothing(world: &mut World) {
    assert_eq!(installed(world).await, PREVIOUS);
    publishes(world, &package::version()).await;
    let before = world.dingtalk.look(|view| view.connections().count());
    let long = ["Lin", "Mo"].map(|who| world.dingtalk.says(who, "#pace 5 #words 60"));
    for asked in &long {
        grows(world, asked).await;
    }

    // More comes while it is exchanged: whichever of the two takes a message, it is answered once.
    let update = world.home.tries(&["plugins", "update", "dingtalk"]);
    let writing =
        async { ["An", "Bo", "Chen"].map(|who| (who, world.dingtalk.says(who, "#pace 5 #words 20"))) };
    let (said, more) = tokio::join!(update, writing);
    world.loads_what_is_there(&said).await;
    for asked in &long {
        whole(&world.answer_to(asked).await, 60);
    }
    for (_, asked) in &more {
        whole(&world.answer_to(asked).await, 20);
    }
    world.dingtalk.connected_times(before + 1).await;
    assert_eq!(installed(world).await, package::version());
    let after = world.dingtalk.says("Lin", "#say updated");
    assert_eq!(world.answer_to(&after).await.text(), "updated");
    for (who, _) in more {
        let times = world.dingtalk.look(|view| view.messages_in(who).count());
        assert_eq!(times, 0, "the card says it all");
    }
    assert_eq!(world.dingtalk.look(|view| view.open_cards().count()), 0, "no card stays open");
}

async fn the_version_before_goes_on_where_a_killed_one_was(world: &mut World) {
    let asked = world.dingtalk.says("Dai", "#pace 10 #words 60");
    grows(world, &asked).await;
    world.kills().await;
    world.dingtalk.disconnected().await;
    let back = format!("{PACKAGE}@{PREVIOUS}");
    world.home.runs(&["plugins", "install", &back, "--force", "--accept-capabilities"]).await;
    world.starts().await;
    world.dingtalk.connected().await;

    world
        .dingtalk
        .wait_for(|view| {
            let is_whole = |text: &str| text.contains("58 59 60");
            let shown =
                view.cards().any(|card| card.has_ended() && card.recalled.is_none() && is_whole(card.text()));
            let told = view.messages_in("Dai").any(|message| is_whole(message.text()));
            ((shown || told) && view.open_cards().next().is_none()).then_some(())
        })
        .await;
    let after = world.dingtalk.says("Lin", "#say back again");
    assert_eq!(world.answer_to(&after).await.text(), "back again");
    assert_eq!(installed(world).await, PREVIOUS);
}

async fn publishes(world: &World, version: &str) {
    let folder = world.home.path().join(format!("published-{version}"));
    package::copy_as(version, &folder);
    let packed = package::pack(&folder, world.home.path()).await;
    world.registry.as_ref().unwrap().publish(&folder, &packed);
}

/// The version that OpenClaw says it has.
async fn installed(world: &World) -> String {
    let plugin = world.home.runs(&["plugins", "inspect", "dingtalk", "--json"]).await.json();
    plugin["plugin"]["version"].as_str().unwrap_or_else(|| panic!("{plugin:#}")).to_owned()
}
