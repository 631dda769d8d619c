//! The cards that grow, and how often each gets its turn.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

/// A card that has shown nothing new for this long rests, and leaves its share to others.
const RESTING: Duration = Duration::from_secs(15);
/// Cards are counted this often; a card asks several times a second.
const COUNT_EVERY: Duration = Duration::from_millis(500);
/// The part of its share of turns that a card leaves between two texts. Less than all of it, so that
/// some always queue and the limiter, which knows better, decides.
const SHARE: f64 = 0.8;

/// Which card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct CardId(u64);

/// The cards that grow. There are as many as answers under way.
#[derive(Debug, Default)]
pub(super) struct Cards {
    by_id: HashMap<CardId, Card>,
    last_id: u64,
    counted: Option<(Instant, usize)>,
}

#[derive(Debug)]
struct Card {
    /// Since when it has had a text that it has had no turn for.
    wanting: Option<Instant>,
    last_turn: Instant,
}

impl Cards {
    pub(super) fn enter(&mut self, now: Instant) -> CardId {
        self.last_id += 1;
        let id = CardId(self.last_id);
        self.by_id.insert(id, Card { wanting: None, last_turn: now });
        id
    }

    pub(super) fn leave(&mut self, id: CardId) {
        self.by_id.remove(&id);
    }

    /// A card wants a turn for a partial text. Answers since when: it may have given up a place for a
    /// newer text, and does not lose by it.
    pub(super) fn wants(&mut self, id: CardId, now: Instant) -> Instant {
        self.by_id.get_mut(&id).map_or(now, |card| *card.wanting.get_or_insert(now))
    }

    /// It has got a turn, for whatever.
    pub(super) fn got(&mut self, id: CardId, now: Instant) {
        if let Some(card) = self.by_id.get_mut(&id) {
            *card = Card { wanting: None, last_turn: now };
        }
    }

    /// How many show something new now and then.
    pub(super) fn growing(&mut self, now: Instant) -> usize {
        if let Some((at, count)) = self.counted
            && now < at + COUNT_EVERY
        {
            return count;
        }
        let grows = |card: &&Card| card.wanting.is_some() || now < card.last_turn + RESTING;
        let count = self.by_id.values().filter(grows).count();
        self.counted = Some((now, count));
        count
    }

    /// The time to leave between two texts of a card, if all share `per_second` turns.
    pub(super) fn pace(&mut self, base: Duration, per_second: f64, now: Instant) -> Duration {
        #[expect(clippy::cast_precision_loss, reason = "nobody has 2^52 cards")]
        let growing = self.growing(now) as f64;
        base.max(Duration::from_secs_f64(SHARE * growing / per_second))
    }
}
