//! An HTTP proxy on 127.0.0.1 that a test may put between a client and the fake DingTalk.
//!
//! It tunnels with `CONNECT`, forwards what is asked for by a whole address, remembers what it was
//! asked, and misbehaves on demand.
//!
//! ```no_run
//! # async fn example() -> std::io::Result<()> {
//! use host_mock::proxy::{Manner, Proxy};
//!
//! let proxy = Proxy::start().await?;
//! proxy.behave(Manner::wants("lin", "pass"));
//! // … a client is told of proxy.url_for("lin", "pass") …
//! assert!(proxy.asked().iter().all(|asked| asked.passed));
//! # Ok(())
//! # }
//! ```

mod request;

use self::request::Request;
use base64::{Engine, prelude::BASE64_STANDARD};
use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
};
use tokio::{
    io::{AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpStream},
    sync::Notify,
    task::{JoinHandle, JoinSet},
};

/// How the proxy treats those who come.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Manner {
    /// It lets everybody through.
    #[default]
    Open,
    /// It lets those through who show this `Proxy-Authorization`; to others it answers 407.
    Wants(String),
    /// It answers this HTTP status.
    Refuses(u16),
    /// It takes the request and says nothing.
    Hangs,
    /// It answers something that is not HTTP.
    Babbles,
}

impl Manner {
    /// Basic credentials are wanted.
    #[must_use]
    pub fn wants(user: &str, password: &str) -> Self {
        Self::Wants(format!("Basic {}", BASE64_STANDARD.encode(format!("{user}:{password}"))))
    }
}

/// One thing that the proxy was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The method: `CONNECT` for a tunnel.
    pub method: String,
    /// Host and port that were to be reached.
    pub destination: String,
    /// Whether the proxy let it through.
    pub passed: bool,
}

/// A running proxy; it stops, with all its tunnels, when dropped.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
    server: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    /// Rings at each request.
    bell: Notify,
}

#[derive(Debug, Default)]
struct State {
    manner: Manner,
    everything_is: Option<SocketAddr>,
    asked: Vec<Asked>,
}

impl Proxy {
    /// Starts a proxy on the current tokio runtime.
    ///
    /// # Errors
    ///
    /// If there is no free port.
    pub async fn start() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let shared = Arc::<Shared>::default();
        let server = tokio::spawn(serve(listener, Arc::clone(&shared)));
        Ok(Self { address, shared, server })
    }

    /// Its address without credentials.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Its address with credentials.
    #[must_use]
    pub fn url_for(&self, user: &str, password: &str) -> String {
        format!("http://{user}:{password}@{}", self.address)
    }

    /// Changes how those are treated who come from now on.
    pub fn behave(&self, manner: Manner) {
        self.shared.with(|state| state.manner = manner);
    }

    /// Leads everybody to `address`, whatever they ask for: names that only the proxy knows.
    pub fn leads_to(&self, address: SocketAddr) {
        self.shared.with(|state| state.everything_is = Some(address));
    }

    /// What it was asked so far, in order.
    #[must_use]
    pub fn asked(&self) -> Vec<Asked> {
        self.shared.with(|state| state.asked.clone())
    }

    /// Waits until it is asked something more, whatever it answers.
    pub async fn asked_again(&self) {
        self.shared.bell.notified().await;
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// What becomes of a request.
enum Fate {
    Pass(Option<SocketAddr>),
    Answer(String),
    Silence,
}

impl Shared {
    fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        act(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn judge(&self, request: &Request) -> Fate {
        self.with(|state| {
            let status =
                |status: u16| Fate::Answer(format!("HTTP/1.1 {status} No\r\nContent-Length: 0\r\n\r\n"));
            let fate = match &state.manner {
                Manner::Wants(wanted) if request.authorization.as_ref() != Some(wanted) => status(407),
                Manner::Open | Manner::Wants(_) => Fate::Pass(state.everything_is),
                Manner::Refuses(code) => status(*code),
                Manner::Hangs => Fate::Silence,
                Manner::Babbles => Fate::Answer("220 mail.example ESMTP\r\n".to_owned()),
            };
            let passed = matches!(fate, Fate::Pass(_));
            let (method, destination) = (request.method.clone(), request.destination.clone());
            state.asked.push(Asked { method, destination, passed });
            self.bell.notify_waiters();
            fate
        })
    }
}

async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    let mut clients = JoinSet::new();
    loop {
        tokio::select! {
            arrived = listener.accept() => if let Ok((client, _)) = arrived {
                let shared = Arc::clone(&shared);
                clients.spawn(async move {
                    if let Err(error) = attend(client, &shared).await {
                        tracing::debug!(%error, "a connection through the proxy has ended");
                    }
                });
            },
            Some(_) = clients.join_next() => {}
        }
    }
}

/// One connection: one tunnel, or one request, after which both sides are asked to close.
async fn attend(mut client: TcpStream, shared: &Shared) -> io::Result<()> {
    let request = Request::read(&mut client).await?;
    let leads_to = match shared.judge(&request) {
        Fate::Pass(leads_to) => leads_to,
        Fate::Answer(answer) => return client.write_all(answer.as_bytes()).await,
        Fate::Silence => return std::future::pending().await,
    };
    let mut server = match leads_to {
        Some(address) => TcpStream::connect(address).await?,
        None => TcpStream::connect(&request.destination).await?,
    };
    if request.is_tunnel() {
        client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await?;
    } else {
        server.write_all(&request.forwarded()).await?;
    }
    copy_bidirectional(&mut client, &mut server).await.map(drop)
}

#[cfg(test)]
mod tests;
