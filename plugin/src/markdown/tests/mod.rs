use super::{claims::assert_sound, size::Size, surface::Dialect, *};

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

/// Letters and digits of a text, but for what is not the author's.
fn letters(text: &str) -> String {
    text.replace("<br>", "").chars().filter(|c| c.is_alphanumeric()).collect()
}

/// The same of all parts, without what was opened again.
fn letters_of_parts(text: &str, surface: Surface) -> String {
    let mut from = Cut::start();
    let mut all = String::new();
    while let Some(part) = part(text, &from, surface) {
        let opening = from.carry.fitted(surface.limit.over(3)).opening();
        all.push_str(&letters(part.text.strip_prefix(&opening).unwrap()));
        let Some(next) = part.next else { break };
        from = next;
    }
    all
}
