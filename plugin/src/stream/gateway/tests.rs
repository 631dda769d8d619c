use super::*;
use crate::{
    api::{Credentials, Endpoints, Network, Plain},
    route::{Proxies, RouteSettings},
    secret::Secret,
    stream::socket::{Incoming, Outgoing},
};
use futures_util::{FutureExt, SinkExt, StreamExt};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use tokio_tungstenite::accept_async;

fn gateway(base: &str) -> Gateway {
    let endpoints = Endpoints::parse(base, base, Plain::LoopbackOnly).unwrap();
    let credentials = Credentials { client_id: "id".into(), client_secret: Secret::new("s") };
    Gateway::new(Api::direct(endpoints, credentials), Arc::default())
}

fn through(proxy: &str) -> Gateway {
    let base = "http://127.0.0.1:9";
    let endpoints = Endpoints::parse(base, base, Plain::LoopbackOnly).unwrap();
    let credentials = Credentials { client_id: "id".into(), client_secret: Secret::new("s") };
    let proxies = Proxies::of_option(Secret::new(proxy), |_| None);
    let network = Arc::new(Network::default());
    let route = network.route(RouteSettings { proxies, ..RouteSettings::default() }).unwrap();
    Gateway::new(Api::new(network, route, endpoints, credentials), Arc::default())
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
async fn an_invitation_leads_to_a_websocket() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}/connect?ticket=t", listener.local_addr().unwrap());
    let gateway = gateway("http://127.0.0.1:9");
    let accept = async { accept_async(listener.accept().await.unwrap().0).await.unwrap() };
    let (mut server, socket) = tokio::join!(accept, gateway.dial(Invitation::new(url)));
    let mut socket = socket.unwrap();
    let goodbye = socket.outgoing.send(Outgoing::Close);
    let (heard, _) = tokio::join!(async { server.next().await.unwrap().unwrap() }, goodbye);
    assert!(heard.is_close());
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

/// What the handshake asks for, once it is answered with this.
async fn shaken(answer: &[u8]) -> (String, Result<Socket>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}/connect?ticket=s3cret", listener.local_addr().unwrap());
    let gateway = gateway("http://127.0.0.1:9");
    let shaking = async {
        let (mut socket, _) = listener.accept().await.unwrap();
        let mut asked = Vec::new();
        while !asked.ends_with(b"\r\n\r\n") {
            socket.read_buf(&mut asked).await.unwrap();
        }
        socket.write_all(answer).await.ok();
        String::from_utf8(asked).unwrap()
    };
    tokio::join!(shaking, gateway.dial(Invitation::new(url)))
}

#[tokio::test]
async fn a_handshake_that_is_redirected_ends_there() {
    let bait = TcpListener::bind("127.0.0.1:0").await.unwrap();
    for status in [301, 302, 303, 307, 308] {
        let location = format!("ws://{}/connect", bait.local_addr().unwrap());
        let head = format!("HTTP/1.1 {status} x\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n");
        let (_, outcome) = shaken(head.as_bytes()).await;
        let error = outcome.err().unwrap();
        assert!(matches!(error.kind(), ErrorKind::Rejected { code, .. } if *code == status.to_string()));
    }
    assert!(bait.accept().now_or_never().is_none(), "somebody came");
}

#[tokio::test]
async fn a_handshake_whose_answer_does_not_end_is_given_up() {
    let header = [b"HTTP/1.1 101 x\r\nx: ".to_vec(), vec![b'x'; 1 << 20]].concat();
    let headers = [b"HTTP/1.1 101 x\r\n".to_vec(), b"x: y\r\n".repeat(200_000)].concat();
    for answer in [header, headers, vec![b'x'; 1 << 20]] {
        assert!(shaken(&answer).await.1.is_err());
    }
}

#[tokio::test]
async fn no_compression_is_offered_for_frames() {
    let (asked, _) = shaken(b"HTTP/1.1 400 No\r\ncontent-length: 0\r\n\r\n").await;
    let asked = asked.to_lowercase();
    assert!(asked.contains("upgrade: websocket") && !asked.contains("sec-websocket-extensions"), "{asked}");
}

/// What is heard of a server that, once connected, sends these bytes as they are.
async fn hears(bytes: &[u8]) -> Result<Incoming> {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}/connect?ticket=t", listener.local_addr().unwrap());
    let gateway = gateway("http://127.0.0.1:9");
    let sends = async {
        let mut server = accept_async(listener.accept().await.unwrap().0).await.unwrap();
        server.get_mut().write_all(bytes).await.ok(); // who has heard enough hangs up
        std::future::pending::<()>().await
    };
    let listens = async { gateway.dial(Invitation::new(url)).await.unwrap().incoming.next().await.unwrap() };
    tokio::select! {
        heard = listens => heard,
        () = sends => unreachable!(),
    }
}

#[tokio::test]
async fn a_frame_of_ten_megabytes_ends_the_connection_before_it_is_read() {
    let [.., a, b, c, d] = (10_u64 << 20).to_be_bytes();
    let error = hears(&[0x81, 127, 0, 0, 0, 0, a, b, c, d]).await.unwrap_err();
    assert!(error.causes().contains("too long"), "{}", error.causes());
    assert!(hears(&[0x81, 127, 0x7f, 255, 255, 255, 255, 255, 255, 255]).await.is_err());
}

#[tokio::test]
async fn a_message_of_ten_megabytes_in_pieces_ends_the_connection() {
    let piece = |first: u8| [vec![first, 127, 0, 0, 0, 0, 0, 0x10, 0, 0], vec![b'x'; 1 << 20]].concat();
    let pieces = [piece(0x01), piece(0x00), piece(0x00), piece(0x00), piece(0x00)].concat();
    let error = hears(&pieces).await.unwrap_err();
    assert!(error.causes().contains("too long"), "{}", error.causes());
}

#[tokio::test]
async fn a_compressed_frame_ends_the_connection_and_is_not_inflated() {
    assert!(hears(b"\xc1\x02{}").await.is_err());
    assert_eq!(hears(b"\x81\x02{}").await.unwrap(), Incoming::Text("{}".into()));
}
