use super::{
    claims::{assert_sound, letters, letters_of_parts},
    size::Size,
    surface::Dialect,
    *,
};

mod breaks;
mod degrading;
mod growing;
mod limits;
mod losslessness;
mod structure;
mod titles;

const MESSAGE: Surface = Surface::WEBHOOK.or(Surface::ROBOT);

/// A surface that holds so many characters.
fn message(chars: usize) -> Surface {
    Surface { dialect: Dialect::Message, limit: Size { chars, ..Size::UNBOUNDED } }
}

fn card(utf8: usize) -> Surface {
    Surface { dialect: Dialect::Card, limit: Size { utf8, ..Size::UNBOUNDED } }
}

fn texts(text: &str, surface: Surface) -> Vec<String> {
    split(text, surface).map(|part| part.text).collect()
}

fn shown_in_message(text: &str) -> String {
    whole(text, MESSAGE)
}

fn shown_on_card(text: &str) -> String {
    whole(text, Surface::CARD)
}
