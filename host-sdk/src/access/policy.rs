//! The words of `dmPolicy` and `groupPolicy`.

use serde_json::Value;

/// Who may write in private: `dmPolicy`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DmPolicy {
    /// Everyone, or those in `allowFrom` where there is one.
    Open,
    /// Those in `allowFrom`, and whom the owner approves. OpenClaw's own choice where nothing is said.
    #[default]
    Pairing,
    /// Those in `allowFrom`, and whom the owner has approved; nobody can ask.
    Allowlist,
    /// Nobody.
    Disabled,
}

/// In which groups the bot answers: `groupPolicy`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum GroupPolicy {
    /// In every one.
    Open,
    /// In those that are listed. OpenClaw's own choice where nothing is said.
    #[default]
    Allowlist,
    /// In none.
    Disabled,
}

impl DmPolicy {
    /// What the setting means. A word that is none of them admits only who is listed.
    pub(super) fn read(written: &Value) -> Self {
        match written.as_str() {
            Some("open") => Self::Open,
            Some("disabled") => Self::Disabled,
            Some("pairing") => Self::Pairing,
            None if written.is_null() => Self::default(),
            _ => Self::Allowlist,
        }
    }
}

impl GroupPolicy {
    /// What the setting means. A word that is none of them admits only what is listed.
    pub(super) fn read(written: &Value) -> Self {
        match written.as_str() {
            Some("open") => Self::Open,
            Some("disabled") => Self::Disabled,
            _ => Self::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn no_word_that_is_none_of_them_opens_a_door() {
        for written in [json!("Open!"), json!("opne"), json!(true), json!(["open"])] {
            assert_eq!(DmPolicy::read(&written), DmPolicy::Allowlist, "{written}");
            assert_eq!(GroupPolicy::read(&written), GroupPolicy::Allowlist, "{written}");
        }
        assert_eq!(DmPolicy::read(&Value::Null), DmPolicy::Pairing);
    }
}
