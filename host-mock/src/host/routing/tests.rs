//! Routing as OpenClaw does it. M4 is "several agents" of the mission.

use super::*;
use serde_json::json;
use std::path::Path;

fn routing(root: &Value) -> Routing {
    try_routing(root).unwrap()
}

fn try_routing(root: &Value) -> Result<Routing, HostError> {
    Routing::read(&Shape { file: Path::new("openclaw.json") }, root.as_object().unwrap())
}

fn peer(kind: PeerKind, id: &str) -> Peer<'_> {
    Peer { kind, id }
}

/// Where a message of `peer` to an account of `chat` goes; `bot1` is the default account.
fn route(routing: &Routing, account: &str, peer: Peer<'_>) -> Route {
    let address = Address::new("chat", account);
    let is_default_account = account == "bot1";
    routing.route(&Origin { account: &address, is_default_account, peer, thread: "" })
}

const LIN: Peer<'_> = Peer { kind: PeerKind::Direct, id: "User01" };
const CREW: Peer<'_> = Peer { kind: PeerKind::Group, id: "cidAbC+/==" };

#[test]
fn a_session_key_has_the_scope_in_it_and_no_capitals() {
    for (scope, key) in [
        ("main", "agent:main:main"),
        ("per-peer", "agent:main:direct:user01"),
        ("per-channel-peer", "agent:main:chat:direct:user01"),
        ("per-account-channel-peer", "agent:main:chat:bot1:direct:user01"),
    ] {
        let routing = routing(&json!({"session": {"dmScope": scope}}));
        assert_eq!(route(&routing, "bot1", LIN).session, key);
        assert_eq!(route(&routing, "bot1", CREW).session, "agent:main:chat:group:cidabc+/==", "{scope}");
    }
}

#[test]
fn all_private_conversations_are_one_session_unless_told_otherwise() {
    let routing = Routing::default();
    let mo = peer(PeerKind::Direct, "user02");
    assert_eq!(route(&routing, "bot1", LIN), route(&routing, "bot2", mo));
    assert_eq!(routing, self::routing(&json!({})));
}

#[test]
fn whoever_has_no_id_is_in_the_session_of_all() {
    let routing = routing(&json!({"session": {"dmScope": "per-channel-peer"}}));
    assert_eq!(route(&routing, "bot1", peer(PeerKind::Direct, "")).session, "agent:main:main");
}

#[test]
fn a_thread_is_a_session_of_its_own() {
    let (routing, account) = (Routing::default(), Address::new("chat", "bot1"));
    let origin = Origin { account: &account, is_default_account: true, peer: CREW, thread: "T1" };
    assert_eq!(routing.route(&origin).session, "agent:main:chat:group:cidabc+/==:thread:t1");
}

#[test]
fn m4_the_binding_that_fits_most_closely_decides() {
    let binding = |agent: &str, matching: Value| json!({"agentId": agent, "match": matching});
    let routing = routing(&json!({"bindings": [
        binding("channel", json!({"channel": "chat", "accountId": "*"})),
        binding("second", json!({"channel": "chat", "accountId": "bot2"})),
        binding("people", json!({"channel": "chat", "accountId": "bot2", "peer": {"kind": "dm", "id": "*"}})),
        binding("lin", json!({"channel": "chat", "accountId": "*", "peer": {"kind": "direct", "id": "User01"}})),
        binding("elsewhere", json!({"channel": "mail", "accountId": "*", "peer": {"kind": "group", "id": "*"}})),
    ]}));
    let mo = peer(PeerKind::Direct, "user02");
    for (account, peer, agent, by) in [
        ("bot1", mo, "channel", MatchedBy::Channel),
        ("bot1", CREW, "channel", MatchedBy::Channel),
        ("bot2", CREW, "second", MatchedBy::Account),
        ("bot2", mo, "people", MatchedBy::PeerWildcard),
        ("bot2", LIN, "lin", MatchedBy::Peer),
        ("bot1", LIN, "lin", MatchedBy::Peer),
        ("bot1", peer(PeerKind::Direct, "user01"), "channel", MatchedBy::Channel),
    ] {
        let route = route(&routing, account, peer);
        assert_eq!((&*route.agent, route.matched_by), (agent, by), "{account} {peer:?}");
        assert!(route.session.starts_with(&format!("agent:{agent}:")), "{}", route.session);
    }
}

#[test]
fn m4_a_binding_without_an_account_is_the_default_accounts() {
    let routing = routing(&json!({"bindings": [{"agentId": "a", "match": {"channel": "chat"}}]}));
    assert_eq!(route(&routing, "bot1", LIN).agent, "a");
    assert_eq!(route(&routing, "bot2", LIN).agent, "main");
}

#[test]
fn m4_of_bindings_that_fit_alike_the_first_decides() {
    let matching = json!({"channel": "chat", "accountId": "bot2"});
    let routing = routing(&json!({"bindings": [
        {"agentId": "first", "match": matching}, {"agentId": "second", "match": matching},
    ]}));
    assert_eq!(route(&routing, "bot2", LIN).agent, "first");
}

#[test]
fn a_binding_has_a_scope_of_its_own() {
    let routing = routing(&json!({
        "session": {"dmScope": "per-peer"},
        "bindings": [{"agentId": "a", "match": {"channel": "chat"}, "session": {"dmScope": "per-channel-peer"}}],
    }));
    assert_eq!(route(&routing, "bot1", LIN).session, "agent:a:chat:direct:user01");
    assert_eq!(route(&routing, "bot2", LIN).session, "agent:main:direct:user01");
}

#[test]
fn the_agent_that_answers_by_default_is_the_marked_one_or_the_first() {
    let list = json!({"agents": {"list": [{"id": "one"}, {"id": "Two", "default": true}]}});
    assert_eq!(route(&routing(&list), "bot1", LIN).agent, "two");
    let list = json!({"agents": {"list": [{"id": "one"}, {"id": "two"}]}});
    assert_eq!(route(&routing(&list), "bot1", LIN).agent, "one");
}

#[test]
fn what_is_written_and_means_nothing_is_told() {
    let routing = routing(&json!({
        "agents": {"list": [{"id": "main"}]},
        "bindings": [
            {"agentId": "mian", "match": {"channel": "chat", "accountId": "bot1"}},
            {"agentId": "main", "match": {"channel": "chat", "accountId": "bot9"}},
            {"agentId": "main", "match": {"channel": "chat", "accountId": "bot1"}},
        ],
    }));
    let doubts = routing.doubts(&[Address::new("chat", "bot1")]);
    assert_eq!(
        doubts,
        [
            "bindings[0]: there is no agent \"mian\"; \"main\" answers instead",
            "bindings[1]: there is no account chat/bot9: it never matches",
            "bindings[2] never decides: bindings[0] matches the same",
        ]
    );
    assert_eq!(route(&routing, "bot1", LIN).agent, "main");
}

#[test]
fn a_wrong_type_names_the_place() {
    for (root, place) in [
        (json!({"bindings": {}}), "bindings"),
        (json!({"bindings": [7]}), "bindings[0]"),
        (json!({"bindings": [{"match": {"channel": "chat"}}]}), "bindings[0].agentId"),
        (json!({"bindings": [{"agentId": "a", "match": {}}]}), "bindings[0].match.channel"),
        (
            json!({"bindings": [{"agentId": "a", "match": {"channel": "c", "peer": {"id": "x"}}}]}),
            "peer.kind",
        ),
        (json!({"session": {"dmScope": "perPeer"}}), "session.dmScope"),
        (json!({"agents": {"list": [{}]}}), "agents.list[0].id"),
    ] {
        let message = try_routing(&root).unwrap_err().to_string();
        assert!(message.contains(&format!("{place}` is")), "{message}");
    }
}
