//! What the chat list shows of a message.

use super::{cut::last_boundary, fence};

/// Characters of a title. The chat list cuts what does not fit; notifications show more of it.
const TITLE_CHARS: usize = 64;

/// Bytes of a text in which its first words are looked for.
const SEARCHED: usize = 4_096;

/// What the chat list shows of a message: its first words without markup, or `otherwise` if it has none.
pub(crate) fn title(markdown: &str, otherwise: &str) -> String {
    let searched = &markdown[..markdown.floor_char_boundary(SEARCHED)];
    let words = searched
        .lines()
        .filter(|line| fence::run(line.trim()).len() < 3)
        .map(plain)
        .find(|line| line.chars().any(char::is_alphanumeric));
    let title = words.unwrap_or_else(|| otherwise.to_owned());
    let Some((end, _)) =
        title.char_indices().nth(TITLE_CHARS - 1).filter(|_| title.chars().count() > TITLE_CHARS)
    else {
        return title;
    };
    format!("{}…", title[..last_boundary(&title, end)].trim_end())
}
/// A line without its markup.
fn plain(line: &str) -> String {
    let block = |c: char| matches!(c, '#' | '>' | '-' | '+' | '*' | '|') || c.is_whitespace();
    let mut words = String::new();
    let mut rest = line.trim_start_matches(block);
    while let Some(c) = rest.chars().next() {
        if let Some((label, after)) = link(rest) {
            words.push_str(label);
            rest = after;
            continue;
        }
        rest = &rest[c.len_utf8()..];
        match c {
            '*' | '`' | '|' => {}
            '<' => rest = rest.split_once('>').map_or(rest, |(_, after)| after),
            c => words.push(c),
        }
    }
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The label of the link or picture that `text` begins with, and what follows it.
fn link(text: &str) -> Option<(&str, &str)> {
    let inner = text.strip_prefix("![").or_else(|| text.strip_prefix('['))?;
    let (label, after) = inner.split_once("](")?;
    let (_, after) = after.split_once(')')?;
    (!label.contains(['[', ']'])).then_some((label, after))
}
