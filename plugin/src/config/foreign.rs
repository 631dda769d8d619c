//! Keys of other DingTalk plugins that people bring along: understood where they mean what one of ours means,
//! explained where they do not.

use super::sentences as why;
use crate::bilingual::Pair;
use serde_json::{Value, json};

/// What a key of another plugin's means here.
pub(super) enum Meaning {
    /// What an option of ours means.
    Option {
        /// The option's path.
        path: &'static str,
        /// The value in our terms; `None` where it says nothing.
        value: fn(&Value) -> Option<Value>,
    },
    /// Nothing, for this reason.
    Nothing(Pair),
}

use Meaning::{Nothing, Option as Ours};

/// Fields of groups that others call so, and what we call them.
pub(super) const OF_GROUPS: [(&str, &str); 1] = [("groupAllowFrom", "allowFrom")];

/// What `key`, at the top or in an account, means; `None` if nobody uses it that we know of.
pub(super) fn meaning(key: &str) -> Option<Meaning> {
    Some(match key {
        "mediaMaxMb" => Ours { path: "maxFileSizeMB", value: |written| Some(written.clone()) },
        "messageType" => {
            Ours { path: "enableAICard", value: |written| Some(json!(written.as_str()? == "card")) }
        }
        "cardStreamInterval" => Ours { path: "streaming.intervalMs", value: |written| Some(written.clone()) },
        "cardAtSender" => {
            Ours { path: "mentionSender", value: |written| Some(json!(!written.as_str()?.is_empty())) }
        }
        "typingIndicator" => Ours { path: "thinkingMark", value: |written| Some(written.as_bool()?.into()) },
        "ackReaction" => Ours { path: "thinkingMark", value: reaction },
        "bypassProxyForSend" => Nothing(why::ONE_WAY),
        "gatewayToken" | "gatewayPassword" => Nothing(why::GATEWAY),
        "connectionMode" => Nothing(why::STREAM_ALWAYS),
        "robotCode" | "corpId" | "agentId" => Nothing(why::APP),
        "debug" => Nothing(why::LOGGING),
        "maxConnectionAttempts"
        | "initialReconnectDelay"
        | "maxReconnectDelay"
        | "reconnectJitter"
        | "maxReconnectCycles"
        | "reconnectDeadlineMs"
        | "useConnectionManager"
        | "keepAlive" => Nothing(why::RECONNECTING),
        "displayNameResolution" | "resolveSenderNames" => Nothing(why::NAMES_KNOWN),
        "mediaUrlAllowlist" => Nothing(why::MEDIA_ROOTS),
        "journalTTLDays" => Nothing(why::QUOTABLE),
        "convertMarkdownTables" => Nothing(why::REWRITTEN),
        "proactivePermissionHint" => Nothing(why::PERMISSION_TOLD),
        "cardRealTimeStream" | "cardStreamingMode" => Nothing(why::CARDS_GROW),
        "aicardDegradeMs" => Nothing(why::CARDS_RETRIED),
        "learningEnabled"
        | "learningAutoApply"
        | "learningNoteTtlMs"
        | "feedbackLearningEnabled"
        | "feedbackLearningAutoApply"
        | "feedbackLearningNoteTtlMs" => Nothing(why::LEARNING),
        "separateSessionByConversation"
        | "sharedMemoryAcrossConversations"
        | "groupSessionScope"
        | "sessionTimeout" => Nothing(why::SESSIONS),
        "asyncMode" | "ackText" => Nothing(why::LONG_TASKS),
        "systemPrompt" => Nothing(why::PROMPTS),
        "enableMediaUpload" => Nothing(why::FILES_SENT),
        "tools" => Nothing(why::TOOLS),
        "supportCaseRouter" => Nothing(why::ROUTING),
        "showThinkingStream" => Nothing(why::THINKING),
        "endpoint" => Nothing(why::ENDPOINT),
        _ => return None,
    })
}

/// The mark on a message that is worked on; an empty one means none, and the names of sets that are chosen from
/// mean DingTalk's own.
fn reaction(written: &Value) -> Option<Value> {
    Some(match written.as_str()?.trim() {
        "" | "off" => json!(false),
        "emoji" | "kaomoji" => json!(true),
        mark => json!(mark),
    })
}
