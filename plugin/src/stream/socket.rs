//! The WebSocket itself, and the real way to one.

use super::{
    action::Loss,
    dial,
    driver::{Event, Transport},
    link::LinkId,
    tunnel,
    turnstile::{Turn, Turnstile},
};
use crate::{
    api::{Api, gateway::Invitation},
    error::{Error, ErrorKind, ProxyFault, Result},
    route::{Proxy, is_distrust},
};
use futures_util::{Sink, SinkExt, Stream, StreamExt, future};
use std::{pin::Pin, sync::Arc, time::Duration};
use tokio::{net::TcpStream, sync::mpsc, time::timeout};
use tokio_tungstenite::{
    Connector, client_async_tls_with_config,
    tungstenite::{
        self, Message,
        protocol::{CloseFrame, WebSocketConfig, frame::coding::CloseCode},
    },
};

const DURING: &str = "connecting the Stream WebSocket";
const DIAL_TIMEOUT: Duration = Duration::from_secs(15);
/// The part of it that a proxy may take.
const PROXY_TIMEOUT: Duration = Duration::from_secs(8);
/// A frame that the socket does not take within this long never leaves.
const WRITE_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a goodbye may take.
pub(super) const GOODBYE: Duration = Duration::from_secs(1);
/// DingTalk's frames are a few kilobytes; they read well through a small buffer, of which there
/// is one per account.
const READ_BUFFER: usize = 16 * 1024;
const WRITE_BUFFER: usize = 4 * 1024;
const MAX_WRITE_BUFFER: usize = 1024 * 1024;
/// No limit is documented; an official client had to raise its own to 256 KiB.
const MAX_MESSAGE: usize = 4 * 1024 * 1024;
/// Packets that wait to leave, past which nothing more is read: whoever asks without taking answers
/// must not fill the memory. What waits is bounded by this and by the pushes that were read and not
/// yet answered, so that answers are never refused a place.
const BACKLOG: usize = 256;
/// Packets that leave together.
const BATCH: usize = 64;

/// What arrives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Incoming {
    /// A frame with text in it.
    Text(String),
    /// The answer to a question for a sign of life.
    Pong,
    /// A ping, or something that is not text.
    Alive,
    /// The other side says goodbye.
    Closed(Loss),
}

/// What leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outgoing {
    /// A frame with text in it.
    Text(String),
    /// A question for a sign of life.
    Ping,
    /// Goodbye, with code 1000.
    Close,
}

/// A connected WebSocket, or what a test has instead.
pub(crate) struct Socket {
    /// What arrives.
    pub(crate) incoming: Pin<Box<dyn Stream<Item = Result<Incoming>> + Send>>,
    /// What leaves.
    pub(crate) outgoing: Pin<Box<dyn Sink<Outgoing, Error = Error> + Send>>,
}

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
        let Some(proxy) = self.api.route().proxy_for(&way.url)? else {
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

impl Socket {
    /// Reads and writes until the connection ends, or until nobody wants it any more: its outbox
    /// or the receiver of its events is dropped.
    pub(super) async fn serve(
        mut self,
        link: LinkId,
        mut outbox: mpsc::UnboundedReceiver<Outgoing>,
        events: mpsc::Sender<Event>,
    ) {
        let loss = loop {
            tokio::select! {
                packet = self.incoming.next(), if outbox.len() < BACKLOG => match packet {
                    Some(Ok(Incoming::Closed(loss))) => break loss,
                    Some(Ok(packet)) => {
                        if events.send(Event::Arrived { link, packet }).await.is_err() {
                            return self.say_goodbye().await;
                        }
                    }
                    Some(Err(error)) => break Loss::new(cause(&error)),
                    None => break Loss::new("closed without goodbye"),
                },
                packet = outbox.recv() => {
                    let Some(packet) = packet else { return self.say_goodbye().await };
                    match timeout(WRITE_TIMEOUT, self.write(packet, &mut outbox)).await {
                        Ok(Ok(())) => {}
                        Ok(Err(error)) => break Loss::new(cause(&error)),
                        Err(_) => break Loss::new("the socket takes nothing any more"),
                    }
                }
            }
        };
        events.send(Event::Lost { link, loss }).await.ok();
        timeout(GOODBYE, self.outgoing.close()).await.ok(); // answers a goodbye with a goodbye
    }

    /// Sends a packet, and those that wait behind it.
    async fn write(&mut self, first: Outgoing, outbox: &mut mpsc::UnboundedReceiver<Outgoing>) -> Result<()> {
        self.outgoing.feed(first).await?;
        for _ in 1..BATCH {
            let Ok(next) = outbox.try_recv() else { break };
            self.outgoing.feed(next).await?;
        }
        self.outgoing.flush().await
    }

    /// Says goodbye and waits a moment for the other side to have heard it: a connection that
    /// just ends would keep its share of the messages until DingTalk notices.
    pub(super) async fn say_goodbye(mut self) {
        let goodbye = async {
            self.outgoing.send(Outgoing::Close).await.ok();
            while let Some(Ok(_)) = self.incoming.next().await {}
        };
        timeout(GOODBYE, goodbye).await.ok();
    }

    fn over<S>(socket: S) -> Self
    where
        S: Stream<Item = tungstenite::Result<Message>>
            + Sink<Message, Error = tungstenite::Error>
            + Send
            + 'static,
    {
        let (outgoing, incoming) = socket.split();
        Self {
            incoming: Box::pin(incoming.map(|message| message.map(arrived).map_err(broken))),
            outgoing: Box::pin(outgoing.sink_map_err(broken).with(|packet| future::ok(leaving(packet)))),
        }
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

fn arrived(message: Message) -> Incoming {
    match message {
        Message::Text(text) => Incoming::Text(text.as_str().to_owned()),
        // Not known to happen, but one official client reads such frames as text.
        Message::Binary(bytes) => String::from_utf8(bytes.into()).map_or(Incoming::Alive, Incoming::Text),
        Message::Close(Some(frame)) => {
            let code = u16::from(frame.code);
            Incoming::Closed(Loss { why: format!("closed with {code}"), code: Some(code) })
        }
        Message::Close(None) => Incoming::Closed(Loss::new("closed without a reason")),
        Message::Pong(_) => Incoming::Pong,
        Message::Ping(_) | Message::Frame(_) => Incoming::Alive,
    }
}

fn leaving(packet: Outgoing) -> Message {
    match packet {
        Outgoing::Text(text) => Message::text(text),
        Outgoing::Ping => Message::Ping(Default::default()),
        Outgoing::Close => {
            Message::Close(Some(CloseFrame { code: CloseCode::Normal, reason: Default::default() }))
        }
    }
}

/// A connection that broke off.
fn broken(error: tungstenite::Error) -> Error {
    let kind = ErrorKind::Network { host: "DingTalk's Stream gateway".into(), ambiguous: true };
    Error::new(kind, "on the Stream WebSocket").because(error)
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

fn cause(error: &Error) -> String {
    let causes = error.causes();
    if causes.is_empty() { error.to_string() } else { causes }
}

#[cfg(test)]
mod tests;
