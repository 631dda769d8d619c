//! Why a claim fails, in its own words.

use std::{cell::RefCell, fmt, panic};

thread_local! {
    /// What the last panic of this thread said: whoever catches it is given less.
    static LAST: RefCell<Option<Failure>> = const { RefCell::new(None) };
}

/// What was expected, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure(String);

impl Failure {
    pub(crate) fn said(text: String) -> Self {
        Self(text)
    }

    /// What the panic said that was caught just now.
    pub(crate) fn last() -> Self {
        let last = LAST.with(RefCell::take);
        last.unwrap_or_else(|| Self("it panicked elsewhere".to_owned()))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Has what panics say kept, beside what is printed of it at once.
pub(crate) fn keeps_what_panics_say() {
    let prints = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        LAST.with(|last| last.replace(Some(Failure(info.to_string()))));
        prints(info);
    }));
}

/// Tells of a claim that fails and of the world that it failed in, in one piece: other stages speak, too.
pub(crate) fn show(name: &str, failure: &Failure, report: &str) {
    println!("\n==== {name} FAILS\n{failure}\n\n{report}\n==== that is what there is of {name}\n");
}
