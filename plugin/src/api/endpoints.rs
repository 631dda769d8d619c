//! Where DingTalk is, and which addresses are believed to be DingTalk's.

use crate::{
    error::{Error, ErrorKind, Result},
    route::is_loopback,
};
use reqwest::Url;

/// DingTalk's own domains; a host belongs if it is a subdomain of one.
const DOMAINS: [&str; 2] = ["dingtalk.com", "dingtalk.io"];

/// Where DingTalk keeps files: the object storage of its sister company. A bucket is the label before.
const STORAGE: (&str, &str) = ("oss-", ".aliyuncs.com");

/// Whether connections without TLS are allowed to hosts other than loopback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Plain {
    /// Only to loopback, where nobody listens in.
    LoopbackOnly,
    /// Also to the configured bases: a private deployment behind its own gateway.
    Allowed,
}

/// The two bases of DingTalk's HTTP interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Endpoints {
    api: Url,
    oapi: Url,
    plain: Plain,
}

/// What an address of a file is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Storage {
    /// Where DingTalk keeps files; to be called so, which is encrypted wherever that can be.
    Trusted(Url),
    /// Anywhere else.
    Foreign,
}

impl Endpoints {
    /// DingTalk in China, the default.
    pub(crate) fn china() -> Result<Self> {
        Self::parse("https://api.dingtalk.com", "https://oapi.dingtalk.com", Plain::LoopbackOnly)
    }

    /// DingTalk overseas, whose apps and credentials are a world of their own.
    pub(crate) fn overseas() -> Result<Self> {
        Self::parse("https://api.dingtalk.io", "https://oapi.dingtalk.io", Plain::LoopbackOnly)
    }

    /// Bases from configuration.
    ///
    /// # Errors
    /// `Config` when a base is not an `http(s)` URL with a host, has a user in it, or is plain where that is
    /// not allowed.
    pub(crate) fn parse(api: &str, oapi: &str, plain: Plain) -> Result<Self> {
        Ok(Self {
            api: base(api, "endpoints.api", plain)?,
            oapi: base(oapi, "endpoints.oapi", plain)?,
            plain,
        })
    }

    /// The URL of a call of the new interface; `path` begins with `/`.
    pub(super) fn api(&self, path: &str) -> Url {
        under(&self.api, path)
    }

    /// The URL of a call of the legacy interface; `path` begins with `/`.
    pub(super) fn oapi(&self, path: &str) -> Url {
        under(&self.oapi, path)
    }

    /// What tells one DingTalk from another: credentials of one mean nothing to the other.
    pub(crate) fn id(&self) -> &str {
        self.api.as_str()
    }

    /// Whether an address that came in a message or an answer may be called: it must be
    /// DingTalk's own or on a configured base's host, and encrypted unless plain is allowed.
    pub(crate) fn permits(&self, url: &Url) -> bool {
        if names_somebody(url) {
            return false;
        }
        let encrypted = match url.scheme() {
            "https" | "wss" => true,
            "http" | "ws" => false,
            _ => return false,
        };
        let configured = self.is_configured_host(url);
        let known = configured || url.host_str().is_some_and(is_dingtalk);
        known && (encrypted || is_loopback(url) || (configured && self.plain == Plain::Allowed))
    }

    /// Whether files may be fetched from `url`: it must be DingTalk's own, its storage's, or on a configured
    /// base's host. DingTalk gives plain addresses, whose signature does not cover the scheme.
    pub(super) fn storage(&self, url: &Url) -> Storage {
        let mut url = url.clone();
        let named = url.host_str().is_some_and(|host| is_dingtalk(host) || is_storage(host));
        if names_somebody(&url) {
            return Storage::Foreign;
        }
        if named && !self.is_configured_host(&url) && url.scheme() == "http" {
            // The standard port goes with the scheme; another one would speak no TLS.
            if url.port().is_some() || url.set_scheme("https").is_err() {
                return Storage::Foreign;
            }
        }
        let of_http = matches!(url.scheme(), "http" | "https");
        let trusted = of_http && ((named && url.scheme() == "https") || self.permits(&url));
        if trusted { Storage::Trusted(url) } else { Storage::Foreign }
    }

    fn is_configured_host(&self, url: &Url) -> bool {
        [&self.api, &self.oapi].into_iter().any(|base| {
            base.host() == url.host() || (is_loopback(base) && is_loopback(url)) // localhost, 127.0.0.1, ::1
        })
    }
}

fn base(text: &str, key: &'static str, plain: Plain) -> Result<Url> {
    let wrong = || Error::new(ErrorKind::Config { key }, "reading the configuration");
    let mut url = Url::parse(text.trim()).map_err(|error| wrong().because(error))?;
    let usable = match url.scheme() {
        "https" => url.has_host(),
        "http" => is_loopback(&url) || (url.has_host() && plain == Plain::Allowed),
        _ => false,
    };
    if !usable || names_somebody(&url) {
        return Err(wrong());
    }
    url.set_query(None);
    url.set_fragment(None);
    Ok(url)
}

/// Keeps a base's own path, which a private deployment may have.
fn under(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    url.set_path(&format!("{}{path}", base.path().trim_end_matches('/')));
    url
}

/// With a user in it, an address says more than where something is, and reads as if it were elsewhere.
fn names_somebody(url: &Url) -> bool {
    !url.username().is_empty() || url.password().is_some()
}

fn is_dingtalk(host: &str) -> bool {
    DOMAINS.iter().any(|domain| host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.')))
}

/// `bucket.oss-region.aliyuncs.com`
fn is_storage(host: &str) -> bool {
    let (service, domain) = STORAGE;
    let Some(place) = host.strip_suffix(domain) else { return false };
    place.split_once('.').is_some_and(|(bucket, region)| {
        !bucket.is_empty() && region.starts_with(service) && !region.contains('.')
    })
}

#[cfg(test)]
mod tests;
