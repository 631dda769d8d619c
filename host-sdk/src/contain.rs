//! Panics stop here, on either side, also those of what a panic leaves behind.

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
};

/// Calls `work`; `Err` is what it panicked with, as text.
pub(crate) fn contained<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(text_of)
}

/// What a panic said.
fn text_of(panic: Box<dyn Any + Send>) -> String {
    let said = panic.downcast_ref::<String>().map(String::as_str);
    let said = said.or_else(|| panic.downcast_ref::<&'static str>().copied());
    let text = said.unwrap_or("(no message)").to_owned();
    // What is thrown may be any value, and its end a panic of its own.
    if let Err(another) = catch_unwind(AssertUnwindSafe(|| drop(panic))) {
        std::mem::forget(another); // and so on; a few bytes are the lesser loss
    }
    text
}

/// Somebody else's value whose `Drop` may panic, where that would end the process.
#[cfg(any(feature = "channel", feature = "host"))]
pub(crate) struct Contained<T>(Option<T>);

#[cfg(any(feature = "channel", feature = "host"))]
impl<T> Contained<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(Some(value))
    }
}

#[cfg(any(feature = "channel", feature = "host"))]
impl<T> std::ops::Deref for Contained<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.0.as_ref().expect("only `drop` takes it")
    }
}

#[cfg(any(feature = "channel", feature = "host"))]
impl<T> Drop for Contained<T> {
    fn drop(&mut self) {
        let value = self.0.take();
        // Nobody is left to be told; the panic hook has logged it.
        let _panicked = contained(|| drop(value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::panic::panic_any;

    /// Panics when it is dropped, with another of its kind while there are any.
    struct Bomb(u8);

    impl Drop for Bomb {
        fn drop(&mut self) {
            match self.0 {
                0 => panic!("the last one"),
                left => panic_any(Self(left - 1)),
            }
        }
    }

    #[test]
    fn a_panic_is_told_by_what_it_said() {
        assert_eq!(contained(|| 7), Ok(7));
        assert_eq!(contained(|| panic!("plain")), Err::<(), _>("plain".to_owned()));
        assert_eq!(contained(|| panic!("number {}", 7)), Err::<(), _>("number 7".to_owned()));
        assert_eq!(contained(|| panic_any(7)), Err::<(), _>("(no message)".to_owned()));
    }

    #[test]
    fn what_a_panic_leaves_may_panic_when_it_is_dropped() {
        for left in 0..3 {
            assert_eq!(contained(|| panic_any(Bomb(left))), Err::<(), _>("(no message)".to_owned()));
        }
    }

    #[cfg(any(feature = "channel", feature = "host"))]
    #[test]
    fn a_value_that_panics_when_it_is_dropped_takes_nobody_with_it() {
        drop(Contained::new(Bomb(1)));
    }
}
