//! Answers that were on their way when the host was killed.

use super::{Ending, Life};
use crate::witness::{Sight, Sighting};
use std::{
    collections::{BTreeMap, HashSet},
    time::Duration,
};

/// How long an answer may have been on its way: the plugin gives a call to DingTalk up then.
const ON_ITS_WAY: Duration = Duration::from_secs(20);

/// The messages that the agent was working on shortly before a SIGKILL, and of which the next process says
/// that their answer may have been given. DingTalk takes no key by which it would know an answer again, so
/// nobody can find out whether it has it; it is not given again.
pub(super) fn unknown<'a>(sightings: &'a [Sighting], lives: &BTreeMap<u32, Life>) -> HashSet<&'a str> {
    let mut killed = HashSet::new();
    let mut unknown = HashSet::new();
    for sighting in sightings {
        let message = sighting.message.as_str();
        match sighting.sight {
            Sight::Began if is_killed_soon(sighting, lives) => drop(killed.insert(message)),
            Sight::Began | Sight::Ended => drop(killed.remove(message)),
            Sight::Known if killed.contains(message) => drop(unknown.insert(message)),
            Sight::Known | Sight::Taken | Sight::Again => {}
        }
    }
    unknown
}

fn is_killed_soon(began: &Sighting, lives: &BTreeMap<u32, Life>) -> bool {
    let life = lives.get(&began.life).filter(|life| life.ending == Ending::Killed);
    life.is_some_and(|life| Duration::from_micros(life.end_epoch.saturating_sub(began.at)) <= ON_ITS_WAY)
}
