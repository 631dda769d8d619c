//! OpenClaw's commands at a terminal, before which a person reads what is asked and types an answer.

use crate::home::Home;
use rustix::{
    fs::{Mode, OFlags, open},
    io::{FdFlags, fcntl_setfd},
    pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt},
    termios::{Winsize, tcsetwinsize},
};
use std::{
    fs::File,
    io::{Read, Write},
    process::Stdio,
    thread,
    time::Duration,
};
use tokio::{process::Child, sync::watch, time::timeout};

/// How long the person waits for a question, or for the command to end.
const PATIENCE: Duration = Duration::from_secs(300);

pub(crate) const ENTER: &str = "\r";
pub(crate) const DOWN: &str = "\x1b[B";

/// A command that runs at a terminal of its own; it is killed when dropped.
pub(crate) struct Terminal {
    command: String,
    child: Child,
    keyboard: File,
    /// All that was shown, without what moves the cursor or colours it. Its sender goes with the command.
    screen: watch::Receiver<String>,
    /// How much of that was read, in bytes.
    read: usize,
}

impl Terminal {
    pub(crate) fn runs(home: &Home, arguments: &[&str]) -> Self {
        let controller = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        fcntl_setfd(&controller, FdFlags::CLOEXEC).unwrap();
        grantpt(&controller).unwrap();
        unlockpt(&controller).unwrap();
        // So wide that no question is broken into lines.
        let size = Winsize { ws_row: 60, ws_col: 250, ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(&controller, size).unwrap();
        let name = ptsname(&controller, Vec::new()).unwrap();
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
        let own = || Stdio::from(open(name.as_c_str(), flags, Mode::empty()).unwrap());

        let mut command = home.openclaw(arguments);
        command.env("TERM", "xterm").stdin(own()).stdout(own()).stderr(own());
        let child = command.spawn().unwrap();
        let keyboard = File::from(controller);
        let (shown, screen) = watch::channel(String::new());
        let output = keyboard.try_clone().unwrap();
        thread::spawn(move || show(output, &shown));
        Self { command: arguments.join(" "), child, keyboard, screen, read: 0 }
    }

    /// Waits until `text` is shown that was not read yet.
    pub(crate) async fn shows(&mut self, text: &str) {
        self.shows_one_of(&[text]).await;
    }

    /// Waits until one of them is shown that was not read yet; the first of `texts` that is.
    pub(crate) async fn shows_one_of<'a>(&mut self, texts: &[&'a str]) -> &'a str {
        let from = self.read;
        let new = |screen: &String| {
            let new = screen.get(from..)?;
            texts.iter().copied().find(|text| new.contains(text))
        };
        let seen = timeout(PATIENCE, self.screen.wait_for(|screen| new(screen).is_some())).await;
        let seen = seen.ok().and_then(|seen| new(&*seen.ok()?));
        let Some(seen) = seen else {
            panic!("`{}` does not show any of {texts:?}, but\n{}", self.command, self.text());
        };
        self.read = self.text().len();
        seen
    }

    /// Types an answer to a question, once it is asked.
    pub(crate) async fn answers(&mut self, question: &str, typed: &str) {
        self.shows(question).await;
        self.types(typed);
    }

    pub(crate) fn types(&mut self, typed: &str) {
        self.keyboard.write_all(typed.as_bytes()).unwrap();
    }

    /// All that is shown when the command has ended, which has to succeed.
    pub(crate) async fn ends(mut self) -> String {
        let ended = timeout(PATIENCE, self.child.wait()).await;
        let succeeded = ended.is_ok_and(|status| status.is_ok_and(|status| status.success()));
        // Nothing changes any more once its sender is gone.
        while self.screen.changed().await.is_ok() {}
        assert!(succeeded, "`{}` does not succeed:\n{}", self.command, self.text());
        self.text()
    }

    fn text(&self) -> String {
        self.screen.borrow().clone()
    }
}

/// Shows what the command writes until it has ended.
fn show(mut output: File, screen: &watch::Sender<String>) {
    let (mut written, mut buffer) = (Vec::new(), [0; 4096]);
    // On Linux the last one who has the other end open takes it along with an error.
    while let Ok(read @ 1..) = output.read(&mut buffer) {
        written.extend_from_slice(&buffer[..read]);
        let _told = screen.send(plain(&String::from_utf8_lossy(&written)));
    }
}

/// A text without escape sequences.
fn plain(text: &str) -> String {
    let mut parts = text.split('\x1b');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |shown, part| {
        let rest = part.strip_prefix('[').map_or_else(
            || part.get(1..).unwrap_or_default(),
            |sequence| {
                sequence.find(|end: char| ('@'..='~').contains(&end)).map_or("", |end| &sequence[end + 1..])
            },
        );
        shown + rest
    })
}
