//! What DingTalk's failures mean: by their code, never by the HTTP status alone.

use super::permission::apply_url;
use crate::error::{Error, ErrorKind, Limit};
use serde_json::{Map, Value};
use std::time::Duration;

const A_MOMENT: Duration = Duration::from_secs(1); // the window of per-second limits
const A_MINUTE: Duration = Duration::from_secs(60);
const BANNED: Duration = Duration::from_secs(300); // a banned address stays so for five minutes

/// More of a text in an error body is nobody's help; whoever answers may not be DingTalk.
const LONGEST_TEXT: usize = 1_000;
/// More than any call needs.
const MOST_SCOPES: usize = 16;
/// Longer than the name of any permission.
const LONGEST_SCOPE: usize = 100;

/// One call, as far as its failures need to know.
#[derive(Clone, Copy, Debug)]
pub(super) struct Context<'a> {
    /// What is being done, for the message.
    pub(super) during: &'static str,
    /// Whose call it is.
    pub(super) client_id: &'a str,
    /// The permission it needs, in case DingTalk does not say; may be empty.
    pub(super) scope: &'static str,
}

/// The failure that an answer of the new interface (`api.dingtalk.com`) with a status other than
/// 2xx stands for. The body may be anything: JSON, a proxy's HTML page, nothing.
pub(super) fn of_response(context: Context<'_>, status: u16, body: &[u8]) -> Error {
    let body = Body::parse(body);
    Error::new(kind_of_response(context, status, &body), context.during)
}

/// The failure inside an answer with status 200 of the legacy interface, or of a session webhook.
/// `None` when it is a success.
pub(super) fn inside(context: Context<'_>, body: &[u8]) -> Option<Error> {
    let is_blank = body.trim_ascii().is_empty();
    let body = Body::parse(body);
    if body.keys.is_empty() && !is_blank {
        return Some(Error::new(ErrorKind::Protocol, context.during)); // whoever answered is not DingTalk
    }
    let code = body.text("errcode").or_else(|| body.text("code")).unwrap_or_default();
    let refused = body.is_false("success") || body.is_false("result");
    if (code.is_empty() || code == "0") && !refused {
        return None;
    }
    let sub = body.text("sub_code").or_else(|| body.text("subcode")).unwrap_or_default();
    let kind = match if code == "88" && !sub.is_empty() { sub.as_str() } else { code.as_str() } {
        "40014" | "42001" | "40001" => ErrorKind::Auth { code },
        "60011" => permission(context, &body),
        "60020" => ErrorKind::IpNotAllowed,
        "90018" => limited(Limit::AppSecond, A_MOMENT),
        "90002" => limited(Limit::Api, A_MOMENT),
        "410100" => limited(Limit::Recipient, A_MOMENT),
        "90006" => limited(Limit::AppMinute, A_MINUTE),
        "130101" => limited(Limit::Recipient, A_MINUTE),
        "90020" => ErrorKind::Quota,
        "-1" => ErrorKind::Server { status: 200, code },
        _ => body.rejected(code),
    };
    Some(Error::new(kind, context.during))
}

fn kind_of_response(context: Context<'_>, status: u16, body: &Body) -> ErrorKind {
    if body.text("status").as_deref() == Some("1111") && body.text("punish").is_some() {
        return limited(Limit::Address, BANNED);
    }
    let code = body.text("code").unwrap_or_default();
    match code.as_str() {
        "InvalidAuthentication"
        | "authFailed"
        | "invalidClientIdOrSecret"
        | "invalid.client"
        | "unauthorized.client" => ErrorKind::Auth { code },
        "send.too.fast"
        | "send.byToken.tooFast"
        | "send.toofast"
        | "request.too.fast"
        | "request.too.frequent"
        | "request.too.tast"
        | "toomuch.msg" => limited(Limit::Recipient, 3 * A_MOMENT),
        "system.busy" | "systemBusy" | "serviceBusy" if status == 429 => limited(Limit::Api, A_MOMENT),
        "system.busy"
        | "systemBusy"
        | "system.error"
        | "serviceError"
        | "serviceBusy"
        | "unknownError"
        | "ServiceUnavailable"
        | "operationTimeout"
        | "unknown.send.result"
        | "service.timeout" => ErrorKind::Server { status, code },
        _ if code.starts_with("too.many.") => limited(Limit::Recipient, A_MINUTE),
        _ if code.starts_with("Forbidden.AccessDenied.") => access_denied(context, code, body),
        _ => by_status(status, code, body),
    }
}

fn access_denied(context: Context<'_>, code: String, body: &Body) -> ErrorKind {
    match code.trim_start_matches("Forbidden.AccessDenied.") {
        "AccessTokenPermissionDenied" => permission(context, body),
        "IpNotInWhiteList" => ErrorKind::IpNotAllowed,
        "ApiCountLimitForOrg" => ErrorKind::Quota,
        "QpsLimitForApi" => limited(Limit::Api, A_MOMENT),
        rest if rest.starts_with("Qps") => limited(Limit::AppSecond, A_MOMENT),
        rest if rest.starts_with("Qpm") => limited(Limit::AppMinute, A_MINUTE),
        _ if !body.scopes().is_empty() => permission(context, body),
        _ => body.rejected(code),
    }
}

/// What is left when the code is unknown or missing.
fn by_status(status: u16, code: String, body: &Body) -> ErrorKind {
    match status {
        401 => ErrorKind::Auth { code: if code.is_empty() { "401".into() } else { code } },
        429 => limited(Limit::AppSecond, A_MOMENT),
        500.. => ErrorKind::Server { status, code },
        300..=399 => ErrorKind::Protocol, // something between us and DingTalk redirects
        _ => body.rejected(if code.is_empty() { status.to_string() } else { code }),
    }
}

fn limited(limit: Limit, retry_after: Duration) -> ErrorKind {
    ErrorKind::RateLimited { limit, retry_after }
}

fn permission(context: Context<'_>, body: &Body) -> ErrorKind {
    let mut scopes = body.scopes();
    if scopes.is_empty() && !context.scope.is_empty() {
        scopes.push(context.scope.to_owned());
    }
    let apply_url = apply_url(context.client_id, scopes.first().map_or("", String::as_str));
    ErrorKind::Permission { scopes, apply_url }
}

/// An error body with its keys in lower case: DingTalk spells them in several ways.
struct Body {
    keys: Map<String, Value>,
    html: bool,
}

impl Body {
    fn parse(bytes: &[u8]) -> Self {
        let keys = match serde_json::from_slice(bytes) {
            Ok(Value::Object(map)) => lower_keys(map),
            _ => Map::new(),
        };
        Self { keys, html: bytes.trim_ascii_start().starts_with(b"<") }
    }

    /// A string or a number as text, of which people and logs get to see no more than so much.
    fn text(&self, key: &str) -> Option<String> {
        match self.keys.get(key)? {
            Value::String(text) => Some(text.chars().take(LONGEST_TEXT).collect()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    fn is_false(&self, key: &str) -> bool {
        self.keys.get(key) == Some(&Value::Bool(false))
    }

    fn scopes(&self) -> Vec<String> {
        let Some(Value::Object(detail)) = self.keys.get("accessdenieddetail") else {
            return self.scopes_in_link();
        };
        let detail = lower_keys(detail.clone());
        let Some(Value::Array(scopes)) = detail.get("requiredscopes") else { return self.scopes_in_link() };
        let scopes = scopes.iter().filter_map(Value::as_str).take(MOST_SCOPES);
        scopes.map(|scope| scope.chars().take(LONGEST_SCOPE).collect()).collect()
    }

    /// The legacy interface names what is missing only in its sentence, by the page to apply for it.
    fn scopes_in_link(&self) -> Vec<String> {
        let sentences = ["sub_msg", "submsg", "errmsg", "message"].iter().filter_map(|key| self.text(key));
        let scope = |sentence: String| {
            let (_, content) = sentence.split_once("appscope/apply?content=")?;
            let (_, scope) = content.split_once("%23").or_else(|| content.split_once('#'))?;
            let end = scope.find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '.' | '_' | '-' | '/'));
            let scope = scope[..end.unwrap_or(scope.len())].trim_end_matches('.');
            Some(scope.chars().take(LONGEST_SCOPE).collect::<String>())
        };
        sentences.filter_map(scope).find(|scope| !scope.is_empty()).into_iter().collect()
    }

    fn rejected(&self, code: String) -> ErrorKind {
        let sentence = ["sub_msg", "submsg", "errmsg", "message"].iter().find_map(|key| self.text(key));
        let message = match sentence {
            Some(sentence) => sentence.chars().take(300).collect(),
            None if self.html => "an HTML page instead of DingTalk's answer; is a proxy in the way?".into(),
            None => "no reason given".into(),
        };
        let request_id = self.text("requestid").or_else(|| self.text("request_id")).unwrap_or_default();
        ErrorKind::Rejected { code, message, request_id }
    }
}

fn lower_keys(map: Map<String, Value>) -> Map<String, Value> {
    map.into_iter().map(|(key, value)| (key.to_ascii_lowercase(), value)).collect()
}

/// Whatever answers in place of DingTalk, and with whatever status: the error is short enough to be read, says
/// what to do, and asks to wait no longer than a ban lasts.
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) fn any_body(body: &[u8]) {
    let context =
        Context { during: "updating the card", client_id: "dingfuzz", scope: "Card.Streaming.Write" };
    let failures =
        [204, 302, 400, 401, 403, 404, 429, 500, 503].map(|status| of_response(context, status, body));
    for error in failures.into_iter().chain(inside(context, body)) {
        let sentence = error.sentence();
        assert!(sentence.chars().count() < 4_000, "{} characters", sentence.chars().count());
        assert!(!error.advice().is_empty(), "no advice: {sentence}");
        assert!(error.retry_after().is_none_or(|wait| wait <= BANNED), "{:?}", error.retry_after());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn context() -> Context<'static> {
        Context { during: "updating a card", client_id: "dingabc", scope: "Card.Streaming.Write" }
    }

    fn response(status: u16, body: &str) -> ErrorKind {
        of_response(context(), status, body.as_bytes()).kind().clone()
    }

    fn hidden(body: &str) -> Option<ErrorKind> {
        inside(context(), body.as_bytes()).map(|error| error.kind().clone())
    }

    #[test]
    fn a_403_is_a_permission_a_limit_or_a_quota_by_its_code() {
        let body = r#"{"code":"Forbidden.AccessDenied.AccessTokenPermissionDenied","message":"x","requestid":"r",
            "AccessDeniedDetail":{"requiredScopes":["Card.Instance.Write"]}}"#;
        let ErrorKind::Permission { scopes, apply_url } = response(403, body) else { panic!() };
        assert_eq!(scopes, ["Card.Instance.Write"]);
        assert!(apply_url.ends_with("content=dingabc%23Card.Instance.Write"));

        let qps = r#"{"code":"Forbidden.AccessDenied.QpsLimitForAppkeyAndApi"}"#;
        assert_eq!(response(403, qps), limited(Limit::AppSecond, A_MOMENT));
        let month = r#"{"code":"Forbidden.AccessDenied.ApiCountLimitForOrg"}"#;
        assert_eq!(response(403, month), ErrorKind::Quota);
        assert!(matches!(response(403, ""), ErrorKind::Rejected { code, .. } if code == "403"));
    }

    #[test]
    fn missing_scopes_are_read_in_whatever_case_the_keys_are_and_all_of_them() {
        for (detail, required) in
            [("accessdenieddetail", "requiredScopes"), ("AccessDeniedDetail", "RequiredScopes")]
        {
            let code = "Forbidden.AccessDenied.AccessTokenPermissionDenied";
            let body = serde_json::json!({"code": code, detail: {required: ["Card.Streaming.Write", "Card.Instance.Write"]}});
            let ErrorKind::Permission { scopes, .. } = response(403, &body.to_string()) else { panic!() };
            assert_eq!(scopes, ["Card.Streaming.Write", "Card.Instance.Write"]);
        }
    }

    #[test]
    fn the_legacy_interface_names_the_scope_in_its_link() {
        let sentence = "应用尚未开通所需的权限：[qyapi_get_member]，点击链接申请并开通即可：\
            https://open-dev.dingtalk.com/appscope/apply?content=dingabc%23qyapi_get_member";
        for (code, sub) in [("errcode", "sub_code"), ("errcode", "subCode")] {
            let body = serde_json::json!({code: 88, sub: "60011", "sub_msg": sentence});
            let Some(ErrorKind::Permission { scopes, apply_url }) = hidden(&body.to_string()) else {
                panic!()
            };
            assert_eq!(scopes, ["qyapi_get_member"]);
            assert!(apply_url.ends_with("content=dingabc%23qyapi_get_member"));
        }
        let ErrorKind::Permission { scopes, .. } = hidden(r#"{"errcode": 60011}"#).unwrap() else { panic!() };
        assert_eq!(scopes, ["Card.Streaming.Write"], "the call knows what it needs");
    }

    #[test]
    fn whose_limit_it_was_is_told_apart() {
        let limit = |kind| match kind {
            ErrorKind::RateLimited { limit, .. } => limit,
            other => panic!("{other:?}"),
        };
        let denied =
            |rest: &str| limit(response(403, &format!(r#"{{"code":"Forbidden.AccessDenied.{rest}"}}"#)));
        assert_eq!(denied("QpsLimitForAppkeyAndApi"), Limit::AppSecond);
        assert_eq!(denied("QpsLimitForSuitekeyAndOrgAndApi"), Limit::AppSecond);
        assert_eq!(denied("QpmLimitForAppkeyAndApi"), Limit::AppMinute);
        assert_eq!(denied("QpsLimitForApi"), Limit::Api);
        assert_eq!(limit(response(400, r#"{"code":"send.too.fast"}"#)), Limit::Recipient);
        assert_eq!(limit(response(429, r#"{"code":"system.busy"}"#)), Limit::Api);
        assert!(matches!(response(500, r#"{"code":"system.busy"}"#), ErrorKind::Server { .. }));
        assert_eq!(limit(hidden(r#"{"errcode":88,"sub_code":"90018"}"#).unwrap()), Limit::AppSecond);
        assert_eq!(limit(hidden(r#"{"errcode":90002}"#).unwrap()), Limit::Api);
        assert_eq!(limit(hidden(r#"{"errcode":410100}"#).unwrap()), Limit::Recipient);
    }

    #[test]
    fn a_permission_body_without_scopes_falls_back_to_the_calls_own() {
        let body = r#"{"Code":"Forbidden.AccessDenied.AccessTokenPermissionDenied"}"#;
        let ErrorKind::Permission { scopes, .. } = response(403, body) else { panic!() };
        assert_eq!(scopes, ["Card.Streaming.Write"]);
    }

    #[test]
    fn an_invalid_token_is_known_in_all_its_spellings() {
        let invalid = |kind| assert!(matches!(kind, ErrorKind::Auth { .. }), "{kind:?}");
        invalid(response(400, r#"{"code":"InvalidAuthentication","message":"不合法的access_token"}"#));
        invalid(response(401, ""));
        invalid(hidden(r#"{"errcode":40014}"#).unwrap());
        invalid(hidden(r#"{"errcode":"42001"}"#).unwrap());
        invalid(hidden(r#"{"errcode":88,"subCode":"40014"}"#).unwrap());
    }

    #[test]
    fn a_proxys_page_is_called_what_it_is() {
        let page = "<html><title>400 The plain HTTP request was sent to HTTPS port</title></html>";
        let ErrorKind::Rejected { message, .. } = response(400, page) else { panic!() };
        assert!(message.contains("proxy"));
    }

    #[test]
    fn an_http_200_may_hide_a_failure() {
        assert_eq!(hidden(r#"{"errcode":0,"errmsg":"ok"}"#), None);
        assert_eq!(hidden(r#"{"errcode":"0"}"#), None);
        assert_eq!(hidden(""), None);
        assert_eq!(hidden("<html>please log in</html>"), Some(ErrorKind::Protocol));
        let gone = inside(context(), r#"{"errcode":300001,"errmsg":"session 不存在"}"#.as_bytes()).unwrap();
        assert!(gone.has_code("300001"));
        assert!(matches!(hidden(r#"{"success":false}"#), Some(ErrorKind::Rejected { .. })));
        assert!(matches!(hidden(r#"{"errcode":-1}"#), Some(ErrorKind::Server { .. })));
    }

    #[test]
    fn a_banned_address_rests_for_five_minutes() {
        let body = r#"{"status":1111,"wait":5,"source":"x5","punish":"deny","uuid":"u"}"#;
        assert_eq!(response(403, body), limited(Limit::Address, BANNED));
    }
}
