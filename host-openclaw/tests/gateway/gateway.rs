//! The gateway's process.

use crate::home::Home;
use rustix::process::{Pid, Signal, kill_process_group};
use std::{
    fs,
    net::Ipv4Addr,
    process::ExitStatus,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    process::{Child, Command},
    time::{sleep, timeout},
};

/// How long it may take to start, each time, or to end.
const PATIENCE: Duration = Duration::from_secs(300);
/// So often it is started before it counts as broken.
const ATTEMPTS: u32 = 3;
/// How often it is asked whether it is ready.
const PACE: Duration = Duration::from_millis(100);

/// A running gateway, with the processes that it starts; killed when dropped.
pub(crate) struct Gateway {
    child: Child,
    group: Group,
}

/// A process and those that it started, as long as they do not leave it; killed when dropped.
struct Group(Option<Pid>);

impl Gateway {
    /// Starts it, and waits until it says that it is ready. Its lines are added to those of earlier ones.
    pub(crate) async fn start(home: &Home) -> Self {
        Self::start_with(home, &[]).await
    }

    /// The same with variables of one's own in its environment.
    pub(crate) async fn start_with(home: &Home, variables: &[(&str, String)]) -> Self {
        let started = Self::try_to_start(home, variables).await;
        started.unwrap_or_else(|status| panic!("the gateway ended while it started ({status})"))
    }

    /// The same, unless it ends each time while it starts.
    pub(crate) async fn try_to_start(home: &Home, variables: &[(&str, String)]) -> Result<Self, ExitStatus> {
        let [terminal, _] = home.log_files();
        let output = fs::File::options().create(true).append(true).open(terminal).unwrap();
        let mut command = home.openclaw(&["gateway", "run"]);
        command.envs(variables.iter().map(|(name, value)| (name, value)));
        command.stdout(output.try_clone().unwrap()).stderr(output).process_group(0);
        let mut gateway = Self::spawn(&mut command);
        let mut attempts = 1;
        let mut began = Instant::now();
        while !is_ready(home.port).await {
            if let Some(status) = gateway.child.try_wait().unwrap() {
                // On a busy machine a thread of its own may miss its five seconds; whoever looks after services
                // starts it again.
                if attempts == ATTEMPTS {
                    return Err(status);
                }
                attempts += 1;
                gateway = Self::spawn(&mut command);
                began = Instant::now();
            }
            assert!(began.elapsed() < PATIENCE, "the gateway is not ready");
            sleep(PACE).await;
        }
        Ok(gateway)
    }

    fn spawn(command: &mut Command) -> Self {
        let child = command.spawn().unwrap();
        let group = Group(child.id().and_then(|id| Pid::from_raw(id.cast_signed())));
        Self { child, group }
    }

    /// Ends it as a service manager does, and waits until it has ended.
    pub(crate) async fn stop(mut self) {
        self.group.signal(Signal::TERM);
        let ended = timeout(PATIENCE, self.child.wait()).await;
        assert!(ended.is_ok(), "the gateway does not end");
    }

    /// Ends it as a crash does.
    pub(crate) async fn kill(mut self) {
        self.group.signal(Signal::KILL);
        self.child.wait().await.unwrap();
    }

    /// The id of its process, while it runs.
    pub(crate) fn id(&self) -> Option<u32> {
        self.child.id()
    }
}

impl Group {
    fn signal(&self, signal: Signal) {
        if let Some(group) = self.0 {
            // All of it may have ended by itself.
            let _ended = kill_process_group(group, signal);
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.signal(Signal::KILL);
    }
}

async fn is_ready(port: u16) -> bool {
    let asking = async {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await?;
        stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n").await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        std::io::Result::Ok(answer.starts_with("HTTP/1.1 200"))
    };
    matches!(timeout(Duration::from_secs(10), asking).await, Ok(Ok(true)))
}
