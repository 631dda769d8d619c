//! Whom a channel knows, and can write to.

use super::{ConversationKind, Json};
use crate::abi::crossing_struct;

crossing_struct! {
    /// What is looked for in a channel's directory.
    pub struct DirectoryQuery as RawDirectoryQuery {
        /// People (`Direct`) or groups.
        pub kind: ConversationKind,
        /// A part of the name or of the id, in any case; empty for everything.
        pub text: String,
        /// At most so many; 0 for all there are.
        pub limit: u32,
        /// Details by name.
        pub extra: Json,
    }
}

crossing_struct! {
    /// What a directory has for a query.
    pub struct DirectoryListing as RawDirectoryListing {
        /// Who was heard of last comes first.
        pub entries: Vec<DirectoryEntry>,
        /// Details by name.
        pub extra: Json,
    }
}

crossing_struct! {
    /// A person, or a group, that can be written to.
    pub struct DirectoryEntry as RawDirectoryEntry {
        /// A person (`Direct`) or a group.
        pub kind: ConversationKind,
        /// The id that targets and lists are written with.
        pub id: String,
        /// What people call it; empty if unknown.
        pub name: String,
        /// When it was heard of last, in ms since the epoch; 0 if unknown.
        pub seen_at_ms: i64,
        /// Details by name.
        pub extra: Json,
    }
}
