//! Ends that somebody announces: DingTalk, or we.

use super::*;

#[test]
fn a_goodbye_is_followed_at_once_while_the_old_link_is_still_read() {
    let (mut rig, old) = Rig::connected();
    rig.frame(old, "SYSTEM", "disconnect");
    assert!(rig.actions().contains(&Action::Open));
    let new = rig.connect();
    rig.actions();

    let frame = rig.frame(old, "CALLBACK", ROBOT).unwrap();
    let Answer::WhenAccepted(ack) = frame.answer() else { panic!() };
    rig.session.acknowledge(old, ack.clone());
    assert!(rig.actions().contains(&Action::Send { link: old, ack }));

    let seen = rig.pass_alive(12 * S);
    assert!(seen.contains(&Action::HangUp { link: old, why: Ending::Drained }));
    assert!(!seen.iter().any(|action| matches!(action, Action::Report(Change::Down { .. }))));
    assert_eq!(rig.session.links.len(), 1);
    assert_eq!(rig.session.links[0].id(), new);
}

#[test]
fn a_repeated_goodbye_changes_nothing() {
    let (mut rig, old) = Rig::connected();
    rig.frame(old, "SYSTEM", "disconnect");
    rig.connect();
    rig.actions();
    rig.frame(old, "SYSTEM", "disconnect");
    assert!(!rig.actions().contains(&Action::Open));
}

#[test]
fn a_server_that_says_goodbye_to_every_link_makes_no_hot_loop() {
    let (mut rig, mut link) = Rig::connected();
    let mut attempts = 0;
    while rig.now < rig.start + 60 * S {
        rig.frame(link, "SYSTEM", "disconnect");
        while rig.session.seek != Seek::Opening {
            rig.pass(S / 10);
        }
        link = rig.connect();
        attempts += 1;
    }
    assert!(attempts <= 20, "{attempts} attempts in a minute");
}

#[test]
fn a_goodbye_soon_after_another_is_followed_before_the_old_link_has_drained_whatever_failed_before() {
    let (mut rig, mut link) = Rig::connected();
    for _ in 0..10 {
        rig.lose(link);
        rig.pass(60 * S);
        link = rig.connect();
    }
    let mut followed = rig.now;
    rig.frame(link, "SYSTEM", "disconnect");
    for _ in 0..10 {
        let new = rig.connect();
        rig.pass_alive(S);
        rig.frame(new, "SYSTEM", "disconnect");
        assert_eq!(rig.now + rig.wait(), followed + HURRY);
        followed += HURRY;
        rig.frame(link, "SYSTEM", "disconnect");
        rig.pass_alive(rig.wait());
        assert!(rig.session.open_links() > 0, "no gap");
        link = new;
    }
}

#[test]
fn a_goodbye_does_not_put_off_an_attempt_that_is_due_sooner() {
    let (mut rig, first) = Rig::connected();
    rig.frame(first, "SYSTEM", "disconnect");
    let second = rig.connect();
    rig.lose(second);
    let wait = rig.wait();
    assert!(wait < S, "{wait:?}");
    rig.frame(second, "SYSTEM", "disconnect");
    rig.frame(first, "SYSTEM", "disconnect");
    assert_eq!(rig.wait(), wait);
}

#[test]
fn stop_closes_every_link_at_once_and_is_final() {
    let (mut rig, old) = Rig::connected();
    rig.frame(old, "SYSTEM", "disconnect");
    let new = rig.connect();
    rig.actions();

    rig.session.stop();
    let stopping = |link| Action::HangUp { link, why: Ending::Stopping };
    assert_eq!(rig.actions(), [stopping(old), stopping(new), Action::Report(Change::Stopped)]);

    rig.session.stop();
    rig.lose(new);
    rig.sleep(3600);
    rig.pass(3600 * S);
    assert!(rig.actions().is_empty());
    assert!(rig.session.is_closed());
}

#[test]
fn a_link_that_comes_up_after_stop_is_hung_up() {
    let mut rig = Rig::new();
    rig.session.on_opened(Ok(Invitation::new("ws://h/?ticket=t")), rig.now);
    let Seek::Dialing { link } = rig.session.seek else { panic!() };
    rig.session.stop();
    rig.actions();
    rig.session.on_dialled(link, Ok(()), rig.now);
    assert_eq!(rig.actions(), [Action::HangUp { link, why: Ending::Unwanted }]);
}
