//! How much room a text takes while it is read.

use super::{
    blocks::Blocks,
    carry::Carry,
    fence,
    line::{Kind, Line, Marker},
    page::MOST_INDENT,
    place::NO_BLOCK,
    size::Size,
    surface::{Dialect, Surface},
};

const LINE_END: Size = Size { chars: 1, utf8: 1, in_json: 2, in_json_twice: 3 };

/// The longest that may stand between two lines, be it a line break that can be seen or a blank line.
const fn most_between_lines(dialect: Dialect) -> Size {
    match dialect {
        Dialect::Message => Size { chars: 5, utf8: 5, in_json: 6, in_json_twice: 7 },
        Dialect::Card => Size { chars: 4, utf8: 4, in_json: 4, in_json_twice: 6 },
    }
}

/// Measures a text one character after the other, never too short: what is measured of its beginning says
/// what that takes whatever follows. White space counts once something follows it.
#[derive(Clone, Debug)]
pub(super) struct Gauge {
    limit: Size,
    dialect: Dialect,
    is_headless: bool,
    begins: bool,
    /// All that was read.
    read: Size,
    /// Up to the last character that was not white space.
    solid: Size,
    /// For closing the code block that is open.
    reserve: Size,
    line: Expected,
}

/// What is known of a line before its characters are measured. Offsets are in bytes of the line.
#[derive(Clone, Debug, Default)]
struct Expected {
    is_code: bool,
    has_cells: bool,
    /// White space that is not shown.
    unseen: std::ops::Range<usize>,
    /// Behind the marker of a numbered item, which may have to be spelt.
    number: Option<usize>,
    /// The run of fence characters that may open a code block.
    run: std::ops::Range<usize>,
}

impl Gauge {
    pub(super) fn new(surface: Surface, carry: &Carry) -> Self {
        let opening = Size::of(&carry.opening());
        Self {
            limit: surface.limit,
            dialect: surface.dialect,
            is_headless: carry.is_headless,
            begins: carry.is_mid_line || !carry.opens_block(),
            read: opening,
            solid: opening,
            reserve: Size::default(),
            line: Expected::default(),
        }
    }

    /// Measures a line; answers with where the first character ends that does not fit.
    pub(super) fn line(&mut self, line: &Line<'_>, content: &str, before: &Blocks) -> Option<usize> {
        self.begin_line(line, content, before);
        content.char_indices().find_map(|(at, c)| {
            self.take(at, c);
            (!c.is_whitespace() && !self.fits("")).then_some(at + c.len_utf8())
        })
    }

    /// What follows is a new line. `before`: what was open before it.
    pub(super) fn begin_line(&mut self, line: &Line<'_>, content: &str, before: &Blocks) {
        let is_code = matches!(line.kind, Kind::Code | Kind::Closing);
        if !std::mem::take(&mut self.begins) {
            let is_plain = is_code || line.kind == Kind::Blank;
            self.read = self.read + if is_plain { LINE_END } else { most_between_lines(self.dialect) };
        }
        self.reserve = match &before.fence {
            Some(fence) if is_code => [&fence.quote, &fence.indent, &fence.run]
                .into_iter()
                .fold(LINE_END, |size, piece| size + Size::of(piece)),
            _ => Size::default(),
        };
        let indent = content.len() - line.rest.len();
        let body = indent + line.indent.len();
        let run = fence::run(line.body).len();
        if run >= 3 && !is_code && line.kind != Kind::Opening {
            self.read = self.read + Size::of(NO_BLOCK); // where it would open a code block otherwise
        }
        let marker = Marker::of(line.body).filter(|marker| marker.number.is_some() && !is_code);
        self.line = Expected {
            is_code,
            has_cells: !is_code && (line.is_nested() || self.is_headless),
            unseen: if is_code { 0..0 } else { body.min(indent + MOST_INDENT)..body },
            number: marker.filter(|_| self.dialect == Dialect::Card).map(|marker| body + marker.len - 1),
            run: if !is_code && run >= 3 { body..body + run } else { 0..0 },
        };
    }

    /// Measures the next character of the line.
    pub(super) fn take(&mut self, at: usize, c: char) {
        if self.line.unseen.contains(&at) {
            return;
        }
        let more = match c {
            '<' if !self.line.is_code => 3,
            '|' if self.line.has_cells => 4,
            _ if self.line.number == Some(at) => 6,
            _ => 0,
        };
        self.read = self.read + Size::of_char(c) + Size::ascii(more);
        if self.line.run.contains(&at) {
            self.reserve = self.closing_run(at);
        }
        if !c.is_whitespace() {
            self.solid = self.read;
        }
    }

    /// Whether what was read fits, and `closing` after it.
    pub(super) fn fits(&self, closing: &str) -> bool {
        self.limit.holds(self.solid + self.reserve + Size::of(closing))
    }

    /// For closing a code block, if the run of characters up to `at` opens one.
    fn closing_run(&self, at: usize) -> Size {
        let len = at + 1 - self.line.run.start;
        if len < 3 {
            Size::default()
        } else {
            LINE_END + Size::ascii(self.line.run.start + len.min(fence::MOST))
        }
    }
}
