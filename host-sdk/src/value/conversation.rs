//! Where people talk, and who they are.

use super::Json;
use crate::abi::{crossing_struct, open_set};

open_set! {
    /// How many people a conversation is between.
    pub struct ConversationKind(u8) {
        /// One person and the bot.
        Direct = 0 as "direct",
        /// Several people and the bot.
        Group = 1 as "group",
    }
}

crossing_struct! {
    /// A place where messages are exchanged.
    pub struct Conversation as RawConversation {
        /// The platform's id, in its original case.
        pub id: String,
        /// Direct or group.
        pub kind: ConversationKind,
        /// What people call it; empty if unknown.
        pub title: String,
        /// What the platform says besides.
        pub extra: Json,
    }
}

crossing_struct! {
    /// One of several ids a platform has for the same person. All there is to it: more to say of the
    /// person is another id, or stands in the `extra` of what has the ids.
    pub struct Identity as RawIdentity {
        /// Which kind of id, in the platform's word for it.
        pub kind: String,
        /// The id.
        pub id: String,
    }
}

crossing_struct! {
    /// Who wrote, or who acted.
    pub struct Sender as RawSender {
        /// The id that access rules are written with.
        pub id: String,
        /// The platform's other ids of the same person.
        pub other_ids: Vec<Identity>,
        /// The name shown to people; empty if unknown.
        pub name: String,
        /// Another bot, or ourselves.
        pub is_bot: bool,
        /// An administrator of the organisation, as far as the platform says.
        pub is_admin: bool,
        /// What the platform says besides.
        pub extra: Json,
    }
}

crossing_struct! {
    /// Someone who is mentioned in a message, or is to be.
    pub struct Mention as RawMention {
        /// The id that access rules are written with; empty if the platform hides it.
        pub id: String,
        /// The platform's other ids of the same person.
        pub other_ids: Vec<Identity>,
        /// The name shown to people; empty if unknown.
        pub name: String,
        /// Whether it is this bot.
        pub is_us: bool,
        /// What the platform says besides.
        pub extra: Json,
    }
}
