//! OpenClaw's own first steps, which lead to a bot.

use crate::{
    home::{Home, NO_OPTION},
    setup::SECOND,
    terminal::{DOWN, ENTER, Terminal},
    world::World,
};
use serde_json::json;

/// In a home of its own, as it begins with nothing.
pub(crate) async fn who_is_new_to_openclaw_finds_the_channel_and_is_led_to_a_bot(world: &mut World) {
    let home = Home::new(&world.model.base_url());
    home.has_plugin().await;
    let endpoints = world.endpoints();
    home.edits(|config| config["channels"]["dingtalk"]["endpoints"] = endpoints);
    let secret = world.secret_of(SECOND);
    let mut onboard = Terminal::runs(&home, &ONBOARD);
    let asks_more = onboard.shows_one_of(&["No thanks", NO_OPTION]).await != NO_OPTION;
    if asks_more {
        onboard.types(ENTER);
    } else {
        onboard = Terminal::runs(&home, &ONBOARD[..ONBOARD.len() - NEWER]);
    }
    onboard.answers("Select channel", "DingTalk").await;
    onboard.answers("Search: DingTalk", ENTER).await;
    onboard.answers("How do you want to connect", &format!("{DOWN}{DOWN}{ENTER}")).await;
    onboard.answers("Client ID (AppKey)", &format!("{SECOND}{ENTER}")).await;
    onboard.answers("Client Secret (AppSecret)", &format!("{secret}{ENTER}")).await;
    if asks_more {
        onboard.answers("Set up administration", ENTER).await;
    }
    let said = onboard.ends().await;

    assert!(said.contains("The bot works") && !said.contains(&secret), "{said}");
    let section = home.section();
    assert_eq!(
        (&section["clientId"], &section["clientSecret"]),
        (&json!(SECOND), &json!(secret)),
        "{section:#}"
    );
}

/// Everything that is no channel is left out.
const ONBOARD: [&str; 16] = [
    "onboard",
    "--classic",
    "--flow",
    "quickstart",
    "--accept-risk",
    "--auth-choice",
    "skip",
    "--skip-search",
    "--skip-skills",
    "--skip-ui",
    "--skip-health",
    "--no-install-daemon",
    "--skip-bootstrap",
    "--skip-hooks",
    "--agent-name",
    "main",
];
/// So many of the last of it older releases do not know.
const NEWER: usize = 2;
