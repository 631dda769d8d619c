//! What calling DingTalk costs: how much was spent, what is left, and what an answer may cost.
//!
//! [`count`] is what was spent in the present day and month, [`level`] what follows from it for
//! answers; both are values that are told the time. [`book`] holds one count for all accounts of an
//! application and keeps it on disk, [`keeper`] does so from time to time.

mod book;
mod calendar;
mod count;
mod keeper;
mod level;

pub(crate) use book::{Budget, Budgets, Standing};
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) use count::any_file;
pub(crate) use keeper::Keeper;
pub(crate) use level::Level;
