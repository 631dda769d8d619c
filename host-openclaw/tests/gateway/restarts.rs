//! Restarts while a model speaks, of the channel and of the gateway: the person sees one whole answer, on one card.

use crate::{
    claim::{Found, Stage, claims},
    trouble::{grows, only_answer_to, whole},
    world::World,
};
use host_mock::dingtalk::{App, Card};
use serde_json::json;

pub(crate) const STAGE: Stage = Stage {
    name: "restarts",
    begin: || Box::pin(World::with(vec![App::default()], World::credentials)),
    claims: claims![
        a_channel_that_stops_in_mid_answer_goes_on_when_it_starts_again,
        a_change_that_starts_the_account_anew_in_mid_answer_is_not_seen,
        a_plugin_that_is_reloaded_in_mid_answer_is_not_seen,
        a_restart_of_the_gateway_waits_for_what_is_being_said,
        a_restart_that_waits_no_longer_has_its_answer_on_its_card,
        what_is_resumed_after_a_crash_is_stopped_by_the_button_and_by_a_word,
    ],
};

/// As the health monitor does, which waits for no turn either.
async fn a_channel_that_stops_in_mid_answer_goes_on_when_it_starts_again(world: &mut World) {
    let asked = world.dingtalk.says("An", "#pace 5 #words 60");
    grows(world, &asked).await;
    let channel = json!({"channel": "dingtalk"}).to_string();
    world.home.runs(&["gateway", "call", "channels.stop", "--params", &channel]).await;
    world.dingtalk.disconnected().await;
    world.home.runs(&["gateway", "call", "channels.start", "--params", &channel]).await;
    world.dingtalk.connected().await;

    whole(&only_answer_to(world, &asked).await, 60);
    answers(world, "An", "started again").await;
}

async fn a_change_that_starts_the_account_anew_in_mid_answer_is_not_seen(world: &mut World) {
    let before = world.dingtalk.look(|view| view.connections().count());
    let asked = world.dingtalk.says("Bo", "#pace 5 #words 40");
    grows(world, &asked).await;
    // The same place by another name.
    let elsewhere = world.dingtalk.base_url().replace("127.0.0.1", "localhost");
    world.home.edits(|config| {
        config["channels"]["dingtalk"]["endpoints"] = json!({"api": elsewhere, "oapi": elsewhere});
    });

    whole(&only_answer_to(world, &asked).await, 40);
    world.dingtalk.connected_times(before + 1).await;
    answers(world, "Bo", "from there").await;
}

async fn a_plugin_that_is_reloaded_in_mid_answer_is_not_seen(world: &mut World) -> Found {
    let before = world.dingtalk.look(|view| view.connections().count());
    let asked = world.dingtalk.says("Chen", "#pace 5 #words 40");
    grows(world, &asked).await;
    world.reloads().await?;

    whole(&only_answer_to(world, &asked).await, 40);
    world.dingtalk.connected_times(before + 1).await;
    answers(world, "Chen", "loaded anew").await;
    Ok(())
}

async fn a_restart_of_the_gateway_waits_for_what_is_being_said(world: &mut World) {
    let before = world.dingtalk.look(|view| view.connections().count());
    let asked = world.dingtalk.says("Dai", "#pace 5 #words 61");
    grows(world, &asked).await;
    world.home.runs(&["gateway", "restart"]).await;

    whole(&only_answer_to(world, &asked).await, 61);
    world.dingtalk.connected_times(before + 1).await;
    let times = world.model.asked().iter().filter(|asked| asked.text.contains("#words 61")).count();
    assert_eq!(times, 1, "the model was asked once");
    answers(world, "Dai", "restarted").await;
}

async fn a_restart_that_waits_no_longer_has_its_answer_on_its_card(world: &mut World) {
    let before = world.dingtalk.look(|view| view.connections().count());
    let asked = world.dingtalk.says("Fei", "#pace 4 #words 70");
    grows(world, &asked).await;
    world.home.runs(&["gateway", "restart", "--wait", "1s"]).await;
    world.dingtalk.connected_times(before + 1).await;

    whole(&only_answer_to(world, &asked).await, 70);
    let again =
        world.dingtalk.look(|view| view.messages_in("Fei").any(|message| message.text().contains("1 2")));
    assert!(!again, "the answer is on its card");
    world.no_card_stays_open().await;
    answers(world, "Fei", "restarted at once").await;
}

async fn what_is_resumed_after_a_crash_is_stopped_by_the_button_and_by_a_word(world: &mut World) {
    let asked = ["Guo", "Mo"].map(|who| world.dingtalk.says(who, "#pace 4 #words 400"));
    for asked in &asked {
        grows(world, asked).await;
    }
    world.kills().await;
    world.dingtalk.disconnected().await;
    world.starts().await;
    world.dingtalk.connected().await;
    world.model.is_asked_times(4, |asked| asked.text.contains("#words 400")).await;
    let left_alone = world.model.left_alone();

    let card = world.dingtalk.card_of(&asked[0]).await;
    world.dingtalk.push_card_callback("Guo", &card.out_track_id, json!({"action": "stop"}));
    world.model.is_left_alone(left_alone + 1).await;
    stopped(&only_answer_to(world, &asked[0]).await);

    world.dingtalk.says("Mo", "/stop");
    world.model.is_left_alone(left_alone + 2).await;
    world.no_card_stays_open().await;
    answers(world, "Guo", "after the button").await;
    answers(world, "Mo", "after the word").await;
}

#[track_caller]
fn stopped(card: &Card) {
    assert!(card.has_ended() && !card.text().contains("400"), "{card:?}");
}

async fn answers(world: &World, who: &str, text: &str) {
    let asked = world.dingtalk.says(who, &format!("#say {text}"));
    assert_eq!(world.answer_to(&asked).await.text(), text);
}
