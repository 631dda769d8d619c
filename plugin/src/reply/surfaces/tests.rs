use super::*;
use crate::{
    api::{Credentials, Endpoints},
    card::{
        Pace,
        request::{Answer, Ending, Face, Next},
        session::Session,
    },
    config::{self, Account, Caps},
    error::{ErrorKind, Limit},
    secret::Secret,
};
use serde_json::json;
use std::time::Instant;

fn account() -> Account {
    config::account(&json!({"clientId": "ding1", "clientSecret": "s"}), "", "").unwrap()
}

fn options() -> ReplyOptions {
    (*account().replies).clone()
}

/// An account that answers so.
fn answering(options: ReplyOptions) -> Account {
    let mut account = account();
    account.replies = Arc::new(options);
    account
}

fn surfaces(options: ReplyOptions) -> Surfaces {
    let credentials = Credentials { client_id: "ding1".into(), client_secret: Secret::new("s") };
    let api = Api::direct(Endpoints::china().unwrap(), credentials);
    Surfaces::new(api, LiveAccount::new(answering(options)), Ledger::in_memory())
}

fn spend(surfaces: &Surfaces, calls: u32) {
    for _ in 0..calls {
        surfaces.api().budget().call("/v1.0/card/streaming").settle(&Ok::<_, Error>(()));
    }
}

fn refused(kind: ErrorKind) -> Error {
    Error::new(kind, "creating a card")
}

#[test]
fn options_hold_from_the_next_question_on() {
    let surfaces = surfaces(options());
    assert_eq!(surfaces.plan(), Plan::Streamed { pace: Duration::from_millis(600) });
    surfaces.account.set(answering(ReplyOptions { update_interval: Duration::from_secs(1), ..options() }));
    assert_eq!(surfaces.pace(), Some(Duration::from_secs(1)));
    surfaces.account.set(answering(ReplyOptions { enable_ai_card: false, ..options() }));
    assert_eq!(surfaces.plan(), Plan::Text);
}

#[test]
fn the_plan_gets_simpler_with_every_call_of_a_day() {
    let caps = Caps { api_calls_per_day: Some(100), ..Caps::default() };
    let surfaces = surfaces(ReplyOptions { caps, ..options() });
    let plans = [69, 1, 15, 12].map(|calls| {
        spend(&surfaces, calls);
        surfaces.plan()
    });
    let streamed = |pace| Plan::Streamed { pace: Duration::from_millis(pace) };
    assert_eq!(plans, [streamed(600), streamed(1_800), Plan::TwoCalls, Plan::Text]);
    assert_eq!(surfaces.pace(), None, "a card that grows meanwhile only gets its last text");
}

#[test]
fn only_a_missing_permission_keeps_cards_away() {
    let surfaces = surfaces(options());
    let limit = ErrorKind::RateLimited { limit: Limit::Recipient, retry_after: Duration::from_secs(1) };
    surfaces.card_refused(&refused(limit));
    assert_ne!(surfaces.plan(), Plan::Text);
    surfaces.card_refused(&refused(ErrorKind::Permission { scopes: Vec::new(), apply_url: String::new() }));
    assert_eq!(surfaces.plan(), Plan::Text);
    surfaces.card_accepted();
    assert_ne!(surfaces.plan(), Plan::Text);
}

/// What a card of three seconds at 40 tokens a second costs, and how long what it shows stands still
/// at most, with DingTalk answering after `latency`.
fn three_seconds(pace: Duration, latency: Duration) -> (usize, Duration) {
    const TOKEN: u64 = 25;
    let start = clock::now();
    let at = |millis| start + Duration::from_millis(millis);
    let said = |millis: u64| Face { text: "token ".repeat((millis / TOKEN) as usize), ..Face::default() };
    let mut card = Session::new(Face::default(), Pace::Every(pace));
    let (mut calls, mut answer_at, mut changes) = (0, None::<Instant>, Vec::new());
    for millis in 0..10_000 {
        let now = at(millis);
        if millis == 3_000 {
            card.finish(said(millis), Ending::Done);
        } else if millis % TOKEN == 0 {
            card.push(said(millis.min(3_000)));
        }
        if answer_at.is_some_and(|due| due <= now) {
            answer_at = None;
            let before = card.shown().text.clone();
            card.on_answer(Answer::Accepted, now);
            if card.shown().text != before {
                changes.push(now);
            }
        }
        if let Next::Send(intent) = card.next(now)
            && card.begin(intent, now).is_some()
        {
            calls += 1;
            answer_at = Some(now + latency);
        }
    }
    assert!(matches!(card.next(at(10_000)), Next::Over(_)));
    let gaps = changes.windows(2).map(|pair| pair[1] - pair[0]);
    (calls, gaps.max().unwrap())
}

#[test]
fn three_seconds_of_an_answer_cost_eight_calls_and_never_stand_still_for_long() {
    let pace = options().update_interval;
    for latency in [10, 60, 150, 300].map(Duration::from_millis) {
        let (calls, gap) = three_seconds(pace, latency);
        assert!(calls <= 8, "{calls} calls with answers after {latency:?}");
        assert!(gap <= Duration::from_millis(700), "{gap:?} with answers after {latency:?}");
    }
}
