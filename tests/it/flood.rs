//! Somebody writes more than the host keeps for one person.

use host_sdk::inbox::{Caps, Settings};
use tests::{Setup, World};

#[tokio::test]
async fn a_flood_is_acknowledged_told_of_once_and_displaces_nobody() {
    let caps = Caps { sender: 2, ..Caps::default() };
    let world =
        World::of(Setup { inbox: Settings { caps, ..Settings::default() }, ..Setup::default() }).await;
    let dingtalk = world.dingtalk();
    for number in 1..=5 {
        let push = dingtalk.says("Lin", &format!("message {number}"));
        assert_eq!(dingtalk.acked(&push).await.code, 200, "so that it is not pushed again");
    }
    let told = dingtalk.message_to("Lin").await;
    assert!(told.text().contains("消息太多了"), "{told:?}");

    dingtalk.says("Mo", "and me?");
    let mut asked = [world.agent().next_turn().await.unwrap(), world.agent().next_turn().await.unwrap()];
    asked.sort_by(|one, other| one.message().sender.name.cmp(&other.message().sender.name));
    let [lin, mo] = asked;
    assert_eq!((&*lin.message().text, &*mo.message().text), ("message 1", "and me?"));
    mo.done();
    lin.done();
    let second = world.agent().next_turn().await.unwrap();
    assert_eq!(second.message().text, "message 2");
    second.done();
    world.host().wait_turn(3).await.unwrap();
    let notices =
        dingtalk.look(|view| view.messages().filter(|message| message.text().contains("太多")).count());
    assert_eq!(notices, 1);
    world.end().await;
}
