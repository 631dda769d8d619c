//! Markdown written down as a surface shows it, line by line.

use super::{
    blocks::Blocks,
    carry::Carry,
    degrade,
    line::{Kind, Line, Marker},
    surface::Dialect,
};

/// Bytes of white space that a line keeps before its text.
pub(super) const MOST_INDENT: usize = 40;

/// A part of a text, as it is shown.
pub(super) struct Page {
    dialect: Dialect,
    out: String,
    blocks: Blocks,
    previous: Option<Previous>,
    /// White space that lines lose: what they were nested in stands in the part before.
    outdent: usize,
    /// A list goes on until something else begins at the margin.
    in_list: bool,
    /// Numbered items at the margin: whether DingTalk would number them as written.
    numbering: Option<Numbering>,
    /// The table goes on without its header, which is too large to repeat.
    is_headless: bool,
}

/// The line before, as far as the next one depends on it.
#[derive(Clone, Copy)]
struct Previous {
    kind: Kind,
    depth: usize,
}

#[derive(Clone, Copy, PartialEq)]
enum Numbering {
    Shown,
    Spelt,
}

/// What stands between two lines.
#[derive(Clone, Copy, PartialEq)]
enum Gap {
    /// A line break that can be seen.
    Break,
    LineEnd,
    BlankLine,
}

impl Page {
    /// A page that goes on with what a cut left open.
    pub(super) fn new(dialect: Dialect, carry: &Carry) -> Self {
        Self {
            dialect,
            out: carry.opening(),
            blocks: carry.blocks.clone(),
            previous: carry.opens_block().then_some(Previous { kind: Kind::Code, depth: 0 }),
            outdent: 0,
            in_list: false,
            numbering: None,
            is_headless: carry.is_headless,
        }
    }

    /// Writes down a part of a text: what `carry` opens, `source`, and what is still open closed.
    pub(super) fn write(dialect: Dialect, carry: &Carry, source: &str, closing: &str) -> String {
        let mut page = Self::new(dialect, carry);
        let mut rest = source;
        if carry.is_mid_line {
            let (first, others) = source.split_once('\n').unwrap_or((source, ""));
            page.rest_of_line(first);
            rest = others;
        } else {
            rest = &rest[leading_blank_lines(rest)..];
        }
        page.outdent = match &carry.blocks.fence {
            Some(fence) => fence.indent.len(),
            None if carry.is_start => 0,
            None => rest
                .lines()
                .find(|line| !line.trim().is_empty())
                .map_or(0, |line| Line::read(line).indent.len()),
        };
        rest.lines().for_each(|line| page.line(line));
        page.end(closing)
    }

    /// Takes what a cut left of a line.
    fn rest_of_line(&mut self, text: &str) {
        let kind = self.blocks.inner();
        match kind {
            Kind::Code => self.out.push_str(text),
            _ => degrade::inline(text.trim_start(), self.dialect, kind == Kind::Row, &mut self.out),
        }
        let depth = Line::read(&self.out).depth;
        self.previous = Some(Previous { kind, depth });
    }

    fn line(&mut self, text: &str) {
        let line = self.blocks.read(text);
        if self.is_left_out(&line) {
            return;
        }
        if !matches!(line.kind, Kind::Blank | Kind::Code | Kind::Closing) {
            self.outdent = self.outdent.min(line.indent.len());
        }
        let line = Line { rest: self.outdented(&line), ..line };
        let spelt = self.number(&line);
        let kind = match line.kind {
            Kind::Item if spelt.is_some() && line.indent.is_empty() => Kind::Prose,
            Kind::Row if self.is_list(&line) => Kind::Item,
            kind => kind,
        };
        self.gap(&line, kind);
        self.body(&line, spelt);
        self.previous = Some(Previous { kind, depth: line.depth });
    }

    /// The line between the header and the rows of a table that becomes a list.
    fn is_left_out(&self, line: &Line<'_>) -> bool {
        line.kind == Kind::Delimiter && line.is_nested()
    }

    /// Whether a row becomes an item, as DingTalk shows no table there.
    fn is_list(&self, row: &Line<'_>) -> bool {
        row.is_nested() || self.is_headless
    }

    fn outdented<'a>(&self, line: &Line<'a>) -> &'a str {
        let indent = &line.rest[..line.rest.len() - line.rest.trim_start().len()];
        let cut = indent.len().min(self.outdent);
        line.rest.get(cut..).unwrap_or(line.rest)
    }

    fn gap(&mut self, line: &Line<'_>, kind: Kind) {
        let Some(previous) = self.previous else { return self.out.push_str(line.quote) };
        let gap = gap(previous, kind, line, self.in_list);
        if !line.indent.is_empty() || kind == Kind::Blank {
            // The list goes on.
        } else if !matches!(kind, Kind::Code | Kind::Closing) {
            self.in_list = kind == Kind::Item;
        }
        match (gap, self.dialect) {
            (Gap::Break, dialect) => {
                self.out.truncate(self.out.trim_end().len());
                self.line_break(dialect, line);
            }
            (Gap::LineEnd, _) => {
                self.out.push('\n');
                self.out.push_str(line.quote);
            }
            (Gap::BlankLine, _) => self.out.push_str("\n\n"),
        }
    }

    fn line_break(&mut self, dialect: Dialect, line: &Line<'_>) {
        match dialect {
            Dialect::Card if self.out.ends_with("<br>") => {}
            Dialect::Card => self.out.push_str("<br>"),
            Dialect::Message if line.depth == 0 && line.indent.is_empty() => self.out.push_str("  \n  "),
            Dialect::Message => {
                self.out.push_str("  \n");
                self.out.push_str(line.quote);
            }
        }
    }

    fn body(&mut self, line: &Line<'_>, spelt: Option<u64>) {
        let indent = &line.rest[..line.rest.len() - line.rest.trim_start().len()];
        let breaks_here = self.out.ends_with("<br>") || self.out.ends_with("  \n  ");
        if !breaks_here && !matches!(line.kind, Kind::Code | Kind::Closing | Kind::Blank) {
            self.out.push_str(&indent[..indent.floor_char_boundary(MOST_INDENT)]);
        }
        let is_list = self.is_list(line);
        let (dialect, out) = (self.dialect, &mut self.out);
        match line.kind {
            Kind::Blank => {}
            Kind::Code | Kind::Closing => out.push_str(line.rest),
            Kind::Opening => out.push_str(line.body),
            Kind::Rule if dialect == Dialect::Card => out.push_str("***"),
            Kind::Heading if dialect == Dialect::Card && line.body.starts_with("######") => {
                degrade::inline(&line.body[1..], dialect, true, out);
            }
            Kind::Row if is_list => {
                let cells = cells(line.body);
                out.push_str(if cells.is_empty() { "-" } else { "- " });
                degrade::inline(&cells, dialect, true, out);
            }
            Kind::Row | Kind::Delimiter | Kind::Heading | Kind::Rule => {
                degrade::inline(line.body, dialect, true, out);
            }
            Kind::Item => item(line.body, spelt, line.indent.is_empty(), dialect, out),
            Kind::Prose => degrade::inline(line.body, dialect, false, out),
        }
    }

    /// The number of a list item that DingTalk would not show, as it is nested or not the next one.
    fn number(&mut self, line: &Line<'_>) -> Option<u64> {
        let is_margin = line.indent.is_empty() && line.depth == 0;
        let number =
            Marker::of(line.body).filter(|_| line.kind == Kind::Item).and_then(|marker| marker.number);
        if is_margin && !matches!(line.kind, Kind::Blank | Kind::Item | Kind::Code | Kind::Closing) {
            self.numbering = None;
        }
        let number = number.filter(|_| self.dialect == Dialect::Card)?;
        if !is_margin {
            return Some(number);
        }
        let begins = if number == 1 { Numbering::Shown } else { Numbering::Spelt };
        let numbering = *self.numbering.get_or_insert(begins);
        (numbering == Numbering::Spelt).then_some(number)
    }

    /// Closes what is open.
    fn end(mut self, closing: &str) -> String {
        self.out.truncate(self.out.trim_end().len());
        self.out.push_str(closing);
        if let Some(fence) = &self.blocks.fence {
            let outdented = &fence.indent[self.outdent.min(fence.indent.len())..];
            self.out.push('\n');
            for piece in [&fence.quote, outdented, &fence.run] {
                self.out.push_str(piece);
            }
        }
        self.out
    }
}

fn gap(previous: Previous, kind: Kind, line: &Line<'_>, in_list: bool) -> Gap {
    let is_text = kind == Kind::Prose;
    let at_margin = line.indent.is_empty();
    let is_code = |kind| matches!(kind, Kind::Code | Kind::Opening | Kind::Closing);
    match previous.kind {
        Kind::Blank => Gap::LineEnd,
        _ if kind == Kind::Blank || is_code(kind) || is_code(previous.kind) => Gap::LineEnd,
        _ if previous.depth > line.depth && is_text && line.depth == 0 => Gap::BlankLine,
        _ if previous.depth != line.depth => Gap::LineEnd,
        Kind::Prose if is_text && (in_list || line.indent.len() < 4) => Gap::Break,
        Kind::Item if is_text && !(at_margin && line.depth == 0) => Gap::Break,
        _ if line.depth > 0 => Gap::LineEnd,
        Kind::Item if is_text => Gap::BlankLine,
        Kind::Row | Kind::Delimiter if is_text => Gap::BlankLine,
        Kind::Row | Kind::Delimiter => Gap::LineEnd,
        _ if kind == Kind::Row && !line.is_nested() => Gap::BlankLine,
        Kind::Prose if kind == Kind::Rule => Gap::BlankLine,
        _ => Gap::LineEnd,
    }
}

fn item(body: &str, spelt: Option<u64>, at_margin: bool, dialect: Dialect, out: &mut String) {
    let Some(marker) = Marker::of(body) else { return out.push_str(body) };
    match spelt {
        Some(number) if at_margin => out.push_str(&format!("**{number}.** ")),
        Some(number) => out.push_str(&format!("- **{number}.** ")),
        None => out.push_str(body.get(..marker.len).unwrap_or(body)),
    }
    let (check, text) = degrade::task(marker.text(body));
    out.push_str(check);
    degrade::inline(text, dialect, false, out);
}

/// Bytes of the blank lines that a text begins with.
pub(super) fn leading_blank_lines(text: &str) -> usize {
    let blank = text.len() - text.trim_start().len();
    text[..blank].rfind('\n').map_or(0, |end| end + 1)
}

/// The cells of a row, side by side.
fn cells(row: &str) -> String {
    let inner = row.strip_prefix('|').unwrap_or(row);
    let inner = inner.strip_suffix('|').filter(|inner| !inner.ends_with('\\')).unwrap_or(inner);
    inner.split('|').map(str::trim).collect::<Vec<_>>().join(" | ")
}
