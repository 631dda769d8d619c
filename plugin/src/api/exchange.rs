//! One request and its answer.

use super::{
    client::Api,
    error::{self, Context},
    failure::{self, broken},
};
use crate::{
    clock,
    error::{Error, ErrorKind, Result},
};
use chrono::DateTime;
use reqwest::{Method, Url, header::DATE};
use serde::de::DeserializeOwned;
use std::{sync::atomic::Ordering::Relaxed, time::Duration};

/// DingTalk's answers are a few hundred bytes; a larger one is not DingTalk's.
pub(super) const MAX_ANSWER: usize = 1024 * 1024;

impl Api {
    /// A request that is yet to be sent.
    pub(super) fn request(
        &self,
        context: Context<'_>,
        method: Method,
        url: Url,
        timeout: Duration,
    ) -> Result<reqwest::RequestBuilder> {
        let route = self.route();
        if url.scheme() == "https" {
            route.tls().config()?;
        }
        let proxy = route.proxy_for(&url)?.map(tracing::field::display);
        tracing::trace!(during = context.during, host = url.host_str(), proxy, "calls DingTalk");
        // Without `Accept` some calls answer in XML.
        Ok(route.http().request(method, url).timeout(timeout).header("Accept", "application/json"))
    }

    /// Sends a request and reads its answer, which is a success by its status.
    pub(super) async fn exchange(
        &self,
        context: Context<'_>,
        request: reqwest::RequestBuilder,
    ) -> Result<Vec<u8>> {
        let route = self.route();
        let failed = |error| broken(context.during, error, &route);
        let mut response = request.send().await.map_err(failed)?;
        if let Some(error) = failure::of_proxy(context.during, &response, &route) {
            return Err(error);
        }
        self.note_clock(&response);
        let status = response.status();
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(failed)? {
            if body.len() + chunk.len() > MAX_ANSWER {
                return Err(Error::new(ErrorKind::Protocol, context.during));
            }
            body.extend_from_slice(&chunk);
        }
        if status.is_success() { Ok(body) } else { Err(error::of_response(context, status.as_u16(), &body)) }
    }
}

impl Api {
    /// By how much DingTalk's clock is ahead of ours, in milliseconds, if it has answered.
    pub(crate) fn clock_ahead_ms(&self) -> Option<i64> {
        Some(self.0.ahead_ms.load(Relaxed)).filter(|&ahead_ms| ahead_ms != i64::MAX)
    }

    fn note_clock(&self, response: &reqwest::Response) {
        let date = response.headers().get(DATE).and_then(|date| date.to_str().ok());
        if let Some(date) = date.and_then(|date| DateTime::parse_from_rfc2822(date).ok()) {
            self.0.ahead_ms.store(date.timestamp_millis().saturating_sub(clock::unix_ms()), Relaxed);
        }
    }
}

/// The failure of an address that is not DingTalk's.
pub(super) fn foreign(during: &'static str) -> Error {
    let kind = ErrorKind::Rejected {
        code: "foreignAddress".into(),
        message: "the address to call is neither DingTalk's nor configured in endpoints".into(),
        request_id: String::new(),
    };
    Error::new(kind, during)
}

/// Reads a successful answer; an empty one counts as `{}`.
pub(super) fn parse<A: DeserializeOwned>(context: Context<'_>, body: &[u8]) -> Result<A> {
    let body = if body.trim_ascii().is_empty() { b"{}" } else { body };
    serde_json::from_slice(body).map_err(|error| {
        // serde's sentence may quote the answer, and with it a token: only its place is told.
        let place = format!("JSON of {} bytes, line {}, column {}", body.len(), error.line(), error.column());
        Error::new(ErrorKind::Protocol, context.during).because(std::io::Error::other(place))
    })
}
