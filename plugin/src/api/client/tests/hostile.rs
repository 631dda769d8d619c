//! What a server may try that is not DingTalk, or is no longer.

use super::{api, request, token};
use crate::{
    api::{
        Api, Priority,
        card::Update,
        media::{MediaType, Upload},
        robot::RobotMessage,
        webhook::WebhookMessage,
    },
    error::{ErrorKind, Result},
    secret::Secret,
};
use bytes::Bytes;
use std::{
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
};
use tokio::{
    io::AsyncWriteExt,
    net::{TcpListener, TcpStream},
    sync::mpsc,
    task::JoinSet,
};

/// Something that listens, and answers who comes by writing what `answer` gives for what was asked.
struct Listener {
    url: String,
    /// How many came.
    came: Arc<AtomicUsize>,
    _task: JoinSet<()>,
}

async fn listens(answer: impl Fn(&str) -> String + Send + 'static) -> Listener {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let came = Arc::<AtomicUsize>::default();
    let counting = Arc::clone(&came);
    let mut task = JoinSet::new();
    task.spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            counting.fetch_add(1, SeqCst);
            let asked = request(&mut socket).await;
            socket.write_all(answer(&asked).as_bytes()).await.ok();
        }
    });
    Listener { url, came, _task: task }
}

fn http(status: u16, headers: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status} x\r\n{headers}connection: close\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

struct Page;

impl Upload for Page {
    fn name(&self) -> &str {
        "a.txt"
    }

    fn size(&self) -> u64 {
        1
    }

    fn pieces(&self) -> mpsc::Receiver<Bytes> {
        let (sender, receiver) = mpsc::channel(1);
        sender.try_send(Bytes::from_static(b"a")).unwrap();
        receiver
    }
}

/// One call of each way to call, on DingTalk's both interfaces and what messages bring.
async fn every_way(api: &Api, url: &str) -> Vec<(&'static str, Result<()>)> {
    let permit = api.permit(Update::FAMILY, Priority::Final).await;
    let webhook = Secret::new(format!("{url}/robot/sendBySession?session=s3cret"));
    let message = RobotMessage::markdown("a", "b");
    vec![
        ("stream", api.open_stream().await.map(drop)),
        ("card", api.update_card(permit, &Update::by_key("card-1", Default::default())).await),
        ("group", api.send_to_group("robot", "cid", &message, &()).await.map(drop)),
        ("webhook", api.reply(&webhook, &WebhookMessage::markdown("a", "b"), &()).await),
        ("upload", api.upload(MediaType::File, &Page).await.map(drop)),
        ("file", api.locate_file("code", "robot").await.map(drop)),
        ("registration", api.begin_registration().await.map(drop)),
        ("doctor", api.examine_robot().await),
    ]
}

#[tokio::test]
async fn no_call_follows_a_redirect() {
    let elsewhere = listens(|_| http(200, "", "{}")).await;
    for status in [301, 302, 303, 307, 308] {
        let location = format!("location: {}/\r\n", elsewhere.url);
        let server = listens(move |asked| match asked.contains("/oauth2/accessToken") {
            true => http(200, "", &token("t1").1),
            false => http(status, &location, ""),
        });
        let server = server.await;
        for (way, outcome) in every_way(&api(&server.url), &server.url).await {
            assert!(outcome.is_err(), "{way} after {status}");
        }
        let location = format!("location: {}/\r\n", elsewhere.url);
        let server = listens(move |_| http(status, &location, "")).await;
        assert!(api(&server.url).check_token().await.is_err(), "the token after {status}");
    }
    assert_eq!(elsewhere.came.load(SeqCst), 0);
}

/// `{"accessToken":"t","expireIn":7200}`, by `gzip`.
const ZIPPED: &[u8] = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xab\x56\x4a\x4c\x4e\x4e\x2d\x2e\x0e\xc9\xcf\x4e\xcd\x53\
    \xb2\x52\x2a\x51\xd2\x51\x4a\xad\x28\xc8\x2c\x4a\xf5\x04\x72\xcd\x8d\x0c\x0c\x6a\x01\xe0\x54\x28\x63\x23\x00\x00\x00";

#[tokio::test]
async fn nothing_is_asked_for_compressed_and_what_comes_so_is_not_inflated() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let api = api(&format!("http://{}", listener.local_addr().unwrap()));
    let answering = async {
        let (mut socket, _) = listener.accept().await.unwrap();
        let asked = request(&mut socket).await.to_lowercase();
        let head =
            format!("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {}\r\n\r\n", ZIPPED.len());
        socket.write_all(&[head.as_bytes(), ZIPPED].concat()).await.unwrap();
        asked
    };
    let (asked, outcome) = tokio::join!(answering, api.check_token());
    assert_eq!(outcome.unwrap_err().kind(), &ErrorKind::Protocol);
    assert!(!asked.contains("accept-encoding"), "{asked}");
}

/// Writes `piece` behind `begin`, for as long as anybody takes it.
async fn babbles(listener: &TcpListener, begin: &str, piece: &str) {
    let (mut socket, _) = listener.accept().await.unwrap();
    request(&mut socket).await;
    let mut outcome = socket.write_all(begin.as_bytes()).await;
    while outcome.is_ok() {
        outcome = socket.write_all(piece.as_bytes()).await;
    }
}

/// Whoever answers without end is given up before the time of the call is.
#[track_caller]
fn is_given_up(outcome: Result<()>) {
    let error = outcome.unwrap_err();
    assert!(!matches!(error.kind(), ErrorKind::Timeout { .. }), "{error:?}");
}

#[tokio::test]
async fn an_answer_whose_head_does_not_end_is_given_up() {
    let header = format!("x: {}", "x".repeat(4096));
    let many = "x: y\r\n".repeat(1000);
    for (begin, piece) in [
        ("HTTP/1.1 200 OK\r\n", many.as_str()),
        ("HTTP/1.1 200 OK\r\n", header.as_str()),
        ("HTTP/1.1 200 ", "OK and more"),
        ("", "neither this nor that"),
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let api = api(&format!("http://{}", listener.local_addr().unwrap()));
        let ((), outcome) = tokio::join!(babbles(&listener, begin, piece), api.check_token());
        is_given_up(outcome);
    }
}

#[tokio::test]
async fn an_answer_whose_body_does_not_end_is_given_up_however_it_is_sent() {
    let spaces = " ".repeat(4096);
    let chunk = format!("1000\r\n{spaces}\r\n");
    for (begin, piece) in [
        ("HTTP/1.1 200 OK\r\n\r\n", &spaces),
        ("HTTP/1.1 200 OK\r\ncontent-length: 18446744073709551614\r\n\r\n", &spaces),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", &chunk),
        ("HTTP/1.1 500 No\r\ntransfer-encoding: chunked\r\n\r\n", &chunk),
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let api = api(&format!("http://{}", listener.local_addr().unwrap()));
        let ((), outcome) = tokio::join!(babbles(&listener, begin, piece), api.check_token());
        is_given_up(outcome);
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_comes_a_byte_at_a_time_is_given_up_in_the_calls_own_time() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let api = api(&format!("http://{}", listener.local_addr().unwrap()));
    let drips = async {
        let (mut socket, _) = listener.accept().await.unwrap();
        request(&mut socket).await;
        socket.write_all(b"HTTP/1.1 200 OK\r\nx: ").await.unwrap();
        let mut pace = tokio::time::interval(std::time::Duration::from_secs(1));
        while drip(&mut socket).await {
            pace.tick().await;
        }
    };
    let mut outcome = pin!(api.check_token());
    let outcome = tokio::select! {
        outcome = &mut outcome => outcome,
        () = drips => outcome.await,
    };
    assert!(matches!(outcome.unwrap_err().kind(), ErrorKind::Timeout { .. }));
}

async fn drip(socket: &mut TcpStream) -> bool {
    socket.write_all(b"x").await.is_ok()
}

#[tokio::test]
async fn an_answer_that_nests_without_end_is_an_error_and_no_overflow() {
    let nested = |open: &str, close: &str| format!("{}{}", open.repeat(100_000), close.repeat(100_000));
    for body in [nested("[", "]"), nested("{\"a\":", "}"), "[".repeat(900_000)] {
        for status in [200, 400] {
            let body = body.clone();
            let server = listens(move |_| http(status, "", &body)).await;
            assert!(api(&server.url).check_token().await.is_err());
        }
    }
}
