//! A terminal whose last lines can be drawn anew, so that a card grows in place.

use std::io::{self, Write};

/// Writes to a terminal. What was drawn last is drawn over by what is drawn next.
#[derive(Debug)]
pub(super) struct Screen<W> {
    out: W,
    /// The lines that the next drawing replaces.
    drawn: Vec<String>,
}

impl<W: Write> Screen<W> {
    pub(super) fn new(out: W) -> Self {
        Self { out, drawn: Vec::new() }
    }

    /// Draws over what was drawn last. Of more lines than `rows` the last ones: a terminal cannot
    /// change what has scrolled away.
    pub(super) fn draw(&mut self, lines: &[String], rows: usize) -> io::Result<()> {
        let hidden = lines.len().saturating_sub(rows.saturating_sub(1).max(1));
        self.replace(&lines[hidden..])
    }

    /// Draws over what was drawn last, all of it and for good.
    pub(super) fn settle(&mut self, lines: &[String]) -> io::Result<()> {
        self.replace(lines)?;
        self.drawn.clear();
        Ok(())
    }

    /// Leaves what was drawn last as it is, for good.
    pub(super) fn leave(&mut self) {
        self.drawn.clear();
    }

    /// Writes a line above what was drawn last.
    pub(super) fn above(&mut self, line: &str) -> io::Result<()> {
        let drawn = std::mem::take(&mut self.drawn);
        let frame = frame(drawn.len(), std::iter::once(line).chain(drawn.iter().map(String::as_str)));
        self.drawn = drawn;
        self.write(&frame)
    }

    /// Writes without ending the line.
    pub(super) fn write(&mut self, text: &str) -> io::Result<()> {
        self.out.write_all(text.as_bytes())?;
        self.out.flush()
    }

    fn replace(&mut self, lines: &[String]) -> io::Result<()> {
        let frame = frame(self.drawn.len(), lines.iter().map(String::as_str));
        self.drawn = lines.to_vec();
        self.write(&frame)
    }
}

/// What draws `lines` over the `over` lines above the cursor, in one write so that nothing flickers.
fn frame<'a>(over: usize, lines: impl Iterator<Item = &'a str>) -> String {
    let mut frame = String::new();
    if over > 0 {
        frame.push_str(&format!("\x1b[{over}A\r"));
    }
    for line in lines {
        frame.push_str(line);
        frame.push_str("\x1b[K\n"); // what a longer line had left
    }
    frame.push_str("\x1b[J"); // what more lines had left
    frame
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    /// What a terminal shows after `act`.
    fn shown(act: impl FnOnce(&mut Screen<&mut Vec<u8>>)) -> Vec<String> {
        let mut written = Vec::new();
        act(&mut Screen::new(&mut written));
        let (mut rows, mut row) = (vec![String::new()], 0);
        let mut text = std::str::from_utf8(&written).unwrap();
        while let Some(character) = text.chars().next() {
            if let Some(control) = text.strip_prefix("\x1b[") {
                let end = control.find(|c: char| c.is_ascii_alphabetic()).unwrap();
                match &control[end..=end] {
                    "A" => row -= control[..end].parse::<usize>().unwrap(),
                    "J" => rows.truncate(row + 1),
                    _ => {}
                }
                text = &control[end + 1..];
                continue;
            }
            match character {
                '\r' => rows[row].clear(), // each line is written whole
                '\n' => {
                    row += 1;
                    rows.resize(rows.len().max(row + 1), String::new());
                    rows[row].clear();
                }
                other => rows[row].push(other),
            }
            text = &text[character.len_utf8()..];
        }
        rows
    }

    #[test]
    fn a_drawing_takes_the_place_of_the_one_before() {
        let shown = shown(|screen| {
            screen.write("before\n").unwrap();
            screen.draw(&lines("a b c"), 24).unwrap();
            screen.draw(&lines("d e"), 24).unwrap();
            screen.settle(&lines("f g h")).unwrap();
            screen.draw(&lines("i"), 24).unwrap();
        });
        assert_eq!(shown, ["before", "f", "g", "h", "i", ""]);
    }

    #[test]
    fn a_line_goes_above_the_drawing() {
        let shown = shown(|screen| {
            screen.draw(&lines("a b"), 24).unwrap();
            screen.above("log").unwrap();
            screen.draw(&lines("c d"), 24).unwrap();
        });
        assert_eq!(shown, ["log", "c", "d", ""]);
    }

    #[test]
    fn a_drawing_taller_than_the_terminal_shows_its_end_until_it_is_settled() {
        let growing = shown(|screen| screen.draw(&lines("a b c d e"), 4).unwrap());
        assert_eq!(growing, ["c", "d", "e", ""]);
        let settled = shown(|screen| {
            screen.draw(&lines("a b c d e"), 4).unwrap();
            screen.settle(&lines("a b c d e")).unwrap();
        });
        assert_eq!(settled, ["a", "b", "c", "d", "e", ""]);
    }
}
