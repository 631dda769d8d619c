//! One HTTP proxy: its address, and what it is shown to let us through.

use crate::{bilingual::Pair, secret::Secret};
use base64::{Engine, prelude::BASE64_STANDARD};
use percent_encoding::percent_decode_str;
use reqwest::Url;
use std::fmt;

/// An HTTP proxy. It prints as its host and port, never with credentials.
#[derive(Clone)]
pub(crate) struct Proxy {
    /// With credentials, as the HTTP client wants it.
    url: Url,
    /// The value of `Proxy-Authorization`, if there are credentials.
    authorization: Option<Secret>,
}

/// Why a text is not the address of a proxy that can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.message()[1])]
pub(crate) enum Unusable {
    /// It names a SOCKS proxy.
    Socks,
    /// It names a proxy that is reached by TLS.
    Encrypted,
    /// It names no proxy at all.
    Nonsense,
}

impl Unusable {
    /// What is the matter.
    pub(crate) fn message(self) -> Pair {
        match self {
            Self::Socks => ["不支持 SOCKS 代理", "SOCKS proxies are not supported"],
            Self::Encrypted => [
                "不支持本身通过 https 连接的代理",
                "a proxy that is itself reached by https is not supported",
            ],
            Self::Nonsense => ["这不是 HTTP 代理的地址", "this is not the address of an HTTP proxy"],
        }
    }

    /// What to write instead.
    pub(crate) fn suggestion(self) -> Pair {
        match self {
            Self::Socks => [
                "请把 `proxy` 设为 HTTP 代理的地址（大多数 SOCKS 程序也提供），或 \"none\"",
                "set `proxy` to the address of an HTTP proxy, which most SOCKS programs offer too, or to \"none\"",
            ],
            Self::Encrypted => [
                "请写 http://：经代理到钉钉的内容照样是加密的",
                "write http://: what goes through the proxy to DingTalk is encrypted all the same",
            ],
            Self::Nonsense => [
                "请写 http://主机:端口、http://用户名:密码@主机:端口，或写 \"none\" 直接连接",
                "write http://host:port, http://user:password@host:port, or \"none\" to connect directly",
            ],
        }
    }
}

impl Proxy {
    /// The proxy at `address`; without a scheme, `http` is meant.
    ///
    /// # Errors
    /// When it is not the address of an HTTP proxy.
    pub(crate) fn parse(address: &str) -> Result<Self, Unusable> {
        let address = address.trim();
        let whole = if address.contains("://") { address.to_owned() } else { format!("http://{address}") };
        let mut url = Url::parse(&whole).map_err(|_| Unusable::Nonsense)?;
        match url.scheme() {
            "http" if url.has_host() => {}
            "https" => return Err(Unusable::Encrypted),
            scheme if scheme.starts_with("socks") => return Err(Unusable::Socks),
            _ => return Err(Unusable::Nonsense),
        }
        url.set_path("");
        url.set_query(None);
        url.set_fragment(None);
        let authorization = authorization(&url);
        Ok(Self { url, authorization })
    }

    /// The host's name or address, an IPv6 address in brackets.
    pub(crate) fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    /// The port; 80 where none was written.
    pub(crate) fn port(&self) -> u16 {
        self.url.port_or_known_default().unwrap_or(80)
    }

    /// The value of `Proxy-Authorization`, if it is to be sent.
    pub(crate) fn authorization(&self) -> Option<&Secret> {
        self.authorization.as_ref()
    }

    /// Its whole address with credentials, for the HTTP client.
    pub(super) fn url(&self) -> &Url {
        &self.url
    }
}

fn authorization(url: &Url) -> Option<Secret> {
    if url.username().is_empty() && url.password().is_none() {
        return None;
    }
    let mut plain: Vec<u8> = percent_decode_str(url.username()).collect();
    plain.push(b':');
    plain.extend(percent_decode_str(url.password().unwrap_or_default()));
    Some(Secret::new(format!("Basic {}", BASE64_STANDARD.encode(plain))))
}

impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host(), self.port())
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Proxy({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_decoded_and_never_print() {
        let proxy = Proxy::parse("http://lin:p%40ss%3Aword@proxy.corp.example:8080/").unwrap();
        assert_eq!((proxy.host(), proxy.port()), ("proxy.corp.example", 8080));
        assert_eq!(proxy.authorization().unwrap().reveal(), "Basic bGluOnBAc3M6d29yZA==");
        assert_eq!(format!("{proxy} {proxy:?}"), "proxy.corp.example:8080 Proxy(proxy.corp.example:8080)");
    }

    #[test]
    fn a_scheme_and_credentials_may_be_left_out() {
        let proxy = Proxy::parse(" proxy.corp.example:3128 ").unwrap();
        assert_eq!(proxy.to_string(), "proxy.corp.example:3128");
        assert!(proxy.authorization().is_none());
        assert_eq!(Proxy::parse("http://[::1]:8080").unwrap().to_string(), "[::1]:8080");
        assert_eq!(Proxy::parse("http://proxy").unwrap().port(), 80);
    }

    #[test]
    fn what_is_no_http_proxy_is_refused_with_its_reason() {
        let fault = |address| Proxy::parse(address).unwrap_err();
        assert_eq!(fault("socks5://127.0.0.1:1080"), Unusable::Socks);
        assert_eq!(fault("SOCKS5H://127.0.0.1:1080"), Unusable::Socks);
        assert_eq!(fault("https://proxy.corp.example"), Unusable::Encrypted);
        for nonsense in ["", "http://", "ftp://proxy", "proxy:many", "a b"] {
            assert_eq!(fault(nonsense), Unusable::Nonsense, "{nonsense}");
        }
    }
}
