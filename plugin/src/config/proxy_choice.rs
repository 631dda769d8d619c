//! What the option `proxy` says.

use super::{read, secret_source::SecretSource, sentences};
use crate::{
    bilingual::{Pair, Said, both},
    route::{Proxies, Proxy, Unusable},
};
use host_sdk::{ChannelError, ErrorCode};
use serde_json::Value;
use std::env;

/// Words for no proxy at all.
const NONE: [&str; 4] = ["none", "off", "direct", "false"];

/// Which proxy an account wants. Recognised while the configuration is read, which touches nothing
/// outside it; read when it is needed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum ProxyChoice {
    /// The environment's, if it names one.
    #[default]
    Environment,
    /// None.
    Direct,
    /// The one whose address is found there. It may hold credentials.
    At(SecretSource),
}

/// Why `proxy` cannot be used. Never says what was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mistake {
    /// What is the matter.
    pub(super) message: Pair,
    /// What to do about it.
    pub(super) suggestion: Pair,
}

impl From<Unusable> for Mistake {
    fn from(unusable: Unusable) -> Self {
        Self { message: unusable.message(), suggestion: unusable.suggestion() }
    }
}

impl ProxyChoice {
    /// Recognises what was written, if anything was.
    pub(super) fn recognise(written: Option<&Value>) -> Result<Self, Mistake> {
        let source = match written {
            None => None,
            Some(Value::Bool(false)) => return Ok(Self::Direct),
            Some(written) if is_none(written) => return Ok(Self::Direct),
            Some(Value::Number(_)) => return Err(Unusable::Nonsense.into()), // a port says not whose
            Some(written) => SecretSource::recognise(written).map_err(|_| Mistake {
                message: sentences::NOT_A_PROXY,
                suggestion: sentences::WRITE_PROXY,
            })?,
        };
        let Some(source) = source else { return Ok(Self::Environment) };
        if let Some(address) = source.written() {
            Proxy::parse(address)?;
        }
        Ok(Self::At(source))
    }

    /// What it is, in words that may be shown; `None` for what holds where nothing is written.
    pub(super) fn shown(&self) -> Option<String> {
        match self {
            Self::Environment => None,
            Self::Direct => Some("none".to_owned()),
            Self::At(source) => Some(match source.written().map(Proxy::parse) {
                Some(Ok(proxy)) => format!("http://{proxy}"),
                Some(Err(_)) | None => source.whence(),
            }),
        }
    }

    /// Reads it, and the environment. This blocks for as long as a small file takes.
    ///
    /// # Errors
    /// When its address is not where it should be, or is not that of an HTTP proxy.
    pub(crate) fn read(&self, home: &str) -> Result<Proxies, ChannelError> {
        let variable = |name: &str| env::var(name).ok();
        let source = match self {
            Self::Environment => return Ok(Proxies::of_environment(variable)),
            Self::Direct => return Ok(Proxies::none()),
            Self::At(source) => source,
        };
        let address = source.read(home)?;
        match Proxy::parse(address.reveal()) {
            Ok(_) => Ok(Proxies::of_option(address, variable)),
            Err(unusable) => {
                let whence = source.whence();
                let of_it = [both(&whence), unusable.message(), unusable.suggestion()];
                let told = Said::new(sentences::PROXY_ELSEWHERE, &of_it);
                Err(ChannelError::new(ErrorCode::Config, told.to_string()))
            }
        }
    }
}

fn is_none(written: &Value) -> bool {
    read::text(written).is_some_and(|text| NONE.iter().any(|word| word.eq_ignore_ascii_case(&text)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[track_caller]
    fn choice(written: Value) -> ProxyChoice {
        ProxyChoice::recognise(Some(&written)).unwrap()
    }

    #[test]
    fn nothing_means_the_environment_and_a_no_means_none() {
        assert_eq!(ProxyChoice::recognise(None), Ok(ProxyChoice::Environment));
        assert_eq!(choice(json!("  ")), ProxyChoice::Environment);
        for no in [json!(false), json!("none"), json!("None"), json!(" off "), json!("direct")] {
            assert_eq!(choice(no), ProxyChoice::Direct);
        }
    }

    #[test]
    fn an_address_is_shown_without_its_credentials() {
        let chosen = choice(json!("http://lin:s3cret@proxy.corp.example:8080"));
        assert_eq!(chosen.shown().unwrap(), "http://proxy.corp.example:8080");
        assert!(!format!("{chosen:?}").contains("s3cret"));
        assert_eq!(choice(json!({"file": "~/proxy"})).shown().unwrap(), "file:~/proxy");
        assert_eq!(choice(json!("${CORP_PROXY}")).shown().unwrap(), "env:CORP_PROXY");
        assert_eq!(choice(json!(false)).shown().unwrap(), "none");
    }

    #[test]
    fn what_is_no_address_is_a_mistake_that_does_not_quote_it() {
        for wrong in [json!("socks5://lin:s3cret@p:1"), json!("https://lin:s3cret@p"), json!(["s3cret"])] {
            let mistake = ProxyChoice::recognise(Some(&wrong)).unwrap_err();
            assert!(!mistake.message.concat().is_empty() && !mistake.suggestion.concat().is_empty());
            assert!(!format!("{mistake:?}").contains("s3cret"));
        }
        for wrong in [json!(true), json!(8080), json!({})] {
            assert!(ProxyChoice::recognise(Some(&wrong)).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_address_elsewhere_is_read_there_and_judged() {
        let missing = choice(json!("${NO_SUCH_VARIABLE_ANYWHERE}")).read("/").unwrap_err();
        assert!(missing.message.contains("NO_SUCH_VARIABLE_ANYWHERE"));

        let home = env::temp_dir().join(format!("dingtalk-proxy-{}", std::process::id()));
        std::fs::create_dir_all(&home).unwrap();
        std::fs::write(home.join("proxy"), "socks5://lin:s3cret@p:1\n").unwrap();
        let refused = choice(json!({"file": "~/proxy"})).read(home.to_str().unwrap()).unwrap_err();
        std::fs::remove_dir_all(home).unwrap();
        assert!(refused.message.contains("file:~/proxy") && refused.message.contains("SOCKS"));
        assert!(!refused.message.contains("s3cret"));
    }
}
