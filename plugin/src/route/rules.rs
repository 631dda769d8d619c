//! Whether a destination is reached directly or through a proxy.

use super::{Proxies, Proxy, Unusable, proxies::Named};
use crate::error::{Error, ErrorKind, Result};
use hyper_util::client::proxy::matcher::Matcher;
use reqwest::Url;
use std::{fmt, net::IpAddr};

/// Decides for each destination, HTTP and WebSocket alike.
pub(super) struct Rules {
    encrypted: Option<Choice>,
    plain: Option<Choice>,
    bypass: Bypass,
    spares_loopback: bool,
}

/// A proxy that somebody named, usable or not.
#[derive(Debug)]
struct Choice {
    by: &'static str,
    proxy: Result<Proxy, Unusable>,
}

/// The destinations that `NO_PROXY` spares, in the HTTP client's own reading of it.
struct Bypass(Matcher);

impl Rules {
    pub(super) fn new(proxies: &Proxies) -> Self {
        let choice = |named: &Option<Named>| named.as_ref().map(Choice::of);
        Self {
            encrypted: choice(&proxies.encrypted),
            plain: choice(&proxies.plain),
            bypass: Bypass::new(&proxies.bypass),
            spares_loopback: proxies.spares_loopback,
        }
    }

    /// The proxy for `destination`; `None` where it is reached directly.
    ///
    /// # Errors
    /// `Config` when the proxy that somebody named for it cannot be used: going past it might be
    /// exactly what they wanted to prevent.
    pub(super) fn proxy_for(&self, destination: &Url) -> Result<Option<&Proxy>> {
        let choice = match destination.scheme() {
            "https" | "wss" => &self.encrypted,
            _ => &self.plain,
        };
        let Some(choice) = choice else { return Ok(None) };
        if (self.spares_loopback && is_loopback(destination)) || self.bypass.covers(destination) {
            return Ok(None);
        }
        choice.proxy.as_ref().map(Some).map_err(|unusable| {
            let kind = ErrorKind::Config { key: choice.by };
            Error::new(kind, "choosing a proxy").because(*unusable).advising(unusable.suggestion()[1])
        })
    }
}

impl Choice {
    fn of(named: &Named) -> Self {
        Self { by: named.by, proxy: named.proxy() }
    }
}

impl Bypass {
    fn new(list: &str) -> Self {
        // A matcher says what is not spared; which proxy it would take for that is never asked.
        Self(Matcher::builder().all("http://proxy").no(list).build())
    }

    fn covers(&self, destination: &Url) -> bool {
        let host = destination.host_str().unwrap_or_default();
        format!("http://{host}/").parse().is_ok_and(|uri| self.0.intercept(&uri).is_none())
    }
}

impl fmt::Debug for Rules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rules").field("encrypted", &self.encrypted).field("plain", &self.plain).finish()
    }
}

/// Whether a URL names this machine.
pub(crate) fn is_loopback(url: &Url) -> bool {
    let Some(host) = url.host_str() else { return false };
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || address.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Secret;

    const CHINA: &str = "https://api.dingtalk.com/v1.0/x";
    const GATEWAY: &str = "wss://wss-open-connection.dingtalk.com:443/connect";

    fn environment(variables: &'static [(&str, &str)]) -> impl Fn(&str) -> Option<String> {
        |name| variables.iter().find(|(set, _)| *set == name).map(|(_, value)| (*value).to_owned())
    }

    fn ambient(variables: &'static [(&str, &str)]) -> Rules {
        Rules::new(&Proxies::of_environment(environment(variables)))
    }

    fn configured(proxy: &str, variables: &'static [(&str, &str)]) -> Rules {
        Rules::new(&Proxies::of_option(Secret::new(proxy), environment(variables)))
    }

    #[track_caller]
    fn through(rules: &Rules, destination: &str) -> String {
        let proxy = rules.proxy_for(&Url::parse(destination).unwrap()).unwrap();
        proxy.map_or_else(|| "direct".to_owned(), Proxy::to_string)
    }

    #[test]
    fn without_a_proxy_everything_is_direct() {
        for rules in [ambient(&[]), Rules::new(&Proxies::none()), ambient(&[("HTTPS_PROXY", " ")])] {
            assert_eq!((&*through(&rules, CHINA), &*through(&rules, GATEWAY)), ("direct", "direct"));
        }
    }

    #[test]
    fn the_environments_proxies_are_told_apart_by_encryption_for_http_and_websocket_alike() {
        let rules = ambient(&[("HTTPS_PROXY", "http://tls:1"), ("http_proxy", "plain:2")]);
        assert_eq!((&*through(&rules, CHINA), &*through(&rules, GATEWAY)), ("tls:1", "tls:1"));
        assert_eq!(through(&rules, "http://ding.corp.example/x"), "plain:2");
        assert_eq!(through(&rules, "ws://ding.corp.example/connect"), "plain:2");
    }

    #[test]
    fn lower_case_wins_and_all_proxy_is_for_what_has_none_of_its_own() {
        let rules = ambient(&[
            ("https_proxy", "http://lower:1"),
            ("HTTPS_PROXY", "http://upper:1"),
            ("ALL_PROXY", "http://all:3"),
        ]);
        assert_eq!(through(&rules, CHINA), "lower:1");
        assert_eq!(through(&rules, "http://ding.corp.example/x"), "all:3");
    }

    #[test]
    fn a_cgi_scripts_proxy_header_is_not_believed() {
        let rules = ambient(&[("REQUEST_METHOD", "POST"), ("HTTP_PROXY", "http://evil:1")]);
        assert_eq!(through(&rules, "http://ding.corp.example/x"), "direct");
    }

    #[test]
    fn no_proxy_spares_domains_their_subdomains_addresses_and_networks() {
        let rules = configured(
            "http://p:1",
            &[("NO_PROXY", "dingtalk.com, .corp.example,192.0.2.7,198.51.100.0/24,::1")],
        );
        for spared in [
            CHINA,
            GATEWAY,
            "https://ding.corp.example",
            "http://192.0.2.7:81/",
            "wss://198.51.100.9/connect",
            "ws://[::1]:8080/connect",
        ] {
            assert_eq!(through(&rules, spared), "direct", "{spared}");
        }
        for other in ["https://notdingtalk.com/", "http://192.0.2.8/", "https://api.dingtalk.io/"] {
            assert_eq!(through(&rules, other), "p:1", "{other}");
        }
        assert_eq!(through(&configured("http://p:1", &[("no_proxy", "*")]), CHINA), "direct");
    }

    #[test]
    fn this_machine_is_spared_by_the_environments_proxy_and_not_by_the_accounts() {
        for local in ["http://127.0.0.1:8080/x", "ws://localhost:8080/connect", "http://[::1]/x"] {
            assert_eq!(through(&ambient(&[("ALL_PROXY", "http://p:1")]), local), "direct", "{local}");
            assert_eq!(through(&configured("http://p:1", &[]), local), "p:1", "{local}");
        }
    }

    #[test]
    fn a_proxy_that_cannot_be_used_is_an_error_that_names_who_named_it_and_is_not_passed_by() {
        let rules = ambient(&[("ALL_PROXY", "socks5://lin:s3cret@127.0.0.1:1080")]);
        let error = rules.proxy_for(&Url::parse(CHINA).unwrap()).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Config { key: "ALL_PROXY" }));
        assert!(error.sentence().contains("`proxy`"), "{}", error.sentence());
        assert_eq!(error.causes(), "SOCKS proxies are not supported");
        assert!(!format!("{error:?} {rules:?}").contains("s3cret"));
        assert_eq!(through(&rules, "http://127.0.0.1:8080/x"), "direct");
    }
}
