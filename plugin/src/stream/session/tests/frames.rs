//! What a frame on a link leads to.

use super::*;

#[test]
fn is_connected_only_once_the_websocket_is_up() {
    let mut rig = Rig::new();
    assert_eq!(rig.actions(), [Action::Report(Change::Starting), Action::Open]);

    rig.session.on_opened(Ok(Invitation::new("ws://h/?ticket=t")), rig.now);
    let [Action::Dial { link, .. }] = rig.actions()[..] else { panic!() };

    rig.session.on_dialled(link, Ok(()), rig.now);
    assert_eq!(rig.actions(), [Action::Report(Change::Up)]);
}

#[test]
fn a_ping_is_answered_and_is_not_for_the_host() {
    let (mut rig, link) = Rig::connected();
    assert_eq!(rig.frame(link, "SYSTEM", "ping"), None);
    assert_eq!(sent(&rig.actions())[0]["data"], "{}");
}

#[test]
fn a_message_is_for_the_host_and_answered_only_when_acknowledged() {
    let (mut rig, link) = Rig::connected();
    let frame = rig.frame(link, "CALLBACK", ROBOT).unwrap();
    assert_eq!(rig.actions(), [Action::Report(Change::Inbound)]);

    let Answer::WhenAccepted(ack) = frame.answer() else { panic!() };
    rig.session.acknowledge(link, ack);
    assert_eq!(sent(&rig.actions()).len(), 1);
}

#[test]
fn an_answer_to_a_link_that_is_gone_is_dropped() {
    let (mut rig, link) = Rig::connected();
    let frame = rig.frame(link, "CALLBACK", ROBOT).unwrap();
    rig.lose(link);
    rig.actions();

    let Answer::WhenAccepted(ack) = frame.answer() else { panic!() };
    rig.session.acknowledge(link, ack);
    assert!(rig.actions().is_empty());
}

#[test]
fn a_message_that_comes_on_a_link_that_is_gone_is_for_the_host_and_all_else_for_nobody() {
    let (mut rig, link) = Rig::connected();
    rig.lose(link);
    rig.actions();
    assert!(rig.frame(link, "CALLBACK", ROBOT).is_some());
    for topic in ["ping", "disconnect"] {
        assert_eq!(rig.frame(link, "SYSTEM", topic), None);
    }
    assert!(rig.actions().is_empty());
}
