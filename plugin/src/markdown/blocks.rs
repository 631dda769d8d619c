//! What a line is among the lines before it.

use super::{
    fence::Fence,
    line::{Kind, Line},
};
use std::sync::Arc;

/// The code block or table that lines are in. Cheap to clone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Blocks {
    pub(super) fence: Option<Arc<Fence>>,
    pub(super) table: Option<Arc<Table>>,
    /// The line before, if it may turn out to be the header of a table.
    header: Option<Arc<str>>,
}

/// A table whose header has been read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Table {
    /// Its header and the line below, each with a line end.
    pub(super) header: String,
    /// Inside a quote or a list, where DingTalk shows none.
    pub(super) is_nested: bool,
}

impl Blocks {
    /// Reads the next line, which has no line end.
    pub(super) fn read<'a>(&mut self, text: &'a str) -> Line<'a> {
        let mut line = Line::read(text);
        if let Some(fence) = self.fence.clone().filter(|fence| fence.quote.is_empty() || line.depth > 0) {
            if fence.quote.is_empty() {
                line = Line { quote: "", depth: 0, rest: text, ..line };
            }
            line.kind = if fence.is_closed_by(line.rest) { Kind::Closing } else { Kind::Code };
            if line.kind == Kind::Closing {
                self.fence = None;
            }
            return line;
        }
        self.fence = Fence::opened_by(line.quote, line.indent, line.body).map(Arc::new);
        if self.fence.is_some() {
            (self.table, self.header, line.kind) = (None, None, Kind::Opening);
            return line;
        }
        line.kind = self.in_table(&line);
        line
    }

    /// What the rest of a line is that was cut.
    pub(super) fn inner(&self) -> Kind {
        match (&self.fence, &self.table) {
            (Some(_), _) => Kind::Code,
            (None, Some(_)) => Kind::Row,
            (None, None) => Kind::Prose,
        }
    }

    /// What a line outside of code blocks is, which may begin, continue or end a table.
    fn in_table(&mut self, line: &Line<'_>) -> Kind {
        let has_cells =
            line.body.contains('|') && matches!(line.kind, Kind::Row | Kind::Delimiter | Kind::Prose);
        if !has_cells {
            (self.table, self.header) = (None, None);
            return line.kind;
        }
        if self.table.is_some() {
            return Kind::Row;
        }
        match (line.kind, self.header.take()) {
            (Kind::Delimiter, Some(header)) => {
                let header = format!("{header}\n{}\n", line.body);
                self.table = Some(Arc::new(Table { header, is_nested: line.is_nested() }));
                Kind::Delimiter
            }
            (kind, _) => {
                self.header = Some(line.body.into());
                match kind {
                    Kind::Delimiter if line.body.starts_with('|') => Kind::Row,
                    Kind::Delimiter => Kind::Prose,
                    kind => kind,
                }
            }
        }
    }
}
