//! What is open at a cut, and goes on behind it.

use super::{blocks::Blocks, size::Size};

/// What is open where a text was cut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Carry {
    pub(super) blocks: Blocks,
    /// Nothing was cut: this is where the text begins.
    pub(super) is_start: bool,
    /// The cut is within a line.
    pub(super) is_mid_line: bool,
    /// The quote marks of the line that was cut.
    pub(super) quote: String,
    /// What opens the emphasis again in which the cut is.
    pub(super) emphasis: String,
    /// The table's header is too large to stand above every part of it.
    pub(super) is_headless: bool,
}

impl Carry {
    /// Nothing is open where a text begins.
    pub(super) fn start() -> Self {
        Self { is_start: true, ..Self::at_line(Blocks::default()) }
    }

    /// Cut before a line.
    pub(super) fn at_line(blocks: Blocks) -> Self {
        Self {
            blocks,
            is_start: false,
            is_mid_line: false,
            quote: String::new(),
            emphasis: String::new(),
            is_headless: false,
        }
    }

    /// Without the header of a table, if it would take more than `most`.
    pub(super) fn fitted(mut self, most: Size) -> Self {
        let table = self.blocks.table.as_ref();
        self.is_headless = table.is_some_and(|table| !most.holds(Size::of(&table.header)));
        self
    }

    /// What stands at the beginning of the part.
    pub(super) fn opening(&self) -> String {
        let mut opening = String::new();
        if let Some(fence) = &self.blocks.fence {
            opening.push_str(&fence.reopening());
        }
        if let Some(table) = self.repeated_table() {
            opening.push_str(table);
        }
        if self.is_mid_line {
            match self.repeated_table() {
                Some(_) => opening.push_str("| "),
                None => opening.push_str(&self.quote),
            }
            opening.push_str(&self.emphasis);
        } else if self.opens_block() {
            opening.pop(); // the line end before the first line of the part
        }
        opening
    }

    /// Whether the part begins with a line that the source does not have there.
    pub(super) fn opens_block(&self) -> bool {
        self.blocks.fence.is_some() || self.repeated_table().is_some()
    }

    fn repeated_table(&self) -> Option<&str> {
        let table = self.blocks.table.as_ref()?;
        (!table.is_nested && !self.is_headless).then_some(table.header.as_str())
    }
}
