//! Who may hand in how much: the unfinished messages, counted.

use super::{Caps, Waiting};
use crate::value::InboundMessage;
use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

/// What becomes of a message that is offered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// To be stored, then to be worked on.
    New(Arc<Waiting>),
    /// Taken before.
    Duplicate,
    /// There is no room, or it cannot be taken.
    Refused,
    /// Over the cap of its sender or its conversation; `first` of a flood.
    Dropped {
        /// Whether the person is to be told: a flood begins here, and ends when half of what the cap
        /// allows has been worked off.
        first: bool,
    },
}

/// The unfinished messages. Knows no file and no clock.
#[derive(Debug)]
pub(super) struct Book {
    caps: Caps,
    unfinished: BTreeMap<u64, Arc<Waiting>>,
    numbers: HashMap<String, u64>,
    senders: HashMap<String, Load>,
    conversations: HashMap<String, Load>,
    next: u64,
}

/// What one sender or one conversation has unfinished.
#[derive(Debug, Default)]
struct Load {
    unfinished: usize,
    flooding: bool,
}

impl Book {
    pub(super) fn new(caps: Caps, unfinished: impl IntoIterator<Item = Arc<Waiting>>) -> Self {
        let mut book = Self {
            caps,
            unfinished: BTreeMap::new(),
            numbers: HashMap::new(),
            senders: HashMap::new(),
            conversations: HashMap::new(),
            next: 0,
        };
        unfinished.into_iter().for_each(|waiting| book.enter(waiting));
        book
    }

    /// Decides on a message; `finished` says whether one of its id has been worked on before.
    pub(super) fn judge(&mut self, message: &InboundMessage, finished: bool) -> Verdict {
        if message.id.is_empty() {
            return Verdict::Refused;
        }
        if finished || self.numbers.contains_key(&message.id) {
            return Verdict::Duplicate;
        }
        let sender = self.senders.get_mut(&message.sender.id);
        if let Some(first) = sender.and_then(|load| load.over(self.caps.sender)) {
            return Verdict::Dropped { first };
        }
        let conversation = self.conversations.get_mut(&message.conversation.id);
        if let Some(first) = conversation.and_then(|load| load.over(self.caps.conversation)) {
            return Verdict::Dropped { first };
        }
        if self.unfinished.len() >= self.caps.account.max(1) {
            return Verdict::Refused;
        }
        let waiting = Arc::new(Waiting::of(message, self.next));
        self.enter(waiting.clone());
        Verdict::New(waiting)
    }

    /// Strikes a message out: its turn has ended, or it could not be stored.
    pub(super) fn strike(&mut self, number: u64) {
        let Some(waiting) = self.unfinished.remove(&number) else { return };
        self.numbers.remove(&waiting.id);
        lighten(&mut self.senders, &waiting.sender, self.caps.sender);
        lighten(&mut self.conversations, &waiting.conversation, self.caps.conversation);
    }

    /// Forgets that the flood which this message began was told of.
    pub(super) fn end_flood(&mut self, message: &InboundMessage) {
        for load in
            [self.senders.get_mut(&message.sender.id), self.conversations.get_mut(&message.conversation.id)]
        {
            load.into_iter().for_each(|load| load.flooding = false);
        }
    }

    /// Strikes out what is not among `stored`.
    pub(super) fn keep(&mut self, stored: &[u64]) {
        let lost: Vec<u64> =
            self.unfinished.keys().filter(|number| stored.binary_search(number).is_err()).copied().collect();
        lost.into_iter().for_each(|number| self.strike(number));
    }

    pub(super) fn has(&self, number: u64) -> bool {
        self.unfinished.contains_key(&number)
    }

    pub(super) fn unfinished(&self) -> usize {
        self.unfinished.len()
    }

    fn enter(&mut self, waiting: Arc<Waiting>) {
        self.next = self.next.max(waiting.number + 1);
        self.numbers.insert(waiting.id.clone(), waiting.number);
        if !waiting.sender.is_empty() {
            self.senders.entry(waiting.sender.clone()).or_default().unfinished += 1;
        }
        self.conversations.entry(waiting.conversation.clone()).or_default().unfinished += 1;
        self.unfinished.insert(waiting.number, waiting);
    }
}

impl Load {
    /// Whether it is over the cap, and whether that is news.
    fn over(&mut self, cap: usize) -> Option<bool> {
        (self.unfinished >= cap.max(1)).then(|| !std::mem::replace(&mut self.flooding, true))
    }
}

fn lighten(loads: &mut HashMap<String, Load>, id: &str, cap: usize) {
    let Some(load) = loads.get_mut(id) else { return };
    load.unfinished -= 1;
    load.flooding &= load.unfinished > cap / 2;
    if load.unfinished == 0 {
        loads.remove(id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{Conversation, Sender};

    const CAPS: Caps = Caps { sender: 2, conversation: 3, account: 5 };
    const DROPPED: Verdict = Verdict::Dropped { first: false };
    const FLOOD: Verdict = Verdict::Dropped { first: true };

    fn message(id: &str, sender: &str, conversation: &str) -> InboundMessage {
        InboundMessage {
            id: id.into(),
            sender: Sender { id: sender.into(), ..Default::default() },
            conversation: Conversation { id: conversation.into(), ..Default::default() },
            ..Default::default()
        }
    }

    fn book() -> Book {
        Book::new(CAPS, [])
    }

    impl Book {
        fn offer(&mut self, id: &str, sender: &str, conversation: &str) -> Verdict {
            self.judge(&message(id, sender, conversation), false)
        }

        #[track_caller]
        fn take(&mut self, id: &str, sender: &str, conversation: &str) -> u64 {
            match self.offer(id, sender, conversation) {
                Verdict::New(waiting) => waiting.number,
                other => panic!("{id} was not taken: {other:?}"),
            }
        }
    }

    #[test]
    fn a_message_is_new_once() {
        let mut book = book();
        let number = book.take("1", "a", "c");
        assert_eq!(book.offer("1", "a", "c"), Verdict::Duplicate);
        book.strike(number);
        assert_eq!(book.judge(&message("1", "a", "c"), true), Verdict::Duplicate);
    }

    #[test]
    fn numbers_rise_also_over_what_was_left() {
        let mut book = book();
        let number = book.take("1", "a", "c");
        assert!(book.take("2", "b", "c") > number);
        let left = Waiting { number: 7, ..Waiting::of(&message("7", "a", "c"), 7) };
        assert_eq!(Book::new(CAPS, [Arc::new(left)]).take("8", "a", "c"), 8);
    }

    #[test]
    fn a_sender_over_the_cap_is_dropped_everywhere_and_told_once() {
        let mut book = book();
        book.take("1", "a", "c");
        book.take("2", "a", "d");
        assert_eq!(book.offer("3", "a", "c"), FLOOD);
        assert_eq!(book.offer("4", "a", "d"), DROPPED);
        book.take("5", "b", "c");
    }

    #[test]
    fn a_flood_ends_when_half_of_it_is_worked_off() {
        let mut book = Book::new(Caps { sender: 4, conversation: 9, account: 9 }, []);
        let numbers: Vec<u64> = ["1", "2", "3", "4"].map(|id| book.take(id, "a", "c")).into();
        assert_eq!(book.offer("5", "a", "c"), FLOOD);
        book.strike(numbers[0]);
        book.take("6", "a", "c");
        assert_eq!(book.offer("7", "a", "c"), DROPPED);
        numbers[1..3].iter().for_each(|number| book.strike(*number));
        book.take("8", "a", "c");
        book.take("9", "a", "c");
        assert_eq!(book.offer("10", "a", "c"), FLOOD);
    }

    #[test]
    fn a_flooded_conversation_does_not_displace_another() {
        let mut book = book();
        for (id, sender) in [("1", "a"), ("2", "b"), ("3", "c")] {
            book.take(id, sender, "busy");
        }
        assert_eq!(book.offer("4", "d", "busy"), FLOOD);
        assert_eq!(book.offer("5", "e", "busy"), DROPPED);
        book.take("6", "f", "calm");
    }

    #[test]
    fn a_full_account_refuses_until_something_ends() {
        let mut book = book();
        let numbers: Vec<u64> =
            ["1", "2", "3", "4", "5"].map(|id| book.take(id, id, &format!("c{id}"))).into();
        assert_eq!(book.offer("6", "f", "c6"), Verdict::Refused);
        book.strike(numbers[0]);
        book.take("6", "f", "c6");
    }

    #[test]
    fn messages_without_a_sender_count_for_their_conversation_alone() {
        let mut book = book();
        for (id, conversation) in [("1", "c"), ("2", "d"), ("3", "e")] {
            book.take(id, "", conversation);
        }
    }

    #[test]
    fn a_message_without_an_id_is_refused() {
        assert_eq!(book().offer("", "a", "c"), Verdict::Refused);
    }

    #[test]
    fn nothing_is_left_of_whom_all_was_worked_off() {
        let mut book = book();
        let number = book.take("1", "a", "c");
        book.strike(number);
        book.strike(number);
        assert!(book.senders.is_empty() && book.conversations.is_empty() && book.numbers.is_empty());
    }

    #[test]
    fn what_the_store_does_not_have_is_struck_out() {
        let mut book = book();
        let (kept, lost) = (book.take("1", "a", "c"), book.take("2", "b", "c"));
        book.keep(&[kept]);
        assert!(book.has(kept) && !book.has(lost));
        book.take("2", "b", "c");
    }
}
