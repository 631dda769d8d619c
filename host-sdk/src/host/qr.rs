//! A link as a QR code in a terminal.

use qrcodegen::{QrCode, QrCodeEcc};

/// White around the code, in modules: less than the four of the standard, which every scanner gets on with.
const MARGIN: i32 = 2;
/// Black on bright white, whatever the terminal's own colours are.
const PAPER: &str = "\u{1b}[30;107m";
const END: &str = "\u{1b}[0m";

/// `link` as a QR code of half blocks, a line for two rows of modules. With `colours` it is black on white; without,
/// its light modules are drawn, for terminals that write bright on dark. `None` where it has more than `columns`
/// columns, or `link` is longer than any code.
#[must_use]
pub fn qr_code(link: &str, columns: usize, colours: bool) -> Option<String> {
    let code = QrCode::encode_text(link, QrCodeEcc::Low).ok()?;
    let end = code.size() + MARGIN;
    if usize::try_from(end + MARGIN).ok()? > columns {
        return None;
    }
    // What is outside of the code is light.
    let is_drawn = |x, y| code.get_module(x, y) == colours;
    let sign = |x, y| match (is_drawn(x, y), is_drawn(x, y + 1)) {
        (true, true) => '\u{2588}',
        (true, false) => '\u{2580}',
        (false, true) => '\u{2584}',
        (false, false) => ' ',
    };
    let (paper, over) = if colours { (PAPER, END) } else { ("", "") };
    let line = |y| format!("{paper}{}{over}\n", (-MARGIN..end).map(|x| sign(x, y)).collect::<String>());
    Some((-MARGIN..end).step_by(2).map(line).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINK: &str = "https://open-dev.dingtalk.com/register?user_code=ABCD-EFGH";

    /// The dark modules of a drawing without colours, row by row.
    fn modules(drawn: &str) -> Vec<Vec<bool>> {
        let light = |sign| match sign {
            '\u{2588}' => [true, true],
            '\u{2580}' => [true, false],
            '\u{2584}' => [false, true],
            _ => [false, false],
        };
        let row = |line: &str, at: usize| line.chars().map(|sign| !light(sign)[at]).collect();
        drawn.lines().flat_map(|line| [row(line, 0), row(line, 1)]).collect()
    }

    #[test]
    fn what_is_drawn_is_the_code_with_light_around_it() {
        let code = QrCode::encode_text(LINK, QrCodeEcc::Low).unwrap();
        let drawn = modules(&qr_code(LINK, 80, false).unwrap());
        let margin = usize::try_from(MARGIN).unwrap();
        for (y, row) in drawn.iter().enumerate() {
            for (x, dark) in row.iter().enumerate() {
                let place = |at: usize| i32::try_from(at).unwrap() - MARGIN;
                assert_eq!(*dark, code.get_module(place(x), place(y)), "{x} {y}");
            }
        }
        assert!(drawn[..margin].iter().flatten().all(|dark| !dark));
    }

    #[test]
    fn each_line_says_its_colours_and_takes_them_back() {
        let drawn = qr_code(LINK, 80, true).unwrap();
        assert!(drawn.lines().all(|line| line.starts_with(PAPER) && line.ends_with(END)));
    }

    #[test]
    fn where_there_is_no_room_nothing_is_drawn() {
        let width = qr_code(LINK, 80, false).unwrap().lines().next().unwrap().chars().count();
        assert!(qr_code(LINK, width, false).is_some());
        assert_eq!(qr_code(LINK, width - 1, false), None);
        assert_eq!(qr_code(&"x".repeat(3_000), usize::MAX, false), None);
    }
}
