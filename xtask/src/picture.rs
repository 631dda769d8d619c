//! The README's pictures: a real run of the demo, drawn from what it printed, and a card as it grew, drawn
//! by the benchmark of replies.

use crate::{
    Error,
    cargo::{Profile, output, root},
    check::machine_words,
    demo::{Options, Stage},
    progress, replies,
};
use anstyle_svg::{Term, WIN10_CONSOLE};
use std::{path::Path, process::Stdio};

const DEMO: &str = "docs/demo.svg";
const REPLY: &str = "docs/reply.svg";

/// What the person in the picture says, unless told otherwise.
const SAYING: &str = "你好，你能做什么？";

/// The command: plays the conversation with colours on and draws what appeared, and has a card drawn.
///
/// # Errors
/// When one of them fails, a picture would show a path of this machine, or it cannot be written.
pub fn run(options: &Options) -> Result<(), Error> {
    let mut options = options.clone();
    if options.say.is_empty() {
        options.say.push(SAYING.to_owned());
    }
    let profile = if options.release { Profile::Release } else { Profile::Dev };
    let stage = Stage::build(profile)?;
    let mut command = stage.command(&options);
    command.stdin(Stdio::null()).env("CLICOLOR_FORCE", "1").env_remove("NO_COLOR");
    let printed = progress::step("playing the conversation", || output(&mut command))?;
    hang(DEMO, &draw(&tidy(&String::from_utf8_lossy(&printed), stage.plugins())))?;
    hang(REPLY, &replies::picture(profile)?)
}

/// Puts a picture where the README looks for it.
fn hang(file: &'static str, svg: &str) -> Result<(), Error> {
    let findings = machine_words(file, svg);
    if !findings.is_empty() {
        return Err(Error::Findings { check: "picture", findings });
    }
    let path = root().join(file);
    let folder = path.parent().unwrap_or(root());
    std::fs::create_dir_all(folder).map_err(Error::file("create", folder))?;
    std::fs::write(&path, svg).map_err(Error::file("write", &path))?;
    println!("{file}");
    Ok(())
}

fn draw(ansi: &str) -> String {
    Term::new().palette(WIN10_CONSOLE).min_width_px(600).render_svg(ansi)
}

/// Only what stays on the screen, and nothing that differs from run to run or names this machine.
fn tidy(printed: &str, plugins: &Path) -> String {
    let plugins = plugins.to_string_lossy();
    let kept = printed.trim_end().lines().map(|line| {
        let line = line.trim_end_matches('\r');
        // A carriage return begins the line anew.
        let line = line.rsplit('\r').next().unwrap_or(line);
        without_right_edge(&without_ports(&line.replace(&*plugins, "plugins")))
    });
    kept.collect::<Vec<_>>().join("\n")
}

/// The fonts of browsers do not agree how wide a Chinese character is, so the right edge of a box
/// would be ragged; a box that is open on that side looks the same everywhere.
fn without_right_edge(line: &str) -> String {
    let edges: Vec<_> = line.match_indices('│').map(|(at, _)| at).collect();
    match edges.as_slice() {
        [_, .., right] => format!("{}\u{1b}[0m", line[..*right].trim_end()),
        _ => line.replace(['╮', '╯'], "─"),
    }
}

/// Free ports are others in every run.
fn without_ports(line: &str) -> String {
    const LOOPBACK: &str = "127.0.0.1:";
    let mut pieces = line.split(LOOPBACK);
    let mut text = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        text.push_str(LOOPBACK);
        text.push_str("8000");
        text.push_str(piece.trim_start_matches(|digit: char| digit.is_ascii_digit()));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_runs_of_one_conversation_draw_the_same_picture() {
        let first = tidy("ws://127.0.0.1:40123/x\nfrom /tmp/a/dingtalk\r\n", Path::new("/tmp/a"));
        let second = tidy("ws://127.0.0.1:39001/x\nfrom /tmp/b/dingtalk\r\n", Path::new("/tmp/b"));
        assert_eq!(first, second);
        assert_eq!(draw(&first), draw(&second));
    }

    #[test]
    fn what_was_overwritten_on_the_line_is_not_drawn() {
        assert_eq!(tidy("typing 1\rtyping 2\rdone\n", Path::new("/tmp/a")), "done");
    }

    #[test]
    fn a_box_is_open_on_the_right() {
        assert_eq!(without_right_edge("│ 你好     │"), "│ 你好\u{1b}[0m");
        assert_eq!(without_right_edge("╭──╮"), "╭───");
        assert_eq!(without_right_edge("no box"), "no box");
    }

    #[test]
    fn colours_become_styles_and_text_stays_text() {
        let svg = draw("\u{1b}[32m你好\u{1b}[0m <b>");
        assert!(svg.contains("你好") && svg.contains("&lt;b&gt;") && svg.contains("fg-green"), "{svg}");
        assert!(!svg.contains('\u{1b}'));
    }
}
