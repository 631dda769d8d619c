//! What is true of every text, however it is cut.

use super::{blocks, size::Size, surface::Dialect, *};

/// Whatever a text is: its parts fit, nothing is lost, and what is shown is shown the same again. Surfaces of
/// hundreds of characters have it cut often; `room` makes them differ.
pub(crate) fn any_text(text: &str, room: u8) {
    let room = 180 + usize::from(room);
    let message = Surface { dialect: Dialect::Message, limit: Size { chars: room, ..Size::UNBOUNDED } };
    let card = Surface { dialect: Dialect::Card, limit: Size { utf8: 2 * room, ..Size::UNBOUNDED } };
    for surface in [message, card, Surface::CARD, Surface::WEBHOOK.or(Surface::ROBOT)] {
        assert_sound(text, surface);
        assert_eq!(letters_of_parts(text, surface), letters(text), "a letter was lost or came twice");
    }
    for surface in [Surface::CARD, Surface::WEBHOOK] {
        let shown = whole(text, surface);
        assert_eq!(whole(&shown, surface), shown, "what is shown is shown otherwise the second time");
    }
    let title = title(text, "answer");
    assert!(!title.trim().is_empty() && !title.contains('\n'), "no title: {title:?}");
}

/// Asserts what is true of the parts of every text.
#[track_caller]
pub(super) fn assert_sound(text: &str, surface: Surface) {
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
pub(super) fn letters(text: &str) -> String {
    text.replace("<br>", "").chars().filter(|c| c.is_alphanumeric()).collect()
}

/// The same of all parts, without what was opened again.
pub(super) fn letters_of_parts(text: &str, surface: Surface) -> String {
    let mut from = Cut::start();
    let mut all = String::new();
    while let Some(part) = part(text, &from, surface) {
        let opening = from.carry.fitted(surface.limit.over(3)).opening();
        all.push_str(&letters(part.text.strip_prefix(&opening).expect("a part opens what it carries on")));
        let Some(next) = part.next else { break };
        from = next;
    }
    all
}
