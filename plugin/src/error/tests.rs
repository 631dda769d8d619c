use super::*;
use host_sdk::ErrorCode;

#[test]
fn wrong_credentials_read_as_one_sentence_that_says_what_to_do() {
    let error = Error::new(ErrorKind::Auth { code: "authFailed".into() }, "opening the Stream connection");
    let told = ChannelError::from(error);
    assert_eq!(told.code, ErrorCode::Auth);
    assert!(!told.is_retryable());
    assert!(told.message.starts_with(
        "opening the Stream connection: DingTalk rejects the credentials (authFailed); check clientId"
    ));
}

#[test]
fn an_unreachable_host_is_named_and_the_cause_kept() {
    let kind = ErrorKind::Network { host: "api.dingtalk.com".into(), ambiguous: false };
    let told =
        ChannelError::from(Error::new(kind, "fetching a token").because(std::io::Error::other("refused")));
    assert!(told.message.contains("cannot reach api.dingtalk.com"));
    assert_eq!(told.causes, "refused");
    assert!(told.is_retryable());
}

#[test]
fn a_failure_that_dingtalk_admits_is_not_ambiguous() {
    let failed = |status, code: &str| {
        Error::new(ErrorKind::Server { status, code: code.into() }, "sending").is_ambiguous()
    };
    assert!(!failed(200, "-1") && !failed(500, "system.busy") && !failed(503, ""));
    assert!(failed(502, "") && failed(504, "service.timeout"));
}

#[test]
fn a_send_that_may_have_arrived_is_not_called_retryable() {
    let told = ChannelError::from(Error::new(ErrorKind::Timeout { ambiguous: true }, "sending"));
    assert!(!told.is_retryable());
}
