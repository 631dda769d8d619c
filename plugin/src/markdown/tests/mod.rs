use super::{size::Size, surface::Dialect, *};

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

/// Asserts what is true of the parts of every text.
#[track_caller]
fn assert_sound(text: &str, surface: Surface) {
    let parts: Vec<Part> = split(text, surface).collect();
    let mut end = 0;
    for part in &parts {
        assert!(surface.limit.holds(Size::of(&part.text)), "{:?} in {surface:?}", Size::of(&part.text));
        assert!(!part.text.trim().is_empty(), "an empty part");
        let mut blocks = blocks::Blocks::default();
        for line in part.text.lines() {
            blocks.read(line);
        }
        assert_eq!(blocks.fence, None, "an open code block in {:?}", part.text);
        assert_eq!(part.source.start, end, "parts adjoin");
        end = part.source.end;
    }
    assert!(text[end..].trim().is_empty(), "the end of the text is missing");
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
