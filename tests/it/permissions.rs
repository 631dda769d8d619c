//! What an account says of permissions that its app lacks.

use host_mock::dingtalk::{Endpoint, Fault};
use serde_json::{Value, json};
use tests::World;

const CODE: &str = "Forbidden.AccessDenied.AccessTokenPermissionDenied";

/// Lets the robot answer a question; it is the `number`th.
async fn answered(world: &World, number: usize) {
    world.dingtalk().says("Lin", "hello");
    let turn = world.agent().next_turn().await.unwrap();
    turn.say("Hello, Lin.");
    turn.done();
    world.host().wait_turn(number).await.unwrap();
}

/// Waits until the status lacks nothing but these scopes; answers with what it says of them.
async fn missing(world: &World, scopes: &[&str]) -> Value {
    let names = |found: &Value| -> Vec<String> {
        let entries = found.as_array().into_iter().flatten();
        entries.map(|entry| entry["scope"].as_str().unwrap().to_owned()).collect()
    };
    let right = |found: &Value| names(found) == scopes;
    let status =
        world.host().wait_status("default", |status| status.get("missingPermissions").is_some_and(right));
    status.await.unwrap().get("missingPermissions").unwrap().clone()
}

#[tokio::test]
async fn the_status_carries_a_missing_permission_with_its_link_until_a_call_shows_that_it_was_granted() {
    let world = World::start().await;
    missing(&world, &[]).await;
    world.dingtalk().deny_scope("Card.Streaming.Write");
    answered(&world, 1).await;
    let client_id = world.dingtalk().app().client_id;
    let expected = json!([{
        "scope": "Card.Streaming.Write",
        "apis": ["/v1.0/card/streaming"],
        "applyUrl": format!("https://open-dev.dingtalk.com/appscope/apply?content={client_id}%23Card.Streaming.Write"),
    }]);
    assert_eq!(missing(&world, &["Card.Streaming.Write"]).await, expected);

    answered(&world, 2).await;
    let refused = world
        .dingtalk()
        .look(|view| view.calls_to(Endpoint::Streaming).filter(|call| call.status == Some(403)).count());
    assert!(refused > 1, "{refused}");
    assert_eq!(
        world.log().matches("appscope/apply").count(),
        1,
        "one line a day, however often it is refused"
    );

    world.dingtalk().grant_scope("Card.Streaming.Write");
    answered(&world, 3).await;
    missing(&world, &[]).await;
    world.end().await;
}

#[tokio::test]
async fn all_scopes_of_one_refusal_are_logged_once_a_day_each_with_its_own_link() {
    let world = World::start().await;
    let scopes = ["Card.Instance.Write", "qyapi_robot_sendmsg"];
    let body = json!({"Code": CODE, "Message": "没有调用该接口的权限", "AccessDeniedDetail": {"RequiredScopes": scopes}});
    world.dingtalk().on(Endpoint::CreateAndDeliver).answer(Fault::Json { status: 403, body }).always();
    world.dingtalk().deny_scope("Card.Instance.Write");
    for number in 1..=2 {
        answered(&world, number).await;
    }
    missing(&world, &scopes).await;
    let log = world.log();
    for scope in scopes {
        let link = format!("appscope/apply?content={}%23{scope}", world.dingtalk().app().client_id);
        assert_eq!(log.matches(&link).count(), 1, "{log}");
    }
    assert_eq!(world.dingtalk().look(|view| view.messages().count()), 2, "plain messages go on");
    world.end().await;
}
