//! What goes wrong while a model speaks: the person still sees the whole answer, once.

use crate::{
    claim::{Found, Stage, claims},
    turns,
    world::World,
};
use host_mock::dingtalk::Card;
use std::fmt::Write;

pub(crate) const STAGE: Stage = Stage {
    name: "trouble",
    begin: || Box::pin(turns::begin()),
    claims: claims![
        a_revoked_token_in_mid_answer_is_not_seen,
        two_calls_a_second_are_enough_for_three_answers,
        a_message_that_joins_a_running_turn_is_answered_too,
        a_plugin_that_is_reloaded_answers_again,
        an_update_in_mid_answer_is_not_seen,
        a_killed_gateway_gives_each_answer_once_on_its_card,
    ],
};

async fn a_revoked_token_in_mid_answer_is_not_seen(world: &mut World) {
    let asked = world.dingtalk.says("An", "#pace 10 #words 40");
    grows(world, &asked).await;
    world.dingtalk.revoke_tokens();
    whole(&world.answer_to(&asked).await, 40);
}

async fn two_calls_a_second_are_enough_for_three_answers(world: &mut World) {
    world.dingtalk.limit_qps(Some(2));
    let asked = ["Bo", "Chen", "Dai"].map(|who| world.dingtalk.says(who, "#pace 15 #words 45"));
    for asked in &asked {
        whole(&world.answer_to(asked).await, 45);
    }
    world.dingtalk.limit_qps(Some(20));
}

async fn a_message_that_joins_a_running_turn_is_answered_too(world: &mut World) {
    let first = world.dingtalk.says("Fei", "#pace 10 #words 50");
    grows(world, &first).await;
    let begun = world.dingtalk.look(|view| view.cards().count()) - 1;
    world.dingtalk.says("Fei", "#say And this, too.");

    let conversation = conversation(world, &first);
    let cards = world
        .dingtalk
        .wait_for(|view| {
            let cards: Vec<Card> =
                view.cards().skip(begun).filter(|card| shown_in(card, &conversation)).cloned().collect();
            let said = cards.iter().any(|card| card.text().contains("And this, too."));
            (said && cards.iter().all(Card::has_ended)).then_some(cards)
        })
        .await;
    whole(&cards[0], 50);
    assert!(cards.len() <= 2, "one card for each answer: {}", cards.len());
}

async fn a_plugin_that_is_reloaded_answers_again(world: &mut World) -> Found {
    let before = world.dingtalk.look(|view| view.connections().count());
    world.reloads().await?;
    world.dingtalk.connected_times(before + 1).await;
    let asked = world.dingtalk.says("Guo", "#say reloaded");
    assert_eq!(world.answer_to(&asked).await.text(), "reloaded");
    Ok(())
}

async fn an_update_in_mid_answer_is_not_seen(world: &mut World) -> Found {
    let before = world.dingtalk.look(|view| view.connections().count());
    let asked = world.dingtalk.says("Lin", "#pace 5 #words 50");
    grows(world, &asked).await;
    let taken_in = world.updates().await;

    whole(&world.answer_to(&asked).await, 50);
    if taken_in.is_err() {
        world.stops().await;
        world.starts().await;
    }
    world.dingtalk.connected_times(before + 1).await;
    let after = world.dingtalk.says("Lin", "#say updated");
    assert_eq!(world.answer_to(&after).await.text(), "updated");
    taken_in
}

/// OpenClaw goes on by itself with what it was about to answer; it knows nothing of what has only been acknowledged.
async fn a_killed_gateway_gives_each_answer_once_on_its_card(world: &mut World) {
    let asked = world.dingtalk.says("Mo", "#pace 10 #words 60");
    grows(world, &asked).await;
    let late = world.dingtalk.says("Dai", "#say acknowledged");
    world.dingtalk.acked(&late).await;
    world.kills().await;
    world.dingtalk.disconnected().await;
    world.starts().await;
    world.dingtalk.connected().await;

    whole(&only_answer_to(world, &asked).await, 60);
    assert_eq!(only_answer_to(world, &late).await.text(), "acknowledged");
    let again =
        world.dingtalk.look(|view| view.messages_in("Mo").any(|message| message.text().contains("1 2")));
    assert!(!again, "the answer is on its card");
    assert_eq!(world.dingtalk.look(|view| view.messages_in("Dai").count()), 0);
}

/// The one card that answers a message, once it has ended.
pub(crate) async fn only_answer_to(world: &World, asked: &str) -> Card {
    let conversation = conversation(world, asked);
    let cards = world.dingtalk.wait_for(|view| {
        let since = view.push(asked)?.queued;
        let is_answer = |card: &&Card| card.created > since && card.recalled.is_none();
        let cards: Vec<_> =
            view.cards().filter(|card| is_answer(card) && shown_in(card, &conversation)).cloned().collect();
        (!cards.is_empty() && cards.iter().all(Card::has_ended)).then_some(cards)
    });
    let mut cards = cards.await;
    assert_eq!(cards.len(), 1, "{cards:?}");
    cards.remove(0)
}

/// Waits until the card of a message shows some of its answer.
pub(crate) async fn grows(world: &World, asked: &str) {
    let conversation = conversation(world, asked);
    world
        .dingtalk
        .wait_for(|view| {
            let push = view.push(asked)?;
            let mut cards =
                view.cards().filter(|card| card.created > push.queued && shown_in(card, &conversation));
            cards.next().filter(|card| card.text().starts_with("1 2")).map(drop)
        })
        .await;
}

fn conversation(world: &World, asked: &str) -> String {
    world
        .dingtalk
        .look(|view| view.push(asked).and_then(|push| push.conversation()).map(str::to_owned))
        .unwrap()
}

fn shown_in(card: &Card, conversation: &str) -> bool {
    card.carriers.iter().any(|carrier| carrier.conversation == conversation)
}

/// The card says all the numbers, and nothing besides.
#[track_caller]
pub(crate) fn whole(card: &Card, words: u32) {
    let mut text = String::new();
    for number in 1..=words {
        write!(text, "{}{number}", if number == 1 { "" } else { " " }).unwrap();
    }
    assert_eq!(card.text(), text);
}
