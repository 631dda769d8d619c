//! Which messages are being answered: their files are in use.

use super::tag::MessageTag;
use std::{
    collections::{HashMap, HashSet},
    time::{Duration, Instant},
};

/// A turn that does not end gives its files up after so long.
pub(super) const LONGEST: Duration = Duration::from_hours(24);
/// How long files stay after a whole message that may have been all of the answer.
const QUIET: Duration = Duration::from_hours(1);
/// Messages that are remembered. Beyond it those whose time ends first are given up.
const MOST: usize = 10_000;

/// The messages whose files are in use.
#[derive(Debug, Default)]
pub(super) struct Leases(HashMap<MessageTag, Lease>);

#[derive(Debug)]
struct Lease {
    /// The answers to the message that grow. Several runs may answer one message.
    answers: HashSet<String>,
    until: Instant,
    /// Earlier, if nothing more is heard of the message.
    quiet: Option<Instant>,
}

impl Lease {
    fn holds(&self, now: Instant) -> bool {
        self.until > now && self.quiet.is_none_or(|quiet| quiet > now)
    }
}

impl Leases {
    /// A file of the message is wanted, or was when an earlier process ended, until `until`.
    pub(super) fn take(&mut self, message: MessageTag, until: Instant, now: Instant) {
        self.of(message, until, now).quiet = None;
    }

    /// An answer to the message grows, and may come to want its files.
    pub(super) fn begun(&mut self, message: MessageTag, answer: &str, now: Instant) {
        let lease = self.of(message, now + LONGEST, now);
        lease.quiet = None;
        if !lease.answers.contains(answer) {
            lease.answers.insert(answer.to_owned());
        }
    }

    /// An answer has ended. With the last one the files are free.
    pub(super) fn ended(&mut self, message: &MessageTag, answer: &str) {
        let Some(lease) = self.0.get_mut(message) else { return };
        lease.answers.remove(answer);
        if lease.answers.is_empty() {
            self.0.remove(message);
        }
    }

    /// A whole message answered it, and ends the turn if `is_last`. Where no answer grows besides, the files
    /// are free then; else an hour later, for the turn may go on.
    pub(super) fn spoken(&mut self, message: &MessageTag, is_last: bool, now: Instant) {
        let Some(lease) = self.0.get_mut(message).filter(|lease| lease.answers.is_empty()) else { return };
        if is_last {
            self.0.remove(message);
        } else {
            lease.quiet = Some(now + QUIET);
        }
    }

    /// The messages whose files must stay.
    pub(super) fn held(&mut self, now: Instant) -> HashSet<MessageTag> {
        self.0.retain(|_, lease| lease.holds(now));
        self.0.keys().cloned().collect()
    }

    /// The lease of the message, or a new one until `until`: none gets longer.
    fn of(&mut self, message: MessageTag, until: Instant, now: Instant) -> &mut Lease {
        if self.0.len() >= MOST && !self.0.contains_key(&message) {
            self.0.retain(|_, lease| lease.holds(now));
            let first =
                self.0.iter().min_by_key(|(_, lease)| lease.until).map(|(message, _)| message.clone());
            if let Some(first) = first.filter(|_| self.0.len() >= MOST) {
                tracing::warn!(
                    "more than {MOST} messages are being answered: files of the oldest may go early"
                );
                self.0.remove(&first);
            }
        }
        self.0.entry(message).or_insert_with(|| Lease { answers: HashSet::new(), until, quiet: None })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(name: &str) -> MessageTag {
        MessageTag::of(name)
    }

    #[test]
    fn files_are_held_from_the_fetch_to_the_end_of_the_answer() {
        let (mut leases, now) = (Leases::default(), crate::clock::now());
        leases.take(message("m"), now + LONGEST, now);
        leases.begun(message("m"), "answer", now);
        assert!(leases.held(now).contains(&message("m")));
        leases.ended(&message("m"), "answer");
        assert!(leases.held(now).is_empty());
    }

    #[test]
    fn with_two_answers_to_one_message_the_second_still_has_its_files_when_the_first_ends() {
        let (mut leases, now) = (Leases::default(), crate::clock::now());
        leases.begun(message("m"), "one", now);
        leases.take(message("m"), now + LONGEST, now);
        leases.begun(message("m"), "two", now);
        leases.ended(&message("m"), "one");
        assert!(leases.held(now).contains(&message("m")));
        leases.ended(&message("m"), "two");
        assert!(leases.held(now).is_empty());
    }

    #[test]
    fn a_whole_message_that_ends_the_turn_frees_the_files_and_any_other_one_an_hour_later() {
        let (mut leases, now) = (Leases::default(), crate::clock::now());
        for name in ["last", "perhaps", "goes on"] {
            leases.take(message(name), now + LONGEST, now);
            leases.spoken(&message(name), name == "last", now);
        }
        assert_eq!(leases.held(now), HashSet::from(["perhaps", "goes on"].map(message)));
        leases.take(message("goes on"), now + LONGEST, now);
        assert_eq!(leases.held(now + QUIET), HashSet::from([message("goes on")]));
    }

    #[test]
    fn a_whole_message_beside_an_answer_that_grows_frees_nothing() {
        let (mut leases, now) = (Leases::default(), crate::clock::now());
        leases.begun(message("m"), "answer", now);
        for is_last in [false, true] {
            leases.spoken(&message("m"), is_last, now);
            assert!(leases.held(now + QUIET).contains(&message("m")));
        }
    }

    #[test]
    fn a_turn_that_never_ends_gives_its_files_up_after_a_day() {
        let (mut leases, now) = (Leases::default(), crate::clock::now());
        leases.begun(message("m"), "answer", now);
        let later = now + Duration::from_hours(20);
        leases.begun(message("m"), "answer", later); // it still grows
        leases.take(message("m"), later + LONGEST, later);
        assert_eq!(leases.held(now + LONGEST - Duration::from_secs(1)).len(), 1);
        assert!(leases.held(now + LONGEST).is_empty());
    }

    #[test]
    fn the_memory_is_bounded() {
        let (mut leases, now) = (Leases::default(), crate::clock::now());
        for number in 0..MOST + 5 {
            let until = now + Duration::from_secs(1 + number as u64);
            leases.take(message(&number.to_string()), until, now);
        }
        let held = leases.held(now);
        assert_eq!(held.len(), MOST);
        assert!(!held.contains(&message("0")) && held.contains(&message("5")));
    }
}
