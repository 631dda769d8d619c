//! More than one live link.

use super::*;

#[test]
fn two_live_links_are_kept_when_two_are_wanted() {
    let mut rig = Rig::with(Settings { links: 2, ..Settings::default() });
    let first = rig.connect();
    let second = rig.connect();
    assert_eq!(rig.session.seek, Seek::Settled);
    rig.actions();

    rig.lose(first);
    assert_eq!(rig.changes(), [], "one still stands");
    rig.pass(S);
    rig.connect();
    rig.lose(second);
    assert!(!rig.changes().iter().any(|change| matches!(change, Change::Down { .. })));
}

#[test]
fn links_that_are_rotated_together_part_one_by_one() {
    let mut rig = Rig::with(Settings { links: 2, ..Settings::default() });
    rig.connect();
    rig.connect();
    rig.pass_alive(30 * 60 * S);
    let standing =
        |rig: &Rig| rig.session.links.iter().filter(|link| link.is_live() || link.is_retiring()).count();
    rig.connect();
    rig.pass_alive(PART);
    assert_eq!(standing(&rig), 2, "one new and one old");
    rig.connect();
    rig.pass_alive(PART);
    assert_eq!((standing(&rig), rig.session.links.len()), (2, 2));
    assert_eq!(rig.session.seek, Seek::Settled);
}

#[test]
fn a_second_link_that_is_closed_each_time_is_sought_ever_less_often() {
    let mut rig = Rig::with(Settings { links: 2, ..Settings::default() });
    rig.connect();
    let mut attempts = 0;
    while rig.now < rig.start + 1500 * S {
        let second = rig.connect();
        attempts += 1;
        rig.lose(second);
        rig.pass_alive(rig.wait());
    }
    assert!(attempts <= 70, "{attempts} attempts in 25 minutes");
}
