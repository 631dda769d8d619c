//! Markdown as DingTalk messages take it (DingTalk protocol §5.1, §5.2, §8.9).

use unicode_segmentation::UnicodeSegmentation;

/// Characters of a title. The chat list cuts what does not fit; notifications show more of it.
const TITLE_CHARS: usize = 64;

/// Characters of one part.
const PART_CHARS: usize = 3_800;

/// Bytes of one part inside a JSON body that is itself a JSON string. DingTalk refuses bodies of
/// 20 000 bytes (460101); the rest is for what stands around the text.
const PART_BYTES: usize = 18_000;

/// A longer run of fence characters, or a longer info string, is not worth repeating in every part.
const FENCE_CHARS: usize = 40;

/// What the chat list shows of a message: its first words without markup, or `otherwise` if it has none.
pub(crate) fn title(markdown: &str, otherwise: &str) -> String {
    let words = markdown
        .lines()
        .filter(|line| Fence::opened_by(line).is_none())
        .map(plain)
        .find(|line| line.chars().any(char::is_alphanumeric));
    let title = words.unwrap_or_else(|| otherwise.to_owned());
    if title.chars().count() <= TITLE_CHARS {
        return title;
    }
    let end = last_cut(&title, byte_of_char(&title, TITLE_CHARS - 1));
    format!("{}…", title[..end].trim_end())
}

/// Cuts a text into parts that each fit into one message, where it hurts least: between paragraphs,
/// else between lines, else between words, else anywhere but inside a character that people see as
/// one. A code block that goes on is closed and opened again.
///
/// The parts hold all of the text but the white space where it was cut. A blank text has none.
pub(crate) fn split(markdown: &str) -> Vec<String> {
    let mut parts = Vec::new();
    let mut rest = markdown.trim_end();
    let mut open: Option<Fence> = None;
    while !rest.trim().is_empty() {
        let mut part = open.as_ref().map(Fence::reopening).unwrap_or_default();
        // Room for closing the block that is open, or that may be opened in this part.
        let reserve = open.as_ref().map_or(FENCE_CHARS, |fence| fence.run.len()) + 1;
        let room = Size::LIMIT.without(Size::of(&part)).without(Size { chars: reserve, bytes: reserve });
        let end = cut(rest, room);
        let (head, tail) = rest.split_at(end);

        open = fence_after(head, open);
        part.push_str(head.trim_end());
        match &open {
            Some(fence) if !tail.trim().is_empty() => {
                part.push('\n');
                part.push_str(&fence.run);
                rest = tail.trim_start_matches(['\n', '\r']); // indentation matters inside code
            }
            _ => rest = tail.trim_start(),
        }
        if !part.trim().is_empty() {
            parts.push(part);
        }
    }
    parts
}

/// Makes single line breaks visible: in a message a lone newline joins two lines, with two spaces
/// before it it does not.
pub(crate) fn with_line_breaks(markdown: &str) -> String {
    let mut text = String::with_capacity(markdown.len() + markdown.len() / 16);
    let mut open = None;
    let mut lines = markdown.lines().peekable();
    while let Some(line) = lines.next() {
        let was_code = open.is_some();
        open = fence_after(line, open);
        text.push_str(line);
        let Some(next) = lines.peek() else { break };
        let prose = !was_code && open.is_none() && is_prose(line) && is_prose(next);
        text.push_str(if prose && !line.ends_with("  ") { "  \n" } else { "\n" });
    }
    if markdown.ends_with('\n') {
        text.push('\n');
    }
    text
}

/// A line of running text: not blank, and not part of a block of its own.
fn is_prose(line: &str) -> bool {
    let line = line.trim_start();
    let unnumbered = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let is_numbered = unnumbered.len() < line.len() && unnumbered.starts_with(". ");
    let is_item = is_numbered || ["- ", "* ", "+ "].iter().any(|bullet| line.starts_with(bullet));
    !line.is_empty() && !is_item && !line.starts_with(['#', '>', '|', '`', '~'])
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

/// An open code block.
#[derive(Clone, Debug, PartialEq)]
struct Fence {
    /// The characters that opened it and will close it.
    run: String,
    /// What the opening line says after them: the language.
    info: String,
}

impl Fence {
    fn opened_by(line: &str) -> Option<Self> {
        let line = line.trim();
        let mark = line.chars().next().filter(|c| matches!(c, '`' | '~'))?;
        let info = line.trim_start_matches(mark);
        let run = &line[..line.len() - info.len()];
        let fits = (3..=FENCE_CHARS).contains(&run.len()) && !info.contains('`');
        let info = if info.len() <= FENCE_CHARS { info } else { "" };
        fits.then(|| Self { run: run.to_owned(), info: info.to_owned() })
    }

    fn is_closed_by(&self, line: &str) -> bool {
        Self::opened_by(line).is_some_and(|fence| fence.info.is_empty() && fence.run.starts_with(&self.run))
    }

    fn reopening(&self) -> String {
        format!("{}{}\n", self.run, self.info)
    }
}

/// The code block that is open after `text`, when `open` was before it.
fn fence_after(text: &str, open: Option<Fence>) -> Option<Fence> {
    text.lines().fold(open, |open, line| match open {
        Some(fence) => (!fence.is_closed_by(line)).then_some(fence),
        None => Fence::opened_by(line),
    })
}

/// How much room a text takes.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Size {
    chars: usize,
    bytes: usize,
}

impl Size {
    const LIMIT: Self = Self { chars: PART_CHARS, bytes: PART_BYTES };

    fn of(text: &str) -> Self {
        text.chars().fold(Self { chars: 0, bytes: 0 }, Self::with)
    }

    /// With one more character, escaped twice: the OpenAPI takes JSON inside JSON.
    fn with(self, c: char) -> Self {
        let bytes = match c {
            '"' | '\\' => 4,
            '\n' => 5, // with the two spaces that make it visible
            '\r' | '\t' => 3,
            c if c.is_control() => 7,
            c => c.len_utf8(),
        };
        Self { chars: self.chars + 1, bytes: self.bytes + bytes }
    }

    fn without(self, other: Self) -> Self {
        Self { chars: self.chars.saturating_sub(other.chars), bytes: self.bytes.saturating_sub(other.bytes) }
    }

    fn holds(self, other: Self) -> bool {
        other.chars <= self.chars && other.bytes <= self.bytes
    }
}

/// Where to cut `text` so that what stands before it fits into `room`. Never 0.
fn cut(text: &str, room: Size) -> usize {
    let mut size = Size { chars: 0, bytes: 0 };
    let Some((end, _)) = text.char_indices().find(|(_, c)| {
        size = size.with(*c);
        !room.holds(size)
    }) else {
        return text.len();
    };
    let head = &text[..end];
    // A cut in the first half would make many small parts out of a few large ones.
    let late = |at: &usize| *at > end / 2;
    head.rfind("\n\n")
        .filter(late)
        .or_else(|| head.rfind('\n').filter(late))
        .or_else(|| head.rfind(' ').filter(late))
        .map_or_else(|| last_cut(text, end), |at| at + 1)
}

/// The last place at or before `end` that is not inside a character as people see it.
fn last_cut(text: &str, end: usize) -> usize {
    let starts = text.grapheme_indices(true).map(|(start, _)| start);
    let last = starts.take_while(|start| *start <= end).last().unwrap_or_default();
    if last > 0 { last } else { end } // one that does not fit at all has to be cut
}

fn byte_of_char(text: &str, chars: usize) -> usize {
    text.char_indices().nth(chars).map_or(text.len(), |(byte, _)| byte)
}

#[cfg(test)]
mod tests;
