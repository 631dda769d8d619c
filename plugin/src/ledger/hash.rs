//! Names and checksums that are the same in every process and every version.
//!
//! SHA-1, which the WebSocket handshake has brought into the library: nothing here keeps a secret or
//! withstands an attacker, it only has to tell apart what differs by chance.

use sha1::{Digest, Sha1};
use uuid::{Builder, Uuid};

/// A name made of `parts`; other parts, or the same cut elsewhere, make another.
pub(super) fn uuid(parts: &[&str]) -> Uuid {
    let mut sha = Sha1::new();
    for part in parts {
        sha.update((part.len() as u64).to_be_bytes());
        sha.update(part);
    }
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&sha.finalize()[..16]);
    Builder::from_sha1_bytes(bytes).into_uuid()
}

/// By which a text is known again: 16 hexadecimal digits.
pub(super) fn short(text: &str) -> String {
    format!("{:016x}", first(text.as_bytes()))
}

/// The checksum of a line: 8 hexadecimal digits.
pub(super) fn checksum(bytes: &[u8]) -> String {
    format!("{:08x}", first(bytes) >> 32)
}

fn first(bytes: &[u8]) -> u64 {
    let digest = Sha1::digest(bytes);
    digest.iter().take(8).fold(0, |sum, byte| sum << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_checksums_do_not_change_from_version_to_version() {
        assert_eq!(uuid(&["app", "msg", "stream", "0"]).to_string(), "fba7f146-7871-52f3-9506-a34a756bcc9f");
        assert_eq!(short("Hello"), "f7ff9e8b7bb2e09b");
        assert_eq!(checksum(b"Hello"), "f7ff9e8b");
    }

    #[test]
    fn a_name_depends_on_where_its_parts_begin() {
        assert_ne!(uuid(&["ab", "c"]), uuid(&["a", "bc"]));
    }
}
