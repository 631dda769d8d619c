//! What is beside an answer: the mark on the question, and who is mentioned.

use crate::{
    bots::{ask, ask_in_group, bots},
    row::{Level, Row, holds},
};
use host_mock::dingtalk::Endpoint;
use serde_json::{Value, json};
use tests::scenarios;

pub(crate) const ROWS: &[Row] = &[
    Row {
        option: "thinkingMark",
        number: "",
        level: Level::Everywhere {
            standard: "false",
            values: [("true", "true"), ("\" 🤔Thinking \"", "\"🤔Thinking\"")],
        },
        wrong: &[holds("1", "not true, false or a text", "false")],
        plays: scenarios![a_message_is_marked_where_that_is_wanted_by_the_name_that_is_wanted],
        elsewhere: &[(
            "it/marks.rs",
            &["a_message_is_marked_while_it_is_worked_on", "without_the_option_there_is_no_mark"],
        )],
    },
    Row {
        option: "mentionSender",
        number: "",
        level: Level::Everywhere { standard: "false", values: [("true", "true"), ("false", "false")] },
        wrong: &[holds("\"yes\"", "not true or false", "false")],
        plays: scenarios![in_groups_an_answer_mentions_who_asked_where_that_is_wanted],
        elsewhere: &[(
            "it/cards.rs",
            &[
                "in_a_group_the_card_mentions_who_asked_where_that_is_wanted",
                "only_the_first_message_of_an_answer_mentions_and_in_private_none",
            ],
        )],
    },
];

async fn a_message_is_marked_where_that_is_wanted_by_the_name_that_is_wanted() {
    let accounts = vec![
        ("silent", json!({})),
        ("named", json!({"thinkingMark": "🤔Thinking"})),
        ("none", json!({"thinkingMark": false})),
    ];
    let world = bots(json!({"thinkingMark": true}), accounts).await;
    for (account, mark) in [("silent", "🤔思考中"), ("named", "🤔Thinking")] {
        let asked = ask(&world, account).await;
        assert_eq!(world.dingtalk().reaction_to(&asked.id).await.name, mark, "{account}");
        asked.answered("Hello, Lin.").await.card();
    }
    let asked = ask(&world, "none").await;
    let id = asked.id.clone();
    asked.answered("Hello, Lin.").await.card();
    assert!(world.dingtalk().look(|view| view.reactions().all(|mark| mark.msg_id != id)));
    world.end().await;

    let world = bots(json!({}), vec![("default", json!({}))]).await;
    ask(&world, "default").await.answered("Hello, Lin.").await.card();
    assert_eq!(world.dingtalk().look(|view| view.calls_to(Endpoint::EmotionReply).count()), 0);
    world.end().await;
}

async fn in_groups_an_answer_mentions_who_asked_where_that_is_wanted() {
    let top = json!({"mentionSender": true, "enableAICard": false});
    let accounts = vec![
        ("message", json!({})),
        ("none", json!({"mentionSender": false})),
        ("card", json!({"enableAICard": true})),
    ];
    let world = bots(top, accounts).await;
    for (account, mentioned) in [("message", vec!["user0001"]), ("none", vec![])] {
        let answer = ask_in_group(&world, account).await.answered("Hello, Lin.").await;
        assert_eq!(answer.message().at_user_ids, mentioned, "{account}");
        let answer = ask(&world, account).await.answered("Hello, Lin.").await;
        assert_eq!(answer.message().at_user_ids, [""; 0], "in private nobody is");
    }
    ask_in_group(&world, "card").await.answered("Hello, Lin.").await.card();
    let made =
        world.dingtalk().look(|view| view.calls_to(Endpoint::CreateAndDeliver).next().cloned().unwrap());
    assert_eq!(made.body["imGroupOpenDeliverModel"]["atUserIds"], json!({"user0001": "Lin"}));
    world.end().await;

    let world = bots(json!({"enableAICard": false}), vec![("default", json!({}))]).await;
    let answer = ask_in_group(&world, "default").await.answered("Hello, Lin.").await;
    assert_eq!(answer.message().content.get("at").unwrap_or(&Value::Null), &Value::Null);
    assert_eq!(answer.message().at_user_ids, [""; 0]);
    world.end().await;
}
