//! Everything that a bot may suffer from, and exactly what is found because of it.

use super::stage::Stage;
use host_mock::{dingtalk::Endpoint, proxy::Manner};
use serde_json::json;

/// What happens to a bot before it is examined.
type Turn = fn(&mut Stage);

/// How it is brought about.
#[derive(Clone, Copy)]
pub(super) enum By {
    /// A fault of the simulator's, as people write it.
    Fault(&'static str),
    /// Something of this machine's, or of the configuration.
    Here(Turn),
}

use By::{Fault, Here};

/// What is found where no call with a token is taken for its pace.
const THROTTLED: &[&str] = &[
    "permission.qyapi_robot_sendmsg throttled",
    "permission.Card.Instance.Write throttled",
    "permission.Card.Streaming.Write throttled",
    "cardTemplate throttled",
];

/// Each with what does not work because of it, and the exit code.
pub(super) const SWITCHES: [(By, &[&str], u8); 42] = [
    // The configuration.
    (
        Here(|stage| stage.set("clientSecret", json!({"file": stage.path("not there")}))),
        &["configuration unusable"],
        1,
    ),
    // The way: proxies, names, trust, time.
    (
        Here(|stage| {
            stage.encrypt();
            stage.set("proxy", "http://127.0.0.1:1");
        }),
        &["proxy proxyUnreachable"],
        1,
    ),
    (
        Here(|stage| {
            stage.encrypt_behind_proxy();
            stage.proxy.behave(Manner::wants("lin", "pass"));
        }),
        &["proxy proxyWantsCredentials"],
        1,
    ),
    (
        Here(|stage| {
            stage.encrypt_behind_proxy();
            stage.proxy.behave(Manner::Refuses(403));
        }),
        &["proxy proxyRefuses"],
        1,
    ),
    // Longer than any name can be: no server is asked for it.
    (Here(|stage| stage.reach(&format!("https://{}.invalid", "a".repeat(70)))), &["dns noAddress"], 1),
    (
        Here(|stage| {
            stage.reach("http://ding.corp.example");
            stage.section["endpoints"]["allowPlain"] = json!(true);
            stage.proxied();
        }),
        &["tls plain"],
        0,
    ),
    (Here(Stage::distrust), &["tls untrusted"], 1),
    (Fault("clock-ahead=120"), &["clock clockOff"], 0),
    (Fault("clock-behind=7200"), &["clock clockWrong"], 1),
    // What any call may meet.
    (Here(|stage| stage.reach("http://127.0.0.1:1")), &["token unreachable", "connection unreachable"], 1),
    (Fault("hang"), &["token silent", "connection silent"], 1),
    (Fault("latency=60000"), &["token silent", "connection silent"], 1),
    (Fault("late=60000"), &["token silent", "connection silent"], 1),
    (Fault("reset"), &["token unreachable", "connection unreachable"], 1),
    (Fault("html-502"), &["token serverFails", "connection serverFails"], 0),
    (Fault("server-error"), &["token serverFails", "connection serverFails"], 0),
    (Fault("ip-ban"), &["token banned", "connection banned"], 1),
    (Fault("qps"), THROTTLED, 0),
    (Fault("qpm"), THROTTLED, 0),
    (Fault("qps-api"), THROTTLED, 0),
    (Fault("card-streaming-qps"), &["permission.Card.Streaming.Write throttled"], 0),
    (Fault("cards-too-fast"), &["permission.Card.Instance.Write throttled", "cardTemplate throttled"], 0),
    // Who the bot is.
    (Fault("no-token"), &["token rejected"], 1),
    (Fault("token-refused"), &["token refused"], 1),
    (
        Here(|stage| stage.set("clientSecret", "fake-secret-of-somebody-else-entirely")),
        &["token rejected", "connection rejected"],
        1,
    ),
    (Fault("invalid-token"), &["token tokenInvalid"], 1),
    (Fault("f7-401"), &["connection rejected"], 1),
    (Fault("f7-400"), &["connection notInvited"], 1),
    (Fault("f7-html"), &["connection nonsense"], 1),
    (Fault("f7-503"), &["connection serverFails"], 0),
    (Fault("f7-hang"), &["connection silent"], 1),
    (Fault("ip-not-allowed"), &["allowList addressNotAllowed"], 1),
    // What it may do.
    (Fault("no-robot-send"), &["permission.qyapi_robot_sendmsg missing"], 1),
    (Fault("no-card-write"), &["permission.Card.Instance.Write cardPermissionMissing"], 0),
    (Fault("no-card-streaming"), &["permission.Card.Streaming.Write cardPermissionMissing"], 0),
    (Fault("card-template"), &["cardTemplate templateUnusable"], 0),
    // This machine.
    (
        Here(|stage| {
            std::fs::write(stage.path("media"), "").unwrap();
            stage.set("inboundMedia", json!({"dir": stage.path("media")}));
        }),
        &["media folderUnusable"],
        1,
    ),
    (Here(|stage| stage.free_bytes = Some(500 << 20)), &["disk diskLow"], 0),
    (Here(|stage| stage.free_bytes = Some(10 << 20)), &["disk diskFull"], 1),
    // What is spent, and by whom.
    (Fault("monthly-quota"), &["quota quotaExhausted"], 1),
    (Here(|stage| stage.set("budget", json!({"apiCallsPerMonth": 3}))), &["quota quotaLow"], 0),
    (
        Here(|stage| {
            let credentials =
                json!({"clientId": stage.section["clientId"], "clientSecret": stage.section["clientSecret"]});
            stage.set("accounts", json!({"bot1": credentials, "bot2": credentials}));
            let section = stage.section.as_object_mut().unwrap();
            section.retain(|option, _| !option.starts_with("client"));
            stage.account = "dingtalk/bot2";
        }),
        &["secondConnection rival"],
        1,
    ),
];

/// What is different with a bot of which nothing is the matter, and what is found of it.
pub(super) const WELL: [(Turn, &[&str]); 5] = [
    (
        |_| {},
        &[
            "configuration usable",
            "proxy direct",
            "tls loopback",
            "clock clockRight",
            "token accepted",
            "connection invited",
            "allowList addressAllowed",
            "permission.qyapi_robot_sendmsg granted",
            "cardTemplate templateKnown",
            "media folderWritable",
            "disk diskRoomy",
            "quota quotaLeft",
        ],
    ),
    (Stage::encrypt, &["dns resolved", "tls trusted"]),
    (Stage::encrypt_behind_proxy, &["proxy throughProxy", "dns byProxy", "tls trusted"]),
    (|stage| stage.set("maxFileSizeMB", 0), &["media filesOff"]),
    // What is found of permissions for cards where nobody wants any: nothing.
    (|stage| stage.set("enableAICard", false), &["permission.qyapi_robot_sendmsg granted"]),
];

/// The faults of the simulator's that the doctor says nothing of, and why.
pub(super) const SILENT: [(&str, &[&str]); 9] = [
    (
        "they happen to a connection, and the doctor opens none",
        &[
            "f1-disconnect",
            "f2-deaf",
            "f3-reset",
            "f3-drop",
            "f3-close",
            "f4-stall",
            "f5-zombie",
            "f10-share",
            "resume",
            "ping",
            "f8-refused",
            "f8-close",
            "f9-no-greeting",
        ],
    ),
    ("they happen to a message, and none is pushed to the doctor", &["f6-again", "over-quota"]),
    ("no call shows it: it is always said to be unknown", &["no-base", "http-mode", "unpublished", "rival"]),
    ("the doctor calls each API once", &["qps-limit"]),
    ("another token is got without anybody's doing", &["token-life", "revoke-tokens"]),
    ("the doctor sends nothing that anybody sees", &["lost-answer", "card-delivery"]),
    (
        "a webhook comes with a message, and the doctor has none",
        &["webhook-qps", "webhook-expired", "webhook-life", "expire-webhooks"],
    ),
    (
        "a bot that is examined is registered; who registers one is told by `setup`",
        &["scan-unknown", "scan-html", "scan-expired"],
    ),
    ("it is harmless", &["odd-answers"]),
];

/// What no switch here brings about, and the file that shows it.
pub(super) const ELSEWHERE: [(&str, &str); 8] = [
    // It takes a process of its own, whose system knows no certificate.
    ("noTrust", include_str!("../../../host-mock/tests/cli/setup.rs")),
    // Systems that do not tell.
    ("diskUnknown", include_str!("../../../plugin/src/probe/tests.rs")),
    // Another process that counts.
    ("quotaElsewhere", include_str!("../../../plugin/src/probe/tests.rs")),
    // An account that runs.
    ("messagesArrive", include_str!("mod.rs")),
    ("eventsArrive", include_str!("mod.rs")),
    ("versionInUse", include_str!("mod.rs")),
    // Of every bot where something is the matter.
    ("notExamined", include_str!("mod.rs")),
    ("permissionUnknown", include_str!("mod.rs")),
];

/// The calls that take a token, and count.
pub(super) const CHARGED: [Endpoint; 3] = [Endpoint::MessageFile, Endpoint::CreateCard, Endpoint::Streaming];
