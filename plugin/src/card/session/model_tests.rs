//! Every order of updates, answers, losses, late landings, delays and ends, against the model of DingTalk.

use super::{
    model::{Landing, Step, Treatment, play},
    *,
};
use proptest::prelude::*;

fn ending() -> impl Strategy<Value = Ending> {
    prop_oneof![4 => Just(Ending::Done), 1 => Just(Ending::Failed), 1 => Just(Ending::Cancelled)]
}

fn treatment() -> impl Strategy<Value = Treatment> {
    let landing = prop_oneof![Just(Landing::Now), Just(Landing::Late), Just(Landing::Never)];
    prop_oneof![
        6 => Just(Treatment::Accept),
        2 => (0..70_000_u64).prop_map(Treatment::Postpone),
        1 => Just(Treatment::Refuse),
        2 => (landing, any::<bool>()).prop_map(|(lands, odd)| Treatment::Lose { lands, odd }),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let pace =
        prop_oneof![Just(Pace::Never), (100..3000_u64).prop_map(|it| Pace::Every(Duration::from_millis(it)))];
    prop_oneof![
        6 => Just(Step::Grow),
        2 => any::<u8>().prop_map(Step::Say),
        1 => ending().prop_map(Step::Finish),
        1 => Just(Step::Dismiss),
        6 => (0..1500_u64).prop_map(Step::Wait),
        1 => (0..25_000_u64).prop_map(Step::Wait),
        1 => pace.prop_map(Step::Pace),
        10 => treatment().prop_map(Step::Treat),
        1 => any::<bool>().prop_map(|lands| Step::Abandon { lands }),
        1 => Just(Step::LandLate),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn whatever_happens_people_see_the_whole_answer_once_and_the_card_ends(
        steps in prop::collection::vec(step(), 0..80),
        last_words in prop::collection::vec(treatment(), 0..30),
    ) {
        play(steps, last_words);
    }
}
