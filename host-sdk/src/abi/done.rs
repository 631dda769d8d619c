//! The answer to a call, as it crosses.

use crate::value::{ChannelError, ErrorCode, raw::RawChannelError};
use crate::{abi::Crossing, contain::contained};
use abi_stable::{StableAbi, std_types::RResult};
use std::{ffi::c_void, mem::ManuallyDrop};

/// What crosses when a call is answered.
pub type RawOutcome<T> = RResult<T, RawChannelError>;

/// The answer to one call, owed exactly once: dropping it answers `Cancelled`.
///
/// Two words: the asker's closure, boxed on the asker's side, and the asker's function that calls
/// and frees it. So memory is freed by the side that made it.
#[repr(C)]
#[derive(StableAbi)]
pub struct RawDone<T> {
    asker: *mut c_void,
    answer: unsafe extern "C" fn(*mut c_void, RawOutcome<T>),
}

// SAFETY: `asker` is a `Box<F>` with `F: Send` (see `new`), and only `resolve` and `drop`, which
// own `self`, ever touch it.
unsafe impl<T> Send for RawDone<T> {}
// SAFETY: there is nothing to do with a `&RawDone`.
unsafe impl<T> Sync for RawDone<T> {}

impl<T> RawDone<T> {
    pub fn new<F>(asker: F) -> Self
    where
        F: FnOnce(RawOutcome<T>) + Send + 'static,
    {
        /// # Safety
        /// `asker` is a `Box<F>` that nobody uses afterwards.
        unsafe extern "C" fn answer<T, F>(asker: *mut c_void, outcome: RawOutcome<T>)
        where
            F: FnOnce(RawOutcome<T>),
        {
            // SAFETY: the caller's promise; `asker` came from `Box::into_raw` below.
            let asker = unsafe { Box::from_raw(asker.cast::<F>()) };
            // An unwind must not leave an `extern "C"` function; the asker has nobody to tell.
            let _panicked = contained(|| asker(outcome));
        }
        Self { asker: Box::into_raw(Box::new(asker)).cast(), answer: answer::<T, F> }
    }

    pub fn resolve(self, outcome: RawOutcome<T>) {
        let this = ManuallyDrop::new(self);
        // SAFETY: `self` is owned and not dropped, so this is the only use of `asker`.
        unsafe { (this.answer)(this.asker, outcome) }
    }

    /// The default of a method that came after 1.0: what its caller hears from a peer built before.
    pub fn unsupported(self, what: &str) {
        self.resolve(RResult::RErr(ChannelError::unsupported(what).into_raw()));
    }
}

impl<T> Drop for RawDone<T> {
    fn drop(&mut self) {
        let error = ChannelError::new(ErrorCode::Cancelled, "it ended without an answer");
        // SAFETY: `resolve` forgets `self`, so nobody has answered yet, and nobody will after.
        unsafe { (self.answer)(self.asker, RResult::RErr(error.into_raw())) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    #[test]
    fn an_answer_arrives_once() {
        let (tell, told) = mpsc::channel();
        RawDone::new(move |outcome: RawOutcome<u64>| tell.send(outcome.into_result().unwrap_or(0)).unwrap())
            .resolve(RResult::ROk(7));
        assert_eq!(told.iter().collect::<Vec<_>>(), [7]);
    }

    #[test]
    fn dropping_it_answers_cancelled() {
        let (tell, told) = mpsc::channel();
        drop(RawDone::new(move |outcome: RawOutcome<u64>| {
            tell.send(outcome.into_result().err().map(|error| error.code())).unwrap();
        }));
        assert_eq!(told.recv().unwrap(), Some(ErrorCode::Cancelled));
    }

    #[test]
    fn a_method_that_the_peer_does_not_know_answers_unsupported() {
        let (tell, told) = mpsc::channel();
        RawDone::<u64>::new(move |outcome| {
            tell.send(outcome.into_result().err().map(|error| error.code())).unwrap();
        })
        .unsupported("recall");
        assert_eq!(told.recv().unwrap(), Some(ErrorCode::Unsupported));
    }

    #[test]
    fn a_panicking_asker_does_not_unwind_into_the_other_side() {
        RawDone::new(|_: RawOutcome<u64>| panic!("asker")).resolve(RResult::ROk(1));
    }
}
