//! Whose turn it is in each conversation.

use std::collections::{HashMap, VecDeque};

/// The pending messages of each conversation, by first arrival.
#[derive(Debug, Default)]
pub(super) struct Lanes(HashMap<String, VecDeque<u64>>);

impl Lanes {
    /// Puts a message behind all others of its conversation; answers whether there are none.
    pub(super) fn join(&mut self, conversation: &str, number: u64) -> bool {
        let lane = self.0.entry(conversation.to_owned()).or_default();
        lane.push_back(number);
        lane.len() == 1
    }

    /// Takes out the first or second of a conversation; answers with who is first now, if another one
    /// was. Any other message is left where it is.
    pub(super) fn leave(&mut self, conversation: &str, number: u64) -> Option<u64> {
        let lane = self.0.get_mut(conversation)?;
        let place = lane.iter().take(2).position(|other| *other == number)?;
        lane.remove(place);
        let first = lane.front().copied();
        if first.is_none() {
            self.0.remove(conversation);
        }
        first.filter(|_| place == 0)
    }

    /// The second of a conversation, if this is the first.
    pub(super) fn second_after(&self, conversation: &str, first: u64) -> Option<u64> {
        let lane = self.0.get(conversation)?;
        lane.get(1).copied().filter(|_| lane.front() == Some(&first))
    }

    /// The first of a conversation, if this is the second.
    pub(super) fn first_before(&self, conversation: &str, second: u64) -> Option<u64> {
        let lane = self.0.get(conversation)?;
        lane.front().copied().filter(|_| lane.get(1) == Some(&second))
    }

    /// How many conversations there are.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}
