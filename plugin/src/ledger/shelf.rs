//! What is kept for a while: so many, so long, so much.

use std::collections::BTreeMap;

/// What an allocation takes beside what is in it, in bytes, about.
const ALLOCATION: usize = 24;
/// What a place in a map takes by which something is found, beside the text, in bytes, about.
pub(super) const INDEXED: usize = 64;

/// About how much memory the content of a text takes, in bytes.
pub(super) fn held(text: &str) -> usize {
    if text.is_empty() { 0 } else { text.len() + ALLOCATION }
}

/// How much of something is kept.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    pub(super) count: usize,
    /// By [`Kept::weight`].
    pub(super) bytes: usize,
    pub(super) age_ms: i64,
}

/// Something that is kept.
pub(super) trait Kept {
    /// About how much memory it takes, in bytes.
    fn weight(&self) -> usize;
    /// Since when it is kept, in ms since the epoch.
    fn since_ms(&self) -> i64;
}

/// Things in the order in which they came; the oldest make way.
#[derive(Clone, Debug)]
pub(super) struct Shelf<T> {
    bounds: Bounds,
    things: BTreeMap<u64, T>,
    next: u64,
    bytes: usize,
}

impl<T: Kept> Shelf<T> {
    pub(super) fn new(bounds: Bounds) -> Self {
        Self { bounds, things: BTreeMap::new(), next: 0, bytes: 0 }
    }

    /// Adds one; answers with its place, by which it is found.
    pub(super) fn add(&mut self, thing: T) -> u64 {
        let place = self.next;
        self.next += 1;
        self.bytes += thing.weight();
        self.things.insert(place, thing);
        place
    }

    pub(super) fn get(&self, place: u64) -> Option<&T> {
        self.things.get(&place)
    }

    /// Changes the one at `place`.
    pub(super) fn change(&mut self, place: u64, change: impl FnOnce(&mut T)) {
        let Some(thing) = self.things.get_mut(&place) else { return };
        let before = thing.weight();
        change(thing);
        self.bytes = self.bytes + thing.weight() - before;
    }

    /// Takes the oldest out if it has been there for too long, or if there is too much.
    pub(super) fn overflow(&mut self, now_ms: i64) -> Option<T> {
        let (_, oldest) = self.things.first_key_value()?;
        let too_old = oldest.since_ms().saturating_add(self.bounds.age_ms) < now_ms;
        let too_much = self.things.len() > self.bounds.count || self.bytes > self.bounds.bytes;
        if !too_old && !too_much {
            return None;
        }
        let (_, oldest) = self.things.pop_first()?;
        self.bytes -= oldest.weight();
        Some(oldest)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.things.values()
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.things.values_mut()
    }

    pub(super) fn len(&self) -> usize {
        self.things.len()
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }
}
