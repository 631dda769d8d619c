//! Keys of other DingTalk plugins that people bring along: understood where they mean what one of ours means,
//! explained where they do not.

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
    Nothing(&'static str),
}

use Meaning::{Nothing, Option as Ours};

const RECONNECTING: &str = "a lost connection is sought for ever, with growing waits";
const SESSIONS: &str = "sessions are the host's: see `session.dmScope` and `bindings`";
const LEARNING: &str = "what an agent learns is no matter of the channel's";
const GATEWAY: &str = "the host's agent answers directly, without a call to its gateway";
const APP: &str = "the Client ID says it, and messages bring what else is needed";

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
        "bypassProxyForSend" => {
            Nothing("calls and connection go the same way: write \"none\" as `proxy` for no proxy")
        }
        "gatewayToken" | "gatewayPassword" => Nothing(GATEWAY),
        "connectionMode" => {
            Nothing("messages always come through Stream mode, which needs no public address")
        }
        "robotCode" | "corpId" | "agentId" => Nothing(APP),
        "debug" => Nothing("how much is logged is the host's setting"),
        "maxConnectionAttempts"
        | "initialReconnectDelay"
        | "maxReconnectDelay"
        | "reconnectJitter"
        | "maxReconnectCycles"
        | "reconnectDeadlineMs"
        | "useConnectionManager"
        | "keepAlive" => Nothing(RECONNECTING),
        "displayNameResolution" | "resolveSenderNames" => Nothing("who writes is known by name from then on"),
        "mediaUrlAllowlist" => Nothing("files are sent from the directories that the host allows"),
        "journalTTLDays" => Nothing("what the bot said can be quoted for 30 days"),
        "convertMarkdownTables" => Nothing("what DingTalk does not show is always rewritten so that it does"),
        "proactivePermissionHint" => {
            Nothing("a missing permission is told once a day, with the link to apply")
        }
        "cardRealTimeStream" | "cardStreamingMode" => {
            Nothing("cards always grow: see `streaming.intervalMs` for their pace")
        }
        "aicardDegradeMs" => Nothing("whether cards work again is tried by itself"),
        "learningEnabled"
        | "learningAutoApply"
        | "learningNoteTtlMs"
        | "feedbackLearningEnabled"
        | "feedbackLearningAutoApply"
        | "feedbackLearningNoteTtlMs" => Nothing(LEARNING),
        "separateSessionByConversation"
        | "sharedMemoryAcrossConversations"
        | "groupSessionScope"
        | "sessionTimeout" => Nothing(SESSIONS),
        "asyncMode" | "ackText" => {
            Nothing("a word on what takes long: see `longTaskNoticeDelayMs` and `longTaskNoticeText`")
        }
        "systemPrompt" => {
            Nothing("prompts are the host's: of an agent, or of a group as `groups.<id>.systemPrompt`")
        }
        "enableMediaUpload" => {
            Nothing("files are sent whenever the agent sends them: 0 as `maxFileSizeMB` forbids it")
        }
        "tools" => Nothing("tools are the host's"),
        "supportCaseRouter" => Nothing("which agent answers is the host's to say: see `bindings`"),
        "showThinkingStream" => Nothing("what a model thinks is no part of the answer"),
        "endpoint" => Nothing("DingTalk says where to connect: for a private one see `endpoints.api`"),
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
