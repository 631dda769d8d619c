use super::*;
use crate::api::{Plain, card::Update, exchange::MAX_ANSWER, robot::RobotMessage, token::TokenAnswer};
use futures_util::{FutureExt, future::BoxFuture};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    task::JoinSet,
};

mod hostile;

const CONTEXT: Context<'static> = Context { during: "testing", client_id: "id", scope: "" };

/// An HTTP server that gives these answers in order, whatever is asked; then none.
struct Server {
    url: String,
    asked: mpsc::UnboundedReceiver<String>,
    _task: JoinSet<()>,
}

async fn server(answers: impl IntoIterator<Item = (u16, String)> + Send + 'static) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (seen, asked) = mpsc::unbounded_channel();
    let answers: Vec<_> = answers.into_iter().collect();
    let mut task = JoinSet::new();
    task.spawn(async move {
        for (status, body) in answers {
            let (mut socket, _) = listener.accept().await.unwrap();
            seen.send(request(&mut socket).await).ok();
            let head =
                format!("HTTP/1.1 {status} x\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", body.len());
            socket.write_all(format!("{head}{body}").as_bytes()).await.ok();
        }
        let _silent = listener.accept().await;
        std::future::pending::<()>().await;
    });
    Server { url, asked, _task: task }
}

async fn request(socket: &mut TcpStream) -> String {
    let mut text = Vec::new();
    loop {
        socket.read_buf(&mut text).await.unwrap();
        let request = String::from_utf8_lossy(&text).into_owned();
        let Some((head, body)) = request.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap_or("0");
        if body.len() >= length.parse().unwrap() {
            return request;
        }
    }
}

fn api(base: &str) -> Api {
    let endpoints = Endpoints::parse(base, base, Plain::LoopbackOnly).unwrap();
    let credentials = Credentials { client_id: "dingabc".into(), client_secret: Secret::new("s3cret") };
    Api::direct(endpoints, credentials)
}

fn token(token: &str) -> (u16, String) {
    (200, json!({"accessToken": token, "expireIn": 7200}).to_string())
}

fn invalid_token() -> (u16, String) {
    (400, json!({"code": "InvalidAuthentication", "message": "不合法的access_token"}).to_string())
}

async fn update(api: &Api) -> Result<()> {
    let permit = api.permit(Update::FAMILY, Priority::Final).await;
    api.update_card(permit, &Update::by_key("card-1", Default::default())).await
}

#[tokio::test]
async fn a_rejected_token_is_replaced_once_and_the_call_repeated() {
    let success = (200, json!({"success": true, "result": true}).to_string());
    let mut server = server([token("t1"), invalid_token(), token("t2"), success]).await;
    update(&api(&server.url)).await.unwrap();

    let login = server.asked.recv().await.unwrap();
    assert!(login.starts_with("POST /v1.0/oauth2/accessToken "));
    assert!(login.ends_with(r#"{"appKey":"dingabc","appSecret":"s3cret"}"#));
    let first = server.asked.recv().await.unwrap();
    assert!(
        first.starts_with("PUT /v1.0/card/instances ") && first.contains("x-acs-dingtalk-access-token: t1")
    );
    server.asked.recv().await.unwrap();
    assert!(server.asked.recv().await.unwrap().contains("x-acs-dingtalk-access-token: t2"));
}

#[tokio::test]
async fn a_token_that_is_rejected_again_is_a_failure() {
    let server = server([token("t1"), invalid_token(), token("t2"), invalid_token()]).await;
    let error = update(&api(&server.url)).await.unwrap_err();
    assert!(error.is_auth());
}

#[tokio::test]
async fn a_token_serves_until_it_is_rejected() {
    let success = || (200, json!({"success": true}).to_string());
    let server = server([token("t1"), success(), success()]).await;
    let api = api(&server.url);
    update(&api).await.unwrap();
    update(&api).await.unwrap();
}

#[tokio::test]
async fn wrong_credentials_are_told_apart_from_a_bad_token() {
    let body = json!({"code": "invalidClientIdOrSecret", "message": "无效的clientId或者clientSecret"});
    let server = server([(400, body.to_string())]).await;
    let error = api(&server.url).check_token().await.unwrap_err();
    assert!(error.is_auth());
    assert!(error.sentence().contains("check clientId and clientSecret"));
    assert!(!format!("{error:?}").contains("s3cret"));
}

fn rejected() -> (u16, String) {
    (401, json!({"code": "authFailed", "message": "x"}).to_string())
}

#[tokio::test]
async fn a_rejected_secret_is_read_again_and_a_changed_one_is_used_from_then_on() {
    let opened = json!({"endpoint": "ws://127.0.0.1:9/connect", "ticket": "t"}).to_string();
    let mut server = server([rejected(), (200, opened), token("t1"), (200, "{}".into())]).await;
    let api = api(&server.url);
    let changed = || Credentials { client_id: "dingabc".into(), client_secret: Secret::new("new-5ecret") };
    api.reread_from(Arc::new(move || async move { Some(changed()) }.boxed()));
    api.open_stream().await.unwrap();
    update(&api).await.unwrap();
    for secret in ["s3cret", "new-5ecret", "new-5ecret"] {
        assert!(server.asked.recv().await.unwrap().contains(&format!("\"{secret}\"")));
    }
}

#[tokio::test]
async fn a_rejected_secret_that_has_not_changed_is_not_tried_again() {
    let mut server = server([rejected(), rejected()]).await;
    let api = api(&server.url);
    let same = || Credentials { client_id: "dingabc".into(), client_secret: Secret::new("s3cret") };
    api.reread_from(Arc::new(move || async move { Some(same()) }.boxed()));
    assert!(api.open_stream().await.unwrap_err().is_auth());
    let another = || Credentials { client_id: "dingxyz".into(), client_secret: Secret::new("other") };
    let stranger = self::api(&server.url);
    stranger.reread_from(Arc::new(move || async move { Some(another()) }.boxed()));
    assert!(stranger.open_stream().await.unwrap_err().is_auth(), "another app is another account");
    server.asked.recv().await.unwrap();
    server.asked.recv().await.unwrap();
    assert!(server.asked.try_recv().is_err());
}

#[tokio::test]
async fn a_refused_opening_says_what_to_check() {
    let server = server([(400, String::new())]).await;
    let error = api(&server.url).open_stream().await.unwrap_err();
    assert!(error.sentence().contains("Stream mode"), "{}", error.sentence());
}

#[tokio::test]
async fn an_invitation_elsewhere_is_not_followed() {
    let elsewhere = json!({"endpoint": "wss://evil.example/connect", "ticket": "t"});
    let server = server([(200, elsewhere.to_string())]).await;
    let error = api(&server.url).open_stream().await.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Rejected { code, .. } if code == "foreignAddress"));
}

#[tokio::test]
async fn an_answer_that_does_not_come_leaves_open_what_happened() {
    let server = server([]).await;
    let webhook = Secret::new(format!("{}/robot/sendBySession?session=s3cret", server.url));
    let outcome =
        api(&server.url).post_outside("testing", &webhook, Duration::from_secs(2), &json!({}), &()).await;
    let error = outcome.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Timeout { ambiguous: true });
    assert!(!format!("{error:?}").contains("s3cret"));
}

#[tokio::test]
async fn an_answer_without_end_is_cut() {
    let server = server([(200, "x".repeat(MAX_ANSWER + 1))]).await;
    let error = api(&server.url).check_token().await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Protocol);
}

#[tokio::test]
async fn an_unreachable_host_is_named_and_nothing_was_sent() {
    let error = api("http://127.0.0.1:9").check_token().await.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Network { host, ambiguous: false } if host == "127.0.0.1"));
}

#[tokio::test]
async fn a_webhook_elsewhere_is_not_called() {
    let url = Secret::new("https://evil.example/robot/sendBySession?session=x");
    let api = api("http://127.0.0.1:9");
    let error = api.post_outside("testing", &url, Duration::from_secs(1), &json!({}), &()).await.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Rejected { code, .. } if code == "foreignAddress"));
}

#[test]
fn an_empty_answer_reads_as_an_empty_object() {
    let value: serde_json::Value = parse(CONTEXT, b" ").unwrap();
    assert_eq!(value, json!({}));
}

#[test]
fn an_unreadable_answer_is_not_quoted() {
    let error = parse::<TokenAnswer>(CONTEXT, br#"{"accessToken":"t","expireIn":"s3cret"}"#).err().unwrap();
    assert!(!format!("{error:?}").contains("s3cret"));
}

#[tokio::test]
async fn concurrent_calls_whose_token_is_rejected_get_one_new_token() {
    let ok = || (200, json!({"success": true}).to_string());
    let calls = (0..5).map(|_| invalid_token());
    let answers: Vec<_> =
        std::iter::once(token("t1")).chain(calls).chain([token("t2")]).chain((0..5).map(|_| ok())).collect();
    let mut server = server(answers).await;
    let api = api(&server.url);
    futures_util::future::join_all((0..5).map(|_| async { update(&api).await.unwrap() })).await;
    let mut asked = Vec::new();
    while let Ok(request) = server.asked.try_recv() {
        asked.push(request);
    }
    let fetched = asked.iter().filter(|request| request.contains("/oauth2/accessToken")).count();
    assert_eq!((asked.len(), fetched), (12, 2));
}

#[tokio::test]
async fn a_token_that_cannot_be_fetched_leaves_no_doubt_about_the_call() {
    let broken = || (500, String::new());
    let server = server([broken(), broken()]).await;
    let api = api(&server.url);
    let error = update(&api).await.unwrap_err();
    assert!(!error.is_ambiguous() && error.retry_after().is_some(), "{error}");
}

#[tokio::test]
async fn a_call_that_the_apps_limit_refuses_goes_again_in_its_next_turn() {
    let refused = json!({"code": "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi"}).to_string();
    let sent = json!({"processQueryKey": "k"}).to_string();
    let server = server([token("t1"), (403, refused), (200, sent)]).await;
    let api = api(&server.url);
    let (message, told) = (RobotMessage::markdown("a", "b"), Told::default());
    let key = api.send_to_group("robot", "cid", &message, &told).await;
    assert_eq!(key.unwrap(), "k");
    assert_eq!(*told.0.lock().unwrap(), ["leaves", "returned", "leaves"]);
    let limits = &api.limits()["/v1.0/robot/groupMessages/send"];
    assert_eq!((&limits["calls"], &limits["refusals"]), (&json!(2), &json!(1)));
}

/// What was told of a call.
#[derive(Default)]
struct Told(Mutex<Vec<&'static str>>);

impl Departure for Told {
    fn leaves(&self) -> BoxFuture<'_, ()> {
        async { self.0.lock().unwrap().push("leaves") }.boxed()
    }

    fn returned(&self) -> BoxFuture<'_, ()> {
        async { self.0.lock().unwrap().push("returned") }.boxed()
    }
}

#[tokio::test]
async fn a_call_that_waits_for_its_turn_or_its_token_has_not_left() {
    let server = server([]).await;
    let (api, told) = (api(&server.url), Told::default());
    let message = RobotMessage::markdown("a", "b");
    let sent = api.send_to_group("robot", "cid", &message, &told);
    // The token is asked for and never comes.
    assert!(tokio::time::timeout(Duration::from_millis(50), sent).await.is_err());
    assert!(told.0.lock().unwrap().is_empty());
}
