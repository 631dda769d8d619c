//! Files, by reference.

use super::{Handle, Json};
use crate::abi::{crossing_struct, open_set};

open_set! {
    /// What a file is to people.
    pub struct AttachmentKind(u8) {
        /// Any file.
        File = 0 as "file",
        /// A picture.
        Picture = 1 as "picture",
        /// A voice message or other sound.
        Audio = 2 as "audio",
        /// A video.
        Video = 3 as "video",
    }
}

crossing_struct! {
    /// A file beside a message. Inbound it has a `handle`, to be fetched when the host wants it;
    /// outbound it has a `path`, read while it is sent.
    pub struct Attachment as RawAttachment {
        /// Picture, audio, video or file.
        pub kind: AttachmentKind,
        /// The media type, if known.
        pub mime: String,
        /// The original file name, if known.
        pub name: String,
        /// Bytes, if known.
        pub size: Option<u64>,
        /// Milliseconds of sound or film, if known.
        pub duration_ms: Option<u64>,
        /// Pixels across, if known.
        pub width: Option<u32>,
        /// Pixels down, if known.
        pub height: Option<u32>,
        /// The platform's transcript of speech, if it made one.
        pub transcript: String,
        /// Inbound: what `fetch` needs.
        pub handle: Handle,
        /// Where the file is. Inbound it is empty, until a host puts there what it fetched.
        pub path: String,
        /// What the platform says besides.
        pub extra: Json,
    }
}

crossing_struct! {
    /// A file that was fetched. It stays where it is until the last update of the message's answer, or the
    /// whole message that ends its turn, for a day at most; then the channel may remove it, so what shall
    /// stay longer is copied.
    pub struct LocalFile as RawLocalFile {
        /// Where it is.
        pub path: String,
        /// The media type, from its content.
        pub mime: String,
        /// The original name, made safe.
        pub name: String,
        /// Bytes.
        pub size: u64,
        /// Details by name.
        pub extra: Json,
    }
}
