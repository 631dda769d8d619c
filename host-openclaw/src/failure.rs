//! Failures on their way to JavaScript, where `index.js` makes an `Error` of them.

use host_sdk::{ChannelError, Json, host::LoadError, inbox::InboxError};
use napi::Error;
use serde::{Serialize, de::DeserializeOwned};

/// The code of what JavaScript passed, when it cannot be read.
const ARGUMENT: &str = "argument";

/// What became of `ChannelError` and its like: the fields of the `Error` that JavaScript gets.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Failure {
    code: Json,
    message: String,
    retry_after_ms: Option<u64>,
    causes: String,
    extra: Json,
}

impl Failure {
    pub(crate) fn of(code: &impl Serialize, message: String) -> Self {
        let (code, extra) = (Json::new(code), Json::default());
        Self { code, message, retry_after_ms: None, causes: String::new(), extra }
    }
}

impl From<ChannelError> for Failure {
    fn from(error: ChannelError) -> Self {
        let ChannelError { code, retry_after_ms, message, causes, extra } = error;
        Self { retry_after_ms, causes, extra, ..Self::of(&code, message) }
    }
}

impl From<LoadError> for Failure {
    fn from(error: LoadError) -> Self {
        Self::of(&error.code(), error.to_string())
    }
}

impl From<InboxError> for Failure {
    fn from(error: InboxError) -> Self {
        let code = match &error {
            InboxError::InUse { .. } => "inUse",
            InboxError::Newer { .. } => "newer",
            _ => "unusable",
        };
        Self::of(&code, error.to_string())
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        Self::from_reason(Json::new(&failure).as_str())
    }
}

/// Reads what JavaScript passed as `what`.
pub(crate) fn parse<T: DeserializeOwned>(what: &str, json: &str) -> Result<T, Failure> {
    serde_json::from_str(json).map_err(|error| Failure::of(&ARGUMENT, format!("not {what}: {error}")))
}

/// Reads a word of an open set, such as `reload`.
pub(crate) fn word<T: DeserializeOwned + Serialize>(what: &str, word: String) -> Result<T, Failure> {
    let unknown = || Failure::of(&ARGUMENT, format!("not {what}: {word:?}"));
    let value = serde_json::from_value(word.clone().into()).map_err(|_| unknown())?;
    // A word that is not known is read all the same, for it may be a newer version's; here it is misspelt.
    if serde_json::to_value(&value).is_ok_and(|known| known == word) { Ok(value) } else { Err(unknown()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use host_sdk::{ErrorCode, StopReason};
    use std::{path::PathBuf, time::Duration};

    #[track_caller]
    fn fields(failure: impl Into<Failure>) -> serde_json::Value {
        serde_json::from_str(&Error::from(failure.into()).reason).unwrap()
    }

    #[test]
    fn an_error_keeps_its_code_its_words_and_when_to_try_again() {
        let error = ChannelError::new(ErrorCode::RateLimited, "slower").retry_after(Duration::from_secs(2));
        let fields = fields(error);
        assert_eq!(fields["code"], "rateLimited");
        assert_eq!(fields["message"], "slower");
        assert_eq!(fields["retryAfterMs"], 2000);
    }

    #[test]
    fn a_plugin_that_does_not_load_says_what_the_loader_says() {
        let error = LoadError::NotAPlugin { path: PathBuf::from("x.so") };
        let (code, message) = (error.code(), error.to_string());
        let fields = fields(error);
        assert_eq!(fields["code"], code);
        assert_eq!(fields["message"], message);
    }

    #[test]
    fn an_unknown_word_is_an_error_that_names_it() {
        assert_eq!(word::<StopReason>("a reason", "reload".into()).unwrap(), StopReason::Reload);
        let fields = fields(word::<StopReason>("a reason to stop", "boredom".into()).unwrap_err());
        assert_eq!(fields["code"], ARGUMENT);
        assert!(fields["message"].as_str().unwrap().contains("boredom"), "{fields}");
    }
}
