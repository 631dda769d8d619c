use super::{
    facts::{Addresses, Asked, CardFacts, Facts, Folder, Heard, HostFacts},
    finding::{Finding, Row},
    judge, table,
};
use crate::{
    budget::{Level, Standing},
    error::{Error, ErrorKind, ProxyFault},
    wording::Wording,
};
use host_sdk::Verdict;
use std::time::Duration;

/// An account of which everything is fine that can be told.
fn well() -> Facts {
    let host = HostFacts {
        name: "api.dingtalk.com".into(),
        proxy: None,
        encrypted: true,
        loopback: false,
        addresses: Addresses::Found { v4: 2, v6: 1 },
    };
    Facts {
        hosts: vec![host],
        way: Ok(()),
        token: Asked::Fine,
        closed_for: Duration::ZERO,
        invitation: Asked::Fine,
        robot: Asked::Fine,
        cards: Some(CardFacts { create: Asked::Fine, streaming: Asked::Fine }),
        ahead_ms: Some(-1_500),
        folder: Folder::Writable("/media".into()),
        free: Some(1 << 40),
        quota: Some(Standing { level: Level::Ample, exhausted: false, month: 12, cap: Some(5_000) }),
        rival: None,
        heard: Heard { messages: true, events: true },
        client_id: "dingabc".into(),
    }
}

fn failed(kind: ErrorKind) -> Asked {
    Asked::Failed(Error::new(kind, "testing"))
}

/// What is found once `change` has happened, apart from what is fine.
fn ill(change: impl FnOnce(&mut Facts)) -> Vec<(String, &'static str)> {
    let mut facts = well();
    change(&mut facts);
    let ill = |finding: &Finding| finding.verdict() != Verdict::Ok && finding.code() != "permissionUnknown";
    let named = |finding: Finding| (finding.check.clone(), finding.code());
    judge::findings(&facts).into_iter().filter(ill).map(named).collect()
}

fn found(change: impl FnOnce(&mut Facts), expected: &[(&str, &str)]) {
    let ill = ill(change);
    let ill: Vec<_> = ill.iter().map(|(check, code)| (check.as_str(), *code)).collect();
    assert_eq!(ill, expected);
}

#[test]
fn nothing_is_the_matter_with_an_account_that_is_well_but_for_what_no_process_can_tell() {
    found(|_| {}, &[("secondConnection", "rivalUnknown")]);
}

#[test]
fn what_this_machine_lacks_is_found() {
    let rest = ("secondConnection", "rivalUnknown");
    found(|facts| facts.free = Some(500 << 20), &[("disk", "diskLow"), rest]);
    found(|facts| facts.free = Some(1 << 20), &[("disk", "diskFull"), rest]);
    found(|facts| facts.free = None, &[("disk", "diskUnknown"), rest]);
    found(|facts| facts.ahead_ms = Some(30_000), &[("clock", "clockOff"), rest]);
    found(|facts| facts.ahead_ms = Some(-300_000), &[("clock", "clockWrong"), rest]);
    found(|facts| facts.quota = None, &[("quota", "quotaElsewhere"), rest]);
    let late = |facts: &mut Facts, seconds| {
        (facts.token, facts.closed_for) = (Asked::Late, Duration::from_secs(seconds));
    };
    found(|facts| late(facts, 0), &[("token", "silent"), rest]);
    found(|facts| late(facts, 2), &[("token", "throttled"), rest]);
    found(|facts| late(facts, 299), &[("token", "banned"), rest]);
    found(|facts| facts.rival = Some("bot1".into()), &[("secondConnection", "rival")]);
}

#[test]
fn a_way_that_is_closed_is_said_once_and_the_rest_is_not_examined() {
    let host = || "api.dingtalk.com".to_owned();
    let proxy =
        |fault| move || ErrorKind::Proxy { proxy: "p:1".into(), host: "api.dingtalk.com".into(), fault };
    let closed = |kind: &dyn Fn() -> ErrorKind| {
        let findings = ill(|facts| {
            (facts.token, facts.invitation) = (failed(kind()), failed(kind()));
            facts.robot = Asked::Not;
            facts.cards = Some(CardFacts { create: Asked::Not, streaming: Asked::Not });
            facts.ahead_ms = None;
        });
        let telling =
            findings.into_iter().filter(|(_, code)| !matches!(*code, "notExamined" | "rivalUnknown"));
        telling.map(|(check, code)| format!("{check} {code}")).collect::<Vec<_>>()
    };
    assert_eq!(closed(&|| ErrorKind::Untrusted { host: host() }), ["tls untrusted"]);
    assert_eq!(closed(&|| ErrorKind::NoTrust), ["tls noTrust"]);
    assert_eq!(closed(&proxy(ProxyFault::WantsCredentials)), ["proxy proxyWantsCredentials"]);
    assert_eq!(closed(&proxy(ProxyFault::Refuses { status: Some(403) })), ["proxy proxyRefuses"]);
    assert_eq!(closed(&proxy(ProxyFault::Silent)), ["proxy proxyUnreachable"]);
    let unreachable = ["token unreachable", "connection unreachable"];
    assert_eq!(closed(&|| ErrorKind::Network { host: host(), ambiguous: false }), unreachable);
}

#[test]
fn a_token_that_is_not_taken_is_said_once_and_not_held_against_the_credentials() {
    let invalid = || failed(ErrorKind::Auth { code: "InvalidAuthentication".into() });
    let change = |facts: &mut Facts| {
        facts.robot = invalid();
        facts.cards = Some(CardFacts { create: invalid(), streaming: invalid() });
    };
    let telling: Vec<_> = ill(change).into_iter().filter(|(_, code)| *code != "notExamined").collect();
    assert_eq!(
        telling,
        [("token".to_owned(), "tokenInvalid"), ("secondConnection".to_owned(), "rivalUnknown")]
    );
}

#[test]
fn a_permission_that_is_missing_leads_to_the_page_where_it_is_applied_for() {
    let mut facts = well();
    facts.robot = failed(ErrorKind::Permission { scopes: vec![], apply_url: String::new() });
    let finding = judge::findings(&facts).into_iter().find(|finding| finding.code() == "missing").unwrap();
    let check = finding.into_check(Wording::English);
    assert_eq!(
        check.link,
        "https://open-dev.dingtalk.com/appscope/apply?content=dingabc%23qyapi_robot_sendmsg"
    );
    assert_eq!(check.finding, "qyapi_robot_sendmsg is not granted.");
    assert_eq!(check.in_language("zh").finding, "没有开通 qyapi_robot_sendmsg。");
}

#[test]
fn permissions_for_cards_are_not_looked_at_where_nobody_wants_cards() {
    let mut facts = well();
    facts.cards = None;
    let findings = judge::findings(&facts);
    assert!(findings.iter().all(|finding| !finding.check.contains("ard")));
    assert_eq!(judge::charged(&facts), 1);
    assert_eq!(judge::charged(&well()), 3);
}

/// The rows of the table.
const ALL: &[&Row] = &[
    &table::USABLE,
    &table::UNUSABLE,
    &table::DIRECT,
    &table::THROUGH_PROXY,
    &table::PROXY_UNREACHABLE,
    &table::PROXY_WANTS_CREDENTIALS,
    &table::PROXY_REFUSES,
    &table::RESOLVED,
    &table::BY_PROXY,
    &table::NO_ADDRESS,
    &table::TRUSTED,
    &table::LOOPBACK,
    &table::PLAIN,
    &table::UNTRUSTED,
    &table::NO_TRUST,
    &table::CLOCK_RIGHT,
    &table::CLOCK_OFF,
    &table::CLOCK_WRONG,
    &table::NOT_EXAMINED,
    &table::UNREACHABLE,
    &table::SILENT,
    &table::NONSENSE,
    &table::SERVER_FAILS,
    &table::THROTTLED,
    &table::BANNED,
    &table::REFUSED,
    &table::ACCEPTED,
    &table::REJECTED,
    &table::TOKEN_INVALID,
    &table::INVITED,
    &table::NOT_INVITED,
    &table::ADDRESS_ALLOWED,
    &table::ADDRESS_NOT_ALLOWED,
    &table::GRANTED,
    &table::MISSING,
    &table::CARD_PERMISSION_MISSING,
    &table::PERMISSION_UNKNOWN,
    &table::TEMPLATE_KNOWN,
    &table::TEMPLATE_UNUSABLE,
    &table::MESSAGES_ARRIVE,
    &table::MESSAGE_MODE_UNKNOWN,
    &table::EVENTS_ARRIVE,
    &table::EVENT_MODE_UNKNOWN,
    &table::VERSION_IN_USE,
    &table::VERSION_UNKNOWN,
    &table::RIVAL_UNKNOWN,
    &table::RIVAL,
    &table::FOLDER_WRITABLE,
    &table::FILES_OFF,
    &table::FOLDER_UNUSABLE,
    &table::DISK_ROOMY,
    &table::DISK_LOW,
    &table::DISK_FULL,
    &table::DISK_UNKNOWN,
    &table::QUOTA_LEFT,
    &table::QUOTA_LOW,
    &table::QUOTA_EXHAUSTED,
    &table::QUOTA_ELSEWHERE,
];

#[test]
fn every_row_is_said_in_both_languages_with_a_cure_where_something_is_the_matter() {
    assert_eq!(
        include_str!("table.rs").matches("pub(super) static").count(),
        ALL.len(),
        "a row is not in `ALL`"
    );
    let mut codes: Vec<_> = ALL.iter().map(|row| row.code).collect();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), ALL.len(), "two rows have one code");
    for row in ALL {
        let is_ill = row.verdict != Verdict::Ok;
        for [zh, en] in [row.finding, row.why, row.remedy] {
            assert_eq!(zh.is_empty(), en.is_empty(), "{row:?}");
            assert!(!zh.is_ascii() || zh.is_empty(), "{row:?}");
            assert!(en.is_ascii() && !en.contains("  "), "{row:?}");
            for gap in ["{0}", "{1}", "{2}"] {
                assert_eq!(zh.contains(gap), en.contains(gap), "{row:?}");
            }
        }
        assert_eq!(row.remedy[0].is_empty(), !is_ill, "{row:?}");
        let matters = matches!(row.verdict, Verdict::Failed | Verdict::Warning);
        assert!(!matters || !row.why[0].is_empty(), "{row:?}");
    }
}

/// The guides that begin with what the doctor says, as they are told in `zh` and `en`.
const GUIDES: [&str; 2] = [
    include_str!("../../../docs/guides/troubleshooting.zh-CN.md"),
    include_str!("../../../docs/guides/troubleshooting.md"),
];

#[test]
fn both_guides_to_troubleshooting_quote_whatever_is_not_fine() {
    let on_one_line = |text: &str| text.split_whitespace().collect::<String>();
    for (at, guide) in GUIDES.map(on_one_line).iter().enumerate() {
        for row in ALL.iter().filter(|row| row.verdict != Verdict::Ok) {
            let gaps = ["{0}", "{1}", "{2}"];
            let quoted = gaps.iter().fold(row.finding[at].to_owned(), |text, gap| text.replace(gap, "…"));
            assert!(guide.contains(&on_one_line(&quoted)), "no guide has a cure for: {quoted}");
        }
    }
}
