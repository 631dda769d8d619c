//! What the agent or the host was given more than once.

use super::{Ending, Life, NOTING};
use crate::witness::{Sight, Sighting};
use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

/// How many messages later the plugin must still know one that was accepted. It promises twice that.
const REMEMBERED: usize = 5_000;

/// How many messages the agent ran more often than a killed or stopped process explains: again in one and
/// the same process, or after a turn that had ended for good.
pub(super) fn run_twice(sightings: &[Sighting], lives: &BTreeMap<u32, Life>) -> Vec<String> {
    let mut runs: HashMap<&str, Run> = HashMap::new();
    let mut twice = Vec::new();
    for sighting in sightings {
        let message = sighting.message.as_str();
        match sighting.sight {
            Sight::Began => {
                let run = Run { life: sighting.life, ended: None };
                if let Some(before) = runs.insert(message, run)
                    && !before.may_run_again(sighting.life, lives)
                {
                    twice.push(message.to_owned());
                }
            }
            Sight::Ended => {
                if let Some(run) = runs.get_mut(message) {
                    run.ended = Some(sighting.at);
                }
            }
            Sight::Taken | Sight::Again | Sight::Known => {}
        }
    }
    twice
}

struct Run {
    life: u32,
    /// When its turn ended.
    ended: Option<u64>,
}

impl Run {
    fn may_run_again(&self, in_life: u32, lives: &BTreeMap<u32, Life>) -> bool {
        let Some(life) = lives.get(&self.life).filter(|_| in_life != self.life) else { return false };
        match self.ended {
            None => true,
            Some(ended) => {
                let since = Duration::from_micros(life.end_epoch.saturating_sub(ended));
                life.ending == Ending::Killed && since <= NOTING
            }
        }
    }
}

/// How often an interrupted turn was run again by the next process.
pub(super) fn replayed(sightings: &[Sighting]) -> usize {
    let mut lives: HashMap<&str, u32> = HashMap::new();
    let began = sightings.iter().filter(|it| it.sight == Sight::Began);
    began.filter(|it| lives.insert(&it.message, it.life).is_some_and(|life| life != it.life)).count()
}

/// How many messages the plugin handed over once more although the host had taken them from it in the same
/// process. The host knows them again; the plugin should not have asked.
pub(super) fn handed_over_again(sightings: &[Sighting]) -> usize {
    let mut taken: HashMap<(u32, &str), usize> = HashMap::new();
    let mut count = 0;
    let mut again = 0;
    for sighting in sightings {
        let key = (sighting.life, sighting.message.as_str());
        match sighting.sight {
            Sight::Taken => {
                count += 1;
                taken.insert(key, count);
            }
            Sight::Again => {
                again += usize::from(taken.get(&key).is_some_and(|at| count - at < REMEMBERED));
            }
            Sight::Began | Sight::Ended | Sight::Known => {}
        }
    }
    again
}
