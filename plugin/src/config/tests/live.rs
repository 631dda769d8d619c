//! What may change while an account runs.

use super::*;

#[test]
fn a_change_takes_what_the_greatest_of_its_options_takes() {
    let section = || json!({"clientId": "a", "clientSecret": "b", "connections": 2});
    let change = |change: Value| {
        let mut other = section();
        other.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        open(&section(), "").change_to(&open(&other, ""))
    };
    assert_eq!(change(json!({})), Effect::Live);
    assert_eq!(change(json!({"enableAICard": false, "inboundMedia": {"keepDays": 0}})), Effect::Live);
    assert_eq!(change(json!({"connections": 3, "clientSecret": {"env": "B"}})), Effect::Reconnect);
    assert_eq!(change(json!({"clientSecret": "c", "clientId": "d"})), Effect::Reopen);
    assert_eq!(change(json!({"region": "overseas"})), Effect::Reopen);
    assert_eq!(change(json!({"enabled": false})), Effect::Reopen);
}

#[test]
fn where_an_option_is_written_is_no_change() {
    let above = json!({"clientSecret": "b", "maxFileSizeMB": 5, "accounts": {"x": {"clientId": "a"}}});
    let below =
        json!({"accounts": {"x": {"clientId": "a", "clientSecret": "b", "maxFileSizeMB": 5}, "y": {}}});
    let (above, below) = (open(&above, "x"), open(&below, "x"));
    assert_eq!((above.change_to(&below), &above), (Effect::Live, &below));
}

#[test]
fn a_mark_is_the_standard_one_or_one_by_name() {
    let mark = |written: Value| {
        let section = json!({"clientId": 1, "clientSecret": 2, "thinkingMark": written});
        open(&section, "").replies.thinking_mark.clone()
    };
    assert_eq!(mark(json!(true)).as_deref(), Some("🤔思考中"));
    assert_eq!(mark(json!(" 🤔Thinking ")).as_deref(), Some("🤔Thinking"));
    assert_eq!([json!(false), json!(null), json!(" ")].map(mark), [None, None, None]);
    let found = the_only(diagnostics(json!({"thinkingMark": 1})));
    assert_eq!(
        english(&found.message),
        "this is a number, not true, false or a text; the default false is used"
    );
}

#[test]
fn without_a_cap_there_is_none_and_one_of_nothing_is_one() {
    let caps =
        |budget: Value| open(&json!({"clientId": 1, "clientSecret": 2, "budget": budget}), "").replies.caps;
    assert_eq!(caps(json!({})), Caps::default());
    let some = caps(json!({"apiCallsPerMonth": 5000, "apiCallsPerDay": 0}));
    assert_eq!((some.api_calls_per_month, some.api_calls_per_day), (Some(5000), Some(1)));
    assert_eq!(
        english(&the_only(diagnostics(json!({"budget": {"apiCallPerMonth": 1}}))).suggestion),
        "did you mean `apiCallsPerMonth`?"
    );
}

#[test]
fn a_wait_beyond_all_bounds_still_ends_at_an_instant() {
    let section = json!({"clientId": 1, "clientSecret": 2, "longTaskNoticeDelayMs": 1e300, "streaming": {"intervalMs": f64::MAX}});
    let replies = open(&section, "").replies.clone();
    for wait in [replies.update_interval, replies.long_task_notice.unwrap()] {
        assert!(wait > Duration::from_hours(24) && crate::clock::now().checked_add(wait * 100).is_some());
    }
}
