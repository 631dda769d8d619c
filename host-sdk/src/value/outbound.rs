//! What a host says, and what became of it.

use super::{Attachment, Conversation, Handle, Json, Mention};
use crate::abi::{crossing_struct, open_set};

crossing_struct! {
    /// Something the host wants people told, in words that are the plugin's. What a notice has to say
    /// besides goes into its `params`.
    pub struct Notice as RawNotice {
        /// Which notice: `pairing`, `denied`, `queued`, `flooded` (too much at once: some messages were
        /// not taken), `longTask`, `unsupported`, `overQuota`, `failed`, what a failed
        /// `fetch` proposes: `fileTooLarge`, `filesOff`, `fileFailed`, `fileNotGiven`, and what a file that failed in a
        /// message proposes in its part of the receipt: `fileNotSent`.
        pub kind: String,
        /// What it speaks of, such as `{"code": "ABCD2345"}`.
        pub params: Json,
    }
}

crossing_struct! {
    /// A whole message.
    pub struct OutboundMessage as RawOutboundMessage {
        /// Idempotency key: the same key is sent once. Empty: always sent.
        pub key: String,
        /// Where to; `None` if `target` says it.
        pub conversation: Option<Conversation>,
        /// Where to, as a person wrote it: `user:<id>`, `group:<id>` or a bare id.
        pub target: String,
        /// The turn it belongs to, if it belongs to one.
        pub turn: String,
        /// Instead of text of the host's own: one of the plugin's notices.
        pub notice: Option<Notice>,
        /// Markdown.
        pub text: String,
        /// Whether sound attachments go as a voice message.
        pub as_voice: bool,
        /// Who is to be mentioned.
        pub mentions: Vec<Mention>,
        /// Files to send.
        pub attachments: Vec<Attachment>,
        /// The handle of the message it answers; empty if it answers none.
        pub reply: Handle,
        /// Details by name. `turnEnds` is `true` where the turn it belongs to says no more, and no
        /// [`StreamUpdate`] said so: the files of the message it answers are not needed any longer.
        pub extra: Json,
    }
}

open_set! {
    /// Where an answer stands. Only `Open` updates may be skipped; one of a phase that this version
    /// does not know is a last one.
    pub struct Phase(u8) {
        /// It grows. The first may be empty: the turn runs.
        Open = 0 as "open",
        /// It is complete.
        Done = 1 as "done",
        /// The turn failed; the text says what people should read.
        Failed = 2 as "failed",
        /// The turn was stopped; the text is what was said so far.
        Cancelled = 3 as "cancelled",
    }
}

impl Phase {
    /// Whether nothing follows it.
    pub fn is_final(self) -> bool {
        self != Self::Open
    }
}

crossing_struct! {
    /// One state of a growing answer: all of its text so far, so that a newer update replaces an
    /// older one and nothing is lost by skipping.
    pub struct StreamUpdate as RawStreamUpdate {
        /// The turn it belongs to.
        pub turn: String,
        /// The answer it belongs to; one turn may give several.
        pub stream: String,
        /// Rises with every update of the stream; an older one is ignored.
        pub seq: u64,
        /// Where the answer stands.
        pub phase: Phase,
        /// The whole text so far, markdown.
        pub text: String,
        /// What the agent is doing just now, apart from the text.
        pub status: String,
        /// Where it is shown.
        pub conversation: Conversation,
        /// The handle of the message it answers.
        pub reply: Handle,
        /// Details by name. `alsoAnswers` is a list of the ids of messages that it answers besides: such as
        /// joined the turn, or were collected for it. Their files, too, are needed until its last update.
        pub extra: Json,
    }
}

open_set! {
    /// What became of one part of what was sent.
    pub struct Outcome(u8) {
        /// The platform may or may not have it.
        Unknown = 0 as "unknown",
        /// The platform has it.
        Delivered = 1 as "delivered",
        /// The platform does not have it.
        Failed = 2 as "failed",
    }
}

crossing_struct! {
    /// One message or card that was made out of what was sent.
    pub struct ReceiptPart as RawReceiptPart {
        /// The platform's id of it; empty if it gave none.
        pub id: String,
        /// What it was shown on, in the plugin's word for it.
        pub surface: String,
        /// What became of it.
        pub outcome: Outcome,
        /// Details by name.
        pub extra: Json,
    }
}

crossing_struct! {
    /// What became of a message or an update.
    pub struct Receipt as RawReceipt {
        /// What was made of it, in order.
        pub parts: Vec<ReceiptPart>,
        /// How many bytes of the text people can see now.
        pub shown: u64,
        /// A newer update took its place before it left.
        pub overtaken: bool,
        /// The whole answer had been given before, or may have been, when this came: nothing was done, and
        /// the turn need not run.
        pub answered: bool,
        /// Details by name.
        pub extra: Json,
    }
}

crossing_struct! {
    /// What is to be taken back, and where it was sent to: as in the [`OutboundMessage`] that it was.
    pub struct Recall as RawRecall {
        /// Where it was sent; `None` if `target` says it.
        pub conversation: Option<Conversation>,
        /// Where it was sent, as a person wrote it.
        pub target: String,
        /// The handle of the message it answered; empty if it answered none.
        pub reply: Handle,
        /// The ids of its parts, as the [`Receipt`] has them. Empty ones name nothing.
        pub ids: Vec<String>,
        /// Details by name.
        pub extra: Json,
    }
}

impl Recall {
    /// Everything that was made of `message`, by its `receipt`.
    pub fn of(message: &OutboundMessage, receipt: &Receipt) -> Self {
        Self {
            conversation: message.conversation.clone(),
            target: message.target.clone(),
            reply: message.reply.clone(),
            ids: receipt.parts.iter().map(|part| part.id.clone()).collect(),
            ..Self::default()
        }
    }
}

impl ReceiptPart {
    /// A part named `id` on `surface`, of which `outcome` became.
    pub fn new(id: impl Into<String>, surface: impl Into<String>, outcome: Outcome) -> Self {
        Self { id: id.into(), surface: surface.into(), outcome, ..Self::default() }
    }
}

impl Receipt {
    /// The answer to an update whose place a newer one took.
    pub fn overtaken() -> Self {
        Self { overtaken: true, ..Self::default() }
    }

    /// The answer to an update of an answer that was given to its end before.
    pub fn answered() -> Self {
        Self { answered: true, ..Self::default() }
    }

    /// The answer to something that was delivered in one part.
    pub fn delivered(id: impl Into<String>, surface: impl Into<String>, shown: usize) -> Self {
        let part = ReceiptPart::new(id, surface, Outcome::Delivered);
        Self { parts: vec![part], shown: shown as u64, ..Self::default() }
    }
}
