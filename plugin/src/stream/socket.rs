//! The WebSocket itself, and the real way to one.

use super::{
    dial,
    driver::{Event, Transport},
    link::LinkId,
    tunnel,
};
use crate::{
    api::{Api, gateway::Invitation},
    error::{Error, ErrorKind, ProxyFault, Result},
    route::{Proxy, is_distrust},
};
use futures_util::{Sink, SinkExt, Stream, StreamExt, future};
use std::{pin::Pin, time::Duration};
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

/// What arrives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Incoming {
    /// A frame with text in it.
    Text(String),
    /// A ping, a pong, or something that is not text.
    Alive,
    /// The other side says goodbye, with its reason.
    Closed(String),
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
}

impl Gateway {
    /// The gateway of an account.
    pub(crate) fn new(api: Api) -> Self {
        Self { api }
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
        mut outbox: mpsc::Receiver<Outgoing>,
        events: mpsc::Sender<Event>,
    ) {
        let why = loop {
            tokio::select! {
                packet = self.incoming.next() => match packet {
                    Some(Ok(Incoming::Closed(why))) => break why,
                    Some(Ok(packet)) => {
                        if events.send(Event::Arrived { link, packet }).await.is_err() {
                            return self.say_goodbye().await;
                        }
                    }
                    Some(Err(error)) => break cause(&error),
                    None => break "closed without goodbye".into(),
                },
                packet = outbox.recv() => {
                    let Some(packet) = packet else { return self.say_goodbye().await };
                    match timeout(WRITE_TIMEOUT, self.outgoing.send(packet)).await {
                        Ok(Ok(())) => {}
                        Ok(Err(error)) => break cause(&error),
                        Err(_) => break "the socket takes nothing any more".into(),
                    }
                }
            }
        };
        events.send(Event::Lost { link, why }).await.ok();
        timeout(GOODBYE, self.outgoing.close()).await.ok(); // answers a goodbye with a goodbye
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
        Message::Close(Some(frame)) => Incoming::Closed(format!("closed with {}", u16::from(frame.code))),
        Message::Close(None) => Incoming::Closed("closed without a reason".into()),
        Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => Incoming::Alive,
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
mod tests {
    use super::*;
    use crate::{
        api::{Credentials, Endpoints, Network, Plain},
        route::{Proxies, RouteSettings},
        secret::Secret,
    };
    use std::sync::Arc;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::{TcpListener, TcpStream},
        task::JoinSet,
    };
    use tokio_tungstenite::{WebSocketStream, accept_async};

    fn gateway(base: &str) -> Gateway {
        let endpoints = Endpoints::parse(base, base, Plain::LoopbackOnly).unwrap();
        let credentials = Credentials { client_id: "id".into(), client_secret: Secret::new("s") };
        Gateway::new(Api::direct(endpoints, credentials))
    }

    /// A real WebSocket between two tasks.
    async fn connected() -> (WebSocketStream<TcpStream>, Socket) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let gateway = gateway("http://127.0.0.1:9");
        let url = format!("ws://{}/connect?ticket=t", listener.local_addr().unwrap());
        let accept = async { accept_async(listener.accept().await.unwrap().0).await.unwrap() };
        let (server, socket) = tokio::join!(accept, gateway.dial(Invitation::new(url)));
        (server, socket.unwrap())
    }

    #[tokio::test]
    async fn frames_pings_and_goodbyes_cross_a_real_websocket() {
        let (mut server, socket) = connected().await;
        let (events, mut happened) = mpsc::channel(8);
        let (outbox, outgoing) = mpsc::channel(8);
        let mut serving = JoinSet::new();
        serving.spawn(socket.serve(LinkId(1), outgoing, events));

        server.send(Message::text("{}")).await.unwrap();
        let Some(Event::Arrived { packet, .. }) = happened.recv().await else { panic!() };
        assert_eq!(packet, Incoming::Text("{}".into()));

        outbox.send(Outgoing::Ping).await.unwrap();
        assert!(server.next().await.unwrap().unwrap().is_ping());
        server.flush().await.unwrap();
        let Some(Event::Arrived { packet, .. }) = happened.recv().await else { panic!() };
        assert_eq!(packet, Incoming::Alive);

        drop(outbox);
        let Some(Ok(Message::Close(Some(frame)))) = server.next().await else { panic!() };
        assert_eq!(frame.code, CloseCode::Normal);
        drop(server);
        serving.join_next().await.unwrap().unwrap();
        assert!(happened.recv().await.is_none(), "what we end ourselves is not lost");
    }

    #[tokio::test]
    async fn a_server_that_goes_is_noticed_with_its_reason() {
        let (mut server, socket) = connected().await;
        let (events, mut happened) = mpsc::channel(8);
        let (_outbox, outgoing) = mpsc::channel(8);
        let mut serving = JoinSet::new();
        serving.spawn(socket.serve(LinkId(1), outgoing, events));
        let goodbye = CloseFrame { code: CloseCode::Error, reason: Default::default() };
        server.close(Some(goodbye)).await.unwrap();
        let Some(Event::Lost { why, .. }) = happened.recv().await else { panic!() };
        assert_eq!(why, "closed with 1011");
    }

    #[test]
    fn a_binary_frame_of_text_is_read_as_text() {
        assert_eq!(arrived(Message::binary(b"{}".to_vec())), Incoming::Text("{}".into()));
        assert_eq!(arrived(Message::binary(vec![0xff])), Incoming::Alive);
    }

    #[test]
    fn a_goodbye_carries_code_1000() {
        assert!(
            matches!(leaving(Outgoing::Close), Message::Close(Some(frame)) if frame.code == CloseCode::Normal)
        );
    }

    #[tokio::test]
    async fn a_failed_dial_names_the_host_and_not_the_ticket() {
        let (gateway, address) = (gateway("http://127.0.0.1:9"), "127.0.0.1:9");
        for scheme in ["ws", "wss"] {
            let url = format!("{scheme}://{address}/connect?ticket=s3cret");
            let error = gateway.dial(Invitation::new(url)).await.err().unwrap();
            let has_no_certificates = matches!(error.kind(), ErrorKind::NoTrust);
            assert!(has_no_certificates || error.sentence().contains("cannot reach 127.0.0.1"));
            assert!(!format!("{error:?}").contains("s3cret"));
        }
    }

    #[tokio::test]
    async fn a_refused_handshake_is_told_by_its_status() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("ws://{}/connect?ticket=s3cret", listener.local_addr().unwrap());
        let gateway = gateway("http://127.0.0.1:9");
        let refuse = async {
            let (mut socket, _) = listener.accept().await.unwrap();
            socket.read_buf(&mut Vec::new()).await.unwrap();
            socket.write_all(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n").await.unwrap();
            socket
        };
        let (_socket, outcome) = tokio::join!(refuse, gateway.dial(Invitation::new(url)));
        let error = outcome.err().unwrap();
        assert!(matches!(error.kind(), ErrorKind::Rejected { code, .. } if code == "400"));
        assert!(!format!("{error:?}").contains("s3cret"));
    }

    fn through(proxy: &str) -> Gateway {
        let base = "http://127.0.0.1:9";
        let endpoints = Endpoints::parse(base, base, Plain::LoopbackOnly).unwrap();
        let credentials = Credentials { client_id: "id".into(), client_secret: Secret::new("s") };
        let proxies = Proxies::of_option(Secret::new(proxy), |_| None);
        let network = Arc::new(Network::default());
        let route = network.route(RouteSettings { proxies, ..RouteSettings::default() }).unwrap();
        Gateway::new(Api::new(network, route, endpoints, credentials))
    }

    #[track_caller]
    fn fault(outcome: Result<Socket>) -> ProxyFault {
        let error = outcome.err().unwrap();
        assert!(!format!("{error:?}").contains("s3cret"));
        match error.kind() {
            ErrorKind::Proxy { fault, host, .. } if host == "ding.corp.example" => *fault,
            other => panic!("{other:?}"),
        }
    }

    #[tokio::test]
    async fn the_websocket_is_tunnelled_to_by_name_and_the_proxys_refusal_told() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let gateway = through(&format!("http://lin:s3cret@{}", listener.local_addr().unwrap()));
        let refuse = async {
            let (mut socket, _) = listener.accept().await.unwrap();
            let mut asked = Vec::new();
            socket.read_buf(&mut asked).await.unwrap();
            socket.write_all(b"HTTP/1.1 407 No\r\n\r\n").await.unwrap();
            String::from_utf8(asked).unwrap()
        };
        let invitation = Invitation::new("ws://ding.corp.example/connect?ticket=s3cret");
        let (asked, outcome) = tokio::join!(refuse, gateway.dial(invitation));
        assert_eq!(fault(outcome), ProxyFault::RejectsCredentials);
        assert!(asked.starts_with("CONNECT ding.corp.example:80 HTTP/1.1\r\n") && !asked.contains("ticket"));
    }

    #[tokio::test(start_paused = true)]
    async fn a_proxy_that_says_nothing_is_given_up() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let gateway = through(&format!("http://{}", listener.local_addr().unwrap()));
        let outcome = gateway.dial(Invitation::new("ws://ding.corp.example/connect?ticket=s3cret")).await;
        assert_eq!(fault(outcome), ProxyFault::Silent);
    }

    #[tokio::test]
    async fn a_server_that_speaks_no_tls_is_a_failure_and_no_panic() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("wss://{}/connect?ticket=s3cret", listener.local_addr().unwrap());
        let gateway = gateway("http://127.0.0.1:9");
        let blunder = async {
            let (mut socket, _) = listener.accept().await.unwrap();
            socket.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
        };
        let outcome = tokio::select! {
            outcome = gateway.dial(Invitation::new(url)) => outcome,
            () = async { blunder.await; std::future::pending().await } => unreachable!(),
        };
        let error = outcome.err().unwrap();
        assert!(matches!(error.kind(), ErrorKind::Network { .. } | ErrorKind::NoTrust), "{error:?}");
    }
}
