//! Where a text is cut when a surface does not hold it.

use super::{
    blocks::Blocks,
    carry::Carry,
    gauge::Gauge,
    inline::Inline,
    line::{Kind, Line},
    page::{Page, leading_blank_lines},
    place::{Grade, Place, Places, text_offset},
    seam::{Seam, Seams},
    surface::Surface,
};
use std::ops::Range;
use unicode_segmentation::UnicodeSegmentation;

/// A place in a text where a part begins, and what is open there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cut {
    pub(super) at: usize,
    pub(super) carry: Carry,
}

impl Cut {
    /// Where the first part begins.
    pub(crate) fn start() -> Self {
        Self { at: 0, carry: Carry::start() }
    }

    /// A place where nothing is open.
    pub(crate) fn plain(at: usize) -> Self {
        Self { at, carry: Carry::start() }
    }

    /// How far into the text it is, in bytes.
    pub(crate) fn at(&self) -> usize {
        self.at
    }
}

/// What a surface shows at a time of a longer text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    /// As it is shown.
    pub(crate) text: String,
    /// Which bytes of the text that is. A part begins where the one before ends.
    pub(crate) source: Range<usize>,
    /// Where the next part begins; `None` while this one holds all there is.
    pub(crate) next: Option<Cut>,
}

/// The part of `text` that begins at `from`, or `None` if there is nothing but white space.
///
/// It ends where a cut hurts least: before a heading or between paragraphs, else between items or lines, else
/// between sentences or words, else anywhere but inside a character that people see as one. A table is only
/// cut if it does not fit into a part of its own. What is open at the cut is closed, and opened again in the
/// next part.
///
/// A text that only grows never moves a cut: once a part has a `next`, both stay as they are.
pub(crate) fn part(text: &str, from: &Cut, surface: Surface) -> Option<Part> {
    let rest = text.get(from.at..).filter(|rest| !rest.trim_start().is_empty())?;
    let carry = from.carry.clone().fitted(surface.limit.over(3));
    let overflow = overflow_of(rest, &carry, surface);
    let (len, closing, next) = match overflow.map(Overflow::cut) {
        None => (rest.len(), String::new(), None),
        Some(found) => (found.at, found.closing, Some(Cut { at: from.at + found.at, carry: found.carry })),
    };
    let shown = Page::write(surface.dialect, &carry, &rest[..len], &closing);
    let text = if shown.trim().is_empty() { rest[..len].trim().to_owned() } else { shown };
    Some(Part { text, source: from.at..from.at + len, next })
}

/// A text in parts.
pub(crate) fn split(text: &str, surface: Surface) -> impl Iterator<Item = Part> {
    let mut from = Some(Cut::start());
    std::iter::from_fn(move || {
        let part = part(text, &from.take()?, surface)?;
        from.clone_from(&part.next);
        Some(part)
    })
}

/// The last place at or before `end` that is not inside a character as people see it.
pub(super) fn last_boundary(text: &str, end: usize) -> usize {
    let starts = text.grapheme_indices(true).map(|(start, _)| start);
    let last = starts.take_while(|start| *start <= end).last().unwrap_or_default();
    if last > 0 { last } else { end } // one that does not fit at all has to be cut
}

/// Reads as much of a text as it takes to see that it does not fit.
fn overflow_of<'a>(rest: &'a str, carry: &Carry, surface: Surface) -> Option<Overflow<'a>> {
    let mut reach = surface.limit.most_bytes();
    loop {
        let text = beginning(rest, reach);
        let overflow = Reading::new(text, carry, surface).overflow();
        if overflow.is_some() || text.len() == rest.len() {
            return overflow;
        }
        reach = reach.saturating_mul(2); // some of it is not shown
    }
}

/// What a text begins with, its `reach` bytes and the next character behind them.
fn beginning(text: &str, reach: usize) -> &str {
    let begin = text.len() - text.trim_start().len();
    let fitting = text.floor_char_boundary(begin.saturating_add(reach));
    let blank = text[fitting..].len() - text[fitting..].trim_start().len();
    &text[..text.ceil_char_boundary(fitting + blank + 1)]
}

/// A text being measured, line by line.
pub(super) struct Reading<'a> {
    text: &'a str,
    pub(super) gauge: Gauge,
    pub(super) blocks: Blocks,
    pub(super) inline: Inline,
    seams: Seams,
    /// The next line is the rest of one that was cut, of which these are the quote marks.
    pub(super) is_mid_line: bool,
    quote: String,
}

/// A text up to the first character that does not fit, and what was read of it before that line.
struct Overflow<'a> {
    text: &'a str,
    /// Where the line begins.
    line: usize,
    before: Reading<'a>,
}

/// A cut that was chosen.
struct Found {
    at: usize,
    carry: Carry,
    /// Closes what is open within the line that is cut.
    closing: String,
}

impl<'a> Reading<'a> {
    fn new(text: &'a str, carry: &Carry, surface: Surface) -> Self {
        let mut inline = Inline::default();
        carry.emphasis.chars().for_each(|c| inline.take(c));
        Self {
            text,
            gauge: Gauge::new(surface, carry),
            blocks: carry.blocks.clone(),
            inline,
            seams: Seams::default(),
            is_mid_line: carry.is_mid_line,
            quote: carry.quote.clone(),
        }
    }

    /// Reads until something does not fit.
    fn overflow(mut self) -> Option<Overflow<'a>> {
        let mut at = if self.is_mid_line { 0 } else { leading_blank_lines(self.text) };
        for line in self.text[at..].split_inclusive('\n') {
            let content = line.lines().next().unwrap_or_default();
            let (read, blocks) = self.read(content);
            let mut gauge = self.gauge.clone();
            if let Some(fits_not) = gauge.line(&read, content, &self.blocks) {
                return Some(Overflow { text: &self.text[..at + fits_not], line: at, before: self });
            }
            self.gauge = gauge;
            self.is_mid_line = false;
            let before = std::mem::replace(&mut self.blocks, blocks);
            self.seams.pass(at, &read, before, &self.inline);
            self.follow(&read);
            at += line.len();
        }
        None
    }

    /// What the next line is, and what is open after it. The rest of a line that was cut is neither a
    /// heading nor a fence, whatever it looks like.
    fn read(&self, content: &'a str) -> (Line<'a>, Blocks) {
        let mut blocks = self.blocks.clone();
        if !self.is_mid_line {
            return (blocks.read(content), blocks);
        }
        let line = Line {
            quote: "",
            depth: 0,
            rest: content,
            indent: "",
            body: content.trim(),
            kind: blocks.inner(),
        };
        (line, blocks)
    }

    /// Keeps track of what running text leaves open at the end of a line.
    fn follow(&mut self, line: &Line<'_>) {
        if line.kind != Kind::Prose {
            self.inline = Inline::default();
        }
        if matches!(line.kind, Kind::Prose | Kind::Item) {
            line.text().chars().for_each(|c| self.inline.take(c));
            self.inline.end_line();
        }
    }
}

impl Overflow<'_> {
    fn cut(mut self) -> Found {
        let content = &self.text[self.line..];
        let (mut read, _) = self.before.read(content);
        if read.kind == Kind::Blank {
            read.kind = Kind::Prose; // so far it has quote marks alone, and not even those fit
        }
        let places = Places::within(content, &read, &self.before);
        let blocks = self.before.blocks.clone();
        self.before.seams.pass(self.line, &read, blocks, &self.before.inline);
        let seams = &self.before.seams;

        let half = self.text.len() / 2;
        let in_table = matches!(read.kind, Kind::Row | Kind::Delimiter);
        if let Some(seam) = seams.table().filter(|_| in_table).or_else(|| seams.best_after(half)) {
            return Found::at(seam);
        }
        if let Some(place) = places.best_after(half.saturating_sub(self.line)) {
            return self.within(&read, place);
        }
        let unharmed = places.last(Grade::Character);
        match (seams.last(), unharmed.or(places.last(Grade::Unsafe))) {
            (Some(seam), _) if unharmed.is_none() => Found::at(seam),
            (_, Some(place)) => self.within(&read, place),
            (Some(seam), None) => Found::at(seam),
            (None, None) => self.forced(content, &read),
        }
    }

    /// Cuts the line.
    fn within(&self, line: &Line<'_>, place: &Place) -> Found {
        let is_inside =
            line.kind == Kind::Code || line.kind == Kind::Row && self.before.blocks.table.is_some();
        let blocks = if is_inside { self.before.blocks.clone() } else { Blocks::default() };
        let quote = if self.before.is_mid_line { &self.before.quote } else { line.quote };
        let carry = Carry {
            is_mid_line: true,
            quote: quote.to_owned(),
            emphasis: place.reopening.clone(),
            ..Carry::at_line(blocks)
        };
        Found { at: self.line + place.at, carry, closing: place.closing.clone() }
    }

    /// There is no good place. Something has to stay in this part all the same.
    fn forced(&self, content: &str, line: &Line<'_>) -> Found {
        if let Some(seam) = self.before.seams.latest() {
            return Found::at(seam);
        }
        let begin = text_offset(content, line);
        let mut ends = content.grapheme_indices(true).map(|(at, grapheme)| at + grapheme.len());
        let at = ends.find(|end| *end > begin).unwrap_or(content.len());
        self.within(line, &Place::anywhere(at, content, line))
    }
}

impl Found {
    fn at(seam: &Seam) -> Self {
        Self { at: seam.at, carry: seam.carry.clone(), closing: String::new() }
    }
}
