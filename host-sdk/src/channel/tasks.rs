//! The tasks of one channel, by name, so that all of them can be ended and waited for.

use crate::contain::contained;
use std::{
    collections::BTreeMap,
    future::Future,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{runtime::Handle, task::JoinHandle};
use tokio_util::sync::CancellationToken;

/// Everything that runs for one channel. Waiting for it takes no worker, so that a stuck one does
/// not keep anybody from finding out.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tasks(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    state: Mutex<State>,
    idle: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// Ends what was begun since the last renewal.
    end: CancellationToken,
    /// How many there are of each name.
    names: BTreeMap<&'static str, usize>,
    count: usize,
}

/// The system gives no further thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NoThread;

/// One task that is there. Dropped last of all that the task has.
struct Present {
    tasks: Tasks,
    name: &'static str,
}

impl Tasks {
    pub(crate) fn spawn(
        &self,
        name: &'static str,
        runtime: &Handle,
        task: impl Future<Output = ()> + Send + 'static,
    ) {
        let (end, present) = self.enter(name);
        runtime.spawn(async move {
            // `None`: ended from outside. The future is dropped, and with it what it owes.
            let _ended = end.run_until_cancelled(task).await;
            drop(present);
        });
    }

    /// `Err`: the system gives no thread for it, and it does not run.
    pub(crate) fn spawn_blocking<T: Send + 'static>(
        &self,
        name: &'static str,
        runtime: &Handle,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<JoinHandle<Option<T>>, NoThread> {
        let (_, present) = self.enter(name);
        let handed_out = Arc::new(Mutex::new(Some((work, present))));
        let take = |from: &Mutex<Option<_>>| from.lock().unwrap_or_else(PoisonError::into_inner).take();
        let taken = Arc::clone(&handed_out);
        let run = move || {
            let (work, present) = take(&taken)?;
            let made = work();
            drop(present);
            Some(made)
        };
        // Without a thread tokio panics, and leaves in its queue what a later thread would run.
        contained(|| runtime.spawn_blocking(run)).map_err(|_| {
            drop(take(&handed_out));
            NoThread
        })
    }

    /// Drops every task at its next await; what is begun from now on does not run.
    pub(crate) fn end(&self) {
        let end = self.state().end.clone();
        end.cancel();
    }

    /// Lets tasks run again after an [`end`](Self::end). Those that were ended stay so, and are
    /// still waited for.
    pub(crate) fn renew(&self) {
        let mut state = self.state();
        if state.end.is_cancelled() {
            state.end = CancellationToken::new();
        }
    }

    /// How many are there.
    pub(crate) fn len(&self) -> usize {
        self.state().count
    }

    /// What is there, for people: `listener, 2 × send`.
    pub(crate) fn names(&self) -> String {
        let written = |(name, count): (&&str, &usize)| match count {
            1 => (*name).to_owned(),
            _ => format!("{count} × {name}"),
        };
        self.state().names.iter().map(written).collect::<Vec<_>>().join(", ")
    }

    /// Blocks until none is there; `false`: some are, after all of `wait`.
    pub(crate) fn gone(&self, wait: Duration) -> bool {
        let waited = self.0.idle.wait_timeout_while(self.state(), wait, |state| state.count > 0);
        waited.unwrap_or_else(PoisonError::into_inner).0.count == 0
    }

    fn enter(&self, name: &'static str) -> (CancellationToken, Present) {
        let mut state = self.state();
        *state.names.entry(name).or_default() += 1;
        state.count += 1;
        (state.end.clone(), Present { tasks: self.clone(), name })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Present {
    fn drop(&mut self) {
        let mut state = self.tasks.state();
        state.count -= 1;
        if let Some(count) = state.names.get_mut(self.name) {
            *count -= 1;
            if *count == 0 {
                state.names.remove(self.name);
            }
        }
        if state.count == 0 {
            self.tasks.0.idle.notify_all();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOON: Duration = Duration::from_secs(60);

    #[tokio::test(flavor = "multi_thread")]
    async fn what_is_there_is_named_until_it_is_gone() {
        let tasks = Tasks::default();
        for name in ["send", "listener", "send"] {
            tasks.spawn(name, &Handle::current(), std::future::pending());
        }
        assert_eq!((tasks.len(), tasks.names().as_str()), (3, "listener, 2 × send"));
        assert!(!tasks.gone(Duration::ZERO));
        tasks.end();
        assert!(tasks.gone(SOON));
        assert_eq!(tasks.names(), "");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn nothing_runs_between_an_end_and_a_renewal() {
        let tasks = Tasks::default();
        let (tell, told) = std::sync::mpsc::channel();
        let say = |word: &'static str| {
            let tell = tell.clone();
            async move { tell.send(word).unwrap() }
        };
        tasks.end();
        tasks.spawn("late", &Handle::current(), say("late"));
        tasks.renew();
        tasks.spawn("next", &Handle::current(), say("next"));
        assert!(tasks.gone(SOON));
        drop(tell);
        assert_eq!(told.iter().collect::<Vec<_>>(), ["next"]);
    }

    /// A runtime whose threads would need more memory for their stacks than there is.
    fn without_threads() -> tokio::runtime::Runtime {
        tokio::runtime::Builder::new_current_thread().thread_stack_size(1 << 60).build().unwrap()
    }

    #[test]
    fn blocking_work_that_gets_no_thread_does_not_run_and_holds_up_no_stop() {
        let (tasks, runtime) = (Tasks::default(), without_threads());
        let (tell, told) = std::sync::mpsc::channel();
        let refused = tasks.spawn_blocking("save", runtime.handle(), move || tell.send("saved").unwrap());
        assert_eq!(refused.map(|_| ()), Err(NoThread));
        assert!(tasks.gone(Duration::ZERO), "{} is still there", tasks.names());
        drop(runtime);
        assert!(told.try_recv().is_err());
    }
}
