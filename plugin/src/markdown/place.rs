//! Places within a line where a text may be cut.

use super::{
    cut::Reading,
    fence,
    inline::{Cuttable, Inline},
    line::{Kind, Line},
};
use std::ops::Range;
use unicode_segmentation::UnicodeSegmentation;

/// Takes no room, and keeps the rest of a line from being read as the beginning of something else.
pub(super) const NO_BLOCK: &str = "\u{200b}";

/// A place within a line.
#[derive(Clone, Debug, Default)]
pub(super) struct Place {
    pub(super) at: usize,
    /// Closes what is open there.
    pub(super) closing: String,
    /// Opens it again.
    pub(super) reopening: String,
}

/// How well a line is cut somewhere, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Grade {
    Sentence,
    Word,
    Character,
    /// Within an emphasis or a piece of code, between words.
    Reopening,
    /// Within a link, or between the characters of markup.
    Unsafe,
}

/// The last place of each grade.
#[derive(Debug, Default)]
pub(super) struct Places([Option<Place>; 5]);

impl Places {
    /// The places within a line that fit. `before`: what was read before the line.
    pub(super) fn within(content: &str, line: &Line<'_>, before: &Reading<'_>) -> Self {
        let mut places = Self::default();
        if matches!(line.kind, Kind::Opening | Kind::Closing | Kind::Delimiter | Kind::Rule | Kind::Blank) {
            return places;
        }
        let is_code = line.kind == Kind::Code;
        let mut inline = if line.kind == Kind::Prose { before.inline.clone() } else { Inline::default() };
        let mut gauge = before.gauge.clone();
        gauge.begin_line(line, content, &before.blocks);
        let begin = text_offset(content, line);
        let opening = if before.is_mid_line { 0..0 } else { opening_if_cut(content, line) };
        let mut behind = Behind::default();
        let mut ahead = Ahead::default();
        for (at, grapheme) in content.grapheme_indices(true) {
            let next = grapheme.chars().next().unwrap_or_default();
            if at > begin && (is_code || !next.is_whitespace()) {
                let ends_code = is_code && ahead.of(content, at).is_some_and(is_fence);
                let mut cuttable = if is_code { Cuttable::Yes } else { inline.before(next) };
                let mut place = Place::of(at, cuttable, &inline);
                if opening.contains(&at) || place.adjoins(behind.solid) {
                    place = Place { at, ..Place::default() };
                    cuttable = Cuttable::No;
                }
                let grade = if ends_code { Grade::Unsafe } else { behind.grade(next, cuttable) };
                let begins = !is_code && (begins_block(next) || place.reopening.starts_with("```"));
                if ends_code || begins {
                    place.reopening.insert_str(0, NO_BLOCK);
                }
                if gauge.fits(&place.closing) {
                    places.0[grade as usize] = Some(place);
                }
            }
            for (offset, c) in grapheme.char_indices() {
                gauge.take(at + offset, c);
                behind.take(c);
                if at >= begin && !is_code {
                    inline.take(c);
                }
            }
        }
        places
    }

    /// The best place behind `half`, if there is one that harms nothing.
    pub(super) fn best_after(&self, half: usize) -> Option<&Place> {
        let harmless = &self.0[..=Grade::Reopening as usize];
        harmless.iter().flatten().find(|place| place.at > half)
    }

    /// The last place that is no worse than `grade`.
    pub(super) fn last(&self, grade: Grade) -> Option<&Place> {
        self.0[..=grade as usize].iter().flatten().max_by_key(|place| place.at)
    }
}

impl Place {
    /// A place that is none of those within the line, where something is cut that was never meant to be.
    pub(super) fn anywhere(at: usize, content: &str, line: &Line<'_>) -> Self {
        let rest = &content[at..];
        let is_taken_for_block = match line.kind {
            _ if rest.is_empty() => true, // what follows has not been looked at
            Kind::Code => rest.trim_start().starts_with(is_fence),
            _ => rest.starts_with(begins_block),
        };
        let reopening = if is_taken_for_block { NO_BLOCK.to_owned() } else { String::new() };
        Self { at, reopening, ..Self::default() }
    }

    /// Whether what closes would become one run with the fence's characters before it.
    fn adjoins(&self, before: Option<char>) -> bool {
        before.is_some_and(|before| is_fence(before) && self.closing.starts_with(before))
    }

    fn of(at: usize, cuttable: Cuttable, inline: &Inline) -> Self {
        match cuttable {
            Cuttable::Reopening => Self { at, closing: inline.closing(), reopening: inline.reopening() },
            Cuttable::Yes | Cuttable::No => Self { at, ..Self::default() },
        }
    }
}

/// The next character that is not white space, looked for once however much of that there is.
#[derive(Debug, Default)]
struct Ahead {
    solid: usize,
}

impl Ahead {
    fn of(&mut self, content: &str, at: usize) -> Option<char> {
        if self.solid < at {
            self.solid = content.len() - content[at..].trim_start().len();
        }
        content[self.solid..].chars().next()
    }
}

/// What stands before a place.
#[derive(Clone, Copy, Debug, Default)]
struct Behind {
    last: Option<char>,
    /// The last character that was not white space.
    solid: Option<char>,
}

impl Behind {
    fn take(&mut self, c: char) {
        self.last = Some(c);
        if !c.is_whitespace() {
            self.solid = Some(c);
        }
    }

    fn grade(self, next: char, cuttable: Cuttable) -> Grade {
        let is = |c: Option<char>, of: &str| c.is_some_and(|c| of.contains(c));
        let spaced = self.last.is_some_and(char::is_whitespace);
        let ideograph = |c: char| !c.is_ascii() && c.is_alphanumeric();
        let ends_sentence = spaced && is(self.solid, ".!?;:。！？；：") || is(self.last, "。！？；");
        let ends_word =
            spaced || self.last.is_some_and(ideograph) || ideograph(next) || is(self.last, "，、：");
        let belongs =
            "。！？；，、：）】》」』”’…!?.,;:)]}%".contains(next) || is(self.last, "（【《「『“‘([{$#@");
        match cuttable {
            Cuttable::No => Grade::Unsafe,
            Cuttable::Yes if is_fence(next) => Grade::Unsafe,
            Cuttable::Yes if belongs || begins_block(next) => Grade::Character,
            Cuttable::Yes if ends_sentence => Grade::Sentence,
            Cuttable::Yes if ends_word => Grade::Word,
            Cuttable::Yes => Grade::Character,
            Cuttable::Reopening if ends_word && !belongs => Grade::Reopening,
            Cuttable::Reopening => Grade::Unsafe,
        }
    }
}

/// Where a line of running text that begins like a fence is cut to one, which the end of the part then closes.
fn opening_if_cut(content: &str, line: &Line<'_>) -> Range<usize> {
    let run = fence::run(line.body).len();
    if line.kind != Kind::Prose || run < 3 {
        return 0..0;
    }
    let begin = content.len() - line.rest.len() + line.indent.len();
    let end = match line.body[run..].find('`') {
        _ if run > fence::MOST => fence::MOST,
        Some(other) => run + other,
        None => line.body.len(),
    };
    begin + 3..begin + end + 1
}

/// Whether a character that begins a part could make a list, a heading, a table or a code block of it.
fn begins_block(c: char) -> bool {
    "-+#>|=`~".contains(c)
}

/// Whether a character could be one of a code block's fence.
fn is_fence(c: char) -> bool {
    "`~".contains(c)
}

/// Where the text of a line begins, behind all that marks it as what it is.
pub(super) fn text_offset(content: &str, line: &Line<'_>) -> usize {
    let body = content.len() - line.rest.len() + line.indent.len();
    body + line.body.len() - line.text().len()
}
