//! What the messages of a day are, and how each says so in its id, which is all that a turn begins with.

/// What is written, and what is to come of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// It is read, and its turn ends.
    Read,
    /// It is answered on a card.
    Asked,
    /// A file, which is fetched and then answered.
    File,
}

/// One message of so many is answered.
pub(super) const ASKED: u64 = 250;
/// One message of so many is a file.
const FILE: u64 = 1_000;

impl Kind {
    /// Of the message with this number.
    pub(crate) fn of(number: u64) -> Self {
        match number {
            number if number % FILE == FILE - 1 => Self::File,
            number if number % ASKED == ASKED - 1 => Self::Asked,
            _ => Self::Read,
        }
    }

    /// The id of the message with this number.
    pub(crate) fn message_id(self, number: u64) -> String {
        let letter = match self {
            Self::Read => 'r',
            Self::Asked => 'a',
            Self::File => 'f',
        };
        format!("soak-{letter}{number}")
    }

    /// Of a message in whose id that id is.
    pub(crate) fn of_message(id: &str) -> Self {
        match id.split_once("soak-").and_then(|(_, rest)| rest.chars().next()) {
            Some('a') => Self::Asked,
            Some('f') => Self::File,
            _ => Self::Read,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_tells_its_kind() {
        let kinds: Vec<_> = (0..FILE).map(Kind::of).collect();
        for kind in [Kind::Read, Kind::Asked, Kind::File] {
            assert!(kinds.contains(&kind), "{kind:?}");
            assert_eq!(Kind::of_message(&format!("msg{}==", kind.message_id(7))), kind);
        }
    }
}
