//! What is true of every text, however it is cut.

use super::{blocks, size::Size, surface::Dialect, *};

/// Whatever a text is: its parts fit, adjoin, reach to its end and leave no code open, and it has a title.
/// Surfaces of hundreds of characters have it cut often; `room` makes them differ.
pub(crate) fn any_text(text: &str, room: u8) {
    let room = 180 + usize::from(room);
    let message = Surface { dialect: Dialect::Message, limit: Size { chars: room, ..Size::UNBOUNDED } };
    let card = Surface { dialect: Dialect::Card, limit: Size { utf8: 2 * room, ..Size::UNBOUNDED } };
    for surface in [message, card, Surface::CARD, Surface::WEBHOOK.or(Surface::ROBOT)] {
        assert_sound(text, surface);
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
        let size = Size::of(&part.text);
        assert!(surface.limit.holds(size), "{size:?} in {surface:?}: {:?}", part.text);
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
