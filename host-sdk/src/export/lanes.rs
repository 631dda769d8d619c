//! Where updates of growing answers wait.
//!
//! Each stream has a lane: at most one update is being shown, at most one waits, the newest wins,
//! and a final one is never overtaken. Nothing here waits or runs; the instance does.

use super::order::Ticket;
use crate::{
    channel::Awaiting,
    value::{ChannelError, ErrorCode, Phase},
};
use std::{
    collections::{HashMap, HashSet, VecDeque},
    time::Duration,
};
use tokio::sync::watch;

/// Answers growing at once, per channel.
const MAX_LANES: usize = 4096;
/// How many ended streams are remembered, so that a late update does not open one anew.
const MAX_ENDED: usize = 4096;

/// An update with the answer that is owed for it.
#[derive(Debug)]
pub(crate) struct Waiting<U, D> {
    pub(crate) update: U,
    pub(crate) done: D,
    /// A final update's place among the messages of its conversation.
    pub(crate) ticket: Option<Ticket>,
}

/// What the lanes need to know of an update.
pub(crate) struct Header<'a> {
    pub(crate) stream: &'a str,
    pub(crate) seq: u64,
    pub(crate) phase: Phase,
}

/// What became of an update that was offered.
#[derive(Debug)]
pub(crate) enum Offer<D> {
    /// It waits, and its lane has to be driven.
    Drive,
    /// It waits behind the one being shown.
    Waits,
    /// It waits, and the owner of this answer lost its place to it.
    Overtakes(D),
    /// It is older than what the lane has, or its stream has ended.
    Stale(D),
    /// There are too many.
    Full(D, ChannelError),
}

#[derive(Debug)]
struct Lane<U, D> {
    waiting: Option<Waiting<U, D>>,
    newer: watch::Sender<Awaiting>,
    seq: u64,
    closing: bool,
    driven: bool,
    /// When it was last offered something, counted in offers.
    used: u64,
}

impl<U, D> Lane<U, D> {
    /// Tells the update being shown what waits, if that changed: being told wakes its task, which
    /// costs more than all the rest of an update.
    fn announce(&self, awaiting: Awaiting) {
        self.newer.send_if_modified(|known| std::mem::replace(known, awaiting) != awaiting);
    }
}

/// All lanes of one channel.
#[derive(Debug)]
pub(crate) struct Lanes<U, D> {
    open: HashMap<String, Lane<U, D>>,
    offers: u64,
    ended: HashSet<String>,
    ended_order: VecDeque<String>,
}

impl<U, D> Default for Lanes<U, D> {
    fn default() -> Self {
        Self { open: HashMap::new(), offers: 0, ended: HashSet::new(), ended_order: VecDeque::new() }
    }
}

impl<U, D> Lanes<U, D> {
    /// Puts an update into its lane.
    pub(crate) fn offer(&mut self, header: &Header<'_>, waiting: Waiting<U, D>) -> Offer<D> {
        if self.ended.contains(header.stream) {
            return Offer::Stale(waiting.done);
        }
        self.offers += 1;
        if !self.open.contains_key(header.stream) && self.open.len() >= MAX_LANES && !self.close_oldest() {
            let error =
                ChannelError::new(ErrorCode::Busy, format!("{MAX_LANES} answers are growing already"));
            return Offer::Full(waiting.done, error.retry_after(Duration::from_secs(1)));
        }
        let lane = self.open.entry(header.stream.to_owned()).or_insert_with(|| Lane {
            waiting: None,
            newer: watch::Sender::new(Awaiting::Nothing),
            seq: 0,
            closing: false,
            driven: false,
            used: 0,
        });
        lane.used = self.offers;
        if lane.closing || header.seq < lane.seq {
            return Offer::Stale(waiting.done);
        }
        lane.seq = header.seq;
        lane.closing = header.phase.is_final();
        let overtaken = lane.waiting.replace(waiting);
        lane.announce(if lane.closing { Awaiting::Final } else { Awaiting::Partial });
        match overtaken {
            Some(overtaken) => Offer::Overtakes(overtaken.done),
            None if lane.driven => Offer::Waits,
            None => {
                lane.driven = true;
                Offer::Drive
            }
        }
    }

    /// The next update of a lane that is driven; `None` ends the driving.
    pub(crate) fn next(&mut self, stream: &str) -> Option<(Waiting<U, D>, watch::Receiver<Awaiting>)> {
        let lane = self.open.get_mut(stream)?;
        if let Some(waiting) = lane.waiting.take() {
            lane.announce(Awaiting::Nothing);
            return Some((waiting, lane.newer.subscribe()));
        }
        lane.driven = false;
        if lane.closing {
            self.open.remove(stream);
            self.remember(stream);
        }
        None
    }

    /// Whether nothing is being shown and nothing waits.
    pub(crate) fn is_quiet(&self) -> bool {
        !self.open.values().any(|lane| lane.driven)
    }

    /// Ends the stream that has been quiet for longest, whose turn was never ended by the host;
    /// `false`: none is quiet.
    fn close_oldest(&mut self) -> bool {
        let quiet = self.open.iter().filter(|(_, lane)| !lane.driven);
        let Some(oldest) = quiet.min_by_key(|(_, lane)| lane.used).map(|(stream, _)| stream.clone()) else {
            return false;
        };
        self.open.remove(&oldest);
        self.remember(&oldest);
        true
    }

    fn remember(&mut self, stream: &str) {
        if self.ended.insert(stream.to_owned()) {
            self.ended_order.push_back(stream.to_owned());
        }
        if self.ended_order.len() > MAX_ENDED
            && let Some(oldest) = self.ended_order.pop_front()
        {
            self.ended.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn update(seq: u64, phase: Phase) -> Header<'static> {
        Header { stream: "s", seq, phase }
    }

    fn waiting(number: u32) -> Waiting<u32, u32> {
        Waiting { update: number, done: number, ticket: None }
    }

    fn shown(lanes: &mut Lanes<u32, u32>) -> Option<u32> {
        lanes.next("s").map(|(waiting, _)| waiting.update)
    }

    #[test]
    fn the_newest_of_the_waiting_updates_wins() {
        let mut lanes = Lanes::default();
        assert!(matches!(lanes.offer(&update(1, Phase::Open), waiting(1)), Offer::Drive));
        assert_eq!(shown(&mut lanes), Some(1));

        assert!(matches!(lanes.offer(&update(2, Phase::Open), waiting(2)), Offer::Waits));
        assert!(matches!(lanes.offer(&update(3, Phase::Open), waiting(3)), Offer::Overtakes(2)));
        assert_eq!(shown(&mut lanes), Some(3));
        assert_eq!(shown(&mut lanes), None);
        assert!(lanes.is_quiet());
    }

    #[test]
    fn a_final_update_is_never_overtaken_and_nothing_follows_it() {
        let mut lanes = Lanes::default();
        lanes.offer(&update(1, Phase::Done), waiting(1));
        assert!(matches!(lanes.offer(&update(2, Phase::Open), waiting(2)), Offer::Stale(2)));
        assert_eq!(shown(&mut lanes), Some(1));
        assert_eq!(shown(&mut lanes), None);
        assert!(matches!(lanes.offer(&update(3, Phase::Open), waiting(3)), Offer::Stale(3)));
    }

    #[test]
    fn an_update_with_a_lower_number_is_stale() {
        let mut lanes = Lanes::default();
        lanes.offer(&update(5, Phase::Open), waiting(5));
        assert!(matches!(lanes.offer(&update(4, Phase::Open), waiting(4)), Offer::Stale(4)));
    }

    #[test]
    fn the_update_being_shown_learns_what_waits_behind_it() {
        let mut lanes = Lanes::default();
        lanes.offer(&update(1, Phase::Open), waiting(1));
        let (_, newer) = lanes.next("s").unwrap();
        assert_eq!(*newer.borrow(), Awaiting::Nothing);

        lanes.offer(&update(2, Phase::Open), waiting(2));
        assert_eq!(*newer.borrow(), Awaiting::Partial);
        lanes.offer(&update(3, Phase::Done), waiting(3));
        assert_eq!(*newer.borrow(), Awaiting::Final);
    }

    #[test]
    fn streams_that_never_end_make_way_for_new_ones_oldest_first() {
        let mut lanes = Lanes::default();
        for number in 0..MAX_LANES + 1 {
            let stream = number.to_string();
            let header = Header { stream: &stream, seq: 1, phase: Phase::Open };
            assert!(matches!(lanes.offer(&header, waiting(0)), Offer::Drive));
            lanes.next(&stream);
            lanes.next(&stream); // shown, and quiet since
        }
        assert_eq!(lanes.open.len(), MAX_LANES);
        let late = Header { stream: "0", seq: 2, phase: Phase::Open };
        assert!(matches!(lanes.offer(&late, waiting(1)), Offer::Stale(1)));
    }

    #[test]
    fn a_partial_update_that_overtakes_another_wakes_nobody() {
        let mut lanes = Lanes::default();
        lanes.offer(&update(1, Phase::Open), waiting(1));
        let (_, mut newer) = lanes.next("s").unwrap();
        lanes.offer(&update(2, Phase::Open), waiting(2));
        assert_eq!(*newer.borrow_and_update(), Awaiting::Partial);

        lanes.offer(&update(3, Phase::Open), waiting(3));
        assert!(!newer.has_changed().unwrap());
        lanes.offer(&update(4, Phase::Done), waiting(4));
        assert!(newer.has_changed().unwrap());
    }

    #[test]
    fn the_number_of_lanes_and_of_remembered_streams_is_bounded() {
        let mut lanes = Lanes::default();
        for number in 0..MAX_LANES {
            let stream = number.to_string();
            lanes.offer(&Header { stream: &stream, seq: 1, phase: Phase::Done }, waiting(0));
        }
        assert!(matches!(lanes.offer(&update(1, Phase::Open), waiting(1)), Offer::Full(1, _)));

        for number in 0..MAX_LANES + 10 {
            let stream = number.to_string();
            lanes.next(&stream);
            lanes.next(&stream);
            lanes.offer(&Header { stream: &format!("x{number}"), seq: 1, phase: Phase::Done }, waiting(0));
            lanes.next(&format!("x{number}"));
            lanes.next(&format!("x{number}"));
        }
        assert!(lanes.ended.len() <= MAX_ENDED && lanes.ended_order.len() <= MAX_ENDED);
    }
}
