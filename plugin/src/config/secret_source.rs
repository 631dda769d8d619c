//! Where a secret comes from, and reading it there.

use super::{home::HomePath, sentences};
use crate::{bilingual::Pair, secret::Secret, small_file};
use host_sdk::{ChannelError, ErrorCode};
use serde_json::Value;
use std::{env, io};

/// The largest file that is read as a secret, in bytes: a wrong path must not fill the memory.
const FILE_BYTES: u64 = 64 * 1024;

/// Where a secret comes from. Recognised while the configuration is read, which touches nothing
/// outside it; read when it is needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SecretSource {
    /// It stands in the configuration.
    Text(Secret),
    /// An environment variable of this name.
    Env(String),
    /// All of a file.
    File(HomePath),
    /// A reference of the host's, which it should have replaced by what it refers to.
    Host {
        /// What kind of reference.
        source: String,
        /// Which of the host's providers; empty if it names none.
        provider: String,
        /// What it refers to.
        id: String,
    },
}

/// Why a secret could not be read, in Chinese and in English: the doctor shows it. Never says what was read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SecretError {
    /// No such environment variable, or an empty one.
    #[error("没有设置环境变量 {0} (the environment variable {0} is not set)")]
    NoVariable(String),
    /// The file is there but cannot be used.
    #[error("文件 {path} 无法作为密钥读取 (the file {path} cannot be read as a secret)")]
    File {
        /// Where it is.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// The file has nothing in it, or far too much.
    #[error(
        "文件 {0} 里没有密钥：它是空的，或超过 64 KiB \
         (the file {0} holds no secret: it is empty or larger than 64 KiB)"
    )]
    NotASecret(String),
    /// The host passed its own reference on.
    #[error(
        "宿主传来的是引用，不是它所指的值：请在宿主的 `secrets` 中声明这个 provider (the host passed its reference on \
         instead of what it refers to: source {source_name:?}, provider {provider:?}, id {id:?}; declare that provider \
         in the host's `secrets`, or write {{\"env\": name}} or {{\"file\": path}})"
    )]
    Unresolved {
        /// What kind of reference.
        source_name: String,
        /// Which of the host's providers.
        provider: String,
        /// What it refers to.
        id: String,
    },
}

impl From<SecretError> for ChannelError {
    fn from(error: SecretError) -> Self {
        let because = std::error::Error::source(&error);
        let told = Self::new(ErrorCode::Config, error.to_string());
        match because {
            Some(because) => told.because(because),
            None => told,
        }
    }
}

impl SecretSource {
    /// Recognises what was written: `Ok(None)` for a blank, `Err` says what was expected.
    pub(super) fn recognise(written: &Value) -> Result<Option<Self>, Pair> {
        const EXPECTED: Pair = sentences::SECRET;
        if let Some(text) = super::read::text(written) {
            return Ok(Self::of_text(text));
        }
        let reference = written.as_object().ok_or(EXPECTED)?;
        let field =
            |key: &str| reference.get(key).and_then(super::read::text).filter(|text| !text.is_empty());
        if let Some(name) = field("env") {
            return Ok(Some(Self::Env(name)));
        }
        if let Some(path) = field("file") {
            return Ok(Some(Self::File(HomePath::new(path))));
        }
        let (Some(source), Some(id)) = (field("source"), field("id")) else { return Err(EXPECTED) };
        Ok(Some(match source.as_str() {
            "env" => Self::Env(id),
            // With a provider of its own the id is a place inside that provider's file, which only the host knows.
            "file" if field("provider").is_none_or(|provider| provider == "default") => {
                Self::File(HomePath::new(id))
            }
            _ => Self::Host { source, provider: field("provider").unwrap_or_default(), id },
        }))
    }

    fn of_text(text: String) -> Option<Self> {
        if text.is_empty() {
            return None;
        }
        Some(match variable(&text) {
            Some(name) => Self::Env(name.to_owned()),
            None => Self::Text(Secret::new(text)),
        })
    }

    /// Reads it. This blocks for as long as a small file takes.
    ///
    /// # Errors
    /// When it is not where it should be.
    pub(crate) fn read(&self, home: &str) -> Result<Secret, SecretError> {
        match self {
            Self::Text(secret) => Ok(secret.clone()),
            Self::Env(name) => {
                let value = env::var(name).unwrap_or_default();
                trimmed(&value).ok_or_else(|| SecretError::NoVariable(name.clone()))
            }
            Self::File(path) => read_file(path, home),
            Self::Host { source, provider, id } => Err(SecretError::Unresolved {
                source_name: source.clone(),
                provider: provider.clone(),
                id: id.clone(),
            }),
        }
    }

    /// Where it comes from, in words that may be shown.
    pub(crate) fn whence(&self) -> String {
        match self {
            Self::Text(_) => "config".to_owned(),
            Self::Env(name) => format!("env:{name}"),
            Self::File(path) => format!("file:{path}"),
            Self::Host { source, id, .. } => format!("{source}:{id}"),
        }
    }

    /// It, if it stands in the configuration.
    pub(super) fn written(&self) -> Option<&str> {
        match self {
            Self::Text(secret) => Some(secret.reveal()),
            _ => None,
        }
    }
}

/// The name in `${NAME}`, as it is left where nobody replaced it.
fn variable(text: &str) -> Option<&str> {
    let name = text.strip_prefix("${")?.strip_suffix('}')?;
    let is_name = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    (is_name && !name.is_empty()).then_some(name)
}

fn read_file(path: &HomePath, home: &str) -> Result<Secret, SecretError> {
    let path = path.under(home);
    let shown = path.display().to_string();
    let failed = |source| SecretError::File { path: shown.clone(), source };

    let bytes = small_file::read(&path, FILE_BYTES).map_err(failed)?;
    let text = String::from_utf8(bytes).map_err(|_| failed(io::ErrorKind::InvalidData.into()))?;
    match trimmed(&text) {
        Some(secret) if text.len() as u64 <= FILE_BYTES => Ok(secret),
        _ => Err(SecretError::NotASecret(shown)),
    }
}

/// Without the space around it, and without the mark that editors on Windows begin files with.
fn trimmed(text: &str) -> Option<Secret> {
    let text = text.trim_start_matches('\u{feff}').trim();
    (!text.is_empty()).then(|| Secret::new(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::fs;

    #[track_caller]
    fn source(written: Value) -> SecretSource {
        SecretSource::recognise(&written).unwrap().unwrap()
    }

    #[test]
    fn every_form_is_recognised_without_looking() {
        assert_eq!(source(json!(" plain ")), SecretSource::Text(Secret::new("plain")));
        assert_eq!(source(json!(12345)), SecretSource::Text(Secret::new("12345")));
        assert_eq!(source(json!("${DING_SECRET}")).whence(), "env:DING_SECRET");
        assert_eq!(source(json!({"env": "DING_SECRET"})).whence(), "env:DING_SECRET");
        assert_eq!(source(json!({"file": "~/secret"})).whence(), "file:~/secret");
        assert_eq!(source(json!({"source": "env", "provider": "default", "id": "A"})).whence(), "env:A");
        assert_eq!(source(json!({"source": "exec", "provider": "op", "id": "b"})).whence(), "exec:b");
        assert_eq!(source(json!({"source": "file", "provider": "main", "id": "/x"})).whence(), "file:/x");
        assert_eq!(source(json!("${not a name}")).whence(), "config");
    }

    #[test]
    fn blanks_are_absent_and_other_things_are_refused() {
        assert_eq!(SecretSource::recognise(&json!("  ")), Ok(None));
        assert!(SecretSource::recognise(&json!(["a"])).is_err());
        assert!(SecretSource::recognise(&json!({"id": "a"})).is_err());
        assert!(SecretSource::recognise(&json!({"env": {}})).is_err());
    }

    #[test]
    fn reads_a_file_and_trims_it() {
        let home = env::temp_dir().join(format!("dingtalk-secret-{}", std::process::id()));
        fs::create_dir_all(&home).unwrap();
        fs::write(home.join("good"), "s3cret\n").unwrap();
        fs::write(home.join("windows"), "\u{feff}s3cret\r\n").unwrap();
        fs::write(home.join("blank"), " \n").unwrap();
        let read = |name: &str| source(json!({"file": format!("~/{name}")})).read(home.to_str().unwrap());

        assert_eq!(read("good").unwrap().reveal(), "s3cret");
        assert_eq!(read("windows").unwrap().reveal(), "s3cret");
        assert!(matches!(read("blank"), Err(SecretError::NotASecret(_))));
        assert!(matches!(read("missing"), Err(SecretError::File { .. })));

        fs::remove_dir_all(home).unwrap();
    }

    #[test]
    fn what_cannot_be_read_says_where_it_should_have_been() {
        let error = source(json!("${NO_SUCH_VARIABLE_ANYWHERE}")).read("/").unwrap_err();
        assert_eq!(
            error.to_string(),
            "没有设置环境变量 NO_SUCH_VARIABLE_ANYWHERE (the environment variable NO_SUCH_VARIABLE_ANYWHERE is not set)"
        );
        let error = source(json!({"source": "exec", "provider": "op", "id": "vault"}))
            .read("/")
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("\"exec\"") && error.contains("\"op\"") && error.contains("\"vault\""),
            "{error}"
        );
    }
}
