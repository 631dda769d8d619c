//! Whose turn it is, now or at some time.

use std::{
    collections::{BTreeMap, VecDeque},
    time::Instant,
};

/// A queue of what is to be done now, and of what is to be done later. Is told the time.
#[derive(Debug)]
pub(super) struct Rota<T> {
    now: VecDeque<T>,
    later: BTreeMap<(Instant, u64), T>,
    /// Keeps apart what is due at the same time.
    count: u64,
}

/// What there is to do.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next<T> {
    /// This.
    Do(T),
    /// Nothing before then.
    WaitUntil(Instant),
    /// Nothing.
    Wait,
}

impl<T> Rota<T> {
    pub(super) fn new() -> Self {
        Self { now: VecDeque::new(), later: BTreeMap::new(), count: 0 }
    }

    pub(super) fn put(&mut self, task: T) {
        self.now.push_back(task);
    }

    pub(super) fn put_at(&mut self, at: Instant, task: T) {
        self.count += 1;
        self.later.insert((at, self.count), task);
    }

    /// What is due comes first, lest it wait for ever behind what keeps coming.
    pub(super) fn next(&mut self, now: Instant) -> Next<T> {
        let due = self.later.first_entry().filter(|first| first.key().0 <= now);
        match due.map(|first| first.remove()).or_else(|| self.now.pop_front()) {
            Some(task) => Next::Do(task),
            None => self.later.keys().next().map_or(Next::Wait, |(at, _)| Next::WaitUntil(*at)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn first_come_first_served_and_what_is_due_before_all() {
        let (mut rota, start) = (Rota::new(), Instant::now());
        let [soon, later] = [1, 2].map(|seconds| start + Duration::from_secs(seconds));
        rota.put_at(later, "later");
        rota.put_at(soon, "soon");
        rota.put("a");
        rota.put("b");
        assert_eq!(rota.next(start), Next::Do("a"));
        assert_eq!(rota.next(soon), Next::Do("soon"));
        assert_eq!(rota.next(soon), Next::Do("b"));
        assert_eq!(rota.next(soon), Next::WaitUntil(later));
        assert_eq!(rota.next(later), Next::Do("later"));
        assert_eq!(rota.next(later), Next::Wait);
    }

    #[test]
    fn two_may_be_due_at_the_same_time() {
        let (mut rota, start) = (Rota::new(), Instant::now());
        rota.put_at(start, "a");
        rota.put_at(start, "b");
        assert_eq!([rota.next(start), rota.next(start)], [Next::Do("a"), Next::Do("b")]);
    }
}
