//! A target as people write it, and as hosts pass it on.

use crate::spelling::{CHANNELS, after, without};
use host_sdk::ConversationKind;

const KINDS: [(&str, ConversationKind); 5] = [
    ("group:", ConversationKind::Group),
    ("chat:", ConversationKind::Group),
    ("user:", ConversationKind::Direct),
    ("direct:", ConversationKind::Direct),
    ("dm:", ConversationKind::Direct),
];

/// A target without what stands around its id, or name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Written<'a> {
    /// What it is said to be; `None` if it does not say.
    pub(super) kind: Option<ConversationKind>,
    /// An id, in whatever case, or a name.
    pub(super) name: &'a str,
}

impl<'a> Written<'a> {
    /// Reads `user:<id>`, `group:<id>`, a bare id or a name, each with or without the channel before it,
    /// or the key of a host's session, as in `agent:main:dingtalk:group:<id>`.
    pub(super) fn read(written: &'a str) -> Self {
        let mut rest = written.trim();
        if let Some(key) = after(rest, "agent:") {
            rest = conversation_of(key);
        }
        let rest = without(rest, &CHANNELS);
        let kind = KINDS.into_iter().find_map(|(word, kind)| Some((kind, after(rest, word)?)));
        match kind {
            Some((kind, name)) => Self { kind: Some(kind), name },
            None => Self { kind: None, name: rest },
        }
    }
}

/// The part of a session's key that names a conversation: it begins with the kind, whatever agent,
/// channel and account come before, and a thread may follow.
fn conversation_of(key: &str) -> &str {
    let starts = KINDS.iter().filter_map(|(word, _)| key.find(&format!(":{word}")));
    let conversation = starts.min().map_or(key, |start| &key[start + 1..]);
    conversation.split(":thread:").next().unwrap_or(conversation)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIRECT: Option<ConversationKind> = Some(ConversationKind::Direct);
    const GROUP: Option<ConversationKind> = Some(ConversationKind::Group);

    #[test]
    fn a_target_keeps_its_case_and_loses_what_stands_around_it() {
        for (written, kind, name) in [
            ("user:Manager8031", DIRECT, "Manager8031"),
            ("dingtalk:user:u1", DIRECT, "u1"),
            ("DingTalk:User: u1", DIRECT, "u1"),
            ("ding:dd:dm:u1", DIRECT, "u1"),
            ("group:cidAbC==", GROUP, "cidAbC=="),
            ("chat:cidAbC==", GROUP, "cidAbC=="),
            ("dd:cidAbC==", None, "cidAbC=="),
            (" u1 ", None, "u1"),
            ("产品 讨论群", None, "产品 讨论群"),
            ("", None, ""),
        ] {
            assert_eq!(Written::read(written), Written { kind, name }, "{written}");
        }
    }

    #[test]
    fn the_key_of_a_session_names_its_conversation() {
        for (key, kind, name) in [
            ("agent:main:dingtalk:group:cidabc==", GROUP, "cidabc=="),
            ("agent:main:dingtalk:bot2:direct:manager8031", DIRECT, "manager8031"),
            ("agent:main:direct:manager8031", DIRECT, "manager8031"),
            ("agent:main:dingtalk:group:cidabc==:thread:7", GROUP, "cidabc=="),
            ("dingtalk-people", None, "dingtalk-people"),
        ] {
            assert_eq!(Written::read(key), Written { kind, name }, "{key}");
        }
    }
}
