//! The host's process, seen from outside.

use crate::{
    Error,
    witness::{Sight, Sighting},
};
use std::{
    process::Stdio,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    process::{Child, ChildStdin, Command},
    sync::mpsc,
    task::JoinHandle,
};

/// How long a host may take to end in order: what OpenClaw gives it, and as much again.
const PARTING: Duration = Duration::from_secs(10);

/// A running host. It is killed when this is dropped.
#[derive(Debug)]
pub struct Process {
    child: Child,
    /// Nothing once it has been told to end.
    orders: Option<ChildStdin>,
    lines: JoinHandle<()>,
}

impl Process {
    /// Starts `command`; the ids of the messages that its agent begins with are sent to `bell`.
    ///
    /// # Errors
    /// When the program cannot be started.
    pub(crate) fn start(mut command: Command, bell: mpsc::UnboundedSender<String>) -> Result<Self, Error> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().map_err(Error::system("start the host's process"))?;
        let (orders, said) = (child.stdin.take(), child.stdout.take());
        let (Some(orders), Some(said)) = (orders, said) else { return Err(Error::HostEnded) };
        let lines = tokio::spawn(async move {
            let mut lines = BufReader::new(said).lines();
            while let Ok(Some(line)) = lines.next_line().await {
                let began = Sighting::parse(&line).filter(|it| it.sight == Sight::Began);
                // The run may be over, with nobody to ring for.
                began.into_iter().for_each(|it| drop(bell.send(it.message)));
            }
        });
        Ok(Self { child, orders: Some(orders), lines })
    }

    /// Tells the host something; [`host`](crate::host) has the words.
    ///
    /// # Errors
    /// When it is not there any more.
    pub async fn tell(&mut self, order: &str) -> Result<(), Error> {
        let line = format!("{order}\n");
        let orders = self.orders.as_mut().ok_or(Error::HostEnded)?;
        orders.write_all(line.as_bytes()).await.map_err(|_| Error::HostEnded)?;
        orders.flush().await.map_err(|_| Error::HostEnded)
    }

    /// Kills it with SIGKILL, and waits until nothing of it is left.
    ///
    /// # Errors
    /// When it had ended by itself.
    pub async fn kill(&mut self) -> Result<(), Error> {
        self.still_runs()?;
        self.child.kill().await.map_err(Error::system("kill the host's process"))?;
        // What it said before is still in the pipe.
        drop((&mut self.lines).await);
        Ok(())
    }

    /// Stops it in order, by ending its stdin.
    ///
    /// # Errors
    /// When it had ended by itself, or does not end.
    pub async fn stop(&mut self) -> Result<(), Error> {
        self.still_runs()?;
        drop(self.orders.take());
        let ended = tokio::time::timeout(PARTING, self.child.wait()).await;
        ended
            .map_err(|_| Error::HostHangs(PARTING.as_secs()))?
            .map_err(Error::system("wait for the host's process"))?;
        drop((&mut self.lines).await);
        Ok(())
    }

    /// Whether it has not ended by itself.
    ///
    /// # Errors
    /// When it has.
    pub fn still_runs(&mut self) -> Result<(), Error> {
        match self.child.try_wait() {
            Ok(None) => Ok(()),
            Ok(Some(_)) | Err(_) => Err(Error::HostEnded),
        }
    }

    /// Its number, while it runs.
    #[must_use]
    pub fn id(&self) -> Option<u32> {
        self.child.id()
    }

    /// The most memory that it has had at once, in bytes, where the system tells.
    #[must_use]
    pub fn peak_memory(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()?)).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        Some(line.split_whitespace().next()?.parse::<u64>().ok()? * 1024)
    }
}

/// A deadline that is put off by everything that happens.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    most: Duration,
    last: Instant,
}

impl Patience {
    pub(crate) fn new(most: Duration) -> Self {
        Self { most, last: Instant::now() }
    }

    pub(crate) fn put_off(&mut self) {
        self.last = Instant::now();
    }

    pub(crate) fn is_over(&self) -> bool {
        self.last.elapsed() >= self.most
    }
}
