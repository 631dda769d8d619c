use super::*;

/// How many parts a text makes whose length is the limit, and one less, and one more.
#[track_caller]
fn around(limit: usize, surface: Surface, text: impl Fn(usize) -> String) -> [usize; 3] {
    [limit - 1, limit, limit + 1].map(|len| {
        let text = text(len);
        assert_sound(&text, surface);
        split(&text, surface).count()
    })
}

#[test]
fn a_part_is_full_at_its_limit_and_not_before() {
    assert_eq!(around(3_800, Surface::WEBHOOK, |len| "a".repeat(len)), [1, 1, 2]);
    assert_eq!(around(3_800, Surface::ROBOT, |len| "好".repeat(len)), [1, 1, 2]);
    assert_eq!(around(8_800, Surface::CARD, |len| "a".repeat(len)), [1, 1, 2]);
    assert_eq!(around(8_800 / 3, Surface::CARD, |len| "好".repeat(len)), [1, 1, 2]);
    assert_eq!(around(8_800 / 4, Surface::CARD, |len| "👍".repeat(len)), [1, 1, 2]);
}

#[test]
fn each_surface_counts_in_its_own_way() {
    let quotes = |len| "\"".repeat(len);
    assert_eq!(around(8_800, Surface::CARD, quotes), [1, 1, 2], "as it is");
    assert_eq!(around(14_000 / 4, Surface::ROBOT, quotes), [1, 1, 2], "escaped twice");
    let control = |len| "\u{1}".repeat(len);
    assert_eq!(around(18_000 / 6, Surface::WEBHOOK, control), [1, 1, 2], "escaped once");
    assert_eq!(around(14_000 / 7, MESSAGE, control), [1, 1, 2], "the narrower of both");
}

#[test]
fn line_breaks_and_fences_count_as_they_are_shown() {
    let lines = |len| format!("{}\nb", "a".repeat(len - 1 - "  \n  ".len()));
    assert_eq!(around(3_800, MESSAGE, lines), [1, 1, 2]);
    let lines = |len| format!("{}\nb", "a".repeat(len - 1 - "<br>".len()));
    assert_eq!(around(8_800, Surface::CARD, lines), [1, 1, 2]);
    let code = |len| format!("```\n{}", "a".repeat(len - "```\n\n```".len()));
    assert_eq!(around(3_800, MESSAGE, code), [1, 1, 2], "with the fence that closes it");
}

#[test]
fn white_space_at_the_end_takes_no_room() {
    let text = "a".repeat(3_800) + "   \n\n\n   ";
    assert_eq!(texts(&text, MESSAGE), ["a".repeat(3_800)]);
    assert!(texts(" \n\t\n ", MESSAGE).is_empty());
}

#[test]
fn white_space_at_the_end_of_a_link_that_is_cut_takes_no_room_either() {
    for len in 100..200 {
        let text = format!("<a href=\"x\">{}{}b", "a".repeat(len), "\u{b}".repeat(100));
        assert_sound(&text, message(180));
    }
}

#[test]
fn a_long_text_takes_no_more_work_than_its_parts() {
    let repeated = |len: usize, piece: &str| piece.repeat(len / piece.len());
    let long = |piece: &str| repeated(1 << 17, piece);
    let texts = [
        repeated(1 << 20, "a"),
        long("[x](y) "),
        long("["),
        long("**a"),
        long("`a ``b "),
        long("<b> <a href=\"x\" "),
        long("- item\n"),
        long("> > quote\n\n"),
        long("| a | b |\n"),
        long("| a | b |\n|---|---|\n| 1 | 2 |\n\ntext\n"),
        long("# heading\n"),
        long("```\n") + "x",
        long("\n") + "x",
        long("line\n"),
    ];
    for text in texts {
        // A part is made by reading no more than the surface can hold, a fixed number of times.
        let most = 8 * text.len() / MESSAGE.limit.most_bytes();
        let parts = split(&text, MESSAGE).count();
        assert!(parts <= most, "{parts} parts of {:?}", &text[..20]);
    }
}

#[test]
fn line_ends_that_are_not_shown_make_no_part_too_long() {
    for end in ["\r\n", "\r\r\r\r\n"] {
        for text in
            [format!("```\n{}```", format!("x{end}").repeat(9_000)), format!("word{end}").repeat(9_000)]
        {
            for surface in [MESSAGE, Surface::CARD, message(180)] {
                assert_sound(&text, surface);
            }
        }
    }
}

#[test]
fn quote_marks_that_do_not_fit_begin_the_next_part() {
    for len in 170..180 {
        let text = format!("{}\n>{}\n> quoted", "a".repeat(len), "b".repeat(400));
        assert_sound(&text, message(180));
        assert_sound(&format!("{}{text}", "c".repeat(180)), message(180));
    }
}
