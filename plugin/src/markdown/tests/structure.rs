use super::*;

fn numbered(count: usize, line: impl Fn(usize) -> String) -> String {
    (0..count).map(|n| line(n) + "\n").collect()
}

#[test]
fn a_short_text_is_one_part_and_unchanged() {
    assert_eq!(texts("# Hi\n\n- one\n- two", MESSAGE), ["# Hi\n\n- one\n- two"]);
}

#[test]
fn paragraphs_stay_whole() {
    let paragraph = "word ".repeat(400).trim_end().to_owned();
    assert_eq!(texts(&[paragraph.as_str(); 3].join("\n\n"), MESSAGE), [paragraph.as_str(); 3]);
}

#[test]
fn a_code_block_that_goes_on_is_closed_and_opened_again_with_its_language() {
    let code = "    let x = 1;\n".repeat(700);
    let parts = texts(&format!("Look:\n\n```rust\n{code}```\n\nDone."), MESSAGE);

    assert_eq!(parts.len(), 3);
    assert!(parts[0].starts_with("Look:\n\n```rust\n") && parts[0].ends_with(";\n```"));
    assert!(parts[1].starts_with("```rust\n    let x") && parts[1].ends_with(";\n```"));
    assert!(parts[2].starts_with("```rust\n    let x") && parts[2].ends_with("\n\nDone."));
}

#[test]
fn a_code_block_within_an_item_goes_on_at_the_margin() {
    let code = numbered(90, |n| format!("   x{n}"));
    let parts = texts(&format!("1. Run\n   ```sh\n{code}   ```\n   then\n2. Stop"), message(200));
    assert!(parts[0].ends_with("\n   ```"), "{}", parts[0]);
    assert!(parts[1].starts_with("```sh\nx") && parts[1].ends_with("\n```"), "{}", parts[1]);
    assert!(parts.last().unwrap().ends_with("```\nthen\n2. Stop"), "{parts:#?}");
}

#[test]
fn a_table_is_not_cut_if_a_part_holds_it() {
    let table = format!("| n | text |\n|---|---|\n{}", numbered(8, |n| format!("| {n} | some text |")));
    let text = format!("{}\n\n## Table\n\n{table}", "word ".repeat(10));
    let parts = texts(&text, message(250));
    assert_eq!(parts.len(), 2);
    assert_eq!(parts[1], format!("## Table\n\n{}", table.trim_end()));
}

#[test]
fn a_longer_table_has_its_header_in_every_part() {
    let header = "| n | text |\n|---|---|\n";
    let table = format!("{header}{}", numbered(100, |n| format!("| {n} | some text |")));
    let parts = texts(&table, card(400));
    assert!(parts.len() > 3);
    for part in &parts {
        assert!(part.starts_with(header) && part.ends_with(" |"), "{part}");
    }
    let rows: usize = parts.iter().map(|part| part.lines().count() - 2).sum();
    assert_eq!(rows, 100);
}

#[test]
fn a_table_whose_header_is_too_large_to_repeat_goes_on_as_a_list() {
    let table =
        format!("| {} | b |\n|---|---|\n{}", "a".repeat(150), numbered(30, |n| format!("| {n} | b |")));
    let parts = texts(&table, message(300));
    assert!(parts.len() > 1 && parts[1].starts_with("- "), "{parts:#?}");
    assert!(parts[1].lines().all(|line| line.starts_with("- ") && line.ends_with(" | b")));
}

#[test]
fn what_follows_a_table_is_not_below_its_header() {
    let rows = numbered(12, |n| format!("| {n} | some text |"));
    let text = format!("| n | text |\n|---|---|\n{rows}\n{}", "word ".repeat(60));
    let parts = texts(&text, message(300));
    assert!(parts[1].starts_with("word"), "{parts:#?}");
}

#[test]
fn links_code_and_emphasis_are_not_cut() {
    for piece in
        ["[a long label](https://example.com/a)", "`some code here`", "**very strong words**", "*soft words*"]
    {
        for filler in 30..70 {
            let text = format!("{}{piece} {}", "ab ".repeat(filler / 3), "cd ".repeat(40));
            let parts = texts(&text, message(100));
            assert!(parts.iter().any(|part| part.contains(piece)), "{parts:#?}");
        }
    }
}

#[test]
fn an_emphasis_longer_than_a_part_is_closed_and_opened_again() {
    let parts = texts(&format!("**{}**", "word ".repeat(50).trim_end()), message(100));
    assert!(parts.len() > 2);
    for part in parts {
        assert!(part.starts_with("**word") && part.ends_with("word**"), "{part}");
    }
}

#[test]
fn an_emphasis_over_two_lines_is_not_cut_between_them() {
    let text = format!("{}\n**one\ntwo** {}", "word ".repeat(15).trim_end(), "word ".repeat(15));
    let parts = texts(&text, message(85));
    assert!(parts.iter().any(|part| part.contains("**one  \n  two**")), "{parts:#?}");
}

#[test]
fn no_heading_stands_at_the_end_of_a_part() {
    for words in 1..40 {
        let text = format!("{}\n\n# A\n\n## B\n\n{}", "ab ".repeat(words), "cd ".repeat(60));
        for part in texts(&text, message(120)) {
            assert!(!part.lines().last().unwrap().starts_with('#'), "{part}");
        }
    }
}

#[test]
fn a_list_goes_on_with_its_numbers() {
    let text = numbered(30, |n| format!("{}. item", n + 1));
    let parts = texts(&text, message(150));
    assert!(parts[1].starts_with(|c: char| c.is_ascii_digit()) && !parts[1].starts_with("1. "));
    let parts = texts(&text, card(150));
    assert!(parts[1].starts_with("**"), "{}", parts[1]);
}

#[test]
fn items_that_were_nested_go_on_at_the_margin() {
    let nested = numbered(30, |n| format!("    - item {n}"));
    let parts = texts(&format!("- top\n{nested}- end"), message(150));
    assert!(parts[0].starts_with("- top\n    - item 0"));
    assert!(parts[1].starts_with("- item"), "{}", parts[1]);
    assert!(parts.last().unwrap().ends_with("\n- end"));
}

#[test]
fn a_quote_that_is_cut_goes_on_as_a_quote() {
    for part in texts(&format!("> {}", "word ".repeat(60)), message(100)) {
        assert!(part.starts_with("> word"), "{part}");
    }
    let code = numbered(40, |n| format!("> x{n}"));
    for part in texts(&format!("> ```sh\n{code}> ```"), message(100)) {
        assert!(part.starts_with("> ```sh\n> x") && part.ends_with("\n> ```"), "{part}");
    }
}

#[test]
fn sentences_stay_whole_before_words_do() {
    let parts = texts(&"这是一句话，有一些字。".repeat(20), message(50));
    assert!(parts.iter().all(|part| part.ends_with('。')), "{parts:#?}");
    let parts = texts(&"Some words make a sentence. ".repeat(20), message(100));
    assert!(parts.iter().all(|part| part.ends_with('.')), "{parts:#?}");
}

#[test]
fn a_character_of_several_code_points_is_not_cut() {
    for part in texts(&"👨‍👩‍👧‍👦".repeat(2_000), MESSAGE) {
        assert!(part.starts_with('👨') && part.ends_with('👦'));
    }
}

#[test]
fn what_is_left_of_a_line_of_fence_characters_opens_no_block() {
    let endless = "~".repeat(500);
    for opening in ["~~~", "```", "~~~~ text"] {
        let info = format!("{opening}|{}\nlines\n\nand more", "~x".repeat(300));
        assert_sound(&info, message(200));
        assert_sound(&format!("Look:\n\n{info}"), message(200));
        assert_sound(&format!("~~~\n{}\n{endless}\nbehind", "code\n".repeat(38)), message(200));
        assert_sound(&format!("{opening}\n{endless}\nbehind"), message(200));
    }
}

#[test]
fn a_language_that_begins_like_a_fence_is_told_from_it_where_the_block_goes_on() {
    let text = format!("~~~~ ~~th\n{}~~~~", "code\n".repeat(60));
    assert_sound(&text, message(200));
    assert!(texts(&text, message(200))[1].starts_with("~~~~ ~~th\ncode\n"));
}

#[test]
fn what_is_left_of_a_line_of_code_closes_no_block() {
    for fence in ["~~~", "```", "  ~~~~"] {
        let endless = &fence.trim()[..1].repeat(500);
        for before in ["- ", "code ", "- `", "c\t\t", &" code".repeat(30)] {
            for text in
                [format!("{fence}\n{before}{endless}\nbehind"), format!("> {fence}\n> {before}{endless}")]
            {
                [180, 185, 200].iter().for_each(|room| assert_sound(&text, message(*room)));
            }
        }
    }
}

#[test]
fn running_text_that_begins_like_a_fence_opens_no_block_where_it_is_cut() {
    for fence in ["```", "~~~", "````", &"`".repeat(60)] {
        for filling in ["x", " word", "\u{1}", "字"] {
            let text = format!("{fence}{}`{}", filling.repeat(300), filling.repeat(300));
            [180, 185, 200].iter().for_each(|room| assert_sound(&text, message(*room)));
            assert_sound(&format!("> {text}"), message(190));
        }
    }
}

#[test]
fn code_and_strokes_that_have_just_begun_are_not_closed_at_once() {
    for opening in ["``", "**``", "~~", "`"] {
        for len in 100..200 {
            let text = format!("{}\n{opening} {}{opening}", "a".repeat(len), "word ".repeat(100));
            assert_sound(&text, message(180));
        }
    }
}

#[test]
fn what_was_indented_too_deeply_for_a_fence_opens_no_block_where_that_is_less() {
    for indent in [41, 60] {
        let text = format!("text\n{}```rust\nmore", "\t".repeat(indent));
        assert_sound(&text, message(180));
    }
}
