//! What it means when a call brings no answer of DingTalk's.

use crate::{
    error::{Error, ErrorKind, ProxyFault},
    route::{Proxy, Route, is_distrust},
};
use reqwest::{StatusCode, Url};
use std::error::Error as StdError;

/// How the HTTP client begins what it says of a tunnel through a proxy. It has no public type.
const TUNNEL: &str = "tunnel error: ";

/// What a failure of the HTTP client means. Its URL, which may open something, is dropped.
pub(super) fn broken(during: &'static str, error: reqwest::Error, route: &Route) -> Error {
    let proxy = error.url().and_then(|url| route.proxy_for(url).ok().flatten());
    let kind = kind(&error, proxy);
    Error::new(kind, during).because(error.without_url())
}

fn kind(error: &reqwest::Error, proxy: Option<&Proxy>) -> ErrorKind {
    let host = error.url().and_then(Url::host_str).unwrap_or("DingTalk").to_owned();
    if error.is_connect() {
        if is_distrust(error) {
            return ErrorKind::Untrusted { host };
        }
        return match proxy.and_then(|proxy| Some((proxy, fault(error, proxy)?))) {
            Some((proxy, fault)) => ErrorKind::Proxy { proxy: proxy.to_string(), host, fault },
            None => ErrorKind::Network { host, ambiguous: false },
        };
    }
    if error.is_timeout() {
        ErrorKind::Timeout { ambiguous: true }
    } else if error.is_builder() {
        ErrorKind::Protocol
    } else {
        ErrorKind::Network { host, ambiguous: true }
    }
}

/// What is the matter with the proxy; `None` if it had done its part.
fn fault(error: &reqwest::Error, proxy: &Proxy) -> Option<ProxyFault> {
    if error.is_timeout() {
        return Some(ProxyFault::Silent);
    }
    let is_tunnelled = error.url().is_some_and(|url| url.scheme() == "https");
    if !is_tunnelled {
        return Some(ProxyFault::Unreachable); // there is no other connection
    }
    let chain = std::iter::successors(error.source(), |&cause| cause.source());
    let said = chain.map(ToString::to_string).find_map(|said| Some(said.strip_prefix(TUNNEL)?.to_owned()))?;
    Some(match said.as_str() {
        "proxy authorization required" => ProxyFault::wants_credentials(proxy),
        "unsuccessful" => ProxyFault::Refuses { status: None },
        "proxy response headers too long" => ProxyFault::Nonsense,
        "unexpected end of file" => ProxyFault::BreaksOff,
        _ => ProxyFault::Unreachable,
    })
}

/// The failure of an answer that a proxy gave in DingTalk's place.
pub(super) fn of_proxy(during: &'static str, response: &reqwest::Response, route: &Route) -> Option<Error> {
    if response.status() != StatusCode::PROXY_AUTHENTICATION_REQUIRED {
        return None;
    }
    let proxy = route.proxy_for(response.url()).ok().flatten()?;
    let host = response.url().host_str().unwrap_or_default().to_owned();
    let fault = ProxyFault::wants_credentials(proxy);
    Some(Error::new(ErrorKind::Proxy { proxy: proxy.to_string(), host, fault }, during))
}

#[cfg(test)]
mod tests;
