//! Whether a link is believed to live, and to deliver.

use super::*;

#[test]
fn a_silent_link_is_asked_twice_and_dead_after_16_seconds() {
    let (mut rig, link) = Rig::connected();
    rig.pass(Duration::from_millis(7999));
    assert!(rig.actions().is_empty());
    rig.pass(Duration::from_millis(1));
    assert_eq!(rig.actions(), [Action::Ping { link }]);
    rig.pass(4 * S);
    assert_eq!(rig.actions(), [Action::Ping { link }]);
    rig.pass(4 * S);
    let actions = rig.actions();
    assert_eq!(actions[0], Action::HangUp { link, why: Ending::Silent });
    assert!(matches!(&actions[1], Action::Report(Change::Down { .. })));
    assert!(rig.wait() <= S);
}

#[test]
fn a_pong_is_enough_to_live() {
    let (mut rig, _) = Rig::connected();
    let seen = rig.pass_alive(5 * 60 * S);
    assert!(!seen.iter().any(|action| matches!(action, Action::HangUp { .. } | Action::Open)));
}

#[test]
fn a_link_without_messages_is_replaced_before_it_is_left() {
    let (mut rig, old) = Rig::connected();
    let seen = rig.pass_alive(30 * 60 * S);
    assert!(seen.contains(&Action::Open));
    assert!(!seen.iter().any(|action| matches!(action, Action::HangUp { .. })));

    rig.connect();
    let seen = rig.pass_alive(PART);
    assert!(seen.contains(&Action::HangUp { link: old, why: Ending::Drained }));
}

#[test]
fn a_link_on_which_dingtalk_stops_to_ping_is_suspicious_earlier() {
    let (mut rig, link) = Rig::connected();
    rig.frame(link, "SYSTEM", "ping");
    assert!(!rig.pass_alive(30 * S).contains(&Action::Open));
    rig.frame(link, "SYSTEM", "ping");
    assert!(!rig.pass_alive(119 * S).contains(&Action::Open));
    assert!(rig.pass_alive(S).contains(&Action::Open), "four pings of thirty seconds did not come");
}

#[test]
fn a_single_ping_tells_nothing_about_the_next_one() {
    let (mut rig, link) = Rig::connected();
    rig.frame(link, "SYSTEM", "ping");
    assert!(!rig.pass_alive(29 * 60 * S).contains(&Action::Open));
}

#[test]
fn after_a_sleep_every_link_is_verified_at_once_and_replaced_in_three_seconds() {
    let mut rig = Rig::with(Settings { links: 2, ..Settings::default() });
    let (alive, dead) = (rig.connect(), rig.connect());
    rig.sleep(0);
    rig.actions();

    rig.sleep(3600);
    let asked = rig.actions();
    assert_eq!(asked[0], Action::Report(Change::Woken { asleep: 3600 * S }));
    assert_eq!(asked[1..], [Action::Ping { link: alive }, Action::Ping { link: dead }]);
    rig.session.on_pong(alive, rig.now);
    rig.pass(3 * S);
    assert_eq!(rig.actions(), [Action::HangUp { link: dead, why: Ending::Silent }]);
    rig.pass(S);
    rig.connect();
}

#[test]
fn after_a_sleep_nobody_waits_for_the_end_of_a_backoff() {
    let mut rig = Rig::new();
    for _ in 0..10 {
        rig.refuse(Nature::Passing);
        rig.pass(60 * S);
    }
    rig.refuse(Nature::Passing);
    rig.sleep(0);
    assert!(rig.wait() > 20 * S);
    rig.sleep(3600);
    rig.connect();
}

#[test]
fn a_wall_clock_that_keeps_jumping_makes_no_hot_loop() {
    let mut rig = Rig::new();
    let mut attempts = 0;
    while rig.now < rig.start + 60 * S {
        rig.sleep(600);
        if rig.session.seek == Seek::Opening {
            rig.refuse(Nature::Passing);
            attempts += 1;
        }
        rig.pass(S / 10);
    }
    assert!(attempts <= 30, "{attempts} attempts in a minute");
}

#[test]
fn the_round_trip_is_that_of_the_last_ping() {
    let (mut rig, link) = Rig::connected();
    rig.pass(8 * S);
    assert_eq!(rig.session.round_trip(), None);
    rig.now += S / 25;
    rig.session.on_pong(link, rig.now);
    assert_eq!(rig.session.round_trip(), Some(S / 25));
}
