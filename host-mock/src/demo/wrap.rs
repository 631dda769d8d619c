//! Text in columns: how wide it is on a terminal, and where its lines break.

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// Columns that a text takes. Chinese characters take two.
pub(super) fn width(text: &str) -> usize {
    text.width()
}

/// Makes foreign text harmless: what is neither text nor a line break could move the cursor.
pub(super) fn harmless(text: &str) -> String {
    let shown = |character: char| match character {
        '\n' => '\n',
        '\t' => ' ',
        other if other.is_control() => '\u{fffd}',
        other => other,
    };
    text.replace("\r\n", "\n").chars().map(shown).collect()
}

/// Breaks one line into lines of at most `columns`, between words where that is possible.
pub(super) fn wrap(line: &str, columns: usize) -> Vec<String> {
    let mut lines = Lines { done: Vec::new(), current: String::new(), used: 0, columns: columns.max(2) };
    words(line).for_each(|word| lines.word(word));
    lines.done.push(lines.current);
    lines.done
}

/// The end of a text that fits into `columns`, on one line.
pub(super) fn tail(text: &str, columns: usize) -> String {
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if width(&flat) <= columns {
        return flat;
    }
    let mut kept = Vec::new();
    let mut used = width("…");
    for grapheme in flat.graphemes(true).rev() {
        used += width(grapheme);
        if used > columns {
            break;
        }
        kept.push(grapheme);
    }
    kept.reverse();
    format!("…{}", kept.concat())
}

/// What may stand at the begin of a line: words, spaces, Chinese characters, each with the
/// punctuation that closes it.
fn words(line: &str) -> impl Iterator<Item = &str> {
    let mut begins: Vec<usize> = Vec::new();
    for (index, word) in line.split_word_bound_indices() {
        let closes = word.chars().all(|character| CLOSING.contains(character));
        if !closes || line[..index].chars().next_back().is_none_or(char::is_whitespace) {
            begins.push(index);
        }
    }
    let ends = begins.clone().into_iter().skip(1).chain([line.len()]);
    begins.into_iter().zip(ends).map(|(begin, end)| &line[begin..end])
}

/// Punctuation that does not begin a line.
const CLOSING: &str = ".,;:!?)]}”’，。；：！？、）】》」』…";

struct Lines {
    done: Vec<String>,
    current: String,
    used: usize,
    columns: usize,
}

impl Lines {
    fn word(&mut self, word: &str) {
        let fits = self.used + width(word) <= self.columns;
        if !fits && word.trim().is_empty() {
            return self.end(); // the line break stands for the space
        }
        if !fits && self.used > 0 {
            self.end();
        }
        for grapheme in word.graphemes(true) {
            if self.used + width(grapheme) > self.columns {
                self.end();
            }
            self.current.push_str(grapheme);
            self.used += width(grapheme);
        }
    }

    fn end(&mut self) {
        let line = std::mem::take(&mut self.current);
        self.done.push(line.trim_end().to_owned());
        self.used = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_between_words_and_between_chinese_characters() {
        assert_eq!(wrap("one two three", 8), ["one two", "three"]);
        assert_eq!(wrap("你好世界", 5), ["你好", "世界"]);
        assert_eq!(wrap("abc 你好", 6), ["abc 你", "好"]);
    }

    #[test]
    fn no_line_begins_with_the_punctuation_that_ends_a_sentence() {
        assert_eq!(wrap("it grows.", 8), ["it", "grows."]);
        assert_eq!(wrap("你好，世界。", 10), ["你好，世", "界。"]);
    }

    #[test]
    fn a_word_that_fits_nowhere_is_broken() {
        assert_eq!(wrap("abcdefgh", 3), ["abc", "def", "gh"]);
    }

    #[test]
    fn an_indent_is_kept_and_an_empty_line_is_a_line() {
        assert_eq!(wrap("    let x", 20), ["    let x"]);
        assert_eq!(wrap("", 20), [""]);
    }

    #[test]
    fn no_line_is_wider_than_asked() {
        for columns in 2..12 {
            for text in ["你好，Lin！This is a mixed 句子。", "👩‍👩‍👧 family", "a  b   c    d"]
            {
                let lines = wrap(text, columns);
                assert!(lines.iter().all(|line| width(line) <= columns), "{columns} {lines:?}");
            }
        }
    }

    #[test]
    fn escape_sequences_do_not_pass() {
        assert_eq!(harmless("a\x1b[2Jb\r\nc\td"), "a\u{fffd}[2Jb\nc d");
    }

    #[test]
    fn a_tail_is_one_line_that_fits() {
        assert_eq!(tail("short\ntext", 20), "short text");
        assert_eq!(tail("一二三四五", 6), "…四五");
    }
}
