//! Panics of futures stop here.

use crate::contain::contained;
use std::{
    future::{Future, poll_fn},
    pin::pin,
    task::Poll,
};

/// Runs `future`; `Err` is what it panicked with.
pub(crate) async fn caught<F: Future>(future: F) -> Result<F::Output, String> {
    let mut future = pin!(future);
    poll_fn(|context| match contained(|| future.as_mut().poll(context)) {
        Ok(Poll::Pending) => Poll::Pending,
        Ok(Poll::Ready(output)) => Poll::Ready(Ok(output)),
        Err(panic) => Poll::Ready(Err(panic)),
    })
    .await
}
