//! What an intake is told, and what it wants done.

/// One push of a message. `R` is what it takes to answer this push, `M` the message.
#[derive(Debug)]
pub(in crate::stream) struct Push<R, M> {
    /// The message's id; empty if DingTalk gave none.
    pub(in crate::stream) message_id: String,
    /// The frame's id, if it has one.
    pub(in crate::stream) frame_id: Option<String>,
    /// The conversation, within which order is kept.
    pub(in crate::stream) conversation: String,
    /// How to answer the push; `None` when it cannot be answered.
    pub(in crate::stream) receipt: Option<R>,
    /// The message.
    pub(in crate::stream) message: M,
    /// How large it is, in bytes as pushed.
    pub(in crate::stream) bytes: usize,
}

/// One attempt to hand one message over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::stream) struct Ticket {
    pub(super) number: u64,
    pub(super) attempt: u32,
}

/// What the driver is to do, in order.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::stream) enum Step<R, M> {
    /// Give the message to the host; answer with [`on_answer`](super::Intake::on_answer).
    HandOver {
        /// Which.
        ticket: Ticket,
        /// The message.
        message: M,
        /// How to answer its pushes so far, for whoever hears of the acceptance first. They come
        /// again as [`Acknowledge`](Self::Acknowledge), so each has to know whether it was used.
        receipts: Vec<R>,
    },
    /// Answer a push: the host has the message.
    Acknowledge(R),
    /// Nothing to do: the host did not take a message, which is handed over again after a rest.
    PutOff {
        /// Which.
        message_id: String,
        /// What the host did.
        why: Refusal,
        /// How often it was tried.
        attempts: u32,
    },
    /// Nothing to do: the host took the one behind a message that it refuses, which nothing waits for
    /// any more. It is still handed over.
    Aside {
        /// Which.
        message_id: String,
    },
    /// Nothing to do: the host would not take a message for a day, and it is lost.
    GivenUp {
        /// Which.
        message_id: String,
    },
}

/// What a push turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::stream) enum Verdict {
    /// A message not seen before.
    New,
    /// Pushed again while the host has not taken it yet.
    Joined,
    /// Pushed again after the host took it.
    Duplicate,
    /// Too much waits already: it is left to be pushed again.
    Full {
        /// Whether it is the first since there was plenty of room: a flood is told once.
        first: bool,
    },
}

/// Whether the host took a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::stream) enum Taken {
    /// It has it, now or from before.
    Yes,
    /// It does not, for now.
    No,
}

/// How a host does not take a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::stream) enum Refusal {
    /// It says so.
    Said,
    /// It does not answer.
    Silent,
}
