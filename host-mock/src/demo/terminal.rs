//! The terminal itself: its size, its echo, what is typed at it, and whether there is one.

use std::io::{self, BufRead, IsTerminal};
use tokio::sync::mpsc;

/// How many lines typed ahead wait to be read.
const AHEAD: usize = 1000;

/// Whether a person sits there who reads and writes.
pub(super) fn is_interactive() -> bool {
    let dumb = std::env::var("TERM").is_ok_and(|term| term == "dumb");
    io::stdin().is_terminal() && io::stdout().is_terminal() && !dumb
}

/// What the person types, line by line, until there is no more. A thread of its own reads it: a
/// read cannot be interrupted, and the process ends without waiting for it.
pub(super) fn typed_lines() -> mpsc::Receiver<String> {
    let (tell, typed) = mpsc::channel(AHEAD);
    std::thread::spawn(move || {
        let lines = io::stdin().lock().lines().map_while(Result::ok);
        lines.take_while(|line| tell.blocking_send(line.clone()).is_ok()).for_each(drop);
    });
    typed
}

/// Columns and rows.
#[cfg(unix)]
pub(super) fn size() -> (usize, usize) {
    match rustix::termios::tcgetwinsize(io::stdout()) {
        Ok(size) if size.ws_col > 0 && size.ws_row > 0 => (size.ws_col.into(), size.ws_row.into()),
        _ => DEFAULT_SIZE,
    }
}

/// Columns and rows.
#[cfg(not(unix))]
pub(super) fn size() -> (usize, usize) {
    DEFAULT_SIZE
}

/// Of a terminal that does not tell.
const DEFAULT_SIZE: (usize, usize) = (80, 24);

/// While this lives, what is typed does not appear: it would run into what is being drawn.
#[derive(Debug)]
pub(super) struct Quiet {
    #[cfg(unix)]
    before: Option<rustix::termios::Termios>,
}

impl Quiet {
    #[cfg(unix)]
    pub(super) fn new() -> Self {
        use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
        let Ok(before) = tcgetattr(io::stdin()) else { return Self { before: None } };
        let mut quiet = before.clone();
        quiet.local_modes.remove(LocalModes::ECHO);
        let done = tcsetattr(io::stdin(), OptionalActions::Now, &quiet);
        Self { before: done.is_ok().then_some(before) }
    }

    #[cfg(not(unix))]
    pub(super) fn new() -> Self {
        Self {}
    }
}

#[cfg(unix)]
impl Drop for Quiet {
    fn drop(&mut self) {
        use rustix::termios::{OptionalActions, tcsetattr};
        if let Some(before) = &self.before {
            // A terminal that is gone needs no echo.
            let _gone = tcsetattr(io::stdin(), OptionalActions::Now, before);
        }
    }
}
