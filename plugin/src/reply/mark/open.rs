//! Which messages are worked on, and bear a mark therefore.

use super::super::recent::Recent;
use std::collections::{HashMap, HashSet};
use tokio_util::sync::CancellationToken;

/// Messages that bear a mark at once; one beyond it goes without.
const MOST: usize = 1_000;

/// The messages that are worked on.
#[derive(Debug)]
pub(super) struct Open {
    by_message: HashMap<String, Work>,
    /// These have had their mark.
    done: Recent,
}

#[derive(Debug, Default)]
struct Work {
    /// The answers that are not complete.
    streams: HashSet<String>,
    /// All are.
    end: CancellationToken,
}

impl Open {
    /// None yet.
    pub(super) fn new() -> Self {
        Self { by_message: HashMap::new(), done: Recent::new(MOST) }
    }

    /// The answer `stream` to the message is worked on. If the message is to get a mark now: what
    /// tells when to take it off.
    pub(super) fn begin(&mut self, msg_id: &str, stream: &str) -> Option<CancellationToken> {
        if let Some(work) = self.by_message.get_mut(msg_id) {
            work.streams.insert(stream.to_owned());
            return None;
        }
        if msg_id.is_empty() || self.done.contains(msg_id) || self.by_message.len() >= MOST {
            return None;
        }
        let work = Work { streams: [stream.to_owned()].into(), end: CancellationToken::new() };
        let end = work.end.clone();
        self.by_message.insert(msg_id.to_owned(), work);
        Some(end)
    }

    /// A predecessor has left its mark on the message. It is taken off when told, unless somebody
    /// works on the message by then.
    pub(super) fn adopt(&mut self, msg_id: &str) -> Option<CancellationToken> {
        if self.by_message.contains_key(msg_id) {
            return None;
        }
        let work = Work::default();
        let end = work.end.clone();
        self.by_message.insert(msg_id.to_owned(), work);
        Some(end)
    }

    /// An answer is complete.
    pub(super) fn end(&mut self, msg_id: &str, stream: &str) {
        if let Some(work) = self.by_message.get_mut(msg_id) {
            work.streams.remove(stream);
            self.end_idle(msg_id);
        }
    }

    /// Ends the message's mark, if nobody works on it.
    pub(super) fn end_idle(&mut self, msg_id: &str) {
        if self.by_message.get(msg_id).is_some_and(|work| work.streams.is_empty())
            && let Some(work) = self.by_message.remove(msg_id)
        {
            work.end.cancel();
            self.done.insert(msg_id);
        }
    }

    /// Ends all, for the process ends.
    pub(super) fn end_all(&mut self) {
        for (msg_id, work) in self.by_message.drain() {
            work.end.cancel();
            self.done.insert(&msg_id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_marked_once_until_its_last_answer_is_complete() {
        let mut open = Open::new();
        let end = open.begin("m1", "s1").unwrap();
        assert!(open.begin("m1", "s1").is_none() && open.begin("m1", "s2").is_none());
        open.end("m1", "s1");
        assert!(!end.is_cancelled());
        open.end("m1", "s2");
        assert!(end.is_cancelled());
        assert!(open.begin("m1", "s3").is_none(), "a mark that comes and goes would only cost calls");
    }

    #[test]
    fn a_mark_that_was_left_stays_with_who_goes_on_and_ends_without() {
        let mut open = Open::new();
        let (one, other) = (open.adopt("m1").unwrap(), open.adopt("m2").unwrap());
        assert!(open.begin("m1", "s1").is_none(), "it bears the mark already");
        open.end_idle("m1");
        open.end_idle("m2");
        assert!(!one.is_cancelled() && other.is_cancelled());
        open.end("m1", "s1");
        assert!(one.is_cancelled());
    }

    #[test]
    fn an_end_of_the_process_ends_all() {
        let mut open = Open::new();
        let ends = ["m1", "m2"].map(|id| open.begin(id, "s").unwrap());
        open.end_all();
        assert!(ends.iter().all(CancellationToken::is_cancelled));
    }
}
