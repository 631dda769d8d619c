//! Several bots in one world, and what one of them answers.

use host_mock::{
    dingtalk::{Card, Message, Settings, View},
    host::{PuppetTurn, TurnEnd},
};
use host_sdk::Attachment;
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};
use tests::{Setup, World};

/// A group.
pub(crate) const CREW: &str = "Release crew";
/// More than anything takes that comes.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// Accounts with a name, and what each says itself.
pub(crate) type Accounts = Vec<(&'static str, Value)>;

/// A world with these accounts; what `top` says holds for all of them.
pub(crate) async fn bots(top: Value, accounts: Accounts) -> World {
    World::of(setup(top, accounts)).await
}

/// What [`bots`] is made of. Beside `top` the section says only what a test cannot do without: where the fake
/// DingTalk is.
pub(crate) fn setup(top: Value, accounts: Accounts) -> Setup {
    let configure = move |section: &mut Value| {
        let section = section.as_object_mut().unwrap();
        section.retain(|option, _| matches!(option.as_str(), "accounts" | "endpoints"));
        section.extend(top.as_object().cloned().unwrap_or_default());
    };
    let dingtalk = Settings { patience: PATIENCE, ..Settings::default() };
    Setup { dingtalk, accounts, ..Setup::configured(configure) }
}

/// A message to a bot that its agent is about to answer.
pub(crate) struct Asked<'a> {
    world: &'a World,
    pub(crate) id: String,
    pub(crate) conversation: String,
    turn: PuppetTurn,
}

/// Lin writes to the bot of an account.
pub(crate) async fn ask<'a>(world: &'a World, account: &str) -> Asked<'a> {
    asked(world, account, None).await
}

/// Lin mentions the bot of an account in the group.
pub(crate) async fn ask_in_group<'a>(world: &'a World, account: &str) -> Asked<'a> {
    asked(world, account, Some(CREW)).await
}

async fn asked<'a>(world: &'a World, account: &str, group: Option<&str>) -> Asked<'a> {
    let mut payload = world.dingtalk().payload_to(world.client_id(account), "Lin", group);
    payload["text"] = json!({"content": "hello"});
    pushed(world, payload).await
}

/// Lin sends the bot of an account a file.
pub(crate) async fn send_file<'a>(
    world: &'a World,
    account: &str,
    name: &str,
    bytes: impl Into<Vec<u8>>,
) -> Asked<'a> {
    let client_id = world.client_id(account);
    let mut payload = world.dingtalk().payload_to(client_id, "Lin", None);
    let code = world.dingtalk().offer_file_to(client_id, bytes);
    payload["msgtype"] = json!("file");
    payload["content"] = json!({"downloadCode": code, "fileName": name});
    pushed(world, payload).await
}

async fn pushed(world: &World, payload: Value) -> Asked<'_> {
    let conversation = payload["conversationId"].as_str().unwrap().to_owned();
    let id = world.dingtalk().push(payload);
    let turn = world.agent().next_turn().await.unwrap();
    assert_eq!(turn.message().id, id, "one message after the other");
    Asked { world, id, conversation, turn }
}

impl Asked<'_> {
    /// The agent says more.
    pub(crate) fn says(&self, words: &str) {
        self.turn.say(words);
    }

    /// The agent says this, and is done.
    pub(crate) async fn answered(self, words: &str) -> Answer {
        self.turn.say(words);
        self.ended().await
    }

    /// The agent is done.
    pub(crate) async fn ended(self) -> Answer {
        let Self { world, id, conversation, turn } = self;
        turn.done();
        let end = world.host().wait_answered(&id).await.unwrap();
        world.dingtalk().look(|view| Answer::seen(view, &id, &conversation, end))
    }

    /// The file that came with it, as the agent is given it.
    pub(crate) fn file(&self) -> &Attachment {
        &self.turn.message().attachments[0]
    }
}

/// What a person sees of an answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) cards: Vec<Card>,
    pub(crate) messages: Vec<Message>,
    pub(crate) end: Arc<TurnEnd>,
}

impl Answer {
    fn seen(view: View<'_>, id: &str, conversation: &str, end: Arc<TurnEnd>) -> Self {
        let asked = view.push(id).unwrap().queued;
        let cards = view.cards().filter(|card| card.created > asked && card.is_in(conversation));
        Self { cards: cards.cloned().collect(), messages: messages_since(view, id, conversation), end }
    }

    /// The card that it is, and nothing beside.
    #[track_caller]
    pub(crate) fn card(&self) -> &Card {
        match (self.cards.as_slice(), self.messages.as_slice()) {
            ([card], []) if card.has_ended() => card,
            _ => panic!("not one card that has ended: {self:#?}"),
        }
    }

    /// The message that it is, and nothing beside.
    #[track_caller]
    pub(crate) fn message(&self) -> &Message {
        match (self.cards.as_slice(), self.messages.as_slice()) {
            ([], [message]) => message,
            _ => panic!("not one message: {self:#?}"),
        }
    }
}

fn messages_since(view: View<'_>, id: &str, conversation: &str) -> Vec<Message> {
    let asked = view.push(id).unwrap().queued;
    let later = view.messages().filter(|it| it.sent > asked && it.conversation == conversation);
    later.cloned().collect()
}
