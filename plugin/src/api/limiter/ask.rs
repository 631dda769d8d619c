//! What a call says of itself when it asks to go.

/// How much a call matters, most first. Calls of one priority go in the order in which they asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Priority {
    /// The whole text of an answer, and the end of its card.
    Final,
    /// What people have not seen anything of yet: a new card, a message.
    Deliver,
    /// What only accompanies an answer: a notice, an emotion, a button's state.
    Status,
    /// A state of a growing answer, which a newer one will replace.
    Partial,
}
