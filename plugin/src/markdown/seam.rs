//! Places between two lines where a text may be cut.

use super::{
    blocks::Blocks,
    carry::Carry,
    inline::Inline,
    line::{Kind, Line},
};

/// A place before a line.
#[derive(Clone, Debug)]
pub(super) struct Seam {
    pub(super) at: usize,
    pub(super) carry: Carry,
}

/// The last place of each kind, best first.
#[derive(Debug, Default)]
pub(super) struct Seams {
    /// Between sections, or paragraphs.
    section: Option<Seam>,
    /// Between the items of a list, or the paragraphs of something that is nested.
    item: Option<Seam>,
    /// Between the lines of a paragraph.
    line: Option<Seam>,
    /// Between the lines of a code block, or the rows of a table.
    inside: Option<Seam>,

    /// Before the table that was begun last, and its headings.
    table: Option<Seam>,
    /// Before the headings that were read last.
    heading: Option<Seam>,
    /// Before the line that was read last.
    latest: Option<Seam>,
    /// The last line that was not blank.
    previous: Option<Kind>,
    after_blank: bool,
    /// Rows in sequence.
    rows: usize,
}

/// How well a text is cut before a line.
#[derive(Clone, Copy, PartialEq)]
enum Grade {
    Section,
    Item,
    Line,
    Inside,
    Never,
}

impl Seams {
    /// Takes the next line, which begins at `at`. `before`: what was open before it; `inline`: whether an
    /// emphasis was.
    pub(super) fn pass(&mut self, at: usize, line: &Line<'_>, before: Blocks, inline: &Inline) {
        if line.kind == Kind::Blank {
            self.after_blank = true;
            return;
        }
        let begins_table =
            line.kind == Kind::Row && before.table.is_none() && self.rows == 0 && !line.is_nested();
        let grade = self.grade(line, &before, inline);
        let goes_on = match line.kind {
            Kind::Code | Kind::Closing => true,
            Kind::Row => before.table.is_some(),
            _ => false,
        };
        let blocks = if goes_on { before } else { Blocks::default() };
        let seam = self.previous.map(|_| Seam { at, carry: Carry::at_line(blocks) });

        let after_heading = self.previous == Some(Kind::Heading);
        if begins_table {
            self.table = if after_heading { self.heading.clone() } else { seam.clone() };
        } else if line.kind == Kind::Delimiter && self.previous == Some(Kind::Prose) {
            self.table = self.latest.clone(); // a header without a bar at its beginning
        }
        if line.kind == Kind::Heading && !after_heading {
            self.heading = seam.clone();
        }
        self.latest = seam.clone();
        self.keep(grade, seam);
        self.previous = Some(line.kind);
        self.after_blank = false;
        self.rows = if line.kind == Kind::Row { self.rows + 1 } else { 0 };
    }

    /// Before the table that was begun last.
    pub(super) fn table(&self) -> Option<&Seam> {
        self.table.as_ref()
    }

    /// Before the last line.
    pub(super) fn latest(&self) -> Option<&Seam> {
        self.latest.as_ref()
    }

    /// The best place behind `half`.
    pub(super) fn best_after(&self, half: usize) -> Option<&Seam> {
        self.all().find(|seam| seam.at > half)
    }

    /// The last place of all.
    pub(super) fn last(&self) -> Option<&Seam> {
        self.all().max_by_key(|seam| seam.at)
    }

    fn all(&self) -> impl Iterator<Item = &Seam> {
        [&self.section, &self.item, &self.line, &self.inside].into_iter().flatten()
    }

    fn keep(&mut self, grade: Grade, seam: Option<Seam>) {
        let Some(seam) = seam else { return };
        match grade {
            Grade::Section => self.section = Some(seam),
            Grade::Item => self.item = Some(seam),
            Grade::Line => self.line = Some(seam),
            Grade::Inside => self.inside = Some(seam),
            Grade::Never => {}
        }
    }

    fn grade(&self, line: &Line<'_>, before: &Blocks, inline: &Inline) -> Grade {
        let is_nested = line.depth > 0 || !line.indent.is_empty();
        match (self.previous, line.kind) {
            (Some(Kind::Heading | Kind::Opening | Kind::Delimiter), _) => Grade::Never,
            (_, Kind::Closing | Kind::Delimiter) => Grade::Never,
            (_, Kind::Code) => Grade::Inside,
            (_, Kind::Row) if before.table.is_some() => Grade::Inside,
            (_, Kind::Row) if self.rows == 1 => Grade::Never, // it may yet turn out to be below a header
            (_, Kind::Heading | Kind::Rule) => Grade::Section,
            (_, Kind::Item) => Grade::Item,
            _ if self.after_blank && !is_nested => Grade::Section,
            _ if self.after_blank => Grade::Item,
            _ if inline.is_open() => Grade::Never,
            _ => Grade::Line,
        }
    }
}
