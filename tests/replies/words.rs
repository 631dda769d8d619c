//! Answers whose every word is another, so that what was seen can be told from what was not.

/// The word of a number.
pub(crate) fn word(number: usize) -> String {
    format!("w{number:05}")
}

/// Some words of an answer, each with the space that parts it from the one before.
pub(crate) fn words(numbers: impl IntoIterator<Item = usize>) -> String {
    numbers
        .into_iter()
        .map(|number| if number == 1 { word(1) } else { format!(" {}", word(number)) })
        .collect()
}

/// A shown text, taken apart.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Read {
    /// The numbers of the answer's words in it, in order.
    pub(crate) words: Vec<usize>,
    /// What else it says: sentences that are nobody's answer.
    pub(crate) rest: String,
}

/// Reads a shown text. A word that was cut in two is two pieces of the rest.
pub(crate) fn read(text: &str) -> Read {
    let mut read = Read::default();
    let mut rest = Vec::new();
    for piece in text.split_whitespace() {
        match number(piece) {
            Some(number) => read.words.push(number),
            None => rest.push(piece),
        }
    }
    read.rest = rest.join(" ");
    read
}

fn number(piece: &str) -> Option<usize> {
    let digits = piece.strip_prefix('w').filter(|digits| digits.len() == 5)?;
    digits.parse().ok()
}
