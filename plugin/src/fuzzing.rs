//! What holds of everything that others write and the plugin reads, whatever it is.
//!
//! Each function panics where it does not hold. Property tests ask them about what is nearly right, and
//! the targets of the package `fuzz` about whatever a fuzzer thinks of.

use crate::{
    api, budget,
    card::session::model,
    config, json, ledger, markdown as text,
    message::{ReplyHandle, card_action, inbound, loss},
    outbound::directory,
    reply,
    stream::{Answer, Frame},
};
use serde_json::Value;

const RECEIVED_AT_MS: i64 = 1_790_000_000_500;

/// A frame of the Stream is answered at most once, with JSON, and to its own id.
pub fn frame(text: &str) {
    let Ok(frame) = Frame::decode(text) else { return };
    let ack = match frame.answer() {
        Answer::Now(ack) | Answer::WhenAccepted(ack) => ack,
        Answer::WhenActed(ack) => ack.with_response(text),
        Answer::Never => return,
    };
    let answer: Value = serde_json::from_str(&ack.to_text()).expect("an answer is JSON");
    assert_eq!(answer["headers"]["messageId"].as_str(), frame.message_id.as_deref());
}

/// A message with ids is read, nothing that it says is lost, and it can be answered.
pub fn payload(text: &str) {
    let Ok(payload) = json::from_str::<Value>(text) else {
        assert!(inbound::decode(text, RECEIVED_AT_MS).is_err(), "what is no JSON is no message");
        return;
    };
    let Ok(message) = inbound::decode(text, RECEIVED_AT_MS) else {
        let has = |key| matches!(&payload[key], Value::String(id) if !id.trim().is_empty());
        assert!(!has("msgId") || !has("conversationId"), "a message was not read");
        return;
    };
    let reply = ReplyHandle::decode(&message.reply).expect("our own handle can be read");
    assert_eq!(reply.msg_id, message.id);
    let lost = loss::of(&payload, &message);
    assert!(lost.is_empty(), "lost: {lost:?}");
}

/// A callback of a card names its card, nothing that it says is lost, and it can be answered.
pub fn callback(text: &str) {
    let Ok(read) = card_action::decode(text) else { return };
    assert!(!read.card.is_empty());
    let callback: Value = json::from_str(text).expect("it was read");
    let lost = loss::between(&callback, &read.action);
    assert!(lost.is_empty(), "lost: {lost:?}");
    if let Some(shown) = card_action::Shown::of(read.card, &read.action.params) {
        let response: Value = serde_json::from_str(&shown.response()).expect("a response is JSON");
        assert!(
            response["cardData"]["cardParamMap"]
                .as_object()
                .is_some_and(|map| map.values().all(Value::is_string))
        );
    }
}

/// A configuration has a meaning that tells no secret, and each account either opens or says why not.
pub fn config(text: &str) {
    const SECRET: &str = "a-secret-that-nobody-may-see";
    let Ok(mut section) = serde_json::from_str::<Value>(text) else { return };
    conceal(&mut section, SECRET);
    let resolved = config::resolve(&section);
    let told = serde_json::to_string(&resolved).expect("what is resolved can be written");
    assert!(!told.contains(SECRET), "a secret was told");
    for account in &resolved.accounts {
        if let Err(error) = config::account(&section, &account.id, "") {
            assert!(!error.to_string().contains(SECRET), "an error told a secret");
        }
    }
}

/// What an agent writes is cut into parts that fit, adjoin and leave nothing out.
pub fn markdown(markdown: &str) {
    // Its length makes the surfaces differ.
    text::claims::any_text(markdown, (markdown.len() % 251) as u8);
}

/// What comes back in place of an answer becomes an error that can be read and says what to do.
pub fn body(body: &[u8]) {
    api::any_body(body);
}

/// A card ends and shows the whole answer once, whatever order things come in; two bytes are one of them.
pub fn card(life: &[u8]) {
    model::any_life(life);
}

/// Files of state can be read, gone on from and written, whatever is in them.
pub fn state(text: &str) {
    ledger::claims::any_file(text.as_bytes());
    ledger::claims::any_lines(text);
    budget::any_file(text);
    directory::any_file(text);
    reply::any_marks(text);
}

/// Puts `secret` wherever one is written: at the top level and in accounts. What is inside a group of `groups` is the
/// host's own, and passed on as it is.
fn conceal(section: &mut Value, secret: &str) {
    let conceal_in = |level: &mut Value| {
        if let Some(Value::String(text)) = level.get_mut("clientSecret") {
            secret.clone_into(text);
        }
    };
    conceal_in(section);
    if let Some(Value::Object(accounts)) = section.get_mut("accounts") {
        accounts.values_mut().for_each(conceal_in);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::tests::FIXTURES;
    use proptest::prelude::*;

    /// The files of a folder of fixtures, by name.
    fn fixtures(folder: &str) -> Vec<(String, String)> {
        let folder = format!("{}/../{folder}", env!("CARGO_MANIFEST_DIR"));
        let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        files.map(|path| (path.display().to_string(), std::fs::read_to_string(path).unwrap())).collect()
    }

    #[test]
    fn every_fixture_is_as_claimed() {
        for (name, text) in FIXTURES {
            println!("{name}");
            payload(text);
        }
        for (folder, claim) in [
            ("tests/fixtures/frames", frame as fn(&str)),
            ("tests/fixtures/callbacks", callback),
            ("tests/fixtures/config", config),
            ("fuzz/seeds/config", config),
            ("fuzz/seeds/markdown", markdown),
            ("fuzz/seeds/body", |text| body(text.as_bytes())),
            ("fuzz/seeds/state", state),
        ] {
            for (name, text) in fixtures(folder) {
                println!("{name}");
                claim(&text);
            }
        }
    }

    fn any_json(keys: &'static [&'static str]) -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            ".{0,8}".prop_map(Value::from),
            prop::sample::select(keys).prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 24, 4, move |inner| {
            let key = prop_oneof![4 => prop::sample::select(keys).prop_map(str::to_owned), 1 => ".{0,6}"];
            let object = proptest::collection::btree_map(key, inner.clone(), 0..5)
                .prop_map(|map| Value::Object(map.into_iter().collect()));
            prop_oneof![
                proptest::collection::vec(inner, 0..4).prop_map(Value::from),
                object.clone(),
                object.prop_map(|object| Value::from(object.to_string())),
            ]
        })
    }

    const OF_FRAMES: &[&str] = &[
        "type",
        "headers",
        "header",
        "topic",
        "messageId",
        "eventType",
        "data",
        "SYSTEM",
        "CALLBACK",
        "EVENT",
        "ping",
        "disconnect",
        "/v1.0/im/bot/messages/get",
        "/v1.0/card/instances/callback",
        "reason",
        "opaque",
    ];
    const OF_CALLBACKS: &[&str] = &[
        "outTrackId",
        "userId",
        "spaceId",
        "content",
        "value",
        "cardPrivateData",
        "actionIds",
        "params",
        "action",
    ];
    const OF_CONFIGS: &[&str] = &[
        "accounts",
        "allowFrom",
        "caFile",
        "card",
        "clientId",
        "clientSecret",
        "connections",
        "default",
        "defaultAccount",
        "dir",
        "dmPolicy",
        "enableAICard",
        "enabled",
        "endpoints",
        "env",
        "file",
        "groupAllowFrom",
        "groupPolicy",
        "groups",
        "id",
        "inboundMedia",
        "keepDays",
        "locale",
        "longTaskNoticeDelayMs",
        "maxFileSizeMB",
        "name",
        "open",
        "pairing",
        "provider",
        "proxy",
        "region",
        "requireMention",
        "source",
        "streaming",
        "intervalMs",
        "templateId",
        "*",
    ];

    proptest! {
        #[test]
        fn any_frame_is_as_claimed(value in any_json(OF_FRAMES)) {
            frame(&value.to_string());
        }

        #[test]
        fn any_callback_is_as_claimed(mut value in any_json(OF_CALLBACKS), id in "[a-z]{0,4}") {
            if let Value::Object(map) = &mut value {
                map.insert("outTrackId".to_owned(), id.into());
            }
            callback(&value.to_string());
        }

        #[test]
        fn any_configuration_is_as_claimed(value in any_json(OF_CONFIGS)) {
            config(&value.to_string());
        }

        #[test]
        fn any_text_is_as_claimed(text in ".{0,64}") {
            for claim in [frame, payload, callback, config] {
                claim(&text);
            }
        }
    }
}
