//! One account, ready to be run.

use super::{
    accounts::{Section, known_accounts},
    home::HomePath,
    ids::named_ids,
    live::Written,
    options::{self, Effect, Spec},
    proxy_choice::ProxyChoice,
    read::Checked,
    replies::ReplyOptions,
    secret_source::SecretSource,
    sentences,
};
use crate::{
    api::{Endpoints, Plain},
    bilingual::{Pair, Said, both},
    secret::Secret,
};
use host_sdk::{ChannelError, ErrorCode};
use serde_json::Value;
use std::{borrow::Cow, sync::Arc, time::Duration};

/// Nobody waits for longer, whatever is written.
const LONGEST_WAIT: Duration = Duration::from_hours(365 * 24);

/// One account with everything decided.
///
/// Who may write is not in it: the host decides that, from the settings that
/// [`resolve`](super::resolve) gives.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Account {
    /// Its id.
    pub(crate) id: String,
    /// Client ID. No secret, but it may come from where secrets come from.
    pub(crate) client_id: SecretSource,
    /// Client Secret.
    pub(crate) client_secret: SecretSource,
    /// Which DingTalk.
    pub(crate) endpoints: Endpoints,
    /// Through which proxy it is reached.
    pub(crate) proxy: ProxyChoice,
    /// A PEM file of certificate authorities to trust besides the operating system's.
    pub(crate) ca_file: Option<HomePath>,
    /// How it answers.
    pub(crate) replies: Arc<ReplyOptions>,
    /// How many Stream connections are kept at the same time.
    pub(crate) connections: usize,
    /// How long one may be without a message before it is replaced.
    pub(crate) rotate_after: Duration,
    /// The largest file that is downloaded, in bytes; 0 downloads none (O9).
    pub(crate) max_file_bytes: u64,
    /// Where received files are kept (O10, O11).
    pub(crate) inbound_media: InboundMedia,
    /// The ids of people and groups that the section names for it, in the case in which they stand there.
    pub(crate) named_ids: Vec<String>,
    /// Whether nobody wrote it: the top level is one.
    pub(crate) is_implied: bool,
    /// An account before it that has the same Client ID, as far as that can be seen.
    pub(crate) rival: Option<String>,
    /// All of this as it was written.
    written: Written,
}

/// Where received files are kept, and how long.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct InboundMedia {
    /// The archive's root.
    pub(crate) dir: HomePath,
    /// How long a file stays. Zero removes it as soon as nobody uses it.
    pub(crate) keep: Duration,
}

/// Why an account cannot be opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {message}; {suggestion}")]
pub(crate) struct ConfigError {
    /// The option that is the matter.
    pub(crate) path: String,
    /// What is the matter.
    pub(crate) message: Said,
    /// What to do about it.
    pub(crate) suggestion: Said,
}

impl From<ConfigError> for ChannelError {
    fn from(error: ConfigError) -> Self {
        Self::new(ErrorCode::Config, format!("channels.dingtalk.{error}"))
    }
}

/// The account `id` of a section, or the default account if `id` is blank. `host_locale` is the
/// language to speak where the section names none.
///
/// # Errors
/// When there is no such account, or it lacks what it cannot do without.
pub(crate) fn account(written: &Value, id: &str, host_locale: &str) -> Result<Account, ConfigError> {
    read_account(written, id, host_locale, |found| found)
}

/// The same of an account that is to be registered: without credentials, also where it has some.
///
/// # Errors
/// When there is no such account, or the way to DingTalk cannot be told.
pub(crate) fn applicant(written: &Value, id: &str, host_locale: &str) -> Result<Account, ConfigError> {
    read_account(written, id, host_locale, |_| Some(SecretSource::Text(Secret::new(""))))
}

fn read_account(
    written: &Value,
    id: &str,
    host_locale: &str,
    used: impl Fn(Option<SecretSource>) -> Option<SecretSource>,
) -> Result<Account, ConfigError> {
    let wanted = Some(id.trim()).filter(|id| !id.is_empty());
    let section = Section::of(written, wanted);
    let id = wanted.unwrap_or(&section.default_account).to_owned();
    let Some(checked) = section.effective(&id) else {
        return Err(ConfigError {
            path: format!("accounts.{id}"),
            message: sentences::NO_ACCOUNT.into(),
            suggestion: known_accounts(&id, section.ids()),
        });
    };
    let located = |option: &str, message: Said, suggestion: Said| ConfigError {
        path: section.path_of(&id, option),
        message,
        suggestion,
    };
    let credential = |option| {
        used(credential(&checked, option))
            .ok_or_else(|| located(option, sentences::NOT_SET.into(), where_to_find(option)))
    };
    let client_id = credential("clientId")?;
    let client_secret = credential("clientSecret")?;
    let endpoints = endpoints(&checked)
        .map_err(|message| located("endpoints", message.into(), sentences::CORRECT_ADDRESS.into()))?;
    let proxy = ProxyChoice::recognise(checked.get("proxy"))
        .map_err(|mistake| located("proxy", mistake.message.into(), mistake.suggestion.into()))?;
    let way = Way { endpoints, proxy };
    let named_ids = named_ids(written, &id);
    let rival = section.rival(&id).map(str::to_owned);
    let is_implied = section.is_implied(&id);
    let account = Account::new(id, &Options(&checked), client_id, client_secret, way, host_locale);
    Ok(Account { named_ids, rival, is_implied, ..account })
}

/// The options about the way to DingTalk that can be wrong as a whole.
struct Way {
    endpoints: Endpoints,
    proxy: ProxyChoice,
}

/// Where a value that is missing is to be found.
pub(super) fn where_to_find(option: &str) -> Said {
    let name = match option {
        "clientId" => ["Client ID（AppKey）", "Client ID (AppKey)"],
        _ => ["Client Secret（AppSecret）", "Client Secret (AppSecret)"],
    };
    Said::new(sentences::WHERE_TO_FIND, &[both(option), name])
}

/// A credential of an account, if it has it.
pub(super) fn credential(checked: &Checked, option: &str) -> Option<SecretSource> {
    checked.get(option).and_then(|written| SecretSource::recognise(written).ok().flatten())
}

/// The addresses an account means. A private DingTalk with one address has it for both.
pub(super) fn endpoints(checked: &Checked) -> Result<Endpoints, Pair> {
    let options = Options(checked);
    let plain = if options.flag("endpoints.allowPlain") { Plain::Allowed } else { Plain::LoopbackOnly };
    let (api, oapi) = (options.text("endpoints.api"), options.text("endpoints.oapi"));
    let endpoints = match (api.as_deref().or(oapi.as_deref()), oapi.as_deref().or(api.as_deref())) {
        (Some(api), Some(oapi)) => Endpoints::parse(api, oapi, plain),
        _ if options.text("region").as_deref() == Some("overseas") => Endpoints::overseas(),
        _ => Endpoints::china(),
    };
    endpoints.map_err(|_| sentences::BAD_ADDRESS)
}

impl Account {
    fn new(
        id: String,
        options: &Options<'_>,
        client_id: SecretSource,
        client_secret: SecretSource,
        way: Way,
        host_locale: &str,
    ) -> Self {
        Self {
            id,
            client_id,
            client_secret,
            endpoints: way.endpoints,
            proxy: way.proxy,
            ca_file: options.text("caFile").map(HomePath::new),
            replies: Arc::new(ReplyOptions::read(options, host_locale)),
            connections: usize::try_from(whole(options.number("connections"))).unwrap_or(1),
            rotate_after: seconds(options.number("rotateAfterSeconds")),
            max_file_bytes: whole(options.number("maxFileSizeMB") * 1024.0 * 1024.0),
            inbound_media: InboundMedia {
                dir: HomePath::new(options.text("inboundMedia.dir").unwrap_or_default()),
                keep: seconds(options.number("inboundMedia.keepDays") * 24.0 * 3600.0),
            },
            named_ids: Vec::new(),
            rival: None,
            is_implied: false,
            written: Written(options.0.clone()),
        }
    }

    /// What it takes that this account becomes `other`.
    pub(crate) fn change_to(&self, other: &Self) -> Effect {
        self.written.change_to(&other.written)
    }
}

/// The options of an account by path, with the table's defaults.
pub(super) struct Options<'a>(pub(super) &'a Checked);

impl<'a> Options<'a> {
    fn value(&self, path: &str) -> Option<Cow<'a, Value>> {
        self.of(options::spec(path)?)
    }

    /// Whatever holds for the option of this row.
    pub(super) fn of(&self, spec: &Spec) -> Option<Cow<'a, Value>> {
        self.written(spec).map(Cow::Borrowed).or_else(|| spec.default.value().map(Cow::Owned))
    }

    /// What was written for the option of this row.
    pub(super) fn written(&self, spec: &Spec) -> Option<&'a Value> {
        match spec.group {
            "" => self.0.get(spec.name),
            group => self.0.get(group).and_then(|group| group.get(spec.name)),
        }
    }

    /// A boolean; `false` where there is neither one nor a default.
    pub(super) fn flag(&self, path: &str) -> bool {
        self.value(path).and_then(|value| value.as_bool()).unwrap_or_default()
    }

    /// A number; 0 where there is neither one nor a default.
    pub(super) fn number(&self, path: &str) -> f64 {
        self.value(path).and_then(|value| value.as_f64()).unwrap_or_default()
    }

    /// A text.
    pub(super) fn text(&self, path: &str) -> Option<Cow<'a, str>> {
        match self.value(path)? {
            Cow::Borrowed(value) => value.as_str().map(Cow::Borrowed),
            Cow::Owned(Value::String(text)) => Some(Cow::Owned(text)),
            Cow::Owned(_) => None,
        }
    }

    /// Whatever holds, as JSON.
    pub(super) fn json(&self, path: &str) -> Option<Value> {
        self.value(path).map(Cow::into_owned)
    }
}

/// A time of that many milliseconds, with an end, so that it can be added to any instant.
pub(super) fn milliseconds(number: f64) -> Duration {
    seconds(number / 1_000.0).min(LONGEST_WAIT)
}

/// A time of that many seconds; one beyond all bounds is as long as can be.
fn seconds(number: f64) -> Duration {
    Duration::try_from_secs_f64(number).unwrap_or(if number > 0.0 { Duration::MAX } else { Duration::ZERO })
}

/// The whole number nearest below, within what fits.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "`as` saturates, which is what is meant"
)]
pub(super) fn whole(number: f64) -> u64 {
    number as u64
}
