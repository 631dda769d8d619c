//! What became of a message that the agent never saw.

use super::{CROSSING, Delivery, Ending, Life, Link, Message};
use std::collections::BTreeMap;

/// Why the agent never saw a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It was acknowledged, or could be read by a plugin that lived on: a defect.
    Lost,
    /// It was not acknowledged when the process was killed, and never pushed again.
    Killed,
    /// It crossed the goodbye of a host that was stopped, was not acknowledged, and never pushed again.
    Stopped,
    /// The network took it: its connection was dead, or ended before it could be read.
    Swallowed,
}

/// A message is lost unless there is an excuse for each time that it was pushed; then the last one counts.
pub(super) fn fate(message: &Message, links: &BTreeMap<u64, Link>, lives: &BTreeMap<u32, Life>) -> Fate {
    let mut fate = Fate::Lost;
    for delivery in &message.deliveries {
        match excuse(delivery, links, lives) {
            Some(excuse) => fate = excuse,
            None => return Fate::Lost,
        }
    }
    fate
}

/// Why nobody may be blamed for one delivery.
fn excuse(delivery: &Delivery, links: &BTreeMap<u64, Link>, lives: &BTreeMap<u32, Life>) -> Option<Fate> {
    if delivery.acked.is_some() {
        return None;
    }
    let link = links.get(&delivery.link)?;
    let life = lives.get(&link.life);
    // It was open for as long as its process was there.
    let outlived = |life: &Life| link.ended.is_none_or(|ended| ended >= life.end);
    if let Some(life) = life.filter(|life| life.ending == Ending::Killed && outlived(life))
        && link.dead.is_none()
        && link.severed.is_none()
        && delivery.sent.at <= life.end + CROSSING
    {
        return Some(Fate::Killed);
    }
    let Some(written) = delivery.written else {
        return (link.ended.is_some() || link.dead.is_some()).then_some(Fate::Swallowed);
    };
    if link.severed.is_some_and(|severed| severed <= written.at + CROSSING) {
        return Some(Fate::Swallowed);
    }
    let crossed =
        |life: &Life| life.ending == Ending::Stopped && outlived(life) && life.end <= written.at + CROSSING;
    life.is_some_and(crossed).then_some(Fate::Stopped)
}
