//! An answer on its way.

use crate::contain::contained;
use crate::value::{ChannelError, ErrorCode, Result};
use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
    time::Duration,
};

/// An answer on its way: await it, wait for it, or have it handed over with [`then`](Self::then).
///
/// Dropping it loses interest in the answer; what was asked for goes on.
#[must_use = "this is where a failure arrives"]
pub struct Pending<T>(Arc<Slot<T>>);

pub(crate) struct Slot<T> {
    state: Mutex<State<T>>,
    arrived: Condvar,
}

enum State<T> {
    Empty(Option<Waker>),
    Then(Box<dyn FnOnce(Result<T>) + Send>),
    Full(Result<T>),
    Taken,
}

impl<T> State<T> {
    fn take(&mut self) -> Option<Result<T>> {
        match std::mem::replace(self, Self::Taken) {
            Self::Full(answer) => Some(answer),
            other => {
                *self = other;
                None
            }
        }
    }

    /// Has `waker` told of the answer, or nobody. What comes back is others' code, to be dropped without the lock.
    fn tell(&mut self, waker: Option<Waker>) -> Option<Waker> {
        match self {
            Self::Empty(told) => std::mem::replace(told, waker),
            _ => waker,
        }
    }
}

impl<T> Slot<T> {
    /// Puts the answer in; the first one counts. Whoever is told may panic: that is theirs alone,
    /// others may still have to be answered by the same thread.
    pub(crate) fn fill(&self, answer: Result<T>) {
        let mut state = self.state();
        match std::mem::replace(&mut *state, State::Taken) {
            State::Empty(waker) => {
                *state = State::Full(answer);
                drop(state);
                match waker {
                    Some(waker) => drop(contained(|| waker.wake())),
                    None => self.arrived.notify_all(),
                }
            }
            State::Then(hand_over) => {
                drop(state);
                let _panicked = contained(|| hand_over(answer));
            }
            answered => *state = answered,
        }
    }

    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Pending<T> {
    pub(crate) fn new() -> (Self, Arc<Slot<T>>) {
        let slot = Arc::new(Slot { state: Mutex::new(State::Empty(None)), arrived: Condvar::new() });
        (Self(slot.clone()), slot)
    }

    /// An answer that is there already.
    pub(crate) fn ready(answer: Result<T>) -> Self {
        let (pending, slot) = Self::new();
        slot.fill(answer);
        pending
    }

    /// Hands the answer to `hand_over`, on whichever thread brings it. It must not block.
    pub fn then(self, hand_over: impl FnOnce(Result<T>) + Send + 'static) {
        let mut state = self.0.state();
        match state.take() {
            Some(answer) => {
                drop(state);
                hand_over(answer);
            }
            None => {
                let asked_before = std::mem::replace(&mut *state, State::Then(Box::new(hand_over)));
                drop(state);
                drop(asked_before);
            }
        }
    }

    /// Blocks until the answer is there.
    ///
    /// # Errors
    /// What was answered, or `Timeout` when nothing was in `time`.
    pub fn wait(self, time: Duration) -> Result<T> {
        let mut state = self.0.state();
        // Who asked before, by a task, is not there any more: this thread is to be told.
        let asked_before = state.tell(None);
        let waited = self.0.arrived.wait_timeout_while(state, time, |state| matches!(state, State::Empty(_)));
        let mut state = waited.unwrap_or_else(PoisonError::into_inner).0;
        let answer = state.take();
        drop(state);
        drop(asked_before);
        let late = || Err(ChannelError::new(ErrorCode::Timeout, format!("no answer within {time:?}")));
        answer.unwrap_or_else(late)
    }
}

impl<T> Future for Pending<T> {
    type Output = Result<T>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<T>> {
        let waker = context.waker().clone();
        let mut state = self.0.state();
        let answer = state.take();
        // Whoever polls on after the answer waits for ever, as with any future; a second answer must
        // not reach them.
        let not_told = state.tell(Some(waker));
        drop(state);
        drop(not_told);
        answer.map_or(Poll::Pending, Poll::Ready)
    }
}

impl<T> fmt::Debug for Pending<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pending")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{sync::mpsc, task::Wake, thread, time::Instant};

    /// For what takes moments.
    const PATIENCE: Duration = Duration::from_secs(60);
    /// Longer than any test: whoever waits so long and returns was told.
    const AN_HOUR: Duration = Duration::from_secs(3_600);

    #[test]
    fn the_first_answer_counts() {
        let (pending, slot) = Pending::new();
        slot.fill(Ok(1));
        slot.fill(Ok(2));
        assert_eq!(pending.wait(Duration::ZERO), Ok(1));
    }

    #[test]
    fn a_panic_of_whoever_is_told_goes_no_further() {
        let (pending, slot) = Pending::<u8>::new();
        pending.then(|_| panic!("as told"));
        slot.fill(Ok(1));
    }

    #[test]
    fn an_answer_is_handed_over_whether_it_comes_before_or_after() {
        let (tell, told) = mpsc::channel();
        let (early, late) = (tell.clone(), tell);
        let (pending, slot) = Pending::new();
        slot.fill(Ok(1));
        pending.then(move |answer| early.send(answer).unwrap());
        let (pending, slot) = Pending::new();
        pending.then(move |answer| late.send(answer).unwrap());
        slot.fill(Ok(2));
        assert_eq!(told.iter().collect::<Vec<_>>(), [Ok(1), Ok(2)]);
    }

    #[test]
    fn an_answer_is_given_once_however_often_it_is_asked_for() {
        let mut context = Context::from_waker(Waker::noop());
        let (mut pending, slot) = Pending::new();
        slot.fill(Ok(1));
        assert_eq!(Pin::new(&mut pending).poll(&mut context), Poll::Ready(Ok(1)));
        assert_eq!(Pin::new(&mut pending).poll(&mut context), Poll::Pending);
        slot.fill(Ok(2));
        assert_eq!(Pin::new(&mut pending).poll(&mut context), Poll::Pending);
    }

    #[test]
    fn a_thread_that_waits_is_told_although_a_task_had_asked_before() {
        let (mut pending, slot) = Pending::new();
        let asked = Pin::new(&mut pending).poll(&mut Context::from_waker(Waker::noop()));
        assert_eq!(asked, Poll::Pending);
        let (report, reported) = mpsc::channel();
        thread::spawn(move || report.send(pending.wait(AN_HOUR)));
        until_a_thread_waits(&slot);
        slot.fill(Ok(1));
        assert_eq!(reported.recv_timeout(PATIENCE), Ok(Ok(1)), "who waits is told");
    }

    /// It gives up the lock only to wait, having put the task aside.
    fn until_a_thread_waits<T>(slot: &Slot<T>) {
        let end = Instant::now() + PATIENCE;
        while matches!(*slot.state(), State::Empty(Some(_))) {
            assert!(Instant::now() < end, "nobody waits");
            thread::yield_now();
        }
    }

    /// A task that, when it is let go, asks something of the slot.
    struct Inquisitive(Arc<Slot<u8>>, mpsc::Sender<bool>);

    impl Wake for Inquisitive {
        fn wake(self: Arc<Self>) {}
    }

    impl Drop for Inquisitive {
        fn drop(&mut self) {
            // Nobody may listen any more.
            self.1.send(self.0.state.try_lock().is_ok()).ok();
        }
    }

    #[test]
    fn a_task_that_is_not_told_any_more_is_let_go_without_the_lock() {
        let polled_on = |mut pending: Pending<u8>| {
            let asked = Pin::new(&mut pending).poll(&mut Context::from_waker(Waker::noop()));
            assert_eq!(asked, Poll::Pending);
        };
        let handed_over = |pending: Pending<u8>| pending.then(|_| {});
        let waited = |pending: Pending<u8>| assert!(pending.wait(Duration::ZERO).is_err());
        for instead in [polled_on as fn(Pending<u8>), handed_over, waited] {
            let (mut pending, slot) = Pending::new();
            let (tell, told) = mpsc::channel();
            let waker = Waker::from(Arc::new(Inquisitive(slot, tell)));
            assert_eq!(Pin::new(&mut pending).poll(&mut Context::from_waker(&waker)), Poll::Pending);
            drop(waker);
            instead(pending);
            assert_eq!(told.try_recv(), Ok(true), "the lock was free");
        }
    }

    #[test]
    fn waiting_for_too_long_is_a_timeout() {
        let (pending, _slot) = Pending::<u8>::new();
        assert_eq!(pending.wait(Duration::ZERO).unwrap_err().code, ErrorCode::Timeout);
    }
}
