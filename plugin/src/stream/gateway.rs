//! The way to DingTalk's own gateway, direct or through a proxy.

use super::{
    dial,
    driver::Transport,
    socket::Socket,
    tunnel,
    turnstile::{Turn, Turnstile},
};
use crate::{
    api::{Api, gateway::Invitation},
    error::{Error, ErrorKind, ProxyFault, Result},
    route::{Proxy, is_distrust},
};
use std::{sync::Arc, time::Duration};
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    Connector, client_async_tls_with_config,
    tungstenite::{self, protocol::WebSocketConfig},
};

const DURING: &str = "connecting the Stream WebSocket";
const DIAL_TIMEOUT: Duration = Duration::from_secs(15);
/// The part of it that a proxy may take.
const PROXY_TIMEOUT: Duration = Duration::from_secs(8);
/// DingTalk's frames are a few kilobytes; they read well through a small buffer, of which there
/// is one per account.
const READ_BUFFER: usize = 16 * 1024;
const WRITE_BUFFER: usize = 4 * 1024;
const MAX_WRITE_BUFFER: usize = 1024 * 1024;
/// No limit is documented; an official client had to raise its own to 256 KiB.
const MAX_MESSAGE: usize = 4 * 1024 * 1024;

/// The way to DingTalk's own gateway.
pub(crate) struct Gateway {
    api: Api,
    turnstile: Arc<Turnstile>,
}

impl Gateway {
    /// The gateway of an account, reached through the turnstile that it shares with others.
    pub(crate) fn new(api: Api, turnstile: Arc<Turnstile>) -> Self {
        Self { api, turnstile }
    }

    async fn connect(&self, invitation: Invitation) -> Result<Socket> {
        let url = invitation.url();
        let way = Way::parse(url)?;
        let connector = if way.encrypted {
            Connector::Rustls(self.api.route().tls().config()?)
        } else {
            Connector::Plain
        };
        let connecting = async {
            let stream = self.reach(&way).await?;
            let shaking = client_async_tls_with_config(url, stream, Some(limits()), Some(connector));
            let (socket, _) = shaking.await.map_err(|error| failure(error, way.host.clone()))?;
            Ok(Socket::over(socket))
        };
        match timeout(DIAL_TIMEOUT, connecting).await {
            Ok(outcome) => outcome,
            Err(_) => Err(unreachable(&way)),
        }
    }

    /// A TCP connection to the gateway, or through the proxy to it.
    async fn reach(&self, way: &Way) -> Result<TcpStream> {
        let route = self.api.route();
        let Some(proxy) = route.proxy_for(&way.url)? else {
            let connecting = dial::connect(&way.host, way.port);
            return connecting.await.map_err(|error| unreachable(way).because(error));
        };
        let fault = match timeout(PROXY_TIMEOUT, through(proxy, way)).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(fault)) => fault,
            Err(_) => ProxyFault::Silent,
        };
        let kind = ErrorKind::Proxy { proxy: proxy.to_string(), host: way.host.clone(), fault };
        Err(Error::new(kind, DURING))
    }
}

impl Transport for Gateway {
    async fn turn(&self) -> Turn {
        self.turnstile.turn().await
    }

    async fn open(&self) -> Result<Invitation> {
        self.api.open_stream().await
    }

    async fn dial(&self, invitation: Invitation) -> Result<Socket> {
        self.connect(invitation).await
    }
}

async fn through(proxy: &Proxy, way: &Way) -> Result<TcpStream, ProxyFault> {
    let connecting = dial::connect(proxy.host(), proxy.port());
    let mut stream = connecting.await.map_err(|_| ProxyFault::Unreachable)?;
    tunnel::open(&mut stream, proxy, &way.host, way.port).await?;
    Ok(stream)
}

fn unreachable(way: &Way) -> Error {
    Error::new(ErrorKind::Network { host: way.host.clone(), ambiguous: false }, DURING)
}

/// What a URL says about the way to its host.
struct Way {
    /// All of it, ticket included.
    url: reqwest::Url,
    encrypted: bool,
    host: String,
    port: u16,
}

impl Way {
    fn parse(url: &str) -> Result<Self> {
        let nonsense = || Error::new(ErrorKind::Protocol, DURING);
        let url = reqwest::Url::parse(url).map_err(|error| nonsense().because(error))?;
        let host = url.host_str().ok_or_else(nonsense)?.to_owned();
        let port = url.port_or_known_default().ok_or_else(nonsense)?;
        Ok(Self { encrypted: url.scheme() == "wss", host, port, url })
    }
}

fn limits() -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(WRITE_BUFFER)
        .max_write_buffer_size(MAX_WRITE_BUFFER)
        .max_message_size(Some(MAX_MESSAGE))
        .max_frame_size(Some(MAX_MESSAGE))
}

/// A connection that did not come to be. The URL, with its ticket, is not told.
fn failure(error: tungstenite::Error, host: String) -> Error {
    let kind = match &error {
        tungstenite::Error::Http(response) => ErrorKind::Rejected {
            code: response.status().as_u16().to_string(),
            message: "the handshake was refused".into(),
            request_id: String::new(),
        },
        tungstenite::Error::Url(_) | tungstenite::Error::Protocol(_) => ErrorKind::Protocol,
        error if is_distrust(error) => ErrorKind::Untrusted { host },
        _ => ErrorKind::Network { host, ambiguous: false },
    };
    match error {
        tungstenite::Error::Io(error) => Error::new(kind, DURING).because(error),
        tungstenite::Error::Tls(error) => Error::new(kind, DURING).because(error),
        _ => Error::new(kind, DURING), // others may quote the request
    }
}

#[cfg(test)]
mod tests;
