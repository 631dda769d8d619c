//! A request as the fake reads it: method, path, query, a few headers and the decoded body.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, Query};
use axum::http::{HeaderMap, header, request::Parts};
use serde_json::{Map, Value, json};

/// The largest body that is read; the largest legitimate one is a media file of 20 MB (DingTalk
/// protocol, §7.2).
const MAX_BODY: usize = 32 << 20;

/// A whole request.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) query: BTreeMap<String, String>,
    pub(super) content_type: Option<String>,
    /// The header `x-acs-dingtalk-access-token`.
    pub(super) header_token: Option<String>,
    pub(super) body: Content,
}

/// A request's body.
#[derive(Debug)]
pub(super) enum Content {
    Json {
        value: Value,
        bytes: usize,
    },
    Form(Vec<Part>),
    /// Neither JSON nor a form; perhaps empty.
    Other {
        text: String,
    },
}

/// One part of a multipart form.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) name: String,
    pub(super) file_name: Option<String>,
    pub(super) bytes: Vec<u8>,
}

impl Request {
    /// Reads a request to its end; what cannot be read counts as an empty body.
    pub(super) async fn read(parts: Parts, body: Body) -> Self {
        let head = Self::head(&parts);
        let body = if head.content_type.as_deref().is_some_and(|kind| kind.starts_with("multipart/form-data"))
        {
            Content::Form(read_form(parts, body).await)
        } else {
            read_text(body).await
        };
        Self { body, ..head }
    }

    /// A request whose body is of no interest.
    pub(super) fn head(parts: &Parts) -> Self {
        let query = Query::try_from_uri(&parts.uri).map(|Query(query)| query).unwrap_or_default();
        Self {
            method: parts.method.to_string(),
            path: parts.uri.path().to_owned(),
            query,
            content_type: text_header(&parts.headers, header::CONTENT_TYPE.as_str()),
            header_token: text_header(&parts.headers, "x-acs-dingtalk-access-token"),
            body: Content::Other { text: String::new() },
        }
    }

    /// The token, wherever this family of calls carries it; a form field counts too (DingTalk protocol, §0.1).
    pub(super) fn token(&self, in_query: bool) -> Option<&str> {
        if in_query {
            self.query.get("access_token").map(String::as_str).or_else(|| self.form_text("access_token"))
        } else {
            self.header_token.as_deref()
        }
    }

    /// The body's fields; none if it is no JSON object.
    pub(super) fn fields(&self) -> Fields<'_> {
        match &self.body {
            Content::Json { value: Value::Object(fields), .. } => Fields(Some(fields)),
            _ => Fields(None),
        }
    }

    /// A text field of a multipart form.
    pub(super) fn form_text(&self, name: &str) -> Option<&str> {
        std::str::from_utf8(&self.form_part(name)?.bytes).ok()
    }

    pub(super) fn form_part(&self, name: &str) -> Option<&Part> {
        let Content::Form(parts) = &self.body else { return None };
        parts.iter().find(|part| part.name == name)
    }

    /// The body as it is remembered: JSON, a summary of a form, or text.
    pub(super) fn remembered_body(&self) -> Value {
        match &self.body {
            Content::Json { value, .. } => value.clone(),
            Content::Form(parts) => parts
                .iter()
                .map(|part| {
                    (part.name.clone(), json!({"fileName": part.file_name, "bytes": part.bytes.len()}))
                })
                .collect::<Map<_, _>>()
                .into(),
            Content::Other { text } if text.is_empty() => Value::Null,
            Content::Other { text } => json!(text),
        }
    }
}

fn text_header(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}

async fn read_text(body: Body) -> Content {
    let bytes = axum::body::to_bytes(body, MAX_BODY).await.unwrap_or_default();
    match serde_json::from_slice(&bytes) {
        Ok(value) => Content::Json { value, bytes: bytes.len() },
        Err(_) => Content::Other { text: String::from_utf8_lossy(&bytes).into_owned() },
    }
}

async fn read_form(parts: Parts, body: Body) -> Vec<Part> {
    let bytes = axum::body::to_bytes(body, MAX_BODY).await.unwrap_or_default();
    let mut request = axum::http::Request::from_parts(parts, Body::from(bytes));
    // The limit was applied above.
    DefaultBodyLimit::disable().apply(&mut request);
    let Ok(mut form) = Multipart::from_request(request, &()).await else { return Vec::new() };
    let mut read = Vec::new();
    while let Ok(Some(field)) = form.next_field().await {
        let name = field.name().unwrap_or_default().to_owned();
        let file_name = field.file_name().map(str::to_owned);
        let Ok(bytes) = field.bytes().await else { break };
        read.push(Part { name, file_name, bytes: bytes.to_vec() });
    }
    read
}

/// The fields of a JSON object, or of none.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields<'a>(Option<&'a Map<String, Value>>);

impl<'a> Fields<'a> {
    pub(super) fn of(value: &'a Value) -> Self {
        Self(value.as_object())
    }

    /// A field that is there and not null.
    pub(super) fn value(self, key: &str) -> Option<&'a Value> {
        self.0?.get(key).filter(|value| !value.is_null())
    }

    /// A string field, perhaps empty.
    pub(super) fn text(self, key: &str) -> Option<&'a str> {
        self.value(key)?.as_str()
    }

    /// A string field with something in it.
    pub(super) fn filled(self, key: &str) -> Option<&'a str> {
        self.text(key).filter(|text| !text.is_empty())
    }

    /// A boolean field; absent counts as false.
    pub(super) fn flag(self, key: &str) -> bool {
        self.value(key).and_then(Value::as_bool).unwrap_or(false)
    }

    pub(super) fn object(self, key: &str) -> Option<Self> {
        self.value(key)?.as_object().map(|fields| Self(Some(fields)))
    }

    /// The strings of an array field; `None` if it is no array of strings.
    pub(super) fn texts(self, key: &str) -> Option<Vec<&'a str>> {
        self.value(key)?.as_array()?.iter().map(Value::as_str).collect()
    }

    pub(super) fn iter(self) -> impl Iterator<Item = (&'a String, &'a Value)> {
        self.0.into_iter().flatten()
    }
}
