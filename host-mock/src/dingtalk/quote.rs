//! Replies that quote an earlier message (DingTalk protocol, §4.9).

use serde_json::{Value, json};

use super::DingTalk;
use super::record::Moment;
use super::view::View;
use super::world::World;

/// What a reply quotes.
#[derive(Debug)]
struct Quote {
    conversation: String,
    /// The robot's own key, if the robot sent what is quoted.
    process_query_key: Option<String>,
    replied: Value,
}

impl DingTalk {
    /// A person answers an earlier message and quotes it; the `msgId` of the answer.
    ///
    /// `quoted` is the `msgId` of a person's message, the `processQueryKey` of a robot's, or the
    /// `outTrackId` or `carrierId` of a card.
    ///
    /// # Panics
    ///
    /// If there is no such person or nothing to quote.
    #[track_caller]
    pub fn replies(&self, person: &str, quoted: &str, text: &str) -> String {
        let app = self.look(|view| view.0.directory.first_app().client_id.clone());
        let payload = self.reply_payload_to(&app, person, quoted, text);
        let payload =
            payload.unwrap_or_else(|| panic!("the fake DingTalk has nothing called {quoted:?} to quote"));
        self.push(payload)
    }

    /// The payload of [`replies`](Self::replies) for the robot of any app, for [`push`](Self::push) after
    /// changes; `None` if there is nothing to quote.
    ///
    /// # Panics
    ///
    /// If there is no such app or person.
    #[must_use]
    #[track_caller]
    pub fn reply_payload_to(&self, client_id: &str, person: &str, quoted: &str, text: &str) -> Option<Value> {
        let quote = self.look(|view| {
            of_person(view, quoted).or_else(|| of_robot(view, quoted)).or_else(|| of_card(view, quoted))
        })?;
        let in_group = self.look(|view| view.0.directory.group_by_id(&quote.conversation).is_some());
        let mut payload = self.payload_to(client_id, person, in_group.then_some(&quote.conversation));
        payload["originalMsgId"] = quote.replied["msgId"].clone();
        if let Some(key) = quote.process_query_key {
            payload["originalProcessQueryKey"] = json!(key);
        }
        // The mention that a group needs leaves its space behind (DingTalk protocol, §4.1).
        let space = if in_group { " " } else { "" };
        payload["text"] =
            json!({"content": format!("{space}{text}"), "isReplyMsg": true, "repliedMsg": quote.replied});
        Some(payload)
    }
}

fn of_person(view: View<'_>, msg_id: &str) -> Option<Quote> {
    let data = &view.push(msg_id)?.data;
    let content = match data["msgtype"].as_str()? {
        "text" => json!({"text": data["text"]["content"]}),
        _ => data["content"].clone(),
    };
    let replied = json!({
        "msgId": msg_id, "msgType": data["msgtype"], "createdAt": data["createAt"],
        "senderId": data["senderId"], "content": content,
    });
    Some(Quote {
        conversation: data["conversationId"].as_str()?.to_owned(),
        process_query_key: None,
        replied,
    })
}

fn of_robot(view: View<'_>, key: &str) -> Option<Quote> {
    let message = view.messages().find(|message| message.process_query_key == key)?;
    let mut replied = by_robot(view.0, &message.app, key, message.sent)?;
    let is_markdown = message.content.get("title").is_some();
    (replied["msgType"], replied["content"]) = if is_markdown {
        (json!("markdown"), json!({"title": message.content["title"], "text": message.text()}))
    } else {
        (json!("text"), json!({"text": message.text()}))
    };
    Some(Quote {
        conversation: message.conversation.clone(),
        process_query_key: Some(key.to_owned()),
        replied,
    })
}

/// A card comes without content; only its key tells which one it is (DingTalk protocol, §4.9).
fn of_card(view: View<'_>, id: &str) -> Option<Quote> {
    let mut carriers = view.cards().flat_map(|card| card.carriers.iter().map(move |carrier| (card, carrier)));
    let (card, carrier) =
        carriers.find(|(card, carrier)| card.out_track_id == id || carrier.carrier_id == id)?;
    let mut replied = by_robot(view.0, &card.app, &carrier.carrier_id, carrier.delivered)?;
    replied["msgType"] = json!("interactiveCard");
    let key = Some(carrier.carrier_id.clone());
    Some(Quote { conversation: carrier.conversation.clone(), process_query_key: key, replied })
}

/// The part that every quote of a robot's message has.
fn by_robot(world: &World, app: &str, key: &str, sent: Moment) -> Option<Value> {
    let sender = &world.directory.app(app)?.chatbot_user_id;
    let msg_id = format!("msg{}==", key.trim_start_matches("pqk").trim_end_matches('='));
    Some(json!({"msgId": msg_id, "createdAt": world.clock.epoch_ms(sent.at), "senderId": sender}))
}
