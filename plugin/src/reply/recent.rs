//! The latest of many names.

use std::collections::{HashSet, VecDeque};

/// Remembers names, and forgets the oldest when there are too many.
#[derive(Debug)]
pub(super) struct Recent {
    names: HashSet<String>,
    order: VecDeque<String>,
    most: usize,
}

impl Recent {
    /// Remembers `most` names.
    pub(super) fn new(most: usize) -> Self {
        Self { names: HashSet::new(), order: VecDeque::new(), most }
    }

    /// Remembers `name`.
    pub(super) fn insert(&mut self, name: &str) {
        if !self.names.insert(name.to_owned()) {
            return;
        }
        self.order.push_back(name.to_owned());
        if self.order.len() > self.most
            && let Some(oldest) = self.order.pop_front()
        {
            self.names.remove(&oldest);
        }
    }

    /// Whether `name` is remembered.
    pub(super) fn contains(&self, name: &str) -> bool {
        self.names.contains(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_name_makes_way() {
        let mut recent = Recent::new(2);
        for name in ["a", "b", "a", "c"] {
            recent.insert(name);
        }
        assert_eq!(["a", "b", "c"].map(|name| recent.contains(name)), [false, true, true]);
    }
}
