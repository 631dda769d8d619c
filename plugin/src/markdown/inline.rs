//! Where a line of running text can be cut without cutting a link, a piece of code or an emphasis.

/// What is not closed after this many characters is taken for a bracket, and not for a link.
const LONGEST_LABEL: usize = 300;
const LONGEST_TARGET: usize = 2_000;
const LONGEST_TAG: usize = 300;

/// Emphases inside of each other.
const DEEPEST: usize = 4;

/// Whether a text can be cut before a character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cuttable {
    /// Nothing is open.
    Yes,
    /// What is open has to be closed, and opened again behind the cut.
    Reopening,
    No,
}

/// Reads running text, one character after the other.
#[derive(Clone, Debug, Default)]
pub(super) struct Inline {
    open: Vec<Mark>,
    /// A run of markup characters that may not have ended yet.
    run: Option<Mark>,
    before_run: Option<char>,
    previous: Option<char>,
    span: Span,
    is_escaped: bool,
}

/// What opens and closes an emphasis, or a piece of code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Mark {
    char: char,
    len: usize,
    /// Line ends since.
    lines: u8,
}

/// What is never cut, and how much of it was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Span {
    #[default]
    None,
    Label(usize),
    /// Behind a label, where a link's target may begin.
    Labelled,
    Target(usize),
    Tag(usize),
}

impl Inline {
    /// Whether the text can be cut before `c`, the next character.
    pub(super) fn before(&mut self, c: char) -> Cuttable {
        if self.run.is_some_and(|run| run.char == c) {
            return Cuttable::No;
        }
        let after_mark = self.run.is_some();
        self.end_run(Some(c));
        if self.is_escaped || self.span != Span::None && !(self.span == Span::Labelled && c != '(') {
            Cuttable::No
        } else if self.open.is_empty() {
            Cuttable::Yes
        } else if after_mark || is_markup(c) {
            Cuttable::No // would leave an emphasis of nothing
        } else {
            Cuttable::Reopening
        }
    }

    /// Takes the next character.
    pub(super) fn take(&mut self, c: char) {
        if self.run.is_some_and(|run| run.char != c) {
            self.end_run(Some(c));
        }
        let in_code = self.in_code();
        if self.is_escaped {
            self.is_escaped = false;
        } else if c == '\\' && !in_code {
            self.is_escaped = true;
        } else if is_markup(c)
            && (c == '`' || !in_code)
            && !matches!(self.span, Span::Target(_) | Span::Tag(_))
        {
            match &mut self.run {
                Some(run) => run.len += 1,
                None => {
                    self.run = Some(Mark { char: c, len: 1, lines: 0 });
                    self.before_run = self.previous;
                }
            }
        }
        if !in_code {
            self.span = self.span.then(c);
        }
        self.previous = Some(c);
    }

    /// A line ends within the paragraph.
    pub(super) fn end_line(&mut self) {
        self.end_run(None);
        self.open.retain_mut(|mark| {
            mark.lines += 1;
            mark.lines < 3 // longer than that it was no emphasis
        });
        self.is_escaped = false;
        self.previous = None;
        self.span = Span::None;
    }

    /// Whether an emphasis or a piece of code is open.
    pub(super) fn is_open(&self) -> bool {
        !self.open.is_empty()
    }

    /// What opens again what is open.
    pub(super) fn reopening(&self) -> String {
        self.open.iter().flat_map(|mark| std::iter::repeat_n(mark.char, mark.len)).collect()
    }

    /// What closes what is open.
    pub(super) fn closing(&self) -> String {
        self.open.iter().rev().flat_map(|mark| std::iter::repeat_n(mark.char, mark.len)).collect()
    }

    fn in_code(&self) -> bool {
        self.open.last().is_some_and(|mark| mark.char == '`')
    }

    fn end_run(&mut self, next: Option<char>) {
        let Some(run) = self.run.take() else { return };
        let solid = |c: Option<char>| c.is_some_and(|c| !c.is_whitespace());
        let word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        let (before, is_code) = (self.before_run, run.char == '`');
        let in_word = run.char == '_' && word(before) && word(next);
        let known = self.open.iter().rposition(|mark| (mark.char, mark.len) == (run.char, run.len));
        match known {
            Some(at) if is_code || solid(before) && !in_word => return self.open.truncate(at),
            _ if self.in_code() || in_word => return,
            _ => {}
        }
        if run.len == 3 && solid(before) && self.closes_two(run.char) {
            return;
        }
        let opens = match run.char {
            '`' => run.len <= 8,
            '~' => run.len == 2 && solid(next),
            '_' => run.len <= 3 && solid(next) && !word(before),
            _ => run.len <= 3 && solid(next),
        };
        if opens && self.open.len() < DEEPEST {
            self.open.push(run);
        }
    }

    /// Closes `**` and `*` at once.
    fn closes_two(&mut self, char: char) -> bool {
        let [.., outer, inner] = self.open[..] else { return false };
        let both = outer.char == char && inner.char == char && outer.len + inner.len == 3;
        if both {
            self.open.truncate(self.open.len() - 2);
        }
        both
    }
}

impl Span {
    fn then(self, c: char) -> Self {
        match (self, c) {
            (Self::None | Self::Labelled, '[') | (Self::Label(_), '[') => Self::Label(0),
            (Self::Label(_), ']') => Self::Labelled,
            (Self::Labelled, '(') => Self::Target(0),
            (Self::Target(_), ')') | (Self::Tag(_), '>') | (Self::Labelled, _) => Self::None,
            (Self::None, '<') => Self::Tag(0),
            (Self::Tag(0), c) if !c.is_ascii_alphabetic() && c != '/' && c != '!' => Self::None,
            (Self::Label(read), _) if read < LONGEST_LABEL => Self::Label(read + 1),
            (Self::Target(read), _) if read < LONGEST_TARGET => Self::Target(read + 1),
            (Self::Tag(read), _) if read < LONGEST_TAG => Self::Tag(read + 1),
            _ => Self::None,
        }
    }
}

fn is_markup(c: char) -> bool {
    matches!(c, '*' | '_' | '`' | '~')
}
