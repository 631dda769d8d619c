//! What DingTalk does not show, written so that it can still be read (DingTalk protocol §8.9).

use super::{fence::Fence, line::Line, place::NO_BLOCK, surface::Dialect};
use std::collections::HashMap;

/// Longer runs of backquotes are no code.
const LONGEST_RUN: usize = 8;

/// Writes running text: HTML as the markdown that says the same, or without its tags; footnotes as numbers
/// in brackets. Code stays as it is, and so does what only looks like a tag. Struck text keeps its tildes,
/// for without them it would say the contrary.
///
/// Never longer than `text`, counting three more characters for each `<`, and [`NO_BLOCK`] for what begins with a
/// fence's characters.
pub(super) fn inline(text: &str, dialect: Dialect, is_cell: bool, out: &mut String) {
    let begun = out.len();
    if !text.contains(['<', '[']) {
        out.push_str(text);
        return open_no_block(begun, out);
    }
    let mut writer = Writer {
        dialect,
        is_cell,
        last_closing: closing_tags(text),
        open: Vec::new(),
        link: None,
        unclosed: [false; LONGEST_RUN + 1],
    };
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at..];
        at += match c {
            '`' => writer.code(rest, out),
            '<' => writer.tag(text, at, out),
            '[' => footnote(rest, out),
            _ => 0,
        };
        if text.len() - at == rest.len() {
            out.push(c); // nothing special
            at += c.len_utf8();
        }
    }
    if let Some(target) = writer.link.take() {
        out.truncate(out.trim_end().len().max(begun)); // white space at an end takes no room: none may stay
        link_end(target, out);
    }
    open_no_block(begun, out);
}

/// What stood behind a tag, or was indented too deeply, may stand where it would open a code block now.
fn open_no_block(begun: usize, out: &mut String) {
    if let Some(end) = out[begun..].find('\n') {
        let others = out.split_off(begun + end);
        others[1..].split('\n').for_each(|line| next_line(line, begun, out));
    }
    let line = out[..begun].rfind('\n').map_or(0, |end| end + 1);
    if let Some(body) = block_opened_in(&out[line..]).filter(|body| line + body >= begun) {
        out.insert_str(line + body, NO_BLOCK);
    }
}

/// A line that a `<br>` began goes on with the one before, if it would open a code block.
fn next_line(line: &str, begun: usize, out: &mut String) {
    if block_opened_in(line).is_none() {
        out.push('\n');
        out.push_str(line);
        return;
    }
    out.truncate(out.trim_end().len().max(begun));
    out.push(' ');
    out.push_str(line.trim_start());
}

/// Where in the first line of `text` the fence stands that it opens a code block with.
fn block_opened_in(text: &str) -> Option<usize> {
    let line = Line::read(text.lines().next()?);
    Fence::opened_by(line.quote, line.indent, line.body)?;
    Some(line.quote.len() + line.indent.len())
}

/// Checked and open boxes, for the text of a list item.
pub(super) fn task(text: &str) -> (&'static str, &str) {
    for (written, shown) in [("[ ] ", "☐ "), ("[x] ", "☑ "), ("[X] ", "☑ ")] {
        if let Some(rest) = text.strip_prefix(written) {
            return (shown, rest);
        }
    }
    ("", text)
}

struct Writer<'a> {
    dialect: Dialect,
    is_cell: bool,
    /// Where the last closing tag of each name is.
    last_closing: HashMap<&'a str, usize>,
    /// Tags that were replaced and have yet to be closed.
    open: Vec<&'a str>,
    /// Where the link that is open leads to.
    link: Option<&'a str>,
    /// Lengths of runs of backquotes that nothing closes.
    unclosed: [bool; LONGEST_RUN + 1],
}

impl<'a> Writer<'a> {
    /// Copies a piece of code. Answers with how much was read, as the others do.
    fn code(&mut self, rest: &str, out: &mut String) -> usize {
        let run = backquotes(rest);
        let end = (run <= LONGEST_RUN && !self.unclosed[run]).then(|| closing_run(rest, run)).flatten();
        if end.is_none() && run <= LONGEST_RUN {
            self.unclosed[run] = true;
        }
        let end = end.unwrap_or(run);
        out.push_str(&rest[..end]);
        end
    }

    fn tag(&mut self, text: &'a str, at: usize, out: &mut String) -> usize {
        let rest = &text[at..];
        let Some(tag) = Tag::read(rest) else { return 0 };
        if self.write(&tag, at, out) { tag.len } else { 0 }
    }

    /// Writes what stands for a tag; `false` if it has to stay as it is.
    fn write(&mut self, tag: &Tag<'a>, at: usize, out: &mut String) -> bool {
        if let Some(mark) = emphasis(tag.name) {
            return self.pair(tag, at).inspect(|_| out.push_str(mark)).is_some();
        }
        match (tag.name, self.dialect) {
            ("br", Dialect::Card) => out.push_str("<br>"),
            ("br", Dialect::Message) if self.is_cell => out.push(' '),
            ("br", Dialect::Message) => out.push_str("  \n  "),
            ("a", _) if tag.is_closing => match self.link.take() {
                Some(target) => link_end(target, out),
                None => return false,
            },
            ("a", _) => match tag.attribute("href").filter(|target| !target.contains([')', ' '])) {
                Some(target) if self.link.is_none() => {
                    self.link = Some(target);
                    out.push('[');
                }
                _ => return false, // a card mentions people with such tags
            },
            ("img", _) => match tag.attribute("src").filter(|target| !target.contains([')', ' '])) {
                Some(target) => {
                    out.push_str("![");
                    out.push_str(tag.attribute("alt").unwrap_or_default());
                    link_end(target, out);
                }
                None => return false,
            },
            ("p" | "u", _) => return self.pair(tag, at).is_some(),
            ("td" | "th", _) => out.push(' '),
            ("li", _) if !tag.is_closing => out.push_str("- "),
            (name, _) => return WITHOUT_MEANING.contains(&name),
        }
        true
    }

    /// Whether a tag has its other half in this line.
    fn pair(&mut self, tag: &Tag<'a>, at: usize) -> Option<()> {
        if tag.is_closing {
            let opened = self.open.iter().rposition(|name| *name == tag.name)?;
            self.open.remove(opened);
        } else {
            self.last_closing.get(tag.name).filter(|last| **last > at)?;
            self.open.push(tag.name);
        }
        Some(())
    }
}

/// Tags whose text reads as well without them.
const WITHOUT_MEANING: &[&str] = &[
    "big", "center", "details", "div", "hr", "ins", "kbd", "li", "mark", "ol", "section", "small", "span",
    "sub", "sup", "table", "tbody", "tfoot", "thead", "tr", "ul",
];

/// The markdown for a tag that emphasises.
fn emphasis(name: &str) -> Option<&'static str> {
    Some(match name {
        "b" | "strong" | "summary" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => "**",
        "i" | "em" => "*",
        "code" | "tt" => "`",
        "s" | "del" | "strike" => "~~",
        _ => return None,
    })
}

/// A tag of HTML. The names are in lower case, as they are nearly always written.
struct Tag<'a> {
    name: &'a str,
    is_closing: bool,
    attributes: &'a str,
    len: usize,
}

impl<'a> Tag<'a> {
    fn read(text: &'a str) -> Option<Self> {
        let inner = text.strip_prefix('<')?;
        let end = inner.find(['>', '<']).filter(|end| inner[*end..].starts_with('>'))?;
        let (inner, len) = (&inner[..end], end + 2);
        let is_closing = inner.starts_with('/');
        let inner = inner.trim_start_matches('/').trim_end_matches('/');
        let name_len =
            inner.find(|c: char| !c.is_ascii_lowercase() && !c.is_ascii_digit()).unwrap_or(inner.len());
        let (name, attributes) = inner.split_at(name_len);
        let is_tag = !name.is_empty() && (attributes.is_empty() || attributes.starts_with([' ', '\t']));
        is_tag.then_some(Self { name, is_closing, attributes, len })
    }

    fn attribute(&self, name: &str) -> Option<&'a str> {
        let behind = |quote: char| {
            let (_, value) = self.attributes.split_once(&format!(" {name}={quote}"))?;
            value.split_once(quote).map(|(value, _)| value)
        };
        behind('"').or_else(|| behind('\''))
    }
}

fn closing_tags(text: &str) -> HashMap<&str, usize> {
    let tags = text.match_indices("</");
    tags.filter_map(|(at, _)| Some((Tag::read(&text[at..])?.name, at))).collect()
}

fn link_end(target: &str, out: &mut String) {
    out.push_str("](");
    out.push_str(target);
    out.push(')');
}

/// `[^1]` is a note's number, and `[^1]:` begins the note.
fn footnote(rest: &str, out: &mut String) -> usize {
    let Some((id, behind)) = rest.strip_prefix("[^").and_then(split_id) else {
        return 0;
    };
    out.push('[');
    out.push_str(id);
    out.push(']');
    let colon = usize::from(behind.starts_with(':'));
    id.len() + "[^]".len() + colon
}

fn split_id(inner: &str) -> Option<(&str, &str)> {
    let is_id = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
    let len = inner.find(|c| !is_id(c)).filter(|len| (1..=40).contains(len))?;
    inner[len..].strip_prefix(']').map(|behind| (&inner[..len], behind))
}

fn backquotes(text: &str) -> usize {
    text.len() - text.trim_start_matches('`').len()
}

/// Where the piece of code ends that a text begins with.
fn closing_run(text: &str, run: usize) -> Option<usize> {
    let mut at = run;
    while let Some(next) = text[at..].find('`') {
        at += next;
        let len = backquotes(&text[at..]);
        at += len;
        if len == run {
            return Some(at);
        }
    }
    None
}
