//! What one line is, as far as it says so itself.

/// Deeper quotes than this are not told apart.
const DEEPEST: usize = 8;

/// What a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Blank,
    /// Opens a code block.
    Opening,
    Code,
    /// Closes a code block.
    Closing,
    Heading,
    Rule,
    /// The first line of a list item.
    Item,
    /// Of a table, or what looks like it.
    Row,
    /// Between the header of a table and its rows.
    Delimiter,
    Prose,
}

/// A line in its pieces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Line<'a> {
    /// Quote marks, with the white space around them, but for all behind the last mark save one space.
    pub(super) quote: &'a str,
    /// How many quote marks.
    pub(super) depth: usize,
    /// What follows the quote marks.
    pub(super) rest: &'a str,
    /// White space at the beginning of the rest.
    pub(super) indent: &'a str,
    /// The rest without white space on either side.
    pub(super) body: &'a str,
    pub(super) kind: Kind,
}

impl<'a> Line<'a> {
    /// Reads a line by itself, as if no code block and no table were open.
    pub(super) fn read(line: &'a str) -> Self {
        let (quote, depth) = quote(line);
        let rest = &line[quote.len()..];
        let indent = &rest[..rest.len() - rest.trim_start().len()];
        let body = rest.trim();
        Self { quote, depth, rest, indent, body, kind: kind(body) }
    }

    /// Its running text, for a list item without the marker.
    pub(super) fn text(&self) -> &'a str {
        match Marker::of(self.body).filter(|_| self.kind == Kind::Item) {
            Some(marker) => marker.text(self.body),
            None => self.body,
        }
    }

    /// Whether a table that begins here is inside something else, where DingTalk shows none.
    pub(super) fn is_nested(&self) -> bool {
        self.depth > 0 || self.indent.len() >= 2
    }
}

/// The marker of a list item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Marker {
    /// Bytes up to the item's text.
    pub(super) len: usize,
    /// `None` for a bullet.
    pub(super) number: Option<u64>,
}

impl Marker {
    /// The marker that `body` begins with.
    pub(super) fn of(body: &str) -> Option<Self> {
        let mut behind = body.chars();
        if matches!(behind.next()?, '-' | '*' | '+') {
            return matches!(behind.next(), None | Some(' ' | '\t')).then_some(Self { len: 2, number: None });
        }
        let digits = body.len() - body.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let number = body[..digits].parse().ok().filter(|_| digits <= 9)?;
        let behind = body[digits..].strip_prefix(['.', ')'])?;
        behind.starts_with([' ', '\t']).then_some(Self { len: digits + 2, number: Some(number) })
    }

    /// The item's text.
    pub(super) fn text(self, body: &str) -> &str {
        body.get(self.len..).unwrap_or_default().trim_start()
    }
}

fn quote(line: &str) -> (&str, usize) {
    let mut rest = line;
    let mut depth = 0;
    while depth < DEEPEST {
        let unindented = rest.trim_start_matches(' ');
        let Some(behind) = unindented.strip_prefix('>').filter(|_| rest.len() - unindented.len() < 4) else {
            break;
        };
        rest = behind.strip_prefix(' ').unwrap_or(behind);
        depth += 1;
    }
    (&line[..line.len() - rest.len()], depth)
}

fn kind(body: &str) -> Kind {
    if body.is_empty() {
        Kind::Blank
    } else if is_heading(body) {
        Kind::Heading
    } else if is_rule(body) {
        Kind::Rule
    } else if Marker::of(body).is_some() {
        Kind::Item
    } else if body.contains('|') && body.contains('-') && body.chars().all(|c| "|-: \t".contains(c)) {
        Kind::Delimiter
    } else if body.starts_with('|') {
        Kind::Row
    } else {
        Kind::Prose
    }
}

fn is_heading(body: &str) -> bool {
    let behind = body.trim_start_matches('#');
    (1..=6).contains(&(body.len() - behind.len())) && (behind.is_empty() || behind.starts_with([' ', '\t']))
}

fn is_rule(body: &str) -> bool {
    let mark = body.chars().next().filter(|c| matches!(c, '-' | '*' | '_'));
    mark.is_some_and(|mark| {
        body.chars().all(|c| c == mark || c == ' ') && body.chars().filter(|c| *c == mark).count() >= 3
    })
}
