//! The doctor: each switch of the fake DingTalk's, and of this machine, and exactly what is found because of it.

use host_mock::{
    command::doctor::ended,
    dingtalk::{DingTalk, Endpoint, Fault, Settings},
    host::{ConfigSource, Examination, Options, PluginSource},
};
use host_sdk::{Check, Verdict};
use serde_json::{Value, json};
use std::{path::Path, time::Duration};
use tests::{plugin, section};
use tokio::task::JoinSet;

/// What happens to a bot: the fake DingTalk, its section, and a directory for whatever else it takes.
type Switch = fn(&DingTalk, &mut Value, &Path);

/// What every bot is told, and nothing more where all is well.
const ALWAYS: [&str; 6] = [
    "permission.snsapi_base permissionUnknown",
    "permission.qyapi_base permissionUnknown",
    "messageMode messageModeUnknown",
    "eventMode eventModeUnknown",
    "version versionUnknown",
    "secondConnection rivalUnknown",
];

/// The calls that take a token.
const WITH_TOKEN: [Endpoint; 3] = [Endpoint::MessageFile, Endpoint::CreateCard, Endpoint::Streaming];

/// Each with what does not work because of it, and the exit code.
const SWITCHES: [(&str, Switch, &[&str], u8); 22] = [
    ("nothing", |_, _, _| {}, &[], 0),
    (
        "another secret",
        |_, section, _| section["clientSecret"] = json!("fake-secret-of-somebody-else-entirely"),
        &["token rejected", "connection rejected"],
        1,
    ),
    (
        "not published",
        |dingtalk, _, _| all(dingtalk, [Endpoint::OpenConnection], &Fault::refused(400, "invalidParameter")),
        &["connection notInvited"],
        1,
    ),
    (
        "an allow-list",
        |dingtalk, _, _| all(dingtalk, WITH_TOKEN, &Fault::IpNotAllowed),
        &["allowList addressNotAllowed"],
        1,
    ),
    (
        "no permission to send",
        |dingtalk, _, _| dingtalk.deny_scope("qyapi_robot_sendmsg"),
        &["permission.qyapi_robot_sendmsg missing"],
        1,
    ),
    (
        "no permission for cards",
        |dingtalk, _, _| dingtalk.deny_scope("Card.Instance.Write"),
        &["permission.Card.Instance.Write cardPermissionMissing"],
        0,
    ),
    (
        "no permission to stream",
        |dingtalk, _, _| dingtalk.deny_scope("Card.Streaming.Write"),
        &["permission.Card.Streaming.Write cardPermissionMissing"],
        0,
    ),
    (
        "a template that is not there",
        |_, section, _| section["cardTemplateId"] = json!("00000000-0000-4000-8000-00000000fake.schema"),
        &["cardTemplate templateUnusable"],
        0,
    ),
    ("a clock that is off", |dingtalk, _, _| dingtalk.set_clock_ahead(120), &["clock clockOff"], 0),
    ("a clock that is wrong", |dingtalk, _, _| dingtalk.set_clock_ahead(-7200), &["clock clockWrong"], 1),
    (
        "the month's calls are used up",
        |dingtalk, _, _| all(dingtalk, WITH_TOKEN, &Fault::MonthlyQuota),
        &["quota quotaExhausted"],
        1,
    ),
    (
        "a small budget",
        |_, section, _| section["budget"] = json!({"apiCallsPerMonth": 3}),
        &["quota quotaLow"],
        0,
    ),
    ("a ban", |dingtalk, _, _| all(dingtalk, [Endpoint::AccessToken], &Fault::IpBan), &["token banned"], 1),
    (
        "no answer",
        |dingtalk, _, _| all(dingtalk, [Endpoint::AccessToken], &Fault::Hang),
        &["token silent"],
        1,
    ),
    (
        "a failing DingTalk",
        |dingtalk, _, _| all(dingtalk, [Endpoint::AccessToken], &Fault::refused(500, "system.error")),
        &["token serverFails"],
        0,
    ),
    (
        "something that answers in DingTalk's place",
        |dingtalk, _, _| all(dingtalk, [Endpoint::OpenConnection], &Fault::Html(400)),
        &["connection nonsense"],
        1,
    ),
    (
        "too many calls to it",
        |dingtalk, _, _| all(dingtalk, [Endpoint::CreateCard], &Fault::too_fast()),
        &["permission.Card.Instance.Write throttled", "cardTemplate throttled"],
        0,
    ),
    (
        "nobody who listens",
        |_, section, _| {
            section["endpoints"] = json!({"api": "http://127.0.0.1:1", "oapi": "http://127.0.0.1:1"})
        },
        &["token unreachable", "connection unreachable"],
        1,
    ),
    (
        "a proxy that is not there",
        |_, section, _| {
            section["endpoints"] = json!({"api": "http://ding.corp.example", "allowPlain": true});
            section["proxy"] = json!("http://127.0.0.1:1");
        },
        &["proxy proxyUnreachable", "tls plain"],
        1,
    ),
    (
        // Longer than any name can be: no server is asked for it.
        "a name without an address",
        |_, section, _| section["endpoints"] = json!({"api": format!("https://{}.example", "a".repeat(70))}),
        &["dns noAddress"],
        1,
    ),
    (
        "a file in the place of the folder for files",
        |_, section, place| {
            std::fs::write(place.join("media"), "").unwrap();
            section["inboundMedia"] = json!({"dir": place.join("media")});
        },
        &["media folderUnusable"],
        1,
    ),
    (
        "a secret whose file is not there",
        |_, section, place| section["clientSecret"] = json!({"file": place.join("secret")}),
        &["configuration unusable"],
        1,
    ),
];

fn all(dingtalk: &DingTalk, endpoints: impl IntoIterator<Item = Endpoint>, fault: &Fault) {
    endpoints.into_iter().for_each(|endpoint| dingtalk.on(endpoint).answer(fault.clone()).always());
}

async fn examined(switch: Switch) -> (Examination, DingTalk) {
    let dingtalk = DingTalk::start(Settings::default()).await.unwrap();
    let place = tempfile::tempdir().unwrap();
    let mut section = section(&dingtalk);
    switch(&dingtalk, &mut section, place.path());
    let config = ConfigSource::Value(json!({"channels": {"dingtalk": section}}));
    let plugin = tokio::task::spawn_blocking(plugin).await.unwrap();
    let mut options = Options::new(config, PluginSource::Loaded(vec![plugin]), place.path().join("state"));
    options.probe_time = Some(Duration::from_secs(30)); // the machine may be busy
    (Examination::of(&options, None).await.unwrap(), dingtalk)
}

fn named(check: &Check) -> String {
    format!("{} {}", check.name, check.code)
}

#[tokio::test]
async fn each_switch_is_found_by_its_name_with_its_cure_in_both_languages_and_its_exit_code() {
    let mut wrong = Vec::new();
    let mut examining = JoinSet::new(); // most of them wait for most of their time
    for (name, switch, found, exit) in SWITCHES {
        examining.spawn(async move { (name, examined(switch).await.0, found, exit) });
    }
    for (name, examination, found, exit) in examining.join_all().await {
        let checks = &examination.accounts[0].report.checks;
        let ill = checks.iter().filter(|check| matches!(check.verdict, Verdict::Warning | Verdict::Failed));
        let ill: Vec<_> = ill.collect();
        let code = ended(&examination).err().map_or(0, |failure| failure.exit.code());
        let told: Vec<_> = ill.iter().map(|check| named(check)).collect();
        if told != found || code != exit {
            wrong.push(format!("{name}: {told:?} and exit code {code}, not {found:?} and {exit}"));
        }
        for check in ill {
            let [zh, en] = ["zh-CN", "en"].map(|locale| check.in_language(locale));
            for words in [&zh, &en] {
                assert!(
                    ![&words.finding, &words.why, &words.remedy].iter().any(|text| text.is_empty()),
                    "{check:?}"
                );
            }
            assert!(!zh.remedy.is_ascii() && en.remedy.is_ascii(), "{check:?}");
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn where_all_is_well_only_what_no_call_tells_is_unknown_and_has_the_page_to_look_at() {
    let (examination, _dingtalk) = examined(|_, _, _| {}).await;
    let checks = &examination.accounts[0].report.checks;
    let unknown: Vec<_> = checks.iter().filter(|check| check.verdict != Verdict::Ok).collect();
    assert_eq!(unknown.iter().map(|check| named(check)).collect::<Vec<_>>(), ALWAYS);
    for check in unknown.iter().filter(|check| check.name != "secondConnection") {
        assert!(check.link.starts_with("https://open-dev.dingtalk.com/"), "{check:?}");
        assert!(check.in_language("en").finding.contains("cannot be checked from here"), "{check:?}");
    }
}

#[tokio::test]
async fn a_probe_shows_nothing_opens_nothing_and_says_what_it_cost() {
    let (examination, dingtalk) = examined(|_, _, _| {}).await;
    assert_eq!(examination.accounts[0].report.charged_calls, 3);
    dingtalk.look(|view| {
        assert_eq!(view.connections().count(), 0, "a connection would take messages from a bot that runs");
        let made: Vec<_> = view.calls().filter_map(|call| call.endpoint).collect();
        let charged = made.iter().filter(|endpoint| WITH_TOKEN.contains(endpoint)).count();
        assert_eq!((charged, made.len()), (3, 5), "{made:?}");
        assert!(view.cards().all(|card| card.carriers.is_empty()), "somebody sees a card");
    });
}
