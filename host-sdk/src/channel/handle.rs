//! The way back to the host.

use super::{Tasks, tasks::NoThread};
use crate::{
    abi::{Crossing, HostBox, RawLogLine},
    contain::contained,
    done::Done,
    export::{Repeats, caught, within},
    value::{Accepted, Action, ActionAnswer, ChannelError, ErrorCode, InboundMessage, Result, StatusPatch},
};
use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{runtime::Handle, sync::oneshot};
use tracing::callsite::Identifier;

/// Until a thread may be there for what found none.
const NO_THREAD_RETRY: Duration = Duration::from_secs(5);

/// The host, as a channel sees it. Clone it into tasks.
#[derive(Clone)]
pub struct Host(Arc<Inner>);

struct Inner {
    raw: HostBox,
    tasks: Tasks,
    /// What the channel has logged of late.
    repeats: Mutex<Repeats<Identifier>>,
}

impl Host {
    pub(crate) fn new(raw: HostBox) -> Self {
        Self(Arc::new(Inner { raw, tasks: Tasks::default(), repeats: Mutex::default() }))
    }

    /// Hands a message over. Once this says `New` or `Duplicate` the host has it for good, and the
    /// platform may be told so; after `Refused` it has to be offered again.
    pub async fn receive(&self, message: InboundMessage) -> Accepted {
        let (done, answer) = asking::<Accepted>();
        self.0.raw.receive(message.into_raw(), done.into_raw());
        answer.await.ok().and_then(Result::ok).unwrap_or(Accepted::Refused)
    }

    /// As [`receive`](Self::receive), for what must not wait for a task to be woken: `answered` is
    /// called with the host's answer, on the host's thread, before the host goes on. It must not
    /// block. It is called once, also if the host never answers.
    pub fn receive_then(&self, message: InboundMessage, answered: impl FnOnce(Accepted) + Send + 'static) {
        let done = Done::<Accepted>::new(move |answer| answered(answer.unwrap_or(Accepted::Refused)));
        self.0.raw.receive(message.into_raw(), done.into_raw());
    }

    /// Hands an action over, and waits for what the host makes of it.
    ///
    /// # Errors
    /// When the host does not answer.
    pub async fn action(&self, action: Action) -> Result<ActionAnswer> {
        let (done, answer) = asking::<ActionAnswer>();
        self.0.raw.action(action.into_raw(), done.into_raw());
        answer
            .await
            .unwrap_or_else(|_| Err(ChannelError::new(ErrorCode::Cancelled, "the host did not answer")))
    }

    /// Reports a change of the channel's status.
    pub fn status(&self, patch: StatusPatch) {
        if !patch.is_empty() {
            self.0.raw.status(patch.into_raw());
        }
    }

    /// Runs a task beside the calls, until it ends or the channel stops. If it panics the host
    /// hears of it through the status, and nothing else breaks; if it keeps the channel from
    /// stopping, it is named.
    ///
    /// Must be called on the library's runtime, that is from any of the channel's futures;
    /// elsewhere the task is not run and the status says so.
    pub fn spawn(&self, name: &'static str, task: impl Future<Output = ()> + Send + 'static) {
        let Ok(runtime) = Handle::try_current() else {
            return self.report(&format!("`{name}` was spawned outside of the runtime and did not run"));
        };
        let host = self.clone();
        // Most of what is put around a future has room for it twice: a large one would take several times its size.
        let task: Pin<Box<dyn Future<Output = ()> + Send>> = Box::pin(task);
        self.tasks().spawn(
            name,
            &runtime,
            within(self.clone(), async move {
                if let Err(panic) = caught(task).await {
                    host.report(&format!("`{name}` panicked: {panic}"));
                }
            }),
        );
    }

    /// Runs `work` on a thread where it may block, and waits for what it makes.
    ///
    /// # Errors
    /// `Busy` when the system gives no thread for it: it has not run. `Panicked` when it panics, and `Cancelled`
    /// when the runtime ends first.
    pub async fn blocking<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let host = self.clone();
        let work = move || contained(|| crate::export::within_sync(&host, work));
        let begun = self.tasks().spawn_blocking("blocking work", &Handle::current(), work);
        let ended = begun.map_err(|NoThread| no_thread())?.await.ok().flatten();
        let ended = ended.ok_or_else(|| ChannelError::new(ErrorCode::Cancelled, "the runtime has ended"))?;
        let panicked = |panic| format!("blocking work panicked: {panic}");
        ended.map_err(|panic| ChannelError::new(ErrorCode::Panicked, panicked(panic)))
    }

    /// Logs an error of the plugin's own and puts it into the status.
    pub(crate) fn report(&self, sentence: &str) {
        crate::export::within_sync(self, || tracing::error!("{sentence}"));
        self.status(StatusPatch::new().last_error(Some(sentence.to_owned())));
    }

    pub(crate) fn log(&self, line: &RawLogLine<'_>) {
        self.0.raw.log(line);
    }

    pub(crate) fn repeats(&self) -> &Mutex<Repeats<Identifier>> {
        &self.0.repeats
    }

    pub(crate) fn tasks(&self) -> &Tasks {
        &self.0.tasks
    }
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Host")
    }
}

fn no_thread() -> ChannelError {
    let what = "the system gives no further thread for work on files: raise the limit of processes and threads \
                (`ulimit -u`, a container's `pids.max`), or free memory";
    ChannelError::new(ErrorCode::Busy, what).retry_after(NO_THREAD_RETRY)
}

/// An answer that is owed, and the place where it will arrive.
fn asking<T: Crossing + Send + 'static>() -> (Done<T>, oneshot::Receiver<Result<T>>) {
    let (tell, told) = oneshot::channel();
    // The receiver may be gone by then: the task that asked was ended.
    (Done::new(move |answer| drop(tell.send(answer))), told)
}
