//! Who may come in: browsers that show this very page, and programs on this machine.
//!
//! Any page that a person visits may have their browser ask 127.0.0.1. What such a request cannot hide is its
//! `Origin`, nor, where a name was bent to lead here, its `Host`.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::refusal::Refusal;

/// Scripts and styles of this page alone; nothing is fetched from elsewhere, and no text becomes markup.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
    connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
    require-trusted-types-for 'script'; trusted-types 'none'";

/// The names under which a browser may ask for the page, besides `localhost` and plain addresses.
#[derive(Debug, Clone, Default)]
pub struct AllowedHosts(Vec<String>);

impl AllowedHosts {
    /// These names, without ports.
    #[must_use]
    pub fn named(names: impl IntoIterator<Item = String>) -> Self {
        Self(names.into_iter().map(|name| name.to_lowercase()).collect())
    }

    /// Whether a `Host` is one of ours. A bent name is a name: an address in its place is what was typed.
    fn allow(&self, host: &str) -> bool {
        let name = name(host).to_lowercase();
        name == "localhost" || name.parse::<IpAddr>().is_ok() || self.0.contains(&name)
    }
}

/// A `Host` without its port and without the brackets of IPv6.
fn name(host: &str) -> &str {
    if let Some(rest) = host.strip_prefix('[') {
        return rest.split(']').next().unwrap_or_default();
    }
    host.split(':').next().unwrap_or_default()
}

/// Lets a request in, or says why not; either way the answer carries what keeps the page safe.
pub(super) async fn guard(State(hosts): State<Arc<AllowedHosts>>, request: Request, next: Next) -> Response {
    let mut response = match judge(&hosts, request.method(), request.headers()) {
        Ok(()) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    };
    let safe = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    for (name, value) in safe {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response.headers_mut().insert("cross-origin-resource-policy", HeaderValue::from_static("same-origin"));
    response
}

fn judge(hosts: &AllowedHosts, method: &Method, headers: &HeaderMap) -> Result<(), Refusal> {
    let text = |name: header::HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    let host = text(header::HOST).unwrap_or_default();
    if !hosts.allow(host) {
        let message = "ask for this page by 127.0.0.1 or localhost; other names are for `--allow-host`";
        return Err(Refusal::new(StatusCode::FORBIDDEN, "foreign_host", message));
    }
    if let Some(origin) = text(header::ORIGIN)
        && origin.strip_prefix("http://") != Some(host)
        && origin.strip_prefix("https://") != Some(host)
    {
        let message = "another page asked for this; open the simulator's own";
        return Err(Refusal::new(StatusCode::FORBIDDEN, "foreign_origin", message));
    }
    // A form of another page can send no JSON.
    let is_json = text(header::CONTENT_TYPE).is_some_and(|kind| kind.starts_with("application/json"));
    if method == Method::POST && !is_json {
        let message = "send JSON, with `Content-Type: application/json`";
        return Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "no_json", message));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(method: Method, headers: &[(&'static str, &'static str)]) -> Option<&'static str> {
        let headers = headers
            .iter()
            .map(|(name, value)| (header::HeaderName::from_static(name), HeaderValue::from_static(value)));
        let hosts = AllowedHosts::named(["Bots.Example".to_owned()]);
        judge(&hosts, &method, &headers.collect()).err().map(|refusal| refusal.code)
    }

    #[test]
    fn a_name_that_was_bent_to_lead_here_is_refused() {
        assert_eq!(asked(Method::GET, &[("host", "evil.example:80")]), Some("foreign_host"));
        assert_eq!(asked(Method::GET, &[("host", "localhost.evil.example")]), Some("foreign_host"));
        assert_eq!(asked(Method::GET, &[]), Some("foreign_host"));
        for host in ["localhost:8899", "127.0.0.1:8899", "[::1]:8899", "bots.example:1"] {
            assert_eq!(asked(Method::GET, &[("host", host)]), None, "{host}");
        }
    }

    #[test]
    fn only_the_page_itself_may_ask_from_a_browser() {
        let from =
            |origin| [("host", "127.0.0.1:1"), ("content-type", "application/json"), ("origin", origin)];
        assert_eq!(asked(Method::POST, &from("http://127.0.0.1:1")), None);
        for origin in ["http://evil.example", "http://127.0.0.1:2", "http://localhost:1", "null", ""] {
            assert_eq!(asked(Method::POST, &from(origin)), Some("foreign_origin"), "{origin}");
        }
    }

    #[test]
    fn a_form_of_another_page_changes_nothing() {
        let form = [("host", "127.0.0.1:1"), ("content-type", "text/plain")];
        assert_eq!(asked(Method::POST, &form), Some("no_json"));
    }
}
