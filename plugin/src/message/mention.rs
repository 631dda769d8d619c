//! Who is mentioned inside a text, and the text without the mention of us.
//!
//! In a text message DingTalk takes our own mention out and leaves the space around it. In rich text it
//! leaves it in, as an item of its own: with an id or without one, or as plain words.

use super::{people::NamedMention, wire::RobotMessage};
use std::ops::Range;

/// Takes the mentions of us out of `text` and `named`, and answers with what they call us, which is
/// nothing if they are not there.
pub(super) fn without_ours(
    text: String,
    named: &mut Vec<NamedMention>,
    message: &RobotMessage,
) -> (String, Option<String>) {
    let ours = ours(named, message);
    let name = ours.first().map(|at| named[*at].name.clone());
    let text = without(text, ours.iter().map(|at| &named[*at].place));
    let mut places = 0..;
    named.retain(|named| {
        let is_ours = places.next().is_some_and(|at| ours.binary_search(&at).is_ok());
        named.is_certain && !is_ours
    });
    (text, name)
}

/// The text without what stands at these places, which are in order.
fn without<'a>(text: String, places: impl Iterator<Item = &'a Range<usize>>) -> String {
    let mut rest = String::new();
    let mut kept = 0;
    for place in places {
        join(&mut rest, &text[kept..place.start]);
        kept = place.end;
    }
    if kept == 0 {
        return text;
    }
    join(&mut rest, &text[kept..]);
    rest
}

/// Puts together what stood around a mention; one space between is enough.
fn join(before: &mut String, behind: &str) {
    let is_apart = before.is_empty() || before.ends_with(char::is_whitespace);
    before.push_str(if is_apart { behind.trim_start_matches(is_space) } else { behind });
}

/// Which of the mentions are of us, in order.
fn ours(named: &[NamedMention], message: &RobotMessage) -> Vec<usize> {
    let which = |is_wanted: &dyn Fn(&NamedMention) -> bool| -> Vec<usize> {
        (0..named.len()).filter(|at| is_wanted(&named[*at])).collect()
    };
    let called_the_same = |mentions: Vec<usize>| -> Vec<usize> {
        let name = mentions.first().map(|first| &named[*first].name);
        mentions.iter().copied().filter(|at| Some(&named[*at].name) == name).collect()
    };
    let by_id = which(&|named| named.user_id.as_deref().is_some_and(|id| message.is_called(id)));
    let is_named = |id: &str| named.iter().any(|named| named.user_id.as_deref() == Some(id));
    if !by_id.is_empty() || !message.mentions_only_the_robot(is_named) {
        return called_the_same(by_id);
    }
    let without_id = which(&|named| named.is_certain && named.user_id.is_none());
    if !without_id.is_empty() {
        return called_the_same(without_id);
    }
    // Plain words: only where it is plain that they are it, for a word must not be lost.
    match which(&|named| !named.is_certain).as_slice() {
        [only] => vec![*only],
        [first, ..] if named[*first].place.start == 0 => vec![*first],
        _ => Vec::new(),
    }
}

/// Trims the end, and in groups the space that DingTalk leaves where it removed our mention.
pub(super) fn tidy(text: &str, is_group: bool) -> String {
    let text = text.trim_end();
    if is_group { text.trim_start_matches(|c| c == '\n' || is_space(c)) } else { text }.to_owned()
}

/// A space within a line, among them those without width that clients put behind a name.
fn is_space(character: char) -> bool {
    matches!(character, '\u{200b}' | '\u{2060}' | '\u{feff}')
        || character.is_whitespace() && character != '\n'
}
