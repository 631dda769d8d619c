use super::{growing::assert_stable, *};
use proptest::prelude::*;

/// Pieces of which agents make answers, and some that make no sense.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z]{1,9} ".prop_map(String::from),
        "[中文字，。]{1,12}",
        "(\\*\\*|\\*|`|``|_|~~|\\[|\\]|\\(|\\)|<|>|\\\\|\\|){1,3}",
        Just("**strong words** ".to_owned()),
        Just("[label](https://example.com/a) ".to_owned()),
        Just("`code here` ".to_owned()),
        Just("\n".to_owned()),
        Just("\n\n".to_owned()),
        Just("\n# Heading\n".to_owned()),
        Just("\n- item ".to_owned()),
        Just("\n  - nested ".to_owned()),
        (1_u8..20).prop_map(|n| format!("\n{n}. item ")),
        Just("\n> quoted ".to_owned()),
        Just("\n---\n".to_owned()),
        Just("\n```rust\n".to_owned()),
        Just("\n   ```\n".to_owned()),
        Just("\n```\n".to_owned()),
        Just("\n| a | b |\n|---|---|\n".to_owned()),
        Just("\n| one | two |".to_owned()),
        Just("👨‍👩‍👧‍👦é".to_owned()),
    ]
}

fn answer() -> impl Strategy<Value = String> {
    proptest::collection::vec(piece(), 0..120).prop_map(|pieces| pieces.concat())
}

fn surface() -> impl Strategy<Value = Surface> {
    prop_oneof![(180_usize..500).prop_map(message), (180_usize..900).prop_map(card)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))] // each reads its text once for each character
    #[test]
    fn no_cut_moves_while_a_text_grows(text in answer(), surface in surface()) {
        assert_stable(&text, surface);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases / 4, ..ProptestConfig::default() })]
    #[test]
    fn parts_fit_adjoin_and_leave_no_code_open(text in answer(), surface in surface()) {
        assert_sound(&text, surface);
    }

    #[test]
    fn no_letter_is_lost_or_comes_twice(text in answer(), surface in surface()) {
        prop_assert_eq!(letters_of_parts(&text, surface), letters(&text));
    }

    #[test]
    fn what_is_shown_is_shown_the_same_again(text in answer()) {
        for surface in [MESSAGE, Surface::CARD] {
            let shown = whole(&text, surface);
            prop_assert_eq!(&whole(&shown, surface), &shown);
        }
    }

    #[test]
    fn any_text_has_sound_parts(text in "(?s).{0,3000}", surface in surface()) {
        assert_sound(&text, surface);
    }

    #[test]
    fn any_size_of_a_surface_makes_parts(text in answer(), chars in 1_usize..60) {
        prop_assert!(split(&text, message(chars)).count() <= text.len());
    }
}
