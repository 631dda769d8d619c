use super::*;
use proptest::prelude::*;

/// The text without white space and code fences: what must survive splitting.
fn essence(text: &str) -> String {
    let lines = text.lines().filter(|line| Fence::opened_by(line).is_none());
    lines.flat_map(str::chars).filter(|c| !c.is_whitespace()).collect()
}

#[track_caller]
fn assert_parts_are_sound(text: &str) {
    let parts = split(text);
    for part in &parts {
        assert!(Size::LIMIT.holds(Size::of(part)), "a part of {:?}", Size::of(part));
        assert!(!part.trim().is_empty(), "an empty part");
        assert_eq!(fence_after(part, None), fence_after(part, None).filter(|_| parts.last() == Some(part)));
    }
    assert_eq!(essence(&parts.join("\n")), essence(text));
}

#[test]
fn a_short_text_is_one_part_and_unchanged() {
    assert_eq!(split("# Hi\n\n- one\n- two"), ["# Hi\n\n- one\n- two"]);
    assert_eq!(split(" \n "), Vec::<String>::new());
}

#[test]
fn paragraphs_stay_whole() {
    let paragraph = "word ".repeat(400).trim_end().to_owned();
    let parts = split(&[paragraph.as_str(); 3].join("\n\n"));
    assert_eq!(parts, [paragraph.as_str(); 3]);
}

#[test]
fn a_code_block_that_goes_on_is_closed_and_opened_again_with_its_language() {
    let code = "    let x = 1;\n".repeat(700);
    let parts = split(&format!("Look:\n\n```rust\n{code}```\n\nDone."));

    assert_eq!(parts.len(), 3);
    assert!(parts[0].starts_with("Look:\n\n```rust\n") && parts[0].ends_with(";\n```"));
    assert!(parts[1].starts_with("```rust\n    let x") && parts[1].ends_with(";\n```"));
    assert!(parts[2].starts_with("```rust\n    let x") && parts[2].ends_with("\n\nDone."));
}

#[test]
fn a_character_of_several_code_points_is_not_cut() {
    let family = "👨‍👩‍👧‍👦";
    for part in split(&family.repeat(2_000)) {
        assert!(part.starts_with('👨') && part.ends_with('👦'));
    }
}

#[test]
fn text_that_swells_when_escaped_gets_smaller_parts() {
    let parts = split(&"\"".repeat(PART_CHARS * 2));
    assert!(parts.iter().all(|part| Size::of(part).bytes <= PART_BYTES));
    let parts = split(&"\u{1}".repeat(PART_CHARS));
    assert_eq!(parts.len(), 2);
}

#[test]
fn the_title_is_the_first_line_with_words_in_it() {
    assert_eq!(title("\n---\n## **Build** of `main`\n\nfailed", "…"), "Build of main");
    assert_eq!(title("![logo](@lAD) see [the log](https://example.com)", "…"), "logo see the log");
    assert_eq!(title("- <font color=red>今天</font>很好", "…"), "今天很好");
    assert_eq!(title("```rust\nfn main() {}\n```", "…"), "fn main() {}");
    assert_eq!(title("***", "Reply"), "Reply");
    assert_eq!(title("snake_case_name stays", "…"), "snake_case_name stays");
}

#[test]
fn a_long_title_is_cut_between_characters() {
    let title = title(&"é👩‍🚀".repeat(100), "…");
    assert!(title.chars().count() <= TITLE_CHARS && title.ends_with("👩‍🚀…") | title.ends_with("é…"));
}

#[test]
fn only_prose_gets_visible_line_breaks() {
    let text = "one\ntwo\n\n- a\n- b\n```\nx\ny\n```\n| a |\n| - |\nthree\n2. four\n2 is prose\n";
    assert_eq!(
        with_line_breaks(text),
        "one  \ntwo\n\n- a\n- b\n```\nx\ny\n```\n| a |\n| - |\nthree\n2. four\n2 is prose\n"
    );
    assert_eq!(with_line_breaks("a\nb  \nc"), "a  \nb  \nc");
}

proptest! {
    #[test]
    fn any_prose_survives_splitting(text in "([a-zA-Z0-9é中👍\"\\\\ ]{0,90}\n{0,2}){0,300}") {
        assert_parts_are_sound(&text);
    }

    #[test]
    fn code_blocks_survive_splitting(blocks in proptest::collection::vec((any::<bool>(), "[a-z]{0,6}", 0_usize..150), 0..12)) {
        let text: String = blocks
            .into_iter()
            .map(|(code, word, lines)| {
                let body = format!("{word} = {word};\n").repeat(lines);
                if code { format!("```{word}\n{body}```\n") } else { format!("{body}\n") }
            })
            .collect();
        assert_parts_are_sound(&text);
    }

    #[test]
    fn no_text_breaks_a_title_or_a_part(text in ".{0,5000}", otherwise in ".{0,100}") {
        prop_assert!(title(&text, &otherwise).chars().count() <= TITLE_CHARS);
        for part in split(&text) {
            prop_assert!(Size::LIMIT.holds(Size::of(&part)));
        }
        with_line_breaks(&text);
    }
}
