//! Any order of offers, ends, failing disks, crashes and restarts, beside a model that fits on a page.

use super::{
    Caps, Settings,
    stand::{Stand, message},
};
use crate::value::Accepted;
use proptest::{collection::vec, prelude::*};

const CAPS: Caps = Caps { sender: 3, conversation: 4, account: 6 };

#[derive(Clone, Debug)]
enum Step {
    Offer(Vec<(u8, u8, u8)>),
    Finish(usize),
    FailAfter(usize),
    Repair,
    Kill,
    Reopen,
    Minute,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => vec((0..20u8, 0..4u8, 0..3u8), 1..5).prop_map(Step::Offer),
        4 => any::<usize>().prop_map(Step::Finish),
        1 => (0..30usize).prop_map(Step::FailAfter),
        2 => Just(Step::Repair),
        1 => Just(Step::Kill),
        1 => Just(Step::Reopen),
        1 => Just(Step::Minute),
    ]
}

/// What the inbox should hold.
#[derive(Debug, Default)]
struct Model {
    /// Id, sender and conversation, oldest first.
    unfinished: Vec<(u8, u8, u8)>,
    finished: Vec<u8>,
    /// Ends that may not be on disk yet.
    ending: Vec<(u8, u8, u8)>,
    /// Refused by a disk that failed, which may have them all the same.
    limbo: Vec<(u8, u8, u8)>,
    failing: bool,
}

impl Model {
    fn verdict(&self, (id, sender, conversation): (u8, u8, u8)) -> Accepted {
        let held = || self.unfinished.iter().chain(&self.ending);
        if self.finished.contains(&id) || held().any(|known| known.0 == id) {
            Accepted::Duplicate
        } else if held().filter(|known| known.1 == sender).count() >= CAPS.sender
            || held().filter(|known| known.2 == conversation).count() >= CAPS.conversation
        {
            Accepted::Dropped
        } else if held().count() >= CAPS.account {
            Accepted::Refused
        } else {
            Accepted::New
        }
    }

    /// Ends are on disk when anything is, and nothing fails.
    fn settle(&mut self) {
        if !self.failing {
            self.finished.extend(self.ending.drain(..).map(|(id, ..)| id));
        }
    }

    /// A successor opens what is left, on a disk that works.
    fn successor(&mut self, left: &[u8]) {
        self.failing = false;
        let (again, ended): (Vec<_>, Vec<_>) = self.ending.drain(..).partition(|(id, ..)| left.contains(id));
        self.finished.extend(ended.into_iter().map(|(id, ..)| id));
        self.unfinished.extend(again);
        let here = std::mem::take(&mut self.limbo).into_iter().filter(|(id, ..)| left.contains(id));
        for offer in here {
            if self.unfinished.iter().all(|known| known.0 != offer.0) {
                self.unfinished.push(offer);
            }
        }
        self.unfinished.sort_by_key(|(id, ..)| left.iter().position(|known| known == id));
    }
}

fn ids(left: &[std::sync::Arc<super::Waiting>]) -> Vec<u8> {
    left.iter().map(|waiting| waiting.id.parse().unwrap()).collect()
}

fn play(steps: Vec<Step>) -> Result<(), TestCaseError> {
    let mut stand = Stand::new(Settings { caps: CAPS, ..Settings::default() });
    let mut model = Model::default();
    let mut handed_over: Vec<u8> = Vec::new();
    for step in steps {
        match step {
            Step::Offer(offers) => {
                model.settle();
                // No two of one id in a batch: what a failing disk does to the second is its own test.
                let mut batch: Vec<(u8, u8, u8)> = Vec::new();
                offers.into_iter().for_each(|offer| {
                    if batch.iter().all(|known| known.0 != offer.0) {
                        batch.push(offer);
                    }
                });
                let messages = batch.iter().map(|(id, sender, conversation)| {
                    message(&id.to_string(), &format!("s{sender}"), &format!("c{conversation}"))
                });
                let answers = stand.offer(messages.collect());
                for (offer, answer) in batch.into_iter().zip(answers) {
                    let predicted = model.verdict(offer);
                    // A disk that fails may refuse anything; ends that it may have taken make room.
                    let may = model.failing && (answer == Accepted::Refused || !model.ending.is_empty());
                    let known = predicted == Accepted::Duplicate;
                    prop_assert!(answer == predicted || may, "{answer:?} to {offer:?} in {model:?}");
                    prop_assert!(answer != Accepted::New || !known, "{offer:?} again in {model:?}");
                    if model.failing && answer == Accepted::Refused {
                        model.limbo.push(offer);
                    }
                    if answer == Accepted::New {
                        model.unfinished.push(offer);
                        handed_over.push(offer.0);
                    }
                }
            }
            Step::Finish(which) if !model.unfinished.is_empty() => {
                let ended = model.unfinished.remove(which % model.unfinished.len());
                stand.finish(&ended.0.to_string());
                model.ending.push(ended);
                model.settle();
            }
            Step::Finish(_) => {}
            Step::FailAfter(acts) => {
                stand.disk.fail_after(acts);
                model.failing = true;
            }
            Step::Repair => {
                stand.disk.repair();
                model.failing = false;
                stand.pass(std::time::Duration::from_secs(1));
                model.settle();
            }
            Step::Minute => {
                let erase_within = stand.settings.erase_within;
                stand.pass(erase_within);
            }
            Step::Kill | Step::Reopen => {
                let heard: Vec<u8> = ids(&stand.heard().waiting);
                prop_assert_eq!(&heard, &handed_over, "handed over");
                stand = if matches!(step, Step::Kill) { stand.killed() } else { stand.reopened() };
                let left = ids(&stand.left);
                model.successor(&left);
                let expected: Vec<u8> = model.unfinished.iter().map(|(id, ..)| *id).collect();
                prop_assert_eq!(left, expected, "left to the successor");
                handed_over.clear();
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_lost_or_handed_over_twice_whatever_happens(steps in vec(step(), 1..50)) {
        play(steps)?;
    }
}
