//! Restarts while a model speaks, of the channel and of the gateway: the person sees one whole answer, on one card.
//! The model holds its last words back until what is to happen in mid-answer has happened.

use crate::{
    claim::{Found, Stage, claims},
    home::NO_COMMAND,
    lack::Lack,
    trouble::{grows, only_answer_to},
    world::{BUSY, World},
};
use host_mock::dingtalk::{App, Card};
use serde_json::json;

pub(crate) const STAGE: Stage = Stage {
    name: "restarts",
    begin: || Box::pin(World::with(vec![App::default()], World::credentials)),
    claims: claims![
        a_channel_that_stops_in_mid_answer_goes_on_when_it_starts_again,
        a_plugin_that_is_reloaded_in_mid_answer_is_not_seen,
        a_restart_of_the_gateway_waits_for_what_is_being_said,
        a_restart_that_waits_no_longer_has_its_answer_on_its_card,
        what_is_resumed_after_a_crash_is_stopped_by_the_button_and_by_a_word,
        a_change_that_starts_the_account_anew_in_mid_answer_is_not_seen,
    ],
};

/// As the health monitor does, which waits for no turn either.
async fn a_channel_that_stops_in_mid_answer_goes_on_when_it_starts_again(world: &mut World) {
    let asked = begins(world, "An", "stopped").await;
    let channel = json!({"channel": "dingtalk"}).to_string();
    world.home.runs(&["gateway", "call", "channels.stop", "--params", &channel]).await;
    world.dingtalk.disconnected().await;
    world.home.runs(&["gateway", "call", "channels.start", "--params", &channel]).await;
    world.dingtalk.connected().await;

    ends(world, &asked, "stopped").await;
    answers(world, "An", "started again").await;
}

async fn a_plugin_that_is_reloaded_in_mid_answer_is_not_seen(world: &mut World) -> Found {
    let before = world.dingtalk.look(|view| view.connections().count());
    let asked = begins(world, "Chen", "reloaded").await;
    let said = world.home.tries(&["plugins", "reload", "dingtalk", "--accept-capabilities"]).await;
    if said.everything().contains(NO_COMMAND) {
        ends(world, &asked, "reloaded").await;
        return Err(Lack::PluginReload);
    }
    assert!(said.succeeded() || said.everything().contains(BUSY), "{said}");

    ends(world, &asked, "reloaded").await;
    world.loads_what_is_there(&said).await?;
    world.dingtalk.connected_times(before + 1).await;
    answers(world, "Chen", "loaded anew").await;
    Ok(())
}

async fn a_restart_of_the_gateway_waits_for_what_is_being_said(world: &mut World) {
    let before = world.dingtalk.look(|view| view.connections().count());
    let asked = begins(world, "Dai", "waited for").await;
    let ending = async {
        world.says_in_one_line(&["draining ", "active ", "before restart"]).await;
        ends(world, &asked, "waited for").await;
    };
    tokio::join!(world.home.runs(&["gateway", "restart"]), ending);

    world.dingtalk.connected_times(before + 1).await;
    let times = world.model.asked().iter().filter(|asked| asked.text.contains("waited for")).count();
    assert_eq!(times, 1, "the model was asked once");
    answers(world, "Dai", "restarted").await;
}

/// What a release says that resumes no answer of which there are words.
const GIVEN_UP: &str = "marked interrupted main session failed";
/// What it says when one that it has resumed is over.
const RESUMED: &str = "main-session restart recovery terminal";

/// OpenClaw breaks the answer off, and gives it once it has started again.
async fn a_restart_that_waits_no_longer_has_its_answer_on_its_card(world: &mut World) -> Found {
    let before = world.dingtalk.look(|view| view.connections().count());
    let asked = begins(world, "Fei", "broken off").await;
    let times = world.model.asked().iter().filter(|asked| asked.text.contains("broken off")).count();
    world.home.runs(&["gateway", "restart", "--wait", "1s"]).await;
    world.dingtalk.connected_times(before + 1).await;
    tokio::select! {
        _ = world.model.is_asked_times(times + 1, |asked| asked.text.contains("broken off")) => {}
        () = world.says_in_the_log(GIVEN_UP) => {
            is_stopped(&only_answer_to(world, &asked).await);
            answers(world, "Fei", "restarted at once").await;
            return Err(Lack::Resumption);
        }
    }

    ends(world, &asked, "broken off").await;
    let again =
        world.dingtalk.look(|view| view.messages_in("Fei").any(|message| message.text().contains("1 2")));
    assert!(!again, "the answer is on its card");
    // Whoever writes in the tenth of a second in which OpenClaw puts away what it has resumed is told by it, now and
    // then, that it cannot answer.
    world.says_in_the_log(RESUMED).await;
    answers(world, "Fei", "restarted at once").await;
    Ok(())
}

/// OpenClaw resumes one session after the other.
async fn what_is_resumed_after_a_crash_is_stopped_by_the_button_and_by_a_word(world: &mut World) {
    let mut people = [("Guo", "kept from Guo"), ("Mo", "kept from Mo")];
    let mut asked = [String::new(), String::new()];
    for (asked, (who, name)) in asked.iter_mut().zip(people) {
        *asked = begins(world, who, name).await;
    }
    world.kills().await;
    world.dingtalk.disconnected().await;
    let before = world.model.asked().iter().filter(|asked| asked.text.contains("kept from")).count();
    world.starts().await;
    world.dingtalk.connected().await;
    let resumed = world.model.is_asked_times(before + 1, |asked| asked.text.contains("kept from")).await;
    let left_alone = world.model.left_alone();
    if resumed.text.contains(people[1].1) {
        people.reverse();
        asked.reverse();
    }
    let [(first, _), (second, _)] = people;

    let card = world.dingtalk.card_of(&asked[0]).await;
    world.dingtalk.push_card_callback(first, &card.out_track_id, json!({"action": "stop"}));
    world.model.is_left_alone(left_alone + 1).await;
    is_stopped(&only_answer_to(world, &asked[0]).await);

    world.model.is_asked_times(before + 2, |asked| asked.text.contains("kept from")).await;
    world.dingtalk.says(second, "/stop");
    world.model.is_left_alone(left_alone + 2).await;
    world.no_card_stays_open().await;
    answers(world, first, "after the button").await;
    answers(world, second, "after the word").await;
}

/// OpenClaw itself waits with it until what is being said has been.
async fn a_change_that_starts_the_account_anew_in_mid_answer_is_not_seen(world: &mut World) {
    let before = world.dingtalk.look(|view| view.connections().count());
    let asked = begins(world, "Bo", "changed").await;
    // The same place by another name.
    let elsewhere = world.dingtalk.base_url().replace("127.0.0.1", "localhost");
    world.home.edits(|config| {
        config["channels"]["dingtalk"]["endpoints"] = json!({"api": elsewhere, "oapi": elsewhere});
    });
    world.says_in_the_log("config change requires channel reload").await;

    ends(world, &asked, "changed").await;
    world.dingtalk.connected_times(before + 1).await;
    answers(world, "Bo", "from there").await;
}

/// Asks something whose answer is shown up to its last words, which wait for `name` to be let go.
async fn begins(world: &World, who: &str, name: &str) -> String {
    let asked = world.dingtalk.says(who, &format!("#words 20 #hold {name} #say , and over."));
    grows(world, &asked).await;
    asked
}

/// Lets the last words go, and sees the whole answer on the one card that there is.
async fn ends(world: &World, asked: &str, name: &str) {
    world.model.lets_go(name);
    let card = only_answer_to(world, asked).await;
    let text = card.text();
    assert!(text.starts_with("1 2 3 ") && text.ends_with("19 20, and over."), "{text}");
    assert_eq!(text.matches("and over").count(), 1, "{text}");
}

#[track_caller]
fn is_stopped(card: &Card) {
    assert!(card.has_ended() && !card.text().contains("over"), "{card:?}");
}

async fn answers(world: &World, who: &str, text: &str) {
    let asked = world.dingtalk.says(who, &format!("#say {text}"));
    assert_eq!(world.answer_to(&asked).await.text(), text);
}
