//! A terminal, with a person at it who reads what is on it before they type.

use crate::program::Home;
use rustix::{
    fs::{Mode, OFlags, open},
    io::{FdFlags, fcntl_setfd},
    pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt},
    termios::{Winsize, tcsetwinsize},
};
use std::{
    fs::File,
    io::{Read, Write},
    process::Child,
    sync::mpsc::{self, Receiver},
    time::{Duration, Instant},
};

/// No person is as patient; only a hanging test is.
const HANGING: Duration = Duration::from_secs(60);

/// A program at a terminal; ended when dropped.
pub(crate) struct Terminal {
    child: Child,
    keyboard: File,
    screen: Receiver<Vec<u8>>,
    seen: String,
    /// Up to where it was read.
    read: usize,
}

impl Terminal {
    /// Runs a command at a terminal of so many columns.
    pub(crate) fn run(home: &Home, words: &[&str], columns: u16) -> Self {
        // Neither side is for other programs that tests start meanwhile: who has the other one keeps the end unseen.
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        fcntl_setfd(&master, FdFlags::CLOEXEC).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let name = ptsname(&master, Vec::new()).unwrap();
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
        let slave = File::from(open(name, flags, Mode::empty()).unwrap());
        tcsetwinsize(&slave, Winsize { ws_row: 60, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 }).unwrap();
        let mut command = home.command(words);
        command.env_remove("NO_COLOR");
        command.stdin(slave.try_clone().unwrap()).stdout(slave.try_clone().unwrap()).stderr(slave);
        let child = command.spawn().unwrap();
        drop(command); // and with it the terminal's other side, so that the end is seen
        let keyboard = File::from(master);
        let mut shown = keyboard.try_clone().unwrap();
        let (show, screen) = mpsc::channel();
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            // At the end some systems say so by an error.
            while let Ok(count @ 1..) = shown.read(&mut buffer) {
                if show.send(buffer[..count].to_vec()).is_err() {
                    return;
                }
            }
        });
        Self { child, keyboard, screen, seen: String::new(), read: 0 }
    }

    /// Reads on until `words` have come; what came until then.
    #[track_caller]
    pub(crate) fn read_until(&mut self, words: &str) -> String {
        let until = Instant::now() + HANGING;
        loop {
            if let Some(at) = self.seen[self.read..].find(words) {
                let end = self.read + at + words.len();
                let read = self.seen[self.read..end].to_owned();
                self.read = end;
                return read;
            }
            match self.screen.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(bytes) => self.seen.push_str(&String::from_utf8_lossy(&bytes)),
                Err(_) => panic!("{words:?} does not come in {}", &self.seen[self.read..]),
            }
        }
    }

    /// Types a line.
    pub(crate) fn type_line(&mut self, line: &str) {
        self.keyboard.write_all(format!("{line}\n").as_bytes()).unwrap();
    }

    /// Waits for the end: all that was ever on the screen, and the exit code.
    pub(crate) fn end(mut self) -> (String, i32) {
        let until = Instant::now() + HANGING;
        while let Ok(bytes) = self.screen.recv_timeout(until.saturating_duration_since(Instant::now())) {
            self.seen.push_str(&String::from_utf8_lossy(&bytes));
        }
        let code = self.child.wait().unwrap().code().unwrap_or(-1);
        (std::mem::take(&mut self.seen), code)
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}
