//! Registering: an application that DingTalk makes for who scans a code, through the loaded library.

use host_mock::dingtalk::{DingTalk, Endpoint, Fault, Settings};
use host_sdk::{
    Accepted, Done, ErrorCode, Handle, InboundMessage, Json, LogLine, OpenContext, Registration,
    RegistrationState, Result,
    host::{Channel, Events},
};
use serde_json::{Value, json};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};
use tests::{Copied, plugin};

/// A host that takes nothing, and keeps what is logged.
#[derive(Clone, Default)]
struct Deaf(Arc<Mutex<Vec<String>>>);

impl Deaf {
    fn note(&self, line: &LogLine<'_>) {
        self.0.lock().unwrap().push(format!("{line:?}"));
    }
}

impl Events for Deaf {
    fn receive(&self, _message: InboundMessage, answer: Done<Accepted>) {
        answer.answer(Ok(Accepted::Refused));
    }

    fn log(&self, line: &LogLine<'_>) {
        self.note(line);
    }
}

async fn dingtalk() -> DingTalk {
    let interval = Duration::from_secs(1);
    DingTalk::start(Settings { registration_interval: interval, ..Settings::default() }).await.unwrap()
}

/// An account without credentials, opened with this `extra`.
async fn opened(dingtalk: &DingTalk, extra: Value) -> Result<Channel> {
    let plugin = tokio::task::spawn_blocking(plugin).await.unwrap();
    plugin.open(context(dingtalk, &extra), Deaf::default())
}

fn context(dingtalk: &DingTalk, extra: &Value) -> OpenContext {
    let url = dingtalk.base_url();
    let config = Json::new(&json!({"endpoints": {"api": url, "oapi": url}}));
    OpenContext { config, extra: Json::new(extra), ..OpenContext::default() }
}

async fn applicant(dingtalk: &DingTalk) -> Channel {
    opened(dingtalk, json!({"registers": true})).await.unwrap()
}

async fn begun(channel: &Channel) -> Registration {
    channel.register(Handle::default()).await.unwrap()
}

#[tokio::test]
async fn who_scans_the_code_gets_an_application_whose_credentials_work() {
    let dingtalk = dingtalk().await;
    let channel = applicant(&dingtalk).await;

    let begun = begun(&channel).await;
    assert_eq!((begun.state, begun.ask_after_ms), (RegistrationState::Waiting, 1_000));
    assert!(
        begun.link.ends_with(&format!("?scan={}", begun.code)) && !begun.code.is_empty(),
        "{}",
        begun.link
    );
    assert_eq!(begun.lapses_after_ms, 7_200_000);
    let waits = channel.register(begun.ticket.clone()).await.unwrap();
    assert_eq!((waits.state, waits.link.as_str()), (RegistrationState::Waiting, ""));

    let app = dingtalk.scan(&begun.code).unwrap();
    let granted = channel.register(waits.ticket).await.unwrap();

    let options: Value = granted.options.parse().unwrap();
    assert_eq!(granted.state, RegistrationState::Granted);
    assert_eq!(options, json!({"clientId": app.client_id, "clientSecret": app.client_secret}));
    let printed = format!("{granted:?}");
    assert!(!printed.contains(&app.client_secret), "{printed}");
    assert!(dingtalk.violations().is_empty(), "{:?}", dingtalk.violations());
}

#[tokio::test]
async fn a_refusal_and_a_code_that_expired_are_told_apart() {
    let dingtalk = dingtalk().await;
    let channel = applicant(&dingtalk).await;
    let (refused, expired) = (begun(&channel).await, begun(&channel).await);
    assert!(dingtalk.refuse_scan(&refused.code));
    assert_eq!(dingtalk.expire_scans(), 1);

    let refused = channel.register(refused.ticket).await.unwrap();
    let expired = channel.register(expired.ticket).await.unwrap();

    assert_eq!((refused.state, refused.why.as_str()), (RegistrationState::Refused, "the user refused"));
    assert_eq!(expired.state, RegistrationState::Lapsed);
}

#[tokio::test]
async fn what_passes_is_waited_out_and_what_does_not_ends_it_with_a_sentence() {
    let dingtalk = dingtalk().await;
    let channel = applicant(&dingtalk).await;
    let begun = begun(&channel).await;
    let poll = || dingtalk.on(Endpoint::PollRegistration);

    for passing in [Fault::Html(502), Fault::Reset, Fault::refused(500, "system.error")] {
        poll().answer(passing.clone()).once();
        let waits = channel.register(begun.ticket.clone()).await.unwrap();
        assert_eq!((waits.state, waits.why.is_empty()), (RegistrationState::Waiting, false), "{passing:?}");
    }
    for lasting in [
        Fault::Html(200),
        Fault::errcode(400_002, "invalid device_code"),
        Fault::Json { status: 200, body: json!({"errcode": 0}) },
        Fault::Json { status: 200, body: json!({"errcode": 0, "status": "SUCCESS", "client_id": "ding"}) },
    ] {
        poll().answer(lasting.clone()).once();
        let error = channel.register(begun.ticket.clone()).await.unwrap_err();
        assert!(
            !error.message.is_empty() && !error.message.contains(begun.ticket.reveal()),
            "{lasting:?}: {error}"
        );
    }
    for (at, answer) in [
        (Endpoint::InitRegistration, json!({"errcode": 400_002, "errmsg": "invalid source"})),
        (Endpoint::InitRegistration, json!({"errcode": 0})),
        (Endpoint::BeginRegistration, json!({"errcode": 0, "device_code": "d"})),
        (
            Endpoint::BeginRegistration,
            json!({"errcode": 0, "device_code": "d", "verification_uri": "http://elsewhere.example/"}),
        ),
        (
            Endpoint::BeginRegistration,
            json!({"errcode": 0, "device_code": "d", "verification_uri": "javascript:alert(1)"}),
        ),
    ] {
        dingtalk.on(at).answer(Fault::Json { status: 200, body: answer.clone() }).once();
        assert!(channel.register(Handle::default()).await.is_err(), "{answer}");
    }
}

#[tokio::test]
async fn what_dingtalk_leaves_out_or_writes_otherwise_is_made_up_for() {
    let dingtalk = dingtalk().await;
    let channel = applicant(&dingtalk).await;
    let body = json!({"errcode": "0", "device_code": "d", "interval": "3",
        "verification_uri": "https://open-dev.dingtalk.com/scan", "unheardOf": [1]});
    dingtalk.on(Endpoint::BeginRegistration).answer(Fault::Json { status: 200, body }).once();
    let begun = begun(&channel).await;
    assert_eq!((begun.link.as_str(), begun.code.as_str()), ("https://open-dev.dingtalk.com/scan", ""));
    assert_eq!((begun.ask_after_ms, begun.lapses_after_ms), (3_000, 7_200_000));

    let body = json!({"errcode": 0, "status": "SCANNED"});
    dingtalk.on(Endpoint::PollRegistration).answer(Fault::Json { status: 200, body }).once();
    assert_eq!(channel.register(begun.ticket).await.unwrap().state, RegistrationState::Waiting);
}

#[tokio::test]
async fn only_what_was_opened_for_it_registers_and_that_is_not_started() {
    let dingtalk = dingtalk().await;
    let channel = applicant(&dingtalk).await;
    assert_eq!(channel.start().await.unwrap_err().code, ErrorCode::State);
    let foreign = channel.register(Handle::new("not one of ours")).await.unwrap_err();
    assert_eq!(foreign.code, ErrorCode::Rejected);

    let Err(error) = opened(&dingtalk, json!({})).await else { panic!("it has no credentials") };
    assert!(error.message.contains("clientId"), "{error}");
    let calls = dingtalk.look(|view| view.calls().count());
    assert_eq!(calls, 0, "DingTalk was asked");
}

#[tokio::test]
async fn no_code_ticket_or_secret_is_logged() {
    let dingtalk = dingtalk().await;
    // A library of its own: others would change how much it logs.
    let load = || Copied::of(tests::dingtalk()).load();
    let plugin = tokio::task::spawn_blocking(load).await.unwrap();
    assert!(plugin.log_filter("openclaw_dingtalk=trace"));
    let (lines, heard) = (Deaf::default(), Deaf::default());
    let of_nobody = heard.clone();
    let _logged = plugin.log_to(move |line| of_nobody.note(line)).unwrap();
    let channel = plugin.open(context(&dingtalk, &json!({"registers": true})), lines.clone()).unwrap();
    let begun = begun(&channel).await;
    let app = dingtalk.scan(&begun.code).unwrap();
    channel.register(begun.ticket.clone()).await.unwrap();
    let device_code = begun.ticket.reveal().split(' ').nth(1).unwrap();
    let lines = [lines.0.lock().unwrap().clone(), heard.0.lock().unwrap().clone()].concat();
    assert!(lines.iter().any(|line| line.contains("calls DingTalk")), "nothing is heard");
    for line in lines {
        for secret in [begun.code.as_str(), device_code, app.client_secret.as_str()] {
            assert!(!line.contains(secret), "{line}");
        }
    }
}
