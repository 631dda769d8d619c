//! What the name of an archived file says: whose it is, and which file of which message.
//!
//! So nothing has to be kept beside the files. A file without a tag of ours is not ours to remove, and one
//! that was fetched before, perhaps by an earlier process, is found again.

use crate::message::AttachmentHandle;
use sha1::{Digest, Sha1};
use std::fmt;

/// Stands before the tag in a file's name.
const MARK: &str = "__";
/// Hexadecimal digits for the account, the message and the file.
const ACCOUNT: usize = 6;
const MESSAGE: usize = 10;
const FILE: usize = 8;
/// Longer is no extension, but a part of the name.
const LONGEST_EXTENSION: usize = 10;

/// A bot, in the names of its files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AccountTag(String);

/// A message, in the names of its files.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct MessageTag(String);

/// A file of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FileTag(String);

impl AccountTag {
    /// The bot with this Client ID.
    pub(crate) fn of(client_id: &str) -> Self {
        Self(digits(&[client_id], ACCOUNT))
    }
}

impl MessageTag {
    /// The message with this id.
    pub(crate) fn of(msg_id: &str) -> Self {
        Self(digits(&[msg_id], MESSAGE))
    }
}

impl FileTag {
    /// The file behind `handle`, which `account` was sent.
    pub(super) fn of(account: &AccountTag, handle: &AttachmentHandle) -> Self {
        let message = MessageTag::of(&handle.msg_id);
        let place = [handle.space_id.as_deref(), handle.file_id.as_deref(), handle.url.as_deref()];
        let place = place.into_iter().map(Option::unwrap_or_default);
        let parts: Vec<&str> = handle.download_codes.iter().map(String::as_str).chain(place).collect();
        Self(format!("{}{}{}", account.0, message.0, digits(&parts, FILE)))
    }

    /// The tag in the name of an archived file; `None` if there is none.
    pub(super) fn in_name(file_name: &str) -> Option<Self> {
        let (stem, _) = split_extension(file_name);
        let (_, tag) = stem.rsplit_once(MARK)?;
        let is_ours = tag.len() == ACCOUNT + MESSAGE + FILE
            && tag.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
        is_ours.then(|| Self(tag.to_owned()))
    }

    /// The message that the file came with.
    pub(super) fn message(&self) -> MessageTag {
        MessageTag(self.0[ACCOUNT..ACCOUNT + MESSAGE].to_owned())
    }

    /// Whether `account` was sent the file.
    pub(super) fn is_of(&self, account: &AccountTag) -> bool {
        self.0.starts_with(&account.0)
    }

    /// `name` with the tag in it.
    pub(super) fn put_into(&self, name: &str) -> String {
        let (stem, extension) = split_extension(name);
        match extension {
            "" => format!("{stem}{MARK}{self}"),
            extension => format!("{stem}{MARK}{self}.{extension}"),
        }
    }
}

impl fmt::Display for FileTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A name before and behind its last dot. What programs would not know as an extension is none.
pub(super) fn split_extension(name: &str) -> (&str, &str) {
    match name.rsplit_once('.') {
        Some((stem, extension))
            if !stem.is_empty()
                && (1..=LONGEST_EXTENSION).contains(&extension.len())
                && extension.bytes().all(|byte| byte.is_ascii_alphanumeric()) =>
        {
            (stem, extension)
        }
        _ => (name, ""),
    }
}

/// Hexadecimal digits that depend on every part, and on where each ends.
fn digits(parts: &[&str], count: usize) -> String {
    let mut hash = Sha1::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    let mut digits: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    digits.truncate(count);
    digits
}

#[cfg(test)]
mod tests {
    use super::*;

    fn handle(msg_id: &str, code: &str) -> AttachmentHandle {
        let download_codes = vec![code.to_owned()];
        AttachmentHandle { msg_id: msg_id.to_owned(), download_codes, ..AttachmentHandle::default() }
    }

    #[test]
    fn a_name_tells_account_message_and_file() {
        let (mine, other) = (AccountTag::of("ding1"), AccountTag::of("ding2"));
        let tag = FileTag::of(&mine, &handle("m1", "code"));
        for name in ["report Q3.pdf", "报告", "a.b.tar.gz", "v1.2 (draft)", "x__y.md"] {
            let tagged = tag.put_into(name);
            assert_eq!(FileTag::in_name(&tagged).as_ref(), Some(&tag), "{tagged}");
        }
        assert!(tag.is_of(&mine) && !tag.is_of(&other));
        assert_eq!(tag.message(), MessageTag::of("m1"));
        assert_ne!(tag, FileTag::of(&mine, &handle("m1", "other code")));
        assert_ne!(tag.message(), FileTag::of(&mine, &handle("m2", "code")).message());
    }

    #[test]
    fn what_people_call_their_own_files_is_no_tag() {
        for name in [
            "notes.txt",
            "__.txt",
            "a__0123456789.txt",
            "a__0123456789abcdef0123456G.txt",
            "a__0123456789ABCDEF01234567.txt",
            "a_0123456789abcdef01234567.txt",
            "0123456789abcdef01234567.txt",
        ] {
            assert_eq!(FileTag::in_name(name), None, "{name}");
        }
    }
}
