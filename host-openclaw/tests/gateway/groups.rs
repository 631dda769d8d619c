//! Groups: what is said there and not to the bot, what is quoted, and whose orders count.

use crate::world::World;
use host_mock::model::Asked;
use serde_json::json;

const GROUP: &str = "Release crew";
/// Where everybody may write.
pub(crate) const OPEN_GROUP: &str = "Side room";

pub(crate) async fn what_was_said_meanwhile_is_told_to_the_model_and_not_answered(world: &mut World) {
    let mut aside = world.dingtalk.payload("Lin", Some(GROUP));
    aside["text"] = json!({"content": "The picnic is on Friday."});
    aside["isInAtList"] = json!(false);
    aside["atUsers"] = json!([]);
    let aside = world.dingtalk.push(aside);
    world.dingtalk.acked(&aside).await;

    let asked = world.dingtalk.says_in_group(GROUP, "Lin", "#say On Friday, then.");
    assert_eq!(world.answer_to(&asked).await.text(), "On Friday, then.");

    let asked = world.model.asked();
    let last = asked.last().unwrap();
    assert!(told(last).contains("The picnic is on Friday."), "{last:#?}");
    assert_eq!(asked.iter().filter(|asked| told(asked).contains("picnic")).count(), 1, "it is told once");
    assert_eq!(
        world.dingtalk.look(|view| view.cards().filter(|card| card.text().contains("picnic")).count()),
        0
    );
}

pub(crate) async fn what_is_quoted_is_told_to_the_model(world: &mut World) {
    let said = world.dingtalk.says("Lin", "#say The third floor.");
    world.answer_to(&said).await;
    let asked = world.dingtalk.replies("Lin", &said, "#say That is where.");
    assert_eq!(world.answer_to(&asked).await.text(), "That is where.");

    let asked = world.model.asked();
    let asked = asked.iter().rfind(|asked| asked.text.contains("That is where.")).unwrap();
    assert!(told(asked).contains("The third floor."), "{asked:#?}");
}

/// Before anybody is paired: with the first, OpenClaw has an owner, and orders are the owner's alone.
pub(crate) async fn an_order_counts_only_of_who_is_listed_by_id(world: &mut World) {
    let asked = world.dingtalk.says_in_group(OPEN_GROUP, "Mo", "/queue collect");
    let ignored = world.answer_to(&asked).await;
    assert!(ignored.recalled.is_some() && !ignored.text().contains("collect"), "{ignored:?}");
    let asked = world.dingtalk.says_in_group(OPEN_GROUP, "Mo", "#say But I may ask.");
    assert_eq!(world.answer_to(&asked).await.text(), "But I may ask.");

    let asked = world.dingtalk.says_in_group(OPEN_GROUP, "Lin", "/queue collect");
    let obeyed = world.answer_to(&asked).await;
    assert!(obeyed.text().contains("collect"), "{obeyed:?}");
}

/// What the model is told with a question: releases put it before the question, or beside it.
fn told(asked: &Asked) -> String {
    format!("{}\n{}", asked.text, asked.context)
}
