//! What the fake answers: bodies of success, and the two languages of errors.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::endpoint::Family;

/// A finished answer.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Payload,
}

/// The body of an answer.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Payload {
    Json(Value),
    Text { content_type: &'static str, text: String },
    Bytes(Vec<u8>),
}

impl Answer {
    pub(super) fn ok(value: Value) -> Self {
        Self::json(200, value)
    }

    pub(super) fn json(status: u16, value: Value) -> Self {
        Self { status, body: Payload::Json(value) }
    }

    pub(super) fn text(status: u16, content_type: &'static str, text: impl Into<String>) -> Self {
        Self { status, body: Payload::Text { content_type, text: text.into() } }
    }

    /// The body as it is written.
    pub(super) fn bytes(&self) -> Vec<u8> {
        match &self.body {
            Payload::Json(value) => value.to_string().into_bytes(),
            Payload::Text { text, .. } => text.clone().into_bytes(),
            Payload::Bytes(bytes) => bytes.clone(),
        }
    }

    /// The body as it is remembered.
    pub(super) fn remembered(&self) -> Value {
        match &self.body {
            Payload::Json(value) => value.clone(),
            Payload::Text { text, .. } => json!(text),
            Payload::Bytes(bytes) => json!({"bytes": bytes.len()}),
        }
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let content_type = match &self.body {
            Payload::Json(_) => "application/json;charset=utf-8",
            Payload::Text { content_type, .. } => content_type,
            Payload::Bytes(_) => "application/octet-stream",
        };
        let body = self.bytes();
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        (status, [(header::CONTENT_TYPE, content_type)], body).into_response()
    }
}

/// Why a call was refused, in the words of its family (DingTalk protocol, §10.1).
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Refusal {
    /// A status other than 200 and a dotted code.
    Api { status: u16, code: String, message: String, scope: Option<String> },
    /// HTTP 200 with a number.
    Oapi { errcode: i64, errmsg: String, sub: Option<(String, String)> },
    /// Anything else, such as a gateway's page.
    Other(Answer),
}

impl Refusal {
    /// A 400 of the new API whose message repeats the code, as live ones do (DingTalk protocol, §8.10).
    pub(super) fn bad(code: &str) -> Self {
        Self::api(400, code, code)
    }

    pub(super) fn api(status: u16, code: &str, message: &str) -> Self {
        Self::Api { status, code: code.into(), message: message.into(), scope: None }
    }

    pub(super) fn oapi(errcode: i64, errmsg: &str) -> Self {
        Self::Oapi { errcode, errmsg: errmsg.into(), sub: None }
    }

    /// `oapi` error 88, which hides the reason in a sub-code (DingTalk protocol, §1.4).
    pub(super) fn oapi_sub(sub_code: &str, sub_msg: &str) -> Self {
        let sub = Some((sub_code.into(), sub_msg.into()));
        Self::Oapi { errcode: 88, errmsg: "dingtalk exception: auth exception".into(), sub }
    }

    /// The code behind every streaming mistake that has none of its own (DingTalk protocol, §8.6).
    pub(super) fn unknown_error() -> Self {
        Self::api(500, "unknownError", "未知错误")
    }

    /// A token that is unknown, revoked or expired: 400, not 401 (DingTalk protocol, §1.4).
    pub(super) fn invalid_token(family: Family) -> Self {
        match family {
            Family::Oapi => Self::oapi(40014, "不合法的access_token"),
            _ => Self::api(400, "InvalidAuthentication", "不合法的access_token"),
        }
    }

    /// A permission that the app lacks (DingTalk protocol, §10.1; 60011 in §1.4).
    pub(super) fn denied(family: Family, scope: &str) -> Self {
        match family {
            Family::Oapi => Self::oapi_sub("60011", &format!("no permission, requiredScopes: {scope}")),
            _ => Self::Api {
                status: 403,
                code: "Forbidden.AccessDenied.AccessTokenPermissionDenied".into(),
                message: "没有调用该接口的权限".into(),
                scope: Some(scope.into()),
            },
        }
    }

    /// More calls than the app may make: 403, not 429 (DingTalk protocol, §10.1; 90018 in §10.2).
    pub(super) fn throttled(family: Family, code: &str) -> Self {
        match family {
            Family::Oapi => Self::oapi_sub("90018", "calls of the app to this API are paused"),
            _ => Self::api(403, code, "您的企业应用调用钉钉开放平台当前接口的所有请求都被暂时禁用了"),
        }
    }

    /// The whole answer; live keys are all lower case (DingTalk protocol, §10.1).
    pub(super) fn into_answer(self, request_id: &str) -> Answer {
        match self {
            Self::Api { status, code, message, scope } => {
                let mut body = json!({"code": code, "message": message, "requestid": request_id});
                if let Some(scope) = scope {
                    body["accessdenieddetail"] = json!({"requiredScopes": [scope]});
                }
                Answer::json(status, body)
            }
            Self::Oapi { errcode, errmsg, sub } => {
                let mut body = json!({"errcode": errcode, "errmsg": errmsg, "request_id": request_id});
                if let Some((code, msg)) = sub {
                    body["sub_code"] = json!(code);
                    body["sub_msg"] = json!(msg);
                }
                Answer::ok(body)
            }
            Self::Other(answer) => answer,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_permission_names_its_scope_in_lower_case_keys() {
        let answer = Refusal::denied(Family::Api, "Card.Streaming.Write").into_answer("A1");

        assert_eq!(answer.status, 403);
        let expected = json!({
            "code": "Forbidden.AccessDenied.AccessTokenPermissionDenied",
            "message": "没有调用该接口的权限",
            "requestid": "A1",
            "accessdenieddetail": {"requiredScopes": ["Card.Streaming.Write"]},
        });
        assert_eq!(answer.remembered(), expected);
    }

    #[test]
    fn the_old_api_refuses_with_http_200() {
        let answer = Refusal::invalid_token(Family::Oapi).into_answer("A1");

        assert_eq!(answer.status, 200);
        assert_eq!(answer.remembered()["errcode"], 40014);
    }
}
