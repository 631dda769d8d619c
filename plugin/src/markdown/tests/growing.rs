use super::*;

/// Asserts that no cut moves while a text grows from nothing, one character after the other.
#[track_caller]
pub(super) fn assert_stable(text: &str, surface: Surface) {
    let whole: Vec<Part> = split(text, surface).collect();
    for (end, _) in text.char_indices() {
        let beginning: Vec<Part> = split(&text[..end], surface).collect();
        for (part, later) in beginning.iter().zip(&whole) {
            if part.next.is_some() {
                assert_eq!(part, later, "after {end} bytes");
            }
        }
    }
}

#[test]
fn a_finished_card_stays_as_it_is_while_the_answer_grows() {
    let sections = |n| {
        format!(
            "## Part {n}\n\nSome **strong words** and a [link](https://example.com/{n}).\nA line <br>more.\n\n\
             1. one\n2. two\n   - nested `code`\n\n```rust\nfn f{n}() {{}}\n\n```\n\n| a | b |\n|---|---|\n\
             | {n} | x |\n| y | z |\n\n> said\n> so\n\n"
        )
    };
    let text: String = (0..6).map(sections).collect();
    for limit in [60, 97, 150, 220, 400] {
        assert_stable(&text, card(limit));
        assert_stable(&text, message(limit));
    }
}

#[test]
fn the_next_card_goes_on_from_a_cut_without_the_text_before_it() {
    let text = "One sentence of some words. ".repeat(100);
    let first = part(&text, &Cut::start(), card(500)).unwrap();
    let cut = first.next.unwrap();
    assert_eq!(cut.at, first.source.end);
    let second = part(&text, &cut, card(500)).unwrap();
    assert!(second.text.starts_with("One sentence"));
    assert_eq!(Some(second), split(&text, card(500)).nth(1));
}

#[test]
fn the_last_card_has_no_next_one_while_it_holds_all() {
    let part = part("Hello", &Cut::start(), Surface::CARD).unwrap();
    assert_eq!((part.source, part.next), (0..5, None));
}
