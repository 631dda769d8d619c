//! A candidate's process, and what the system says of it.

use crate::Error;
use std::{fs, process::Stdio, time::Duration};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
    time::timeout,
};

/// Longer than anything takes that works.
const PATIENCE: Duration = Duration::from_secs(120);

/// What the proxies of this machine must not be asked for.
const PROXIES: [&str; 6] =
    ["http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"];

/// A candidate that runs, until it is dropped.
pub struct Running {
    name: &'static str,
    child: Child,
    /// Closed, it dismisses those of ours.
    input: Option<ChildStdin>,
    output: Lines<BufReader<ChildStdout>>,
}

impl Running {
    /// Starts one.
    ///
    /// # Errors
    /// When there is no such program.
    pub fn start(name: &'static str, mut command: Command) -> Result<Self, Error> {
        for proxy in PROXIES {
            command.env_remove(proxy);
        }
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().map_err(Error::system("start a candidate"))?;
        let missing = || Error::Candidate { candidate: name, what: "has no standard streams".to_owned() };
        let input = Some(child.stdin.take().ok_or_else(missing)?);
        let output = BufReader::new(child.stdout.take().ok_or_else(missing)?).lines();
        Ok(Self { name, child, input, output })
    }

    /// The next line that it prints.
    ///
    /// # Errors
    /// When it ends instead, or says nothing for two minutes.
    pub async fn says(&mut self) -> Result<String, Error> {
        let candidate = self.name;
        match timeout(PATIENCE, self.output.next_line()).await {
            Ok(Ok(Some(line))) => Ok(line),
            Ok(_) => Err(Error::Candidate { candidate, what: "has ended".to_owned() }),
            Err(_) => Err(Error::Candidate { candidate, what: "says nothing".to_owned() }),
        }
    }

    /// What it says when it gets a line.
    ///
    /// # Errors
    /// Those of [`says`](Self::says).
    pub async fn asked(&mut self) -> Result<String, Error> {
        if let Some(input) = &mut self.input {
            input.write_all(b"\n").await.map_err(Error::system("ask a candidate"))?;
        }
        self.says().await
    }

    /// `work`, unless it ends first.
    ///
    /// # Errors
    /// When it ends, or the work fails.
    pub async fn during<T>(&mut self, work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        tokio::select! {
            done = work => done,
            ended = self.child.wait() => {
                let what = ended.map_or_else(|_| "has ended".to_owned(), |status| format!("ended with {status}"));
                Err(Error::Candidate { candidate: self.name, what })
            }
        }
    }

    /// What the system says of it now; nothing where it says nothing, as outside of Linux.
    #[must_use]
    pub fn usage(&self) -> Usage {
        self.child.id().map(Usage::of).unwrap_or_default()
    }

    /// Has it end in order, and say what it says then.
    ///
    /// # Errors
    /// When it says nothing within two minutes, or does not end.
    pub async fn last_words(mut self) -> Result<String, Error> {
        drop(self.input.take());
        let said = self.says().await?;
        self.dismiss().await?;
        Ok(said)
    }

    /// Lets it end in order.
    ///
    /// # Errors
    /// When it does not within two minutes.
    pub async fn dismiss(mut self) -> Result<(), Error> {
        drop(self.input.take());
        let candidate = self.name;
        match timeout(PATIENCE, self.child.wait()).await {
            Ok(Ok(status)) if status.success() => Ok(()),
            Ok(Ok(status)) => Err(Error::Candidate { candidate, what: format!("ended with {status}") }),
            Ok(Err(source)) => Err(Error::System { doing: "wait for a candidate", source }),
            Err(_) => Err(Error::Candidate { candidate, what: "does not end".to_owned() }),
        }
    }
}

/// What a process has and has used.
#[derive(Clone, Copy, Debug, Default)]
pub struct Usage {
    /// Time on a processor.
    pub cpu: Duration,
    /// Memory, in bytes.
    pub resident: u64,
    /// What of it is its own: neither pages of files, nor shared, in bytes.
    pub own: u64,
    /// Threads.
    pub threads: u64,
    /// Open files and sockets.
    pub descriptors: u64,
}

impl Usage {
    fn of(process: u32) -> Self {
        let read = |file: &str| fs::read_to_string(format!("/proc/{process}/{file}")).unwrap_or_default();
        let status = read("status");
        let of = |key: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(key));
            line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or_default()
        };
        // Nanoseconds on a processor, of its first thread alone in /proc/PID, so of each.
        let tasks = fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten();
        let spent = tasks.filter_map(|task| {
            let line = fs::read_to_string(task.path().join("schedstat")).ok()?;
            line.split_whitespace().next()?.parse::<u64>().ok()
        });
        let descriptors = fs::read_dir(format!("/proc/{process}/fd")).map_or(0, Iterator::count);
        Self {
            cpu: Duration::from_nanos(spent.sum()),
            resident: of("VmRSS:") * 1024,
            own: of("RssAnon:") * 1024,
            threads: of("Threads:"),
            descriptors: descriptors as u64,
        }
    }
}
