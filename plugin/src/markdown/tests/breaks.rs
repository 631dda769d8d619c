use super::*;

#[test]
fn a_lone_line_end_becomes_one_that_can_be_seen() {
    assert_eq!(shown_in_message("one\ntwo\n\nthree"), "one  \n  two\n\nthree");
    assert_eq!(shown_on_card("one\ntwo\n\nthree"), "one<br>two\n\nthree");
    assert_eq!(shown_in_message("a  \nb<br>\nc"), "a  \n  b  \n  c");
    assert_eq!(shown_on_card("a<br>\nb"), "a<br>b");
    assert_eq!(shown_on_card("a\r\nb"), "a<br>b");
}

#[test]
fn code_lists_tables_and_headings_keep_their_lines() {
    let text = "# One\ntwo\n\n- a\n- b\n```\nx\ny\n```\n\n| a |\n| - |\n| 1 |\n\n1. one\n2. two";
    assert_eq!(shown_in_message(text), text);
    assert_eq!(shown_on_card(text), text);
}

#[test]
fn what_goes_on_within_an_item_stays_in_it() {
    assert_eq!(shown_in_message("- a\n  more\n- b"), "- a  \n  more\n- b");
    assert_eq!(shown_on_card("- a\n  more\n- b"), "- a<br>more\n- b");
}

#[test]
fn what_follows_a_list_a_quote_or_a_table_at_the_margin_is_no_part_of_it() {
    assert_eq!(shown_on_card("- a\n- b\nDone."), "- a\n- b\n\nDone.");
    assert_eq!(shown_on_card("> a\nDone."), "> a\n\nDone.");
    assert_eq!(shown_on_card("| a |\n|---|\n| 1 |\nDone."), "| a |\n|---|\n| 1 |\n\nDone.");
}

#[test]
fn the_lines_of_a_quote_are_one_quote() {
    assert_eq!(shown_in_message("> one\n> two"), "> one  \n> two");
    assert_eq!(shown_on_card("> one\n> two\n> > deeper"), "> one<br>two\n> > deeper");
}

#[test]
fn a_table_has_a_blank_line_before_it() {
    assert_eq!(shown_in_message("Look:\n| a |\n|---|\n| 1 |"), "Look:\n\n| a |\n|---|\n| 1 |");
}

#[test]
fn a_rule_makes_no_heading_of_the_line_before() {
    assert_eq!(shown_in_message("one\n---\ntwo"), "one\n\n---\ntwo");
    assert_eq!(shown_on_card("one\n---\ntwo"), "one\n\n***\ntwo");
}

#[test]
fn a_growing_text_ends_without_line_ends_and_with_its_code_closed() {
    assert_eq!(shown_on_card("one\n\n"), "one");
    assert_eq!(shown_on_card("```rust\nfn"), "```rust\nfn\n```");
}
