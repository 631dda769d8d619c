//! A name that any file system takes, out of what a stranger called their file.

use super::tag::split_extension;
use host_sdk::AttachmentKind;
use unicode_segmentation::UnicodeSegmentation;

/// Bytes of a name. File systems take 255, and a tag comes to it.
const LONGEST: usize = 180;
/// What Windows takes for devices, whatever extension follows.
const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "conin$", "conout$"];

/// The safe form of `given`, with `extension` if it has none; a word for its `kind` if nothing is left.
pub(super) fn safe(given: &str, kind: AttachmentKind, extension: &str) -> String {
    let last = given.rsplit(['/', '\\']).next().unwrap_or(given);
    let clean: String = last.chars().filter_map(harmless).collect();
    let clean = clean.trim_matches(|end: char| end == '.' || end.is_whitespace());
    let clean = if clean.is_empty() { word(kind) } else { clean };
    let (stem, own) = split_extension(clean);
    let stem = shortened(stem).trim_end_matches(|end: char| end == '.' || end.is_whitespace());
    let prefix = if is_device(stem) { "_" } else { "" };
    match if own.is_empty() { extension } else { own } {
        "" => format!("{prefix}{stem}"),
        extension => format!("{prefix}{stem}.{extension}"),
    }
}

/// What a file without a name is called.
pub(super) fn word(kind: AttachmentKind) -> &'static str {
    match kind {
        AttachmentKind::Picture => "picture",
        AttachmentKind::Audio => "audio",
        AttachmentKind::Video => "video",
        _ => "file",
    }
}

/// `None` for what is not seen, or turns the reading around.
fn harmless(character: char) -> Option<char> {
    match character {
        '<' | '>' | ':' | '"' | '|' | '?' | '*' => Some('_'),
        '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' => None,
        character if character.is_control() => None,
        character => Some(character),
    }
}

/// As many whole characters, as people see them, as fit.
fn shortened(stem: &str) -> &str {
    let ends = stem.grapheme_indices(true).map(|(start, grapheme)| start + grapheme.len());
    let end = ends.take_while(|end| *end <= LONGEST).last();
    // One that is longer all by itself is no character, and is cut where it may be.
    let end = end.unwrap_or_else(|| stem.floor_char_boundary(LONGEST));
    &stem[..end]
}

fn is_device(stem: &str) -> bool {
    let name = stem.split('.').next().unwrap_or(stem).trim_end().to_lowercase();
    let port = name.strip_prefix("com").or_else(|| name.strip_prefix("lpt"));
    let numbered = port.is_some_and(|port| {
        matches!(port, "0" | "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9" | "¹" | "²" | "³")
    });
    numbered || DEVICES.contains(&name.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const FILE: AttachmentKind = AttachmentKind::File;

    #[test]
    fn a_name_is_kept_as_far_as_it_is_harmless() {
        for (given, name) in [
            ("report Q3.pdf", "report Q3.pdf"),
            ("报告 2026.pdf", "报告 2026.pdf"),
            ("../../etc/passwd", "passwd"),
            ("..\\..\\boot.ini", "boot.ini"),
            ("C:\\reports\\q1.xlsx", "q1.xlsx"),
            ("a\0b\r\nc.txt", "abc.txt"),
            ("\u{202e}fdp.exe", "fdp.exe"),
            ("...hidden", "hidden"),
            (".bashrc", "bashrc"),
            ("what?.txt", "what_.txt"),
            ("con", "_con"),
            ("NUL.txt", "_NUL.txt"),
            ("Com1.tar.gz", "_Com1.tar.gz"),
            ("console.log", "console.log"),
            ("👩‍👩‍👧‍👦.png", "👩‍👩‍👧‍👦.png"),
            ("a.", "a"),
            ("plan.pdf. . ", "plan.pdf"),
            ("plan .\t.", "plan"),
            ("a /", "file"),
            ("", "file"),
            ("..", "file"),
        ] {
            assert_eq!(safe(given, FILE, ""), name, "{given:?}");
        }
    }

    #[test]
    fn an_extension_comes_from_the_content_only_where_there_is_none() {
        assert_eq!(safe("", AttachmentKind::Picture, "jpg"), "picture.jpg");
        assert_eq!(safe("scan", FILE, "pdf"), "scan.pdf");
        assert_eq!(safe("scan.docx", FILE, "zip"), "scan.docx");
    }

    #[test]
    fn a_long_name_keeps_its_extension_and_whole_characters() {
        let name = safe(&format!("{}.pdf", "长".repeat(300)), FILE, "");
        assert!(name.len() <= LONGEST + 4 && name.ends_with("长.pdf"), "{name}");
        let family = "👩‍👩‍👧‍👦";
        let name = safe(&family.repeat(300), FILE, "png");
        assert_eq!(name.trim_end_matches(".png").replace(family, ""), "");
    }

    proptest! {
        #[test]
        fn no_name_leaves_its_folder(given in ".*", extension in "[a-z]{0,4}") {
            let name = safe(&given, FILE, &extension);
            prop_assert!(!name.is_empty() && name.len() <= LONGEST + 16);
            prop_assert!(!name.contains(['/', '\\', '\0']) && !name.starts_with('.'));
            prop_assert_eq!(std::path::Path::new(&name).file_name().unwrap().to_str(), Some(name.as_str()));
        }
    }
}
