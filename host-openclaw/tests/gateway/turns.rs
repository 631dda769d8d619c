//! What a turn is besides its words: progress, messages that come meanwhile, stops, and silent ends.

use crate::{
    claim::{Stage, claims},
    media::{
        a_file_is_named_to_the_model, a_picture_is_seen_by_the_model, a_picture_of_a_tool_s_arrives,
        a_tool_s_text_and_files_arrive_whole_and_in_order, a_turn_may_say_nothing_but_a_picture,
        what_a_voice_says_is_what_is_asked,
    },
    world::World,
};
use host_mock::dingtalk::{App, Card, Endpoint, Fault, View};
use serde_json::{Value, json};

pub(crate) const STAGE: Stage = Stage {
    name: "turns",
    begin: || Box::pin(begin()),
    claims: claims![
        what_the_agent_does_is_told_while_it_does_it,
        what_the_model_thinks_is_no_part_of_the_answer,
        what_the_model_thinks_is_seen_meanwhile_by_who_asks_for_that,
        a_press_of_the_button_ends_the_model_s_answer,
        a_word_ends_the_model_s_answer,
        what_is_queued_behind_a_turn_has_a_card_of_its_own,
        what_is_collected_behind_a_turn_is_answered_once,
        what_interrupts_a_turn_is_answered_instead,
        a_model_that_hangs_is_stopped,
        an_agent_that_says_nothing_leaves_nothing_open,
        an_answer_by_a_tool_is_a_message_and_no_card_stays_open,
        a_model_that_refuses_is_told_of,
        a_picture_is_seen_by_the_model,
        a_file_is_named_to_the_model,
        what_a_voice_says_is_what_is_asked,
        a_picture_of_a_tool_s_arrives,
        a_tool_s_text_and_files_arrive_whole_and_in_order,
        a_turn_may_say_nothing_but_a_picture,
        a_stop_waits_for_nobody,
    ],
};

/// With a model that reasons.
pub(crate) async fn begin() -> World {
    let mut world = World::with_apps(vec![App::default()]).await;
    world.home.has_plugin().await;
    let section = world.credentials();
    world.home.edits(|config| {
        config["channels"]["dingtalk"] = section;
        config["models"]["providers"]["scripted"]["models"][0]["reasoning"] = json!(true);
    });
    world.starts().await;
    world.dingtalk.connected().await;
    world
}

async fn what_the_agent_does_is_told_while_it_does_it(world: &mut World) {
    let asked = world.dingtalk.says("An", r#"#tool exec {"command":"sleep 4"} #say Done."#);

    let card = world.answer_to(&asked).await;

    assert_eq!(card.text(), "Done.");
    let (before, after): (Vec<_>, Vec<_>) =
        card.history.iter().partition(|step| !step.text.contains("Done."));
    assert!(before.iter().any(|step| step.text.contains("exec")), "{:?}", card.history);
    assert!(!after.iter().any(|step| step.text.contains("exec")), "{:?}", card.history);
}

async fn what_the_model_thinks_is_no_part_of_the_answer(world: &mut World) {
    let thinking = "#think Should I tell? #pause 1500 #think Perhaps not. #pause 1500 #say Hello.";
    let asked = world.dingtalk.says("An", thinking);

    let card = world.answer_to(&asked).await;

    assert_eq!(card.text(), "Hello.");
    let told = card.history.iter().any(|step| step.text.contains("Should") || step.text.contains("Perhaps"));
    assert!(!told, "{:?}", card.history);
}

async fn what_the_model_thinks_is_seen_meanwhile_by_who_asks_for_that(world: &mut World) {
    for order in ["/think low", "/reasoning stream"] {
        let asked = world.dingtalk.says("Lin", order);
        world.answer_to(&asked).await;
    }
    let thinking = "#think Should I tell? #pause 2000 #think Perhaps not. #pause 2000 #say Hello.";
    let asked = world.dingtalk.says("Lin", thinking);

    let card = world.answer_to(&asked).await;

    assert_eq!(card.text(), "Hello.");
    assert!(card.history.iter().any(|step| step.text.contains("💭 Should I tell?")), "{:?}", card.history);
    assert_eq!(world.dingtalk.look(|view| view.messages_in("Lin").count()), 0);
}

async fn a_press_of_the_button_ends_the_model_s_answer(world: &mut World) {
    let before = world.model.left_alone();
    let asked = world.dingtalk.says("Bo", "#pace 5 #words 300");
    let card = grows(world, &asked).await;

    world.dingtalk.push_card_callback("Bo", &card.out_track_id, json!({"action": "stop"}));

    world.model.is_left_alone(before + 1).await;
    let card = world.answer_to(&asked).await;
    assert!(card.text().starts_with("1 2") && !card.text().contains("300"), "{}", card.text());
}

async fn a_word_ends_the_model_s_answer(world: &mut World) {
    let before = world.model.left_alone();
    let asked = world.dingtalk.says("Bo", "#pace 5 #words 300");
    grows(world, &asked).await;

    world.dingtalk.says("Bo", "/stop");

    world.model.is_left_alone(before + 1).await;
    let cards = answers_since(world, &asked, 2).await;
    assert!(cards[0].text().starts_with("1 2") && !cards[0].text().contains("300"), "{}", cards[0].text());
}

async fn what_is_queued_behind_a_turn_has_a_card_of_its_own(world: &mut World) {
    queues(world, "Chen", "followup").await;
    let first = world.dingtalk.says("Chen", "#pace 10 #words 30");
    grows(world, &first).await;
    world.dingtalk.says("Chen", "#say second");
    world.dingtalk.says("Chen", "#say third");

    let cards = answers_since(world, &first, 3).await;

    assert!(cards[0].text().ends_with("29 30"), "{}", cards[0].text());
    assert_eq!([cards[1].text(), cards[2].text()], ["second", "third"]);
    assert_eq!(world.dingtalk.look(|view| view.messages_in("Chen").count()), 0);
}

async fn what_is_collected_behind_a_turn_is_answered_once(world: &mut World) {
    queues(world, "Dai", "collect").await;
    // Long enough for both to come meanwhile, also where the gateway is slow.
    let first = world.dingtalk.says("Dai", "#pace 10 #words 80");
    grows(world, &first).await;
    world.dingtalk.says("Dai", "Wait a moment.");
    world.dingtalk.says("Dai", "#say both");

    let cards = answers_since(world, &first, 2).await;

    assert_eq!(cards[1].text(), "both");
    // What comes later is answered after all of that.
    queues(world, "Dai", "steer").await;
    assert_eq!(answers_since(world, &first, 3).await.len(), 3);
    assert_eq!(world.dingtalk.look(|view| view.messages_in("Dai").count()), 0);
}

async fn what_interrupts_a_turn_is_answered_instead(world: &mut World) {
    queues(world, "Fei", "interrupt").await;
    let before = world.model.left_alone();
    let first = world.dingtalk.says("Fei", "#pace 5 #words 300");
    grows(world, &first).await;
    world.dingtalk.says("Fei", "#say instead");

    world.model.is_left_alone(before + 1).await;
    let cards = answers_since(world, &first, 2).await;

    assert!(cards[0].text().starts_with("1 2") && !cards[0].text().contains("300"), "{}", cards[0].text());
    assert_eq!(cards[1].text(), "instead");
}

async fn a_model_that_hangs_is_stopped(world: &mut World) {
    let before = world.model.left_alone();
    // Who is answered by nothing has it before their next question, so nobody else's.
    let asked = world.dingtalk.says("Mo", "#hang");
    let card = world.dingtalk.card_of(&asked).await;
    world.model.is_asked(|asked| asked.text.contains("#hang")).await;

    world.dingtalk.push_card_callback("Mo", &card.out_track_id, json!({"action": "stop"}));

    world.model.is_left_alone(before + 1).await;
    world.no_card_stays_open().await;
}

async fn an_agent_that_says_nothing_leaves_nothing_open(world: &mut World) {
    let asked = world.dingtalk.says_in_group("Side room", "Guo", "#say NO_REPLY");
    world.model.is_asked(|asked| asked.text.contains("#say NO_REPLY")).await;
    world.dingtalk.card_of(&asked).await;
    world.no_card_stays_open().await;
}

async fn an_answer_by_a_tool_is_a_message_and_no_card_stays_open(world: &mut World) {
    let order = sends(world, &json!({"action": "send", "target": "user:staff5", "message": "By the tool."}));
    world.dingtalk.says("Guo", &format!("{order} #say NO_REPLY"));
    world.told("Guo", "By the tool.").await;
    world.no_card_stays_open().await;
}

async fn a_model_that_refuses_is_told_of(world: &mut World) {
    let asked = world.dingtalk.says("Guo", "#refuse 400");
    let card = world.answer_to(&asked).await;
    assert!(!card.text().is_empty());
}

/// OpenClaw counts a stop of more than five seconds as late, and says so. On a busy machine its own turn may come
/// that late: one that waited for `DingTalk` would be late each time.
async fn a_stop_waits_for_nobody(world: &mut World) {
    for _ in 0..3 {
        for endpoint in [Endpoint::Streaming, Endpoint::UpdateCard, Endpoint::OpenConnection] {
            world.dingtalk.on(endpoint).answer(Fault::Hang).always();
        }
        world.dingtalk.connections().stall();
        let before = world.log().len();
        world.stops().await;
        let log = world.log().split_off(before);
        if !log.contains("stop exceeded") && !log.contains("stopAccount exceeded") {
            return;
        }
        println!("{log}");
        let connected = world.dingtalk.look(|view| view.connections().count());
        world.dingtalk.clear_faults();
        world.starts().await;
        world.dingtalk.connected_times(connected + 1).await;
    }
    panic!("it is late each time");
}

/// Has the model call OpenClaw's tool for messages, which is one of those that models look up, or among those that
/// it was told of.
pub(crate) fn sends(world: &World, message: &Value) -> String {
    let tools = world.model.asked().pop().map(|asked| asked.tools).unwrap_or_default();
    if tools.iter().any(|tool| tool == "message") {
        return format!("#tool message {message}");
    }
    format!("#tool tool_call {}", json!({"id": "message", "args": message}))
}

/// Has OpenClaw do so with what somebody writes while their turn runs.
async fn queues(world: &World, who: &str, mode: &str) {
    let asked = world.dingtalk.says(who, &format!("/queue {mode}"));
    assert!(world.answer_to(&asked).await.text().contains(mode));
}

/// Waits until the card of a message shows some of its answer.
async fn grows(world: &World, asked: &str) -> Card {
    world
        .dingtalk
        .wait_for(|view| cards(view, asked).find(|card| card.text().starts_with("1 2")).cloned())
        .await
}

/// Waits until so many cards have ended that came into the conversation of a message after it, and none is open.
async fn answers_since(world: &World, asked: &str, count: usize) -> Vec<Card> {
    let ended = world.dingtalk.wait_for(|view| {
        let cards: Vec<_> = cards(view, asked).filter(|card| card.recalled.is_none()).cloned().collect();
        (cards.len() >= count && cards.iter().all(Card::has_ended)).then_some(cards)
    });
    ended.await
}

/// The cards in the conversation of a message that are younger than it.
fn cards<'a>(view: View<'a>, asked: &str) -> impl Iterator<Item = &'a Card> + use<'a> {
    let push = view.push(asked).and_then(|push| Some((push.queued, push.conversation()?)));
    view.cards().filter(move |card| {
        push.is_some_and(|(queued, conversation)| {
            card.created > queued && card.carriers.iter().any(|carrier| carrier.conversation == conversation)
        })
    })
}
