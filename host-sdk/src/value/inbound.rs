//! What arrives from the platform: facts, without judgement.

use super::{Attachment, Conversation, Handle, Json, Mention, Sender};
use crate::abi::{crossing_struct, open_set};

open_set! {
    /// What kind of thing happened.
    pub struct EventKind(u16) {
        /// Somebody wrote.
        Message = 0 as "message",
        /// The platform accepted a message but will not say what is in it; `text` is its sentence. Nobody can
        /// answer it: send its author the notice whose kind is `extra.notice.kind`.
        Withheld = 1 as "withheld",
    }
}

open_set! {
    /// What the host did with a message.
    pub struct Accepted(u8) {
        /// Not taken: offer it again later.
        Refused = 0 as "refused",
        /// Taken, and durable.
        New = 1 as "new",
        /// Taken before; there is nothing to do.
        Duplicate = 2 as "duplicate",
        /// Not taken, and not wanted again: one person, or one conversation, has sent too much. Tell the
        /// platform that it arrived; the host tells the person.
        Dropped = 3 as "dropped",
    }
}

crossing_struct! {
    /// An earlier message that this one answers.
    pub struct Quote as RawQuote {
        /// The id of the quoted message, if known.
        pub id: String,
        /// Whether we had sent it.
        pub ours: bool,
        /// Who had sent it, by whichever id the platform gives; empty if unknown.
        pub sender: String,
        /// Its text, as far as known.
        pub text: String,
        /// Its files.
        pub attachments: Vec<Attachment>,
        /// What the platform says besides.
        pub extra: Json,
    }
}

crossing_struct! {
    /// One message from the platform.
    pub struct InboundMessage as RawInboundMessage {
        /// Unique per account: the key to drop redeliveries by.
        pub id: String,
        /// What kind of event it is.
        pub event: EventKind,
        /// Where it was written.
        pub conversation: Conversation,
        /// The thread inside the conversation, if the platform has threads.
        pub thread: String,
        /// Who wrote it.
        pub sender: Sender,
        /// What was written, without the mention of this bot.
        pub text: String,
        /// Everyone who is mentioned, this bot included.
        pub mentions: Vec<Mention>,
        /// Whether the platform tells mentions apart in this conversation.
        pub can_detect_mention: bool,
        /// Whether this bot is mentioned.
        pub was_mentioned: bool,
        /// Whether anyone is mentioned.
        pub has_any_mention: bool,
        /// The earlier message it answers.
        pub quote: Option<Quote>,
        /// When it was written, by the platform's clock, in ms since the epoch; 0 if unknown.
        pub sent_at_ms: i64,
        /// When it arrived, by our clock, in ms since the epoch.
        pub received_at_ms: i64,
        /// Whether the platform or the plugin offers it again.
        pub redelivered: bool,
        /// Files beside the text.
        pub attachments: Vec<Attachment>,
        /// Enough to answer it, also from a new process; store it with the message.
        pub reply: Handle,
        /// What the plugin did not understand, so that nothing is lost.
        pub extra: Json,
    }
}
