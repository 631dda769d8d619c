//! Answers on AI Cards: O8, B1, B2, B3.

use crate::{
    bots::{ask, ask_in_group, bots},
    row::{Level, Row, holds},
};
use host_mock::dingtalk::{Call, Endpoint, Template, Via, View};
use serde_json::{Value, json};
use std::time::Duration;
use tests::{World, scenarios};

pub(crate) const ROWS: &[Row] = &[
    Row {
        option: "enableAICard",
        number: "O8",
        level: Level::Everywhere { standard: "true", values: [("false", "false"), ("true", "true")] },
        wrong: &[holds("\"no\"", "not true or false", "true")],
        plays: scenarios![
            o8_b1_b2_by_default_answers_in_private_and_in_groups_grow_on_cards,
            o8_b1_switched_off_answers_are_messages_and_an_account_has_its_own_will,
            o8_b3_without_the_permission_answers_are_messages_and_the_log_has_the_link,
        ],
        elsewhere: &[
            ("it/fallback.rs", &["with_cards_switched_off_the_answer_is_a_message"]),
            (
                "it/notice.rs",
                &["beside_a_card_that_grows_it_does_not_come_and_cards_can_be_switched_off_meanwhile"],
            ),
        ],
    },
    Row {
        option: "cardTemplateId",
        number: "",
        level: Level::Everywhere {
            standard: "\"02fcf2f4-5e02-4a85-b672-46d1f715543e.schema\"",
            values: [("\"a.schema\"", "\"a.schema\""), ("\"b.schema\"", "\"b.schema\"")],
        },
        wrong: &[holds("[]", "not a text", "\"02fcf2f4-5e02-4a85-b672-46d1f715543e.schema\"")],
        plays: scenarios![an_account_may_have_a_template_of_its_own_with_its_own_variable],
        elsewhere: &[("replies/creation.rs", &["an_unknown_template_makes_it_a_message"])],
    },
    Row {
        option: "cardTemplateKey",
        number: "",
        level: Level::Everywhere {
            standard: "\"msgContent\"",
            values: [("\"answer\"", "\"answer\""), ("\"text\"", "\"text\"")],
        },
        wrong: &[holds("{}", "not a text", "\"msgContent\"")],
        plays: scenarios![an_account_may_have_a_template_of_its_own_with_its_own_variable],
        elsewhere: &[],
    },
    Row {
        option: "streaming",
        number: "",
        level: Level::Group,
        wrong: &[holds("600", "not an object", "")],
        plays: &[],
        elsewhere: &[],
    },
    Row {
        option: "streaming.intervalMs",
        number: "",
        level: Level::Everywhere { standard: "600", values: [("1500", "1500"), ("200", "200")] },
        wrong: &[holds("50", "below 100", "100"), holds("\"fast\"", "not a number", "600")],
        plays: scenarios![
            by_default_a_card_is_updated_every_600_milliseconds_at_most,
            a_long_interval_leaves_a_card_as_it_is_until_the_answer_ends_while_another_grows,
        ],
        elsewhere: &[],
    },
    Row {
        option: "stopButton",
        number: "",
        level: Level::Everywhere { standard: "true", values: [("false", "false"), ("true", "true")] },
        wrong: &[holds("1", "not true or false", "true")],
        plays: scenarios![a_card_has_a_button_that_stops_it_unless_told_otherwise],
        elsewhere: &[(
            "it/stop.rs",
            &[
                "the_asker_stops_the_answer_and_the_card_ends_with_what_was_said_so_far",
                "without_the_option_there_is_no_button",
            ],
        )],
    },
];

const WORDS: &str = "Hello, Lin.";

async fn o8_b1_b2_by_default_answers_in_private_and_in_groups_grow_on_cards() {
    let world = bots(json!({}), vec![("bot", json!({}))]).await;
    for asked in [ask(&world, "bot").await, ask_in_group(&world, "bot").await] {
        asked.says("Hello");
        shown(&world, "bot", "Hello").await;
        let answer = asked.answered(", Lin.").await;
        assert_eq!(answer.card().text(), WORDS);
        assert_eq!(answer.card().template_id, "02fcf2f4-5e02-4a85-b672-46d1f715543e");
        assert!(answer.card().closed.is_some() && answer.end.arrived(), "{answer:?}");
    }
    world.end().await;
}

async fn o8_b1_switched_off_answers_are_messages_and_an_account_has_its_own_will() {
    let accounts = vec![("silent", json!({})), ("cards", json!({"enableAICard": true}))];
    let world = bots(json!({"enableAICard": false}), accounts).await;
    for asked in [ask(&world, "silent").await, ask_in_group(&world, "silent").await] {
        let answer = asked.answered(WORDS).await;
        assert_eq!((answer.message().text(), answer.message().kind.as_str()), (WORDS, "markdown"));
    }
    ask(&world, "cards").await.answered(WORDS).await.card();
    world.end().await;
}

async fn o8_b3_without_the_permission_answers_are_messages_and_the_log_has_the_link() {
    let world = bots(json!({}), vec![("bot", json!({}))]).await;
    world.dingtalk().deny_scope("Card.Instance.Write");
    for asked in [ask(&world, "bot").await, ask_in_group(&world, "bot").await] {
        let answer = asked.answered(WORDS).await;
        assert_eq!((answer.message().text(), answer.message().via), (WORDS, Via::Webhook));
    }
    let link = format!("appscope/apply?content={}%23Card.Instance.Write", world.client_id("bot"));
    assert!(world.log().contains(&link), "{}", world.log());
    world.end().await;
}

async fn an_account_may_have_a_template_of_its_own_with_its_own_variable() {
    let own = json!({"cardTemplateId": "own.schema", "cardTemplateKey": "answer"});
    let lost = json!({"cardTemplateId": "lost.schema"});
    let world = bots(json!({}), vec![("own", own), ("silent", json!({})), ("lost", lost)]).await;
    world.dingtalk().add_template(Template::new("own", "answer"));
    for (account, template) in [("own", "own"), ("silent", "02fcf2f4-5e02-4a85-b672-46d1f715543e")] {
        let answer = ask(&world, account).await.answered(WORDS).await;
        assert_eq!((answer.card().template_id.as_str(), answer.card().text()), (template, WORDS));
    }
    assert_eq!(ask(&world, "lost").await.answered(WORDS).await.message().text(), WORDS);
    world.end().await;
}

async fn by_default_a_card_is_updated_every_600_milliseconds_at_most() {
    let world = bots(json!({}), vec![("bot", json!({}))]).await;
    let asked = ask(&world, "bot").await;
    for word in ["one", "two", "three", "four"] {
        asked.says(&format!("{word} "));
        shown(&world, "bot", word).await;
    }
    let begun = world.dingtalk().look(|view| view.push(&asked.id).unwrap().queued.at);
    let updates = partials(&world, "bot");
    // Whatever delays a call on its way: between the first and the last are so many intervals.
    let intervals = u32::try_from(updates.len() - 1).unwrap();
    let took = updates.last().unwrap().arrived.at - begun;
    assert!(intervals >= 2 && took >= Duration::from_millis(600) * intervals, "{intervals} within {took:?}");
    asked.ended().await.card();
    world.end().await;
}

async fn a_long_interval_leaves_a_card_as_it_is_until_the_answer_ends_while_another_grows() {
    let accounts = vec![("slow", json!({})), ("eager", json!({"streaming": {"intervalMs": 100}}))];
    let world = bots(json!({"streaming": {"intervalMs": 600_000}}), accounts).await;
    let slow = ask(&world, "slow").await;
    slow.says("one ");
    shown(&world, "slow", "one").await;
    let eager = ask(&world, "eager").await;
    eager.says("one ");
    for word in ["two", "three"] {
        slow.says(&format!("{word} "));
        eager.says(&format!("{word} "));
        shown(&world, "eager", word).await;
    }
    assert!(world.dingtalk().card_of(&slow.id).await.text().trim() == "one");
    for asked in [slow, eager] {
        assert_eq!(asked.answered("four").await.card().text(), "one two three four");
    }
    world.end().await;
}

async fn a_card_has_a_button_that_stops_it_unless_told_otherwise() {
    let accounts = vec![("silent", json!({})), ("button", json!({"stopButton": true}))];
    let world = bots(json!({"stopButton": false}), accounts).await;
    for (account, buttons) in [("silent", false), ("button", true)] {
        let asked = ask(&world, account).await;
        asked.says("Hello");
        shown(&world, account, "Hello").await;
        let card = world.dingtalk().card_of(&asked.id).await;
        let layout: Value = serde_json::from_str(&card.data["sys_full_json_obj"]).unwrap();
        assert_eq!(layout["msgButtons"].is_array(), buttons, "{account}: {layout}");
        asked.ended().await.card();
    }
    world.end().await;
}

/// Waits until a card of an account's bot has a word.
async fn shown(world: &World, account: &str, word: &str) {
    let app = world.client_id(account);
    let has_it = |view: View<'_>| view.cards().any(|card| card.app == app && card.text().contains(word));
    world.dingtalk().wait_for(|view| has_it(view).then_some(())).await;
}

/// The updates of the cards of an account's bot that are not last ones.
fn partials(world: &World, account: &str) -> Vec<Call> {
    let app = world.client_id(account).to_owned();
    world.dingtalk().look(|view| {
        let own: Vec<_> =
            view.cards().filter(|card| card.app == app).map(|card| card.out_track_id.clone()).collect();
        let of_it = |call: &&Call| {
            own.iter().any(|id| call.body["outTrackId"] == id.as_str()) && call.body["isFinalize"] == false
        };
        view.calls_to(Endpoint::Streaming).filter(of_it).cloned().collect()
    })
}
