//! Which proxy is for which destination, as configuration and environment have it.

use super::{Proxy, Unusable};
use crate::secret::Secret;

/// Names the option that chooses a proxy, for messages.
const OPTION: &str = "proxy";

/// Which proxy is for what, as it was written. Accounts with equal ones share their connections.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Proxies {
    /// For `https` and `wss`.
    pub(super) encrypted: Option<Named>,
    /// For `http` and `ws`.
    pub(super) plain: Option<Named>,
    /// Destinations that are reached directly, in the syntax of `NO_PROXY`.
    pub(super) bypass: String,
    /// Whether this machine is reached directly, whatever [`bypass`](Self::bypass) says.
    pub(super) spares_loopback: bool,
}

/// The address of a proxy, and who named it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Named {
    /// The option or environment variable.
    pub(super) by: &'static str,
    /// What it says, credentials included.
    pub(super) address: Secret,
}

impl Proxies {
    /// No proxy at all.
    pub(crate) fn none() -> Self {
        Self::default()
    }

    /// The environment's: `https_proxy`, `http_proxy` and `all_proxy`, in lower case or capitals.
    /// `variable` looks one up.
    ///
    /// This machine is always reached directly: whoever sets such a variable means what is outside,
    /// and a proxy elsewhere would look for `127.0.0.1` on its own machine.
    pub(crate) fn of_environment(variable: impl Fn(&str) -> Option<String>) -> Self {
        let named = |names: &[&'static str]| names.iter().find_map(|name| named(name, &variable));
        // In a CGI script anybody could set HTTP_PROXY, by a header `Proxy`.
        let is_cgi = variable("REQUEST_METHOD").is_some();
        let http: &[_] = if is_cgi { &["http_proxy"] } else { &["http_proxy", "HTTP_PROXY"] };
        let all = named(&["all_proxy", "ALL_PROXY"]);
        Self {
            encrypted: named(&["https_proxy", "HTTPS_PROXY"]).or_else(|| all.clone()),
            plain: named(http).or(all),
            bypass: bypass(variable),
            spares_loopback: true,
        }
    }

    /// The one proxy that an account's option names, for everything but what `NO_PROXY` spares.
    pub(crate) fn of_option(address: Secret, variable: impl Fn(&str) -> Option<String>) -> Self {
        let named = Some(Named { by: OPTION, address });
        Self { encrypted: named.clone(), plain: named, bypass: bypass(variable), spares_loopback: false }
    }
}

impl Named {
    pub(super) fn proxy(&self) -> Result<Proxy, Unusable> {
        Proxy::parse(self.address.reveal())
    }
}

fn named(name: &'static str, variable: impl Fn(&str) -> Option<String>) -> Option<Named> {
    let address = variable(name)?.trim().to_owned();
    (!address.is_empty()).then(|| Named { by: name, address: Secret::new(address) })
}

fn bypass(variable: impl Fn(&str) -> Option<String>) -> String {
    let written = variable("no_proxy").filter(|list| !list.trim().is_empty());
    written.or_else(|| variable("NO_PROXY")).unwrap_or_default()
}
