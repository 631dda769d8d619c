//! What an agent writes, as DingTalk shows it.
//!
//! An agent writes the markdown of the web. DingTalk shows a part of that, on cards another one than in
//! messages, and no more than so much at a time. [`Surface`] says what fits where, [`split`] cuts a text into
//! [`Part`]s that do, and [`cut::part`] tells which part of a text that still grows belongs on the next card.
//! `seam` and `place` judge where it can be cut, `gauge` measures, and `page` writes a part down.

mod blocks;
mod carry;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod claims;
mod cut;
mod degrade;
mod fence;
mod gauge;
mod inline;
mod line;
mod page;
mod place;
mod seam;
mod size;
mod surface;
mod title;

pub(crate) use cut::{Cut, Part, part, split};
pub(crate) use surface::Surface;
pub(crate) use title::title;

use carry::Carry;
use page::Page;

/// All of a text as `surface` shows it, however long.
pub(crate) fn whole(text: &str, surface: Surface) -> String {
    let shown = Page::write(surface.dialect, &Carry::start(), text, "");
    if shown.trim().is_empty() { text.to_owned() } else { shown }
}

#[cfg(test)]
mod tests;
