//! A transcript of a terminal in a document: the first block of `console` in it.

/// Commands, and what each answered.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Transcript {
    pub(crate) entries: Vec<Entry>,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) command: String,
    pub(crate) output: String,
}

const BEGINS: &str = "```console\n";
const ENDS: &str = "```\n";
const PROMPT: &str = "$ ";

impl Transcript {
    /// The one in `document`.
    #[track_caller]
    pub(crate) fn of(document: &str) -> Self {
        let (_, block, _) = parts(document);
        let mut transcript = Self::default();
        for line in block.lines() {
            match (line.strip_prefix(PROMPT), transcript.entries.last_mut()) {
                (Some(command), _) => {
                    transcript.entries.push(Entry { command: command.to_owned(), output: String::new() });
                }
                (None, Some(Entry { output, .. })) => {
                    output.push_str(if output.is_empty() { "" } else { "\n" });
                    output.push_str(line);
                }
                (None, None) => panic!("a transcript begins with a command: {line}"),
            }
        }
        transcript
    }

    /// `document` with this one in place of its own.
    #[track_caller]
    pub(crate) fn put_into(&self, document: &str) -> String {
        let (before, _, after) = parts(document);
        let mut text = before.to_owned();
        for Entry { command, output } in &self.entries {
            text.extend([PROMPT, command, "\n", output, if output.is_empty() { "" } else { "\n" }]);
        }
        text + after
    }

    /// With a 0 in place of each number: times, process ids and versions are other ones each time.
    pub(crate) fn without_figures(self) -> Self {
        let of = |Entry { command, output }| Entry { command, output: without_figures(&output) };
        Self { entries: self.entries.into_iter().map(of).collect() }
    }
}

/// What comes before the block's lines, those, and the rest.
#[track_caller]
fn parts(document: &str) -> (&str, &str, &str) {
    let begin = document.find(BEGINS).expect("the document has a transcript") + BEGINS.len();
    let end = begin + document[begin..].find(ENDS).expect("the transcript ends");
    (&document[..begin], &document[begin..end], &document[end..])
}

fn without_figures(text: &str) -> String {
    let mut plain = String::new();
    for character in text.chars() {
        match character {
            '0'..='9' if plain.ends_with('0') => {}
            '0'..='9' => plain.push('0'),
            other => plain.push(other),
        }
    }
    plain
}
