//! Callbacks of a plugin pass through a gate, which is closed when its channel has stopped.

use crate::contain::contained;
use std::{
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// Counts the callbacks that are under way and, once closed, lets none in.
#[derive(Debug, Default)]
pub(crate) struct Gate {
    state: Mutex<State>,
    idle: Condvar,
}

#[derive(Debug, Default)]
struct State {
    closed: bool,
    inside: usize,
    /// How many wait until nobody is inside: without one, telling it is a system call for nothing.
    waiting: usize,
}

impl Gate {
    /// Calls `callback`. `None`: the gate is closed, or the callback panicked.
    pub(crate) fn pass<T>(&self, callback: impl FnOnce() -> T) -> Option<T> {
        {
            let mut state = self.state();
            if state.closed {
                return None;
            }
            state.inside += 1;
        }
        let outcome = contained(callback);
        let mut state = self.state();
        state.inside -= 1;
        if state.inside == 0 && state.waiting > 0 {
            self.idle.notify_all();
        }
        outcome.ok()
    }

    pub(crate) fn open(&self) {
        self.state().closed = false;
    }

    /// Lets none in any more and waits until those inside are out; `false`: they were not in time.
    pub(crate) fn close(&self, wait: Duration) -> bool {
        let mut state = self.state();
        state.closed = true;
        state.waiting += 1;
        let waited = self.idle.wait_timeout_while(state, wait, |state| state.inside > 0);
        let mut state = waited.unwrap_or_else(PoisonError::into_inner).0;
        state.waiting -= 1;
        state.inside == 0
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        sync::{Arc, mpsc},
        thread,
        time::Instant,
    };

    /// For what takes moments.
    const PATIENCE: Duration = Duration::from_secs(60);
    /// Longer than any test: whoever waits so long and returns was told.
    const AN_HOUR: Duration = Duration::from_secs(3_600);

    #[test]
    fn a_closed_gate_lets_nothing_in_until_it_is_opened() {
        let gate = Gate::default();
        assert!(gate.close(Duration::ZERO));
        assert_eq!(gate.pass(|| 1), None);
        gate.open();
        assert_eq!(gate.pass(|| 1), Some(1));
    }

    #[test]
    fn closing_waits_for_the_callback_that_is_inside() {
        let gate = Arc::new(Gate::default());
        let (entered, inside) = mpsc::channel();
        let (leave, leaving) = mpsc::channel::<()>();
        let callback = thread::spawn({
            let gate = gate.clone();
            move || {
                gate.pass(|| {
                    entered.send(()).unwrap();
                    leaving.recv().unwrap();
                })
            }
        });
        inside.recv_timeout(PATIENCE).unwrap();
        assert!(!gate.close(Duration::from_millis(1)));
        let (report, reported) = mpsc::channel();
        thread::spawn({
            let gate = gate.clone();
            move || report.send(gate.close(AN_HOUR))
        });
        until_somebody_waits(&gate);
        leave.send(()).unwrap();
        assert_eq!(reported.recv_timeout(PATIENCE), Ok(true), "who waits is told");
        assert_eq!(callback.join().unwrap(), Some(()));
    }

    fn until_somebody_waits(gate: &Gate) {
        let end = Instant::now() + PATIENCE;
        while gate.state().waiting == 0 {
            assert!(Instant::now() < end, "nobody waits");
            thread::yield_now();
        }
    }

    #[test]
    fn a_panicking_callback_is_out_again() {
        let gate = Gate::default();
        assert_eq!(gate.pass(|| -> u8 { panic!("callback") }), None);
        assert!(gate.close(Duration::ZERO));
    }
}
