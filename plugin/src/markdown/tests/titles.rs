use super::*;
use proptest::prelude::*;

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
    assert!(title.chars().count() <= 64 && title.ends_with("👩‍🚀…") | title.ends_with("é…"));
}

#[test]
fn a_line_without_end_does_not_make_a_title_slow() {
    assert_eq!(title(&"[".repeat(1 << 20), "…").chars().count(), 1);
}

proptest! {
    #[test]
    fn no_title_is_too_long(text in ".{0,3000}", otherwise in ".{0,100}") {
        prop_assert!(title(&text, &otherwise).chars().count() <= 64);
    }
}
