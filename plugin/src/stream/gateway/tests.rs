use super::*;
use crate::{
    api::{Credentials, Endpoints, Network, Plain},
    route::{Proxies, RouteSettings},
    secret::Secret,
    stream::socket::Outgoing,
};
use futures_util::{SinkExt, StreamExt};
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
