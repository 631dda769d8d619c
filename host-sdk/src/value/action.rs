//! What people do other than write: press a button, fill in a form.

use super::{Conversation, Json, Sender};
use crate::abi::crossing_struct;

crossing_struct! {
    /// Something a person did to a message or card of ours. Whether they may is the host's to say.
    pub struct Action as RawAction {
        /// Unique per account.
        pub id: String,
        /// What was done: `stop`, or the name the button has.
        pub kind: String,
        /// Who did it.
        pub actor: Sender,
        /// The answer it concerns, if known.
        pub stream: String,
        /// The turn it concerns, if known.
        pub turn: String,
        /// Where.
        pub conversation: Conversation,
        /// What was chosen or filled in.
        pub params: Json,
        /// What the platform says besides.
        pub extra: Json,
    }
}

crossing_struct! {
    /// What the host makes of an action.
    pub struct ActionAnswer as RawActionAnswer {
        /// Whether it was allowed and done.
        pub accepted: bool,
        /// What the card should show, by variable.
        pub update: Json,
        /// Details by name.
        pub extra: Json,
    }
}
