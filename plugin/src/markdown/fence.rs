//! Code blocks between fences.

/// A longer run of fence characters, a longer language or a deeper indentation is not worth repeating in
/// every part of a block, so it opens none.
pub(super) const MOST: usize = 40;

/// The line that opened a code block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fence {
    /// The quote marks before it.
    pub(super) quote: String,
    /// The white space before it, behind the quote marks.
    pub(super) indent: String,
    /// The characters that opened the block and will close it.
    pub(super) run: String,
    /// What stands behind them: the language.
    info: String,
}

impl Fence {
    /// The block that a line opens, given in its pieces.
    pub(super) fn opened_by(quote: &str, indent: &str, body: &str) -> Option<Self> {
        let run = run(body);
        let info = body[run.len()..].trim();
        let fits = (3..=MOST).contains(&run.len()) && indent.len() <= MOST && !info.contains('`');
        let info = if info.len() <= MOST { info } else { "" };
        fits.then(|| Self {
            quote: quote.to_owned(),
            indent: indent.to_owned(),
            run: run.to_owned(),
            info: info.to_owned(),
        })
    }

    /// Whether a line ends the block, given without its quote marks.
    pub(super) fn is_closed_by(&self, line: &str) -> bool {
        let line = line.trim();
        run(line).len() == line.len() && line.starts_with(&self.run)
    }

    /// The line that opens the block again where it goes on.
    pub(super) fn reopening(&self) -> String {
        let gap = if self.info.starts_with('~') { " " } else { "" }; // else it would be a longer run
        format!("{}{}{gap}{}\n", self.quote, self.run, self.info)
    }
}

/// The characters at the beginning of `body` that can open or close a block, however many.
pub(super) fn run(body: &str) -> &str {
    let Some(mark) = body.chars().next().filter(|c| matches!(c, '`' | '~')) else { return "" };
    &body[..body.len() - body.trim_start_matches(mark).len()]
}
