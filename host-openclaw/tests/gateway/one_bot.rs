//! One bot with the first configuration of the guides, and nothing beside it.

use crate::{
    claim::{Found, Stage, claims},
    files::{
        a_file_is_kept_for_seven_days_where_openclaw_keeps_media,
        a_file_of_more_than_a_hundred_megabytes_is_refused,
    },
    lack::Lack,
    world::World,
};
use host_mock::dingtalk::{App, Endpoint, StepKind, Via, View};

pub(crate) const STAGE: Stage = Stage {
    name: "one_bot",
    begin: || Box::pin(begin()),
    claims: claims![
        a_private_message_is_answered_on_one_card,
        a_mention_in_a_group_is_answered_there,
        an_answer_grows_while_the_model_speaks,
        a_message_that_is_pushed_again_is_answered_once,
        a_tool_call_is_no_second_answer,
        the_status_says_that_it_is_connected_and_a_probe_examines_it,
        a_message_of_the_command_line_arrives,
        a_file_is_kept_for_seven_days_where_openclaw_keeps_media,
        a_file_of_more_than_a_hundred_megabytes_is_refused,
        a_change_of_the_configuration_is_taken_in_while_it_runs,
        a_lost_connection_is_replaced,
        a_gateway_that_starts_again_answers_again,
        // Cards that were refused are tried again only now and then: nothing that wants one comes after it.
        without_cards_the_answer_is_a_message,
        the_logs_hold_no_secret,
    ],
};

async fn begin() -> World {
    let app = App { client_secret: "your-app-secret".to_owned(), ..App::new("dingxxxxxx") };
    let mut world = World::with_apps(vec![app]).await;
    world.installs().await;
    let section = serde_json::from_str(include_str!("../../../tests/fixtures/config/single.json")).unwrap();
    world.home.configures(&section).await;
    let endpoints = world.endpoints();
    world.home.edits(|config| config["channels"]["dingtalk"]["endpoints"] = endpoints);
    world.starts().await;
    world.dingtalk.connected().await;
    world
}

async fn a_private_message_is_answered_on_one_card(world: &mut World) {
    let asked = world.dingtalk.says("Lin", "#say Hello, Lin.");
    world.dingtalk.acked(&asked).await;

    assert_eq!(world.answer_to(&asked).await.text(), "Hello, Lin.");
    assert_eq!(world.dingtalk.look(|view| view.cards().count()), 1);
    assert_eq!(world.dingtalk.look(|view| view.messages().count()), 0, "the card says it all");
}

async fn a_mention_in_a_group_is_answered_there(world: &mut World) {
    let asked = world.dingtalk.says_in_group("Release crew", "Mo", "#say Hello, crew.");

    let card = world.answer_to(&asked).await;

    assert_eq!(card.text(), "Hello, crew.");
    let group = world.dingtalk.conversation("Release crew");
    assert!(card.carriers.iter().any(|carrier| carrier.conversation == group), "{card:?}");
}

async fn an_answer_grows_while_the_model_speaks(world: &mut World) {
    let asked = world.dingtalk.says("An", "#pace 20 #words 60");

    let card = world.answer_to(&asked).await;

    assert!(card.text().ends_with("59 60"), "{}", card.text());
    let partials = card.history.iter().filter(|step| matches!(step.kind, StepKind::Streamed)).count();
    assert!(partials >= 3, "three seconds of words in {partials} updates");
}

async fn a_message_that_is_pushed_again_is_answered_once(world: &mut World) {
    let asked = world.dingtalk.says("Bo", "#say once");
    world.answer_to(&asked).await;
    world.dingtalk.push_again(&asked);
    let again = world.dingtalk.says("Bo", "#say afterwards");
    assert_eq!(world.answer_to(&again).await.text(), "afterwards");

    let texts = world.model.asked().into_iter().filter(|asked| asked.text.contains("#say once")).count();
    assert_eq!(texts, 1, "the model was asked {texts} times");
}

async fn a_tool_call_is_no_second_answer(world: &mut World) {
    let asked = world.dingtalk.says("Chen", r#"#say Looking. #tool exec {"command":"true"} #say Found it."#);

    let card = world.answer_to(&asked).await;

    assert!(card.text().contains("Found it."), "{}", card.text());
    let answers =
        world.dingtalk.look(|view| view.cards().filter(|other| other.created >= card.created).count());
    assert_eq!(answers, 1, "one card");
}

async fn the_status_says_that_it_is_connected_and_a_probe_examines_it(world: &mut World) {
    let status = world.home.status(&["--probe"]).await;
    let account = &status["channelAccounts"]["dingtalk"][0];
    assert_eq!(account["connected"], true, "{status:#}");
    assert_eq!(status["channelDefaultAccountId"]["dingtalk"], "default", "{status:#}");
    assert_eq!(account["probe"]["ok"], true, "{status:#}");
}

async fn a_message_of_the_command_line_arrives(world: &mut World) {
    let staff = world.dingtalk.look(|_| "user0002");
    let send =
        ["message", "send", "--channel", "dingtalk", "--target", staff, "--message", "news for Mo", "--json"];
    world.home.runs(&send).await;

    let message = world.dingtalk.message_to("Mo").await;

    assert_eq!((message.via, message.text()), (Via::Robot, "news for Mo"));
}

async fn without_cards_the_answer_is_a_message(world: &mut World) {
    world.dingtalk.deny_scope("Card.Instance.Write");
    world.dingtalk.says("Dai", "#say In plain words.");
    world.told("Dai", "In plain words.").await;
    world.dingtalk.grant_scope("Card.Instance.Write");
    world.says_in_the_log("Card.Instance.Write").await;
}

async fn a_change_of_the_configuration_is_taken_in_while_it_runs(world: &mut World) {
    let before = world.dingtalk.look(|view| view.cards().count());
    let tries = answers_by_card(world, false).await;
    let cards = world.dingtalk.look(|view| view.cards().count()) - before;
    assert!(cards < tries, "{cards} cards, {tries} messages");
    answers_by_card(world, true).await;
}

/// Switches cards on or off, and writes until that holds: the gateway watches the file, and what is asked before it
/// has seen it is answered as before. How often it took.
async fn answers_by_card(world: &World, on: bool) -> usize {
    let enabled = on.to_string();
    world.home.runs(&["config", "set", "channels.dingtalk.enableAICard", &enabled, "--json"]).await;
    for tries in 1..=100 {
        let text = format!("by card: {on}, {tries}");
        let asked = world.dingtalk.says("Fei", &format!("#say {text}"));
        let answered = world.dingtalk.wait_for(|view| {
            let told = view.messages_in("Fei").any(|message| message.text() == text);
            let push = view.push(&asked)?;
            let shown = view.cards().any(|card| card.created > push.queued && card.has_ended());
            (told || shown).then_some(shown)
        });
        if answered.await == on {
            return tries;
        }
    }
    panic!("the change is not taken in");
}

async fn a_lost_connection_is_replaced(world: &mut World) {
    let before = world.dingtalk.look(|view| view.connections().count());
    assert!(world.dingtalk.connections().reset() > 0, "there was a connection");
    world.dingtalk.connected_times(before + 1).await;

    let asked = world.dingtalk.says("Guo", "#say still here");
    world.dingtalk.acked(&asked).await;
}

async fn a_gateway_that_starts_again_answers_again(world: &mut World) -> Found {
    let whole = |view: View<'_>| {
        view.cards().filter(|card| card.has_ended() && card.text().ends_with("29 30")).count()
    };
    let before = world.dingtalk.look(whole);
    let asked = world.dingtalk.says("An", "#pace 10 #words 30");
    world.model.is_asked(|asked| asked.text.contains("#words 30")).await;
    world.stops().await;
    world.dingtalk.disconnected().await;
    // Nothing more comes of a gateway that has ended.
    let has_answered = world.dingtalk.look(whole) > before;
    world.starts().await;
    world.dingtalk.connected().await;
    assert!(world.answer_to(&asked).await.text().ends_with("29 30"), "nothing is lost");

    let asked = world.dingtalk.says("Lin", "#say back");
    world.dingtalk.acked(&asked).await;
    let card = world.answer_to(&asked).await;
    assert_eq!(card.text(), "back");
    world.no_card_stays_open().await;
    let streamed = world.dingtalk.look(|view| view.calls_to(Endpoint::Streaming).count());
    assert!(streamed > 0);
    if has_answered { Ok(()) } else { Err(Lack::AnsweringStop) }
}

async fn the_logs_hold_no_secret(world: &mut World) {
    assert_eq!(world.secrets_in_logs(), [""; 0]);
    assert!(world.dingtalk.violations().is_empty(), "{:?}", world.dingtalk.violations());
}
