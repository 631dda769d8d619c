//! Claims that hold in whatever order things happen.

use super::*;
use proptest::prelude::*;

/// What may happen to a session, in any order.
#[derive(Clone, Debug)]
enum Happening {
    Opened(Option<Nature>),
    Dialled(Option<Nature>),
    Frame { link: u64, kind: &'static str, topic: &'static str },
    Lost { link: u64 },
    Alive { link: u64 },
    Passed { tenths: u32 },
    Slept { seconds: i64 },
    Configured { links: usize, way: u64 },
}

fn happening() -> impl Strategy<Value = Happening> {
    let nature = || {
        prop::option::of(prop::sample::select(vec![
            Nature::Credentials,
            Nature::Refused,
            Nature::Passing,
            Nature::Throttled(30 * S),
        ]))
    };
    let frames = [("SYSTEM", "ping"), ("SYSTEM", "disconnect"), ("CALLBACK", ROBOT), ("EVENT", "*")];
    prop_oneof![
        4 => nature().prop_map(Happening::Opened),
        4 => nature().prop_map(Happening::Dialled),
        4 => (1u64..12, prop::sample::select(frames.to_vec()))
            .prop_map(|(link, (kind, topic))| Happening::Frame { link, kind, topic }),
        2 => (1u64..12).prop_map(|link| Happening::Lost { link }),
        2 => (1u64..12).prop_map(|link| Happening::Alive { link }),
        3 => (0u32..400).prop_map(|tenths| Happening::Passed { tenths }),
        1 => (0i64..5000).prop_map(|seconds| Happening::Slept { seconds }),
    ]
}

fn configured() -> impl Strategy<Value = Happening> {
    (1usize..=4, 0u64..3).prop_map(|(links, way)| Happening::Configured { links, way })
}

impl Rig {
    fn happen(&mut self, happening: Happening) {
        let outcome = |nature: Option<Nature>| match nature {
            None => Ok(()),
            Some(nature) => Err(Setback { why: "no".into(), nature }),
        };
        match happening {
            Happening::Opened(nature) => {
                let invitation = outcome(nature).map(|()| Invitation::new("ws://h/?ticket=t"));
                self.session.on_opened(invitation, self.now);
            }
            Happening::Dialled(nature) => {
                let Seek::Dialing { link } = self.session.seek else { return };
                self.session.on_dialled(link, outcome(nature), self.now);
            }
            Happening::Frame { link, kind, topic } => drop(self.frame(LinkId(link), kind, topic)),
            Happening::Lost { link } => self.lose(LinkId(link)),
            Happening::Alive { link } => self.session.on_sign_of_life(LinkId(link), self.now),
            Happening::Passed { tenths } => self.pass(tenths * S / 10),
            Happening::Slept { seconds } => self.sleep(seconds),
            Happening::Configured { links, way } => {
                let settings = Settings { links, way, ..Settings::default() };
                self.session.on_settings(settings, self.now);
            }
        }
    }

    /// Lets everything succeed for a while.
    fn succeed_for(&mut self, time: Duration) {
        let end = self.now + time;
        while self.now < end {
            self.happen(Happening::Opened(None));
            self.happen(Happening::Dialled(None));
            self.pass_alive(S);
        }
    }
}

proptest! {
    #[test]
    fn whatever_happened_it_connects_again_once_it_can(
        links in 1usize..=4,
        happenings in prop::collection::vec(prop_oneof![9 => happening(), 1 => configured()], 0..150),
    ) {
        let mut rig = Rig::with(Settings { links, ..Settings::default() });
        for happening in happenings {
            rig.happen(happening);
            prop_assert!(rig.session.seek != Seek::Settled || !rig.session.lacks_links(),
                "nothing is sought although a link is lacking");
        }
        rig.succeed_for(120 * S);
        prop_assert_eq!(rig.session.seek, Seek::Settled);
        prop_assert_eq!(rig.session.links.len(), rig.session.settings.links, "{:?}", rig.session.links);
    }

    #[test]
    fn whatever_happens_attempts_stay_few(
        links in 1usize..=2,
        happenings in prop::collection::vec(happening(), 0..150),
    ) {
        let mut rig = Rig::with(Settings { links, ..Settings::default() });
        let mut attempts = 0;
        for happening in happenings {
            rig.happen(happening);
            attempts += rig.actions().iter().filter(|action| **action == Action::Open).count();
        }
        let seconds = usize::try_from((rig.now - rig.start).as_secs()).unwrap();
        prop_assert!(attempts <= 2 + 2 * (seconds + 1), "{attempts} attempts in {seconds} s");
    }
}
