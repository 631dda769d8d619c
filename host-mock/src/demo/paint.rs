//! Colours, or none.

/// Whether to colour, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Paint(bool);

/// What a piece of text is to its reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tone {
    /// As everything else.
    Plain,
    /// Not to be looked at first.
    Quiet,
    /// A name.
    Name,
    /// Program text.
    Code,
    /// Going on.
    Busy,
    /// Well ended.
    Good,
    /// Badly ended.
    Bad,
}

impl Paint {
    /// No colours.
    #[cfg(test)]
    pub(super) const OFF: Self = Self(false);
    /// Colours.
    #[cfg(test)]
    pub(super) const ON: Self = Self(true);

    /// Colours on a terminal, unless `NO_COLOR` is set; elsewhere if `CLICOLOR_FORCE` is set.
    pub(super) fn for_output(is_terminal: bool) -> Self {
        Self::decide(is_terminal, |name| std::env::var(name).ok())
    }

    fn decide(is_terminal: bool, variable: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name: &str| variable(name).is_some_and(|value| !value.is_empty() && value != "0");
        Self(!set("NO_COLOR") && (is_terminal || set("CLICOLOR_FORCE")))
    }

    /// `text` in the colour of `tone`.
    pub(super) fn paint(self, tone: Tone, text: &str) -> String {
        let code = match tone {
            Tone::Plain => return text.to_owned(),
            _ if !self.0 || text.is_empty() => return text.to_owned(),
            Tone::Quiet => "2",
            Tone::Name => "1",
            Tone::Code => "36",
            Tone::Busy => "33",
            Tone::Good => "32",
            Tone::Bad => "31",
        };
        format!("\x1b[{code}m{text}\x1b[0m")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_for_terminals_unless_someone_says_otherwise() {
        for (is_terminal, set, expected) in [
            (true, "", Paint::ON),
            (false, "", Paint::OFF),
            (true, "NO_COLOR", Paint::OFF),
            (false, "CLICOLOR_FORCE", Paint::ON),
        ] {
            let variable = |name: &str| (name == set).then(|| "1".to_owned());
            assert_eq!(Paint::decide(is_terminal, variable), expected, "{is_terminal} {set}");
        }
    }

    #[test]
    fn without_colours_text_stays_as_it_is() {
        assert_eq!(Paint::OFF.paint(Tone::Bad, "text"), "text");
        assert_eq!(Paint::ON.paint(Tone::Bad, "text"), "\x1b[31mtext\x1b[0m");
    }
}
