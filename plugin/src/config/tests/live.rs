//! What may change while an account runs.

use super::*;

#[test]
fn how_an_account_answers_changes_live_and_all_else_wants_it_opened_anew() {
    let effects: Value = resolve(&json!({})).effects.parse().unwrap();
    let base = open(&single(), "default");
    for (path, value) in [
        ("longTaskNoticeDelayMs", json!(1)),
        ("longTaskNoticeText", json!("One moment.")),
        ("enableAICard", json!(false)),
        ("cardTemplateId", json!("mine.schema")),
        ("cardTemplateKey", json!("answer")),
        ("streaming.intervalMs", json!(1_000)),
        ("thinkingMark", json!(true)),
        ("stopButton", json!(false)),
        ("mentionSender", json!(true)),
        ("budget.apiCallsPerMonth", json!(5_000)),
        ("budget.apiCallsPerDay", json!(200)),
        ("budget.messagesPerMonth", json!(3_000)),
        ("locale", json!("en")),
    ] {
        assert_eq!(effects[path], "live", "{path}");
        let mut section = single();
        match path.split_once('.') {
            Some((group, name)) => section[group][name] = value,
            None => section[path] = value,
        }
        let changed = open(&section, "default");
        assert_ne!(changed.replies, base.replies, "{path}");
        assert_eq!(Account { replies: base.replies.clone(), ..changed }, base, "{path}");
    }
}

#[test]
fn a_mark_is_the_standard_one_or_one_by_name() {
    let mark = |written: Value| {
        let section = json!({"clientId": 1, "clientSecret": 2, "thinkingMark": written});
        open(&section, "").replies.thinking_mark
    };
    assert_eq!(mark(json!(true)).as_deref(), Some("🤔思考中"));
    assert_eq!(mark(json!(" 🤔Thinking ")).as_deref(), Some("🤔Thinking"));
    assert_eq!([json!(false), json!(null), json!(" ")].map(mark), [None, None, None]);
    let found = the_only(diagnostics(json!({"thinkingMark": 1})));
    assert_eq!(found.message, "this is a number, not true, false or a text; the default false is used");
}

#[test]
fn without_a_cap_there_is_none_and_one_of_nothing_is_one() {
    let caps =
        |budget: Value| open(&json!({"clientId": 1, "clientSecret": 2, "budget": budget}), "").replies.caps;
    assert_eq!(caps(json!({})), Caps::default());
    let some = caps(json!({"apiCallsPerMonth": 5000, "apiCallsPerDay": 0}));
    assert_eq!((some.api_calls_per_month, some.api_calls_per_day), (Some(5000), Some(1)));
    assert_eq!(
        the_only(diagnostics(json!({"budget": {"apiCallPerMonth": 1}}))).suggestion,
        "did you mean `apiCallsPerMonth`?"
    );
}
