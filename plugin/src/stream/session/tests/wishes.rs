//! What the owner wants changes while the connection stands.

use super::*;

impl Rig {
    fn wants(&mut self, settings: Settings) {
        self.session.on_settings(settings, self.now);
    }

    fn counted_upon(&self) -> usize {
        self.session.links.iter().filter(|link| link.is_counted_upon()).count()
    }
}

const ANOTHER_WAY: Settings = Settings { seed: 0, links: 1, rotate_after: Duration::from_secs(1800), way: 1 };

#[test]
fn with_another_way_a_link_is_replaced_before_it_goes() {
    let (mut rig, old) = Rig::connected();
    rig.wants(ANOTHER_WAY);
    assert_eq!(rig.actions(), [Action::Open], "nothing is hung up yet");
    let new = rig.connect();
    assert_eq!(rig.session.open_links(), 2, "the old one is read out");
    assert!(rig.frame(old, "CALLBACK", ROBOT).is_some());
    rig.pass(PART);
    assert_eq!(rig.session.links.iter().map(Link::id).collect::<Vec<_>>(), [new]);
}

#[test]
fn an_attempt_by_a_way_that_is_no_longer_the_accounts_is_begun_anew() {
    let mut rig = Rig::new();
    rig.actions();
    rig.wants(ANOTHER_WAY);
    rig.session.on_opened(Ok(Invitation::new("ws://h/?ticket=old")), rig.now);
    assert_eq!(rig.actions(), [Action::Open]);
    rig.session.on_opened(Ok(Invitation::new("ws://h/?ticket=new")), rig.now);
    let Seek::Dialing { link } = rig.session.seek else { panic!("{:?}", rig.session.seek) };
    rig.actions();

    rig.wants(Settings { way: 2, ..ANOTHER_WAY });
    rig.session.on_dialled(link, Ok(()), rig.now);
    assert_eq!(rig.actions(), [Action::HangUp { link, why: Ending::Unwanted }, Action::Open]);
    rig.connect();
    assert_eq!(rig.session.seek, Seek::Settled);
}

#[test]
fn who_corrects_what_blocks_an_account_does_not_wait_for_the_next_probe() {
    let mut rig = Rig::new();
    rig.refuse(Nature::Credentials);
    assert!(matches!(rig.session.seek, Seek::Blocked { .. }));
    rig.actions();
    rig.wants(ANOTHER_WAY);
    assert_eq!(rig.actions(), [Action::Open]);
    rig.connect();
}

#[test]
fn more_links_are_made_at_once_and_fewer_are_left_at_once() {
    let (mut rig, _) = Rig::connected();
    rig.wants(Settings { links: 3, ..Settings::default() });
    rig.connect();
    rig.connect();
    assert_eq!((rig.counted_upon(), rig.session.seek), (3, Seek::Settled));

    rig.wants(Settings::default());
    assert_eq!((rig.counted_upon(), rig.session.open_links()), (1, 3), "two are read out");
    rig.pass_alive(PART);
    assert_eq!(rig.session.open_links(), 1);
    assert_eq!(rig.session.seek, Seek::Settled);
}

#[test]
fn an_attempt_that_nobody_wants_any_more_leaves_no_link_too_many() {
    let (mut rig, _) = Rig::connected();
    rig.wants(Settings { links: 2, ..Settings::default() });
    assert_eq!(rig.session.seek, Seek::Opening);
    rig.wants(Settings::default());
    rig.connect();
    assert_eq!(rig.counted_upon(), 1);
}

#[test]
fn a_shorter_rotation_counts_from_the_last_message() {
    let (mut rig, _) = Rig::connected();
    rig.pass_alive(60 * S);
    rig.wants(Settings { rotate_after: 30 * S, ..Settings::default() });
    rig.pass(Duration::ZERO);
    assert!(rig.actions().contains(&Action::Open), "it has been without a message for a minute");
    rig.connect();
    rig.wants(Settings { rotate_after: 3600 * S, ..Settings::default() });
    rig.pass_alive(3000 * S);
    assert!(!rig.actions().contains(&Action::Open));
}

#[test]
fn a_session_that_has_ended_wants_nothing() {
    let (mut rig, _) = Rig::connected();
    rig.session.stop();
    rig.actions();
    rig.wants(Settings { links: 4, ..ANOTHER_WAY });
    assert_eq!(rig.actions(), []);
}
