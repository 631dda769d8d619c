//! Reads just enough Rust to tell code from comments and literals.

/// The identifiers and keywords of `source` with their lines, from 1; none from within comments,
/// strings or characters.
pub(crate) fn identifiers(source: &str) -> Vec<(usize, &str)> {
    Reader { source, at: 0, line: 1 }.collect()
}

struct Reader<'a> {
    source: &'a str,
    /// In bytes, always between two characters.
    at: usize,
    line: usize,
}

impl<'a> Iterator for Reader<'a> {
    type Item = (usize, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        while let Some(next) = self.rest().chars().next() {
            let rest = self.rest();
            match next {
                '/' if rest.starts_with("//") => self.skip(rest.find('\n').unwrap_or(rest.len())),
                '/' if rest.starts_with("/*") => self.skip(block_comment(rest)),
                '"' => self.skip(1 + quoted(&rest[1..], '"')),
                '\'' => self.skip(character_or_lifetime(rest)),
                _ if next == '_' || next.is_alphabetic() => {
                    if let Some(length) = raw_string(rest) {
                        self.skip(length);
                        continue;
                    }
                    let end = rest.find(|c: char| c != '_' && !c.is_alphanumeric()).unwrap_or(rest.len());
                    let (line, word) = (self.line, &rest[..end]);
                    self.skip(end);
                    return Some((line, word));
                }
                // A number with all of its suffix, which is no identifier.
                _ if next.is_ascii_digit() => {
                    let end = rest.find(|c: char| c != '_' && !c.is_alphanumeric()).unwrap_or(rest.len());
                    self.skip(end);
                }
                _ => self.skip(next.len_utf8()),
            }
        }
        None
    }
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        &self.source[self.at..]
    }

    fn skip(&mut self, bytes: usize) {
        let bytes = bytes.min(self.rest().len());
        self.line += self.rest()[..bytes].matches('\n').count();
        self.at += bytes;
    }
}

/// The length of a block comment, which may hold others.
fn block_comment(text: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while at < text.len() {
        match text.as_bytes().get(at..at + 2) {
            Some(b"/*") => (depth, at) = (depth + 1, at + 2),
            Some(b"*/") => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            break;
        }
    }
    at
}

/// The length up to and with the closing quote.
fn quoted(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// The length of `'x'`, or of a lifetime's quote alone.
fn character_or_lifetime(text: &str) -> usize {
    let mut inside = text.chars().skip(1);
    match (inside.next(), inside.next()) {
        (Some('\\'), _) => 1 + quoted(&text[1..], '\''),
        (Some(c), Some('\'')) => 2 + c.len_utf8(),
        _ => 1,
    }
}

/// The length of `r"…"`, `br#"…"#` and their like.
fn raw_string(text: &str) -> Option<usize> {
    let after = ["r", "br", "cr"].iter().find_map(|prefix| text.strip_prefix(prefix))?;
    let hashes = after.len() - after.trim_start_matches('#').len();
    let body = after[hashes..].strip_prefix('"')?;
    let close = format!("\"{}", "#".repeat(hashes));
    let end = body.find(&close).map_or(body.len(), |at| at + close.len());
    Some(text.len() - body.len() + end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn words(source: &str) -> Vec<&str> {
        identifiers(source).into_iter().map(|(_, word)| word).collect()
    }

    #[test]
    fn comments_and_literals_are_not_code() {
        let source = r###"a // unsafe
            /* unsafe /* unsafe */ unsafe */ b "unsafe \" unsafe" c r#"unsafe " unsafe"# d
            b"unsafe" e '"' f '\'' g 'u' h br"unsafe" i"###;
        assert_eq!(words(source), ["a", "b", "c", "d", "b", "e", "f", "g", "h", "i"]);
    }

    #[test]
    fn a_lifetime_does_not_open_a_character() {
        assert_eq!(words("fn f<'a>(x: &'a str) { unsafe {} }"), ["fn", "f", "a", "x", "a", "str", "unsafe"]);
    }

    #[test]
    fn an_attribute_s_word_is_itself_and_no_part_of_another() {
        assert_eq!(
            words("#[unsafe(no_mangle)] #[allow(unsafe_code)]"),
            ["unsafe", "no_mangle", "allow", "unsafe_code"]
        );
    }

    #[test]
    fn raw_identifiers_and_suffixed_numbers_do_not_confuse() {
        assert_eq!(words("r#type 1u8 0xunsafe x"), ["r", "type", "x"]);
    }

    #[test]
    fn lines_are_counted_through_comments_and_strings() {
        let source = "/*\n*/ \"\n\"\nx";
        assert_eq!(identifiers(source), [(4, "x")]);
    }

    #[test]
    fn what_is_never_closed_ends_with_the_file() {
        for open in ["a /* b", "a \"b", "a r#\"b\" c", "a '\\", "a '"] {
            assert_eq!(words(open), ["a"], "{open}");
        }
    }

    #[test]
    fn words_of_other_alphabets_are_read_whole() {
        assert_eq!(words("// 你\nlet 变量 = '好';"), ["let", "变量"]);
    }
}
