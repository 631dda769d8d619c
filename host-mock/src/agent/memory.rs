//! What a model is reminded of: the last exchanges of each conversation.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Exchanges of one conversation that are remembered.
const EXCHANGES: usize = 10;
/// Conversations that are remembered.
const CONVERSATIONS: usize = 100;

/// What somebody asked, and what was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Exchange {
    pub(super) asked: String,
    pub(super) answered: String,
}

/// The last exchanges, by conversation; those longest unused go first. Clones share it.
#[derive(Clone, Debug, Default)]
pub(super) struct Memory(Arc<Mutex<Conversations>>);

/// By their ids.
type Conversations = VecDeque<(String, VecDeque<Exchange>)>;

impl Memory {
    /// What was said in a conversation, oldest first.
    pub(super) fn of(&self, conversation: &str) -> Vec<Exchange> {
        let all = self.all();
        let known = all.iter().find(|(id, _)| id == conversation);
        known.map(|(_, exchanges)| exchanges.iter().cloned().collect()).unwrap_or_default()
    }

    /// Something more was said.
    pub(super) fn keep(&self, conversation: &str, exchange: Exchange) {
        let mut all = self.all();
        let known = all.iter().position(|(id, _)| id == conversation).and_then(|place| all.remove(place));
        let (id, mut exchanges) = known.unwrap_or_else(|| (conversation.to_owned(), VecDeque::new()));
        exchanges.push_back(exchange);
        if exchanges.len() > EXCHANGES {
            exchanges.pop_front();
        }
        all.push_back((id, exchanges));
        if all.len() > CONVERSATIONS {
            all.pop_front();
        }
    }

    fn all(&self) -> MutexGuard<'_, Conversations> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exchange(number: usize) -> Exchange {
        Exchange { asked: number.to_string(), answered: String::new() }
    }

    #[test]
    fn a_conversation_is_remembered_and_what_is_old_is_forgotten() {
        let memory = Memory::default();
        for number in 0..=EXCHANGES {
            memory.keep("a", exchange(number));
        }
        let remembered = memory.of("a");
        assert_eq!((remembered.len(), &remembered[0]), (EXCHANGES, &exchange(1)));
        for other in 0..CONVERSATIONS {
            memory.keep(&format!("other {other}"), exchange(0));
        }
        assert_eq!(memory.of("a"), []);
        assert_eq!(memory.all().len(), CONVERSATIONS);
    }
}
