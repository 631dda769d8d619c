//! Registering an application by a code that a person scans. DingTalk documents none of this: three other
//! clients do it so (DingTalk protocol, §9.5).

use super::{
    client::Api,
    error,
    exchange::{foreign, parse},
};
use crate::{
    api::Credentials,
    error::{Error, ErrorKind, Result},
    route::is_loopback,
    secret::Secret,
};
use reqwest::{Method, Url};
use serde_json::{Value, json};
use std::time::Duration;

const TIMEOUT: Duration = Duration::from_secs(10);
const BEGINNING: &str = "registering an application";
const ASKING: &str = "asking whether the application is registered";
/// Who asks, in a word that DingTalk knows.
const SOURCE: &str = "openClaw";
/// Characters of a code that people compare, and of a reason that they read.
const LONGEST_CODE: usize = 64;
const LONGEST_REASON: usize = 200;

/// A registration that a person has yet to allow.
#[derive(Debug)]
pub(crate) struct Begun {
    /// What it is asked for with.
    pub(crate) device_code: Secret,
    /// What the page may want the person to compare.
    pub(crate) user_code: String,
    /// The page that is opened, or scanned.
    pub(crate) page: Url,
    /// How long it may be used, if DingTalk says so.
    pub(crate) lapses_after: Option<Duration>,
    /// How often it may be asked for, if DingTalk says so.
    pub(crate) interval: Option<Duration>,
}

/// What became of a registration.
#[derive(Debug)]
pub(crate) enum Registered {
    /// Nothing yet.
    Waiting,
    /// There is an application.
    Granted(Credentials),
    /// It was refused, for this reason if there is one.
    Refused(String),
    /// Nobody scanned it in time.
    Expired,
}

impl Api {
    /// Begins a registration, which costs nothing and shows nothing to anybody.
    ///
    /// # Errors
    /// When DingTalk is not reached, or does not know of registering.
    pub(crate) async fn begin_registration(&self) -> Result<Begun> {
        let init = self.registration(BEGINNING, "init", &json!({"source": SOURCE})).await?;
        let nonce = text(&init, "nonce").ok_or_else(|| nonsense(BEGINNING))?;
        let begun = self.registration(BEGINNING, "begin", &json!({"nonce": nonce})).await?;
        let page = ["verification_uri_complete", "verification_uri"].iter().find_map(|key| text(&begun, key));
        let page = page.and_then(|page| Url::parse(page).ok()).ok_or_else(|| nonsense(BEGINNING))?;
        if page.scheme() != "https" && !(page.scheme() == "http" && is_loopback(&page)) {
            return Err(foreign(BEGINNING));
        }
        Ok(Begun {
            device_code: text(&begun, "device_code").map(Secret::new).ok_or_else(|| nonsense(BEGINNING))?,
            user_code: shown(text(&begun, "user_code"), LONGEST_CODE),
            page,
            lapses_after: seconds(&begun, "expires_in"),
            interval: seconds(&begun, "interval"),
        })
    }

    /// Asks what became of a registration.
    ///
    /// # Errors
    /// When DingTalk is not reached, or answers what makes no sense.
    pub(crate) async fn poll_registration(&self, device_code: &Secret) -> Result<Registered> {
        let answer = self.registration(ASKING, "poll", &json!({"device_code": device_code.reveal()})).await?;
        Ok(match text(&answer, "status") {
            Some("SUCCESS") => {
                let both = text(&answer, "client_id").zip(text(&answer, "client_secret"));
                let (client_id, secret) = both.ok_or_else(|| nonsense(ASKING))?;
                Registered::Granted(Credentials {
                    client_id: client_id.to_owned(),
                    client_secret: Secret::new(secret),
                })
            }
            Some("FAIL") => Registered::Refused(shown(text(&answer, "fail_reason"), LONGEST_REASON)),
            Some("EXPIRED") => Registered::Expired,
            Some(_) => Registered::Waiting,
            None => return Err(nonsense(ASKING)),
        })
    }

    /// A call of the legacy interface without a token.
    async fn registration(&self, during: &'static str, call: &str, body: &Value) -> Result<Value> {
        let context = self.context(during, "");
        let url = self.endpoints().oapi(&format!("/app/registration/{call}"));
        let request = self.request(context, Method::POST, url, TIMEOUT)?.json(body);
        let answer = self.exchange(context, request).await?;
        match error::inside(context, &answer) {
            Some(error) => Err(error),
            None => parse(context, &answer),
        }
    }
}

fn nonsense(during: &'static str) -> Error {
    Error::new(ErrorKind::Protocol, during)
}

/// A text with something in it.
fn text<'a>(answer: &'a Value, key: &str) -> Option<&'a str> {
    answer.get(key)?.as_str().map(str::trim).filter(|text| !text.is_empty())
}

/// A text as it is shown, also at terminals, which must not be told anything by it.
fn shown(text: Option<&str>, most: usize) -> String {
    text.unwrap_or_default().chars().filter(|sign| !sign.is_control()).take(most).collect()
}

/// Seconds, as a number or as digits.
fn seconds(answer: &Value, key: &str) -> Option<Duration> {
    let value = answer.get(key)?;
    let number = value.as_u64().or_else(|| value.as_str()?.parse().ok())?;
    Some(Duration::from_secs(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_are_shown_is_short_and_tells_no_terminal_anything() {
        assert_eq!(shown(Some("AB\u{1b}[2J-CD\n"), LONGEST_CODE), "AB[2J-CD");
        assert_eq!(shown(Some("ABCD"), 2), "AB");
        assert_eq!(shown(None, LONGEST_CODE), "");
    }
}
