//! A card or message, drawn as a box.

use super::{
    paint::{Paint, Tone},
    wrap::{harmless, width, wrap},
};

/// The widest a box gets; longer lines are hard to read.
const WIDEST: usize = 76;
/// The narrowest, on whatever terminal.
const NARROWEST: usize = 24;

/// A card or message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Bubble {
    /// Whose it is.
    pub(super) title: String,
    /// Where it stands, in words.
    pub(super) state: String,
    /// And as a colour.
    pub(super) tone: Tone,
    /// Markdown.
    pub(super) text: String,
}

impl Bubble {
    /// The box, line by line, for a terminal of so many columns.
    pub(super) fn lines(&self, columns: usize, paint: Paint) -> Vec<String> {
        // A terminal whose last column is used may or may not begin a new line.
        let outer = columns.saturating_sub(1).clamp(NARROWEST, WIDEST);
        let edge = |line: &str| paint.paint(Tone::Quiet, line);
        let mut lines = vec![self.top(outer, paint)];
        for (tone, line) in self.body(outer - 4) {
            let space = " ".repeat((outer - 4).saturating_sub(width(&line)));
            lines.push(format!("{} {}{space} {}", edge("│"), paint.paint(tone, &line), edge("│")));
        }
        lines.push(edge(&format!("╰{}╯", "─".repeat(outer - 2))));
        lines
    }

    /// The edge with the title in it, or with the state alone where there is no room for both.
    fn top(&self, outer: usize, paint: Paint) -> String {
        let room = outer.saturating_sub(width("╭─  ─╮"));
        let title = format!("{} · ", self.title);
        let title = if width(&title) + width(&self.state) <= room { title } else { String::new() };
        let line = "─".repeat((room + 1).saturating_sub(width(&title) + width(&self.state)));
        format!(
            "{} {}{} {}",
            paint.paint(Tone::Quiet, "╭─"),
            paint.paint(Tone::Name, &title),
            paint.paint(self.tone, &self.state),
            paint.paint(Tone::Quiet, &format!("{line}╮")),
        )
    }

    /// The wrapped text, program text told apart.
    fn body(&self, columns: usize) -> Vec<(Tone, String)> {
        let mut in_code = false;
        let mut body = Vec::new();
        for line in harmless(&self.text).lines() {
            let fence = line.trim_start().starts_with("```");
            let tone = match (fence, in_code) {
                (true, _) => Tone::Quiet,
                (false, true) => Tone::Code,
                (false, false) => Tone::Plain,
            };
            in_code ^= fence;
            if tone == Tone::Plain {
                body.extend(broken(line).flat_map(|line| wrap_item(line, columns)).map(|line| (tone, line)));
            } else {
                body.extend(wrap(line, columns).into_iter().map(|line| (tone, line)));
            }
        }
        if body.is_empty() {
            body.push((Tone::Plain, String::new()));
        }
        body
    }
}

/// The lines of a card's line: a break is written as a tag there (DingTalk protocol, §8.9).
fn broken(line: &str) -> impl Iterator<Item = &str> {
    const BREAK: &str = "<br>";
    line.strip_suffix(BREAK).unwrap_or(line).split(BREAK)
}

/// Breaks a line so that what follows stands below the text of a list item, not below its mark.
fn wrap_item(line: &str, columns: usize) -> Vec<String> {
    let (mark, text) = line.split_at(mark_length(line));
    let indent = width(mark);
    if indent * 2 > columns {
        return wrap(line, columns);
    }
    let mut lines = wrap(text, columns - indent);
    for (index, line) in lines.iter_mut().enumerate() {
        let before = if index == 0 { mark.to_owned() } else { " ".repeat(indent) };
        line.insert_str(0, &before);
    }
    lines
}

/// How many bytes of a line are its indent and the `- `, `> ` or `1. ` of a list or quote.
fn mark_length(line: &str) -> usize {
    let text = line.trim_start();
    let digits = text.len() - text.trim_start_matches(|digit: char| digit.is_ascii_digit()).len();
    let marks: &[&str] = if digits > 0 { &[". ", ") "] } else { &["- ", "* ", "> "] };
    let mark =
        marks.iter().find(|mark| text[digits..].starts_with(**mark)).map_or(0, |mark| digits + mark.len());
    line.len() - text.len() + mark
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bubble(text: &str) -> Bubble {
        Bubble {
            title: "OpenClaw".into(),
            state: "输入中 streaming".into(),
            tone: Tone::Busy,
            text: text.into(),
        }
    }

    #[test]
    fn a_box_closes_around_text_of_any_width() {
        let drawn = bubble("你好，Lin！\n\n- a list item").lines(41, Paint::OFF);
        let expected = [
            "╭─ OpenClaw · 输入中 streaming ────────╮",
            "│ 你好，Lin！                          │",
            "│                                      │",
            "│ - a list item                        │",
            "╰──────────────────────────────────────╯",
        ];
        assert_eq!(drawn, expected);
    }

    #[test]
    fn every_line_of_a_box_is_equally_wide() {
        for columns in [10, 30, 80, 200] {
            let text = "你好 👋 `code`\n\n```rust\nfn main() { println!(\"一二三四五六七八九十\"); }\n```";
            let drawn = bubble(text).lines(columns, Paint::OFF);
            let widths: Vec<usize> = drawn.iter().map(|line| width(line)).collect();
            assert!(widths.windows(2).all(|pair| pair[0] == pair[1]), "{columns} {drawn:#?}");
        }
    }

    #[test]
    fn a_break_in_a_line_of_prose_is_seen_and_one_in_program_text_is_text() {
        let bubble = bubble("one<br>two<br>\n```\na<br>b\n```");
        let lines: Vec<_> = bubble.body(40).into_iter().map(|(_, line)| line).collect();
        assert_eq!(lines, ["one", "two", "```", "a<br>b", "```"]);
    }

    #[test]
    fn a_list_item_hangs_from_its_mark() {
        let drawn = bubble("1. one two three four five").lines(26, Paint::OFF);
        assert_eq!(
            drawn[1..4],
            ["│ 1. one two three four │", "│    five               │", "╰───────────────────────╯"]
        );
    }

    #[test]
    fn program_text_is_told_apart_by_colour_alone() {
        let drawn = bubble("a\n```\nlet x\n```\nb").lines(40, Paint::ON);
        assert!(drawn[3].contains("\x1b[36mlet x\x1b[0m"), "{drawn:#?}");
        assert!(drawn[5].contains(" b "), "{drawn:#?}");
    }
}
