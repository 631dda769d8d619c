//! Who may talk: allow lists, and pairing by OpenClaw's own command.

use crate::{
    claim::{Stage, claims},
    groups::{
        OPEN_GROUP, an_order_counts_only_of_who_is_listed_by_id, what_is_quoted_is_told_to_the_model,
        what_was_said_meanwhile_is_told_to_the_model_and_not_answered,
    },
    world::World,
};
use host_mock::dingtalk::App;
use serde_json::{Value, json};

pub(crate) const STAGE: Stage = Stage {
    name: "access",
    begin: || Box::pin(begin()),
    claims: claims![
        who_is_listed_is_answered_at_once,
        an_order_counts_only_of_who_is_listed_by_id,
        who_is_new_is_told_a_code_and_let_in_by_it,
        in_groups_only_who_is_listed_is_answered,
        what_was_said_meanwhile_is_told_to_the_model_and_not_answered,
        what_is_quoted_is_told_to_the_model,
    ],
};

async fn begin() -> World {
    World::with(vec![App::default()], |world| {
        let mut section = world.credentials();
        section["dmPolicy"] = json!("pairing");
        section["allowFrom"] = json!(["user0001"]);
        section["groupPolicy"] = json!("allowlist");
        section["groupAllowFrom"] = json!(["user0001"]);
        let [listed, open] = ["Release crew", OPEN_GROUP].map(|group| world.dingtalk.conversation(group));
        section["groups"] = json!({listed: {}, open: {"allowFrom": ["*"]}});
        section
    })
    .await
}

async fn who_is_listed_is_answered_at_once(world: &mut World) {
    let asked = world.dingtalk.says("Lin", "#say welcome");
    world.dingtalk.acked(&asked).await;
    assert_eq!(world.answer_to(&asked).await.text(), "welcome");
}

async fn who_is_new_is_told_a_code_and_let_in_by_it(world: &mut World) {
    world.dingtalk.says("An", "#say not yet");
    let told = world.dingtalk.message_to("An").await;

    let waiting = world.home.runs(&["pairing", "list", "dingtalk", "--json"]).await.json();
    let code = code_of(&waiting).unwrap_or_else(|| panic!("{waiting:#}")).to_owned();
    assert!(told.text().contains(&code), "{} is not in {:?}", code, told.text());
    world.home.runs(&["pairing", "approve", "dingtalk", &code]).await;
    let messages = world.dingtalk.messages_to("An", 2).await;
    assert!(messages[1].text().contains("You have been let in"), "{messages:?}");

    let asked = world.dingtalk.says("An", "#say come in");
    assert_eq!(world.answer_to(&asked).await.text(), "come in");
    assert!(!was_asked(world, "not yet"), "what came before the approval is not answered");
}

fn code_of(waiting: &Value) -> Option<&str> {
    waiting["requests"].as_array()?.first()?["code"].as_str()
}

async fn in_groups_only_who_is_listed_is_answered(world: &mut World) {
    let ignored = world.dingtalk.says_in_group("Release crew", "Mo", "#say for nobody");
    world.dingtalk.acked(&ignored).await;
    let asked = world.dingtalk.says_in_group("Release crew", "Lin", "#say for the crew");
    assert_eq!(world.answer_to(&asked).await.text(), "for the crew");
    assert!(!was_asked(world, "for nobody"));
}

fn was_asked(world: &World, text: &str) -> bool {
    world.model.asked().iter().any(|asked| asked.text.contains(text))
}
