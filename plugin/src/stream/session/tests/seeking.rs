//! How a link is sought, and how often.

use super::*;

#[test]
fn a_lost_link_is_down_at_once_and_sought_after_a_backoff() {
    let (mut rig, link) = Rig::connected();
    rig.lose(link);
    assert_eq!(rig.changes(), [Change::Down { loss: Loss::new("reset"), blocked: false }]);
    let wait = rig.wait();
    assert!(wait >= S / 2 && wait < S, "{wait:?}");
    rig.pass(S);
    rig.connect();
    assert_eq!(rig.changes(), [Change::Up]);
}

#[test]
fn the_backoff_grows_until_a_link_was_useful() {
    let (mut rig, mut link) = Rig::connected();
    for _ in 0..4 {
        rig.lose(link);
        rig.pass(60 * S);
        link = rig.connect();
    }
    rig.lose(link);
    assert!(rig.wait() > 7 * S);

    rig.pass(60 * S);
    link = rig.connect();
    rig.pass_alive(USEFUL);
    rig.lose(link);
    assert!(rig.wait() < S, "thirty seconds are a useful life");

    for (delivers, lives, useful) in
        [(true, FRUITFUL, true), (true, FRUITFUL - MS, false), (false, USEFUL - MS, false)]
    {
        rig.lose(link);
        rig.pass(60 * S);
        link = rig.connect();
        if delivers {
            assert!(rig.frame(link, "CALLBACK", ROBOT).is_some());
        }
        rig.frame(link, "SYSTEM", "ping");
        rig.pass_alive(lives);
        rig.lose(link);
        assert_eq!(rig.wait() < S, useful, "{lives:?}, delivers: {delivers}");
        rig.pass(60 * S);
        link = rig.connect();
    }
}

#[test]
fn a_server_that_ends_every_link_a_second_after_a_message_makes_no_hot_loop() {
    let mut rig = Rig::new();
    let mut attempts = 0;
    while rig.now < rig.start + 60 * S {
        let link = rig.connect();
        attempts += 1;
        rig.frame(link, "CALLBACK", ROBOT);
        rig.pass_alive(FRUITFUL);
        rig.lose(link);
        assert!(rig.wait() < S, "it is of use, each time");
        rig.pass(rig.wait());
    }
    assert!(attempts <= 40, "{attempts} attempts in a minute");
}

#[test]
fn a_server_that_accepts_pings_delivers_and_closes_makes_no_hot_loop() {
    let mut rig = Rig::new();
    let mut attempts = 0;
    while rig.now < rig.start + 3600 * S {
        let link = rig.connect();
        attempts += 1;
        rig.frame(link, "SYSTEM", "ping");
        rig.frame(link, "CALLBACK", ROBOT);
        rig.lose(link);
        rig.pass(rig.wait());
    }
    assert!(attempts <= 130, "{attempts} attempts in an hour");
}

#[test]
fn rejected_credentials_block_and_are_probed_once_a_minute() {
    let mut rig = Rig::new();
    for _ in 0..5 {
        rig.actions();
        rig.refuse(Nature::Credentials);
        assert_eq!(rig.changes(), [Change::Blocked { why: "no".into() }]);
        assert_eq!(rig.wait(), PROBE);
        rig.pass(PROBE);
    }
    rig.connect();
    assert_eq!(rig.changes(), [Change::Up]);
}

#[test]
fn a_link_lost_while_blocked_leaves_it_blocked() {
    let (mut rig, link) = Rig::connected();
    rig.frame(link, "SYSTEM", "disconnect");
    rig.refuse(Nature::Credentials);
    rig.actions();
    rig.lose(link);
    assert_eq!(rig.changes(), [Change::Down { loss: Loss::new("reset"), blocked: true }]);
    assert_eq!(rig.wait(), PROBE);
}

#[test]
fn other_refusals_block_only_when_they_last() {
    let mut rig = Rig::new();
    rig.actions();
    let refusals: Vec<bool> = (0..4)
        .map(|_| {
            rig.refuse(Nature::Refused);
            let blocked = matches!(rig.changes()[..], [Change::Blocked { .. }]);
            rig.pass(PROBE);
            blocked
        })
        .collect();
    assert_eq!(refusals, [false, false, true, true]);
}

#[test]
fn a_throttled_attempt_waits_as_long_as_it_was_told() {
    let mut rig = Rig::new();
    rig.refuse(Nature::Throttled(300 * S));
    assert_eq!(rig.wait(), 300 * S);
}

#[test]
fn an_unreachable_host_is_tried_for_ever_with_longer_waits() {
    let mut rig = Rig::new();
    for _ in 0..50 {
        rig.refuse(Nature::Passing);
        assert!(rig.wait() < 60 * S);
        rig.pass(60 * S);
    }
    rig.actions();
    rig.refuse(Nature::Passing);
    assert_eq!(rig.changes(), [Change::Setback { why: "no".into(), connected: false }]);
    assert_eq!(rig.session.failures(), 51);
    assert!(rig.wait() >= 30 * S);
}

#[test]
fn a_refused_handshake_asks_for_a_new_invitation() {
    let mut rig = Rig::new();
    rig.session.on_opened(Ok(Invitation::new("ws://h/?ticket=t")), rig.now);
    let Seek::Dialing { link } = rig.session.seek else { panic!() };
    let setback = Setback { why: "handshake".into(), nature: Nature::Refused };
    rig.session.on_dialled(link, Err(setback), rig.now);
    rig.pass(S);
    assert_eq!(rig.session.seek, Seek::Opening);
}
