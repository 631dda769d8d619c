use crate::{
    api::{Api, Credentials, Endpoints, Network, Plain},
    error::{Error, ErrorKind, ProxyFault},
    route::{Authorities, Proxies, RouteSettings},
    secret::Secret,
};
use std::{path::Path, sync::Arc};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

const HTTPS: &str = "https://ding.corp.example";
const HTTP: &str = "http://ding.corp.example";

fn through(proxy: &str, base: &str) -> Api {
    let proxies = Proxies::of_option(Secret::new(proxy), |_| None);
    // So that there is somebody to trust also on a system without certificates.
    let authorities =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/certificates/authority.pem");
    let authorities = Authorities::read(&authorities).unwrap();
    let network = Arc::new(Network::default());
    let route = network.route(RouteSettings { proxies, authorities }).unwrap();
    let endpoints = Endpoints::parse(base, base, Plain::Allowed).unwrap();
    let credentials = Credentials { client_id: "dingabc".into(), client_secret: Secret::new("s3cret") };
    Api::new(network, route, endpoints, credentials)
}

/// What a call says, and what the proxy was asked, when the proxy answers so and hangs up.
async fn answered(user: &str, base: &str, answer: &str) -> (Error, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let api = through(&format!("http://{user}{address}"), base);
    let answering = async {
        let (mut socket, _) = listener.accept().await.unwrap();
        let mut asked = Vec::new();
        while !asked.windows(4).any(|end| end == b"\r\n\r\n") {
            socket.read_buf(&mut asked).await.unwrap();
        }
        socket.write_all(answer.as_bytes()).await.unwrap();
        socket.shutdown().await.ok();
        drop(listener);
        String::from_utf8_lossy(&asked).into_owned()
    };
    let (outcome, asked) = tokio::join!(api.check_token(), answering);
    (outcome.unwrap_err(), asked)
}

#[track_caller]
fn fault(error: &Error) -> ProxyFault {
    match error.kind() {
        ErrorKind::Proxy { fault, host, proxy } => {
            assert!(host == "ding.corp.example" && proxy.starts_with("127.0.0.1:"));
            *fault
        }
        other => panic!("{other:?}"),
    }
}

const WANTS: &str = "HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n";

#[tokio::test]
async fn a_proxy_that_wants_credentials_is_told_from_one_that_rejects_them() {
    for base in [HTTPS, HTTP] {
        let (error, _) = answered("", base, WANTS).await;
        assert_eq!(fault(&error), ProxyFault::WantsCredentials);
        let (error, asked) = answered("lin:s3cret@", base, WANTS).await;
        assert_eq!(fault(&error), ProxyFault::RejectsCredentials);
        assert!(asked.to_lowercase().contains("proxy-authorization: basic bgluonmzy3jlda=="));
        assert!(!format!("{error:?} {}", error.sentence()).contains("s3cret"));
    }
}

#[tokio::test]
async fn an_encrypted_base_is_tunnelled_to_and_a_plain_one_asked_for_by_its_whole_address() {
    let (error, asked) = answered("", HTTP, "HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n").await;
    assert!(matches!(error.kind(), ErrorKind::Server { status: 502, .. }));
    assert!(asked.starts_with("POST http://ding.corp.example/v1.0/oauth2/accessToken HTTP/1.1"), "{asked}");
    let (error, asked) = answered("", HTTPS, "HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n").await;
    assert_eq!(fault(&error), ProxyFault::Refuses { status: None });
    assert!(asked.starts_with("CONNECT ding.corp.example:443 HTTP/1.1"), "{asked}");
}

#[tokio::test]
async fn a_proxy_that_hangs_up_or_is_not_there_is_named_in_dingtalks_place() {
    let (error, _) = answered("", HTTPS, "").await;
    assert_eq!(fault(&error), ProxyFault::BreaksOff);
    for base in [HTTPS, HTTP] {
        let error = through("http://127.0.0.1:9", base).check_token().await.unwrap_err();
        assert_eq!(fault(&error), ProxyFault::Unreachable);
        assert!(error.sentence().contains("127.0.0.1:9"), "{}", error.sentence());
        assert!(error.retry_after().is_some());
    }
}
