//! Which messages wait for JavaScript, in which order.

use host_sdk::inbox::Waiting;
use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Where the line is kept: the writers' threads add to it, and JavaScript takes from it.
#[derive(Debug, Default)]
pub(crate) struct Desk(Mutex<Line>);

impl Desk {
    pub(crate) fn line(&self) -> MutexGuard<'_, Line> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is not finished, by number, and what of it was not taken yet. As many as the inbox's cap allows.
#[derive(Debug, Default)]
pub(crate) struct Line {
    unfinished: BTreeMap<u64, Arc<Waiting>>,
    waiting: VecDeque<u64>,
}

impl Line {
    /// Puts a message at the end.
    pub(crate) fn join(&mut self, message: Arc<Waiting>) {
        self.waiting.push_back(message.number());
        self.unfinished.insert(message.number(), message);
    }

    /// Puts what an earlier process left, oldest first, before all that came since.
    pub(crate) fn join_before(&mut self, left: Vec<Arc<Waiting>>) {
        for message in left.into_iter().rev() {
            self.waiting.push_front(message.number());
            self.unfinished.insert(message.number(), message);
        }
    }

    /// Takes the next one. One that was finished meanwhile is passed over.
    pub(crate) fn next(&mut self) -> Option<Arc<Waiting>> {
        while let Some(number) = self.waiting.pop_front() {
            if let Some(message) = self.unfinished.get(&number) {
                return Some(message.clone());
            }
        }
        None
    }

    /// The message of a number, unless it is finished.
    pub(crate) fn find(&self, number: i64) -> Option<Arc<Waiting>> {
        self.unfinished.get(&u64::try_from(number).ok()?).cloned()
    }

    /// Takes a message out for good, whether or not it was taken before.
    pub(crate) fn finish(&mut self, number: i64) -> Option<Arc<Waiting>> {
        self.unfinished.remove(&u64::try_from(number).ok()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use host_sdk::{
        Done, InboundMessage,
        inbox::{Inbox, Listener, Settings, Writers},
    };
    use std::{sync::mpsc, time::Duration};

    struct Told(mpsc::Sender<Arc<Waiting>>);

    impl Listener for Told {
        fn waiting(&self, message: Arc<Waiting>) {
            self.0.send(message).unwrap();
        }
    }

    /// Messages as an inbox gives them, in order.
    fn messages(ids: &[&str]) -> Vec<Arc<Waiting>> {
        let folder = tempfile::tempdir().unwrap();
        let writers = Writers::start(1).unwrap();
        let (tell, told) = mpsc::channel();
        let file = folder.path().join("inbox.redb");
        let (inbox, _) = Inbox::open(file, Settings::default(), &writers, Told(tell)).unwrap();
        for id in ids {
            let message = InboundMessage { id: (*id).into(), ..InboundMessage::default() };
            inbox.offer(message, Done::new(drop));
        }
        let messages = ids.iter().map(|_| told.recv_timeout(Duration::from_secs(60)).unwrap()).collect();
        inbox.close().wait(Duration::from_secs(60)).unwrap();
        messages
    }

    fn number(message: &Waiting) -> i64 {
        i64::try_from(message.number()).unwrap()
    }

    #[test]
    fn what_an_earlier_process_left_goes_first_and_in_its_order() {
        let messages = messages(&["old", "older still unfinished", "new"]);
        let mut line = Line::default();
        line.join(messages[2].clone());
        line.join_before(messages[..2].to_vec());
        let ids: Vec<_> = std::iter::from_fn(|| line.next()).map(|message| message.id.clone()).collect();
        assert_eq!(ids, ["old", "older still unfinished", "new"]);
    }

    #[test]
    fn a_message_is_taken_once_and_found_until_it_is_finished() {
        let messages = messages(&["m"]);
        let mut line = Line::default();
        line.join(messages[0].clone());
        assert!(line.next().is_some() && line.next().is_none());
        let number = number(&messages[0]);
        assert!(line.find(number).is_some());
        assert!(line.finish(number).is_some());
        assert!(line.finish(number).is_none() && line.find(number).is_none());
        assert!(line.find(-1).is_none());
    }

    #[test]
    fn what_was_finished_before_its_turn_came_is_passed_over() {
        let messages = messages(&["a", "b"]);
        let mut line = Line::default();
        messages.iter().cloned().for_each(|message| line.join(message));
        line.finish(number(&messages[0]));
        assert_eq!(line.next().unwrap().id, "b");
    }
}
