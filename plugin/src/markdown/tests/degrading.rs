use super::*;

#[test]
fn html_becomes_markdown_or_loses_its_tags() {
    for (html, shown) in [
        ("<b>a</b> <em>b</em> <code>c</code>", "**a** *b* `c`"),
        ("see <a href=\"https://example.com\" target=\"_blank\">this</a>", "see [this](https://example.com)"),
        ("<img src=\"https://example.com/a.png\" alt=\"a\"/>", "![a](https://example.com/a.png)"),
        ("<div align=\"center\"><sub>H<sub>2</sub>O</sub></div>", "H2O"),
        ("<details><summary>More</summary>", "**More**"),
        ("<font color=\"#f00\">red</font>", "<font color=\"#f00\">red</font>"),
    ] {
        assert_eq!(shown_in_message(html), shown);
        assert_eq!(shown_on_card(html), shown);
    }
    assert_eq!(shown_on_card("<a atId=user1>Lin</a>"), "<a atId=user1>Lin</a>");
}

#[test]
fn what_stood_behind_a_tag_opens_no_code_block() {
    assert_eq!(shown_in_message("- a<br>```x"), "- a ```x");
    assert_eq!(shown_in_message("> <br/><br>~~~~ b<br>c"), ">  \u{200b}~~~~ b  \n  c");
    for text in ["<div>~~~ x</div>", "<code>`` x</code>", "> <s>~x</s>", "  <p>```</p>", "a\n<p>~~~~\nb"] {
        for surface in [MESSAGE, Surface::CARD] {
            assert_sound(text, surface);
            assert_sound(&text.repeat(30), message(180));
        }
    }
}

#[test]
fn what_only_looks_like_html_stays() {
    for text in
        ["Vec<b> and a < b > c", "if a<i && i>b", "`<b>x</b>`", "<unknown>", "List<u>", "a <- b", "<b"]
    {
        assert_eq!(shown_in_message(text), text);
    }
    let code = "```html\n<b>x</b><br>\n```";
    assert_eq!(shown_in_message(code), code);
}

#[test]
fn boxes_and_notes_are_written_as_characters() {
    assert_eq!(shown_on_card("- [ ] open\n- [x] done"), "- ☐ open\n- ☑ done");
    assert_eq!(shown_on_card("said[^1].\n\n[^1]: by him"), "said[1].\n\n[1] by him");
    assert_eq!(shown_on_card("~~struck~~"), "~~struck~~");
}

#[test]
fn a_table_inside_a_list_or_a_quote_becomes_a_list() {
    assert_eq!(shown_on_card("- t\n  | a | b |\n  |---|---|\n  | 1 | 2 |"), "- t\n  - a | b\n  - 1 | 2");
    assert_eq!(shown_in_message("> | a | b |\n> |---|---|\n> | 1 | 2 |"), "> - a | b\n> - 1 | 2");
}

#[test]
fn a_card_spells_the_numbers_that_it_would_get_wrong() {
    let text = "1. one\n2. two\n   1. nested\n\nThen:\n\n3. three\n4. four\n\n1. again";
    let card = "1. one\n2. two\n   - **1.** nested\n\nThen:\n\n**3.** three<br>**4.** four\n\n**1.** again";
    assert_eq!(shown_on_card(text), card);
    assert_eq!(shown_in_message(text), text);
}

#[test]
fn a_card_has_five_levels_of_headings() {
    assert_eq!(shown_on_card("###### six"), "##### six");
    assert_eq!(shown_in_message("###### six"), "###### six");
}

#[test]
fn a_text_of_nothing_but_tags_is_shown_as_it_is() {
    assert_eq!(shown_on_card("<div></div>"), "<div></div>");
}
