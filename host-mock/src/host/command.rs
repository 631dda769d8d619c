//! Commands among the messages: `/stop`, `/new` and the like, as in OpenClaw.

/// The commands that are the host's; anything else that begins so is a message like any other.
const WORDS: [&str; 12] = [
    "stop", "abort", "new", "reset", "status", "help", "commands", "compact", "model", "think", "verbose",
    "queue",
];

/// A command that somebody gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// What runs in the session is stopped, and what waits in it given up.
    Stop,
    /// The host says how things are.
    Status,
    /// Any other, by its word: the agent is given it as it is.
    Other(String),
}

impl Command {
    /// The command that a text is, if it is one.
    pub fn of(text: &str) -> Option<Self> {
        let word = text.trim().strip_prefix('/')?.split(|c: char| c.is_whitespace() || c == ':').next()?;
        let word = word.to_lowercase();
        Some(match word.as_str() {
            "stop" | "abort" => Self::Stop,
            "status" => Self::Status,
            other if WORDS.contains(&other) => Self::Other(word),
            _ => return None,
        })
    }
}

/// What whoever stopped `count` turns is told.
pub(super) fn stopped(locale: &str, count: usize) -> String {
    match (is_chinese(locale), count) {
        (true, 0) => "现在没有正在进行的回答。".to_owned(),
        (true, _) => "已停止。".to_owned(),
        (false, 0) => "Nothing is running.".to_owned(),
        (false, _) => "Stopped.".to_owned(),
    }
}

/// How things are with a session.
pub(super) fn status(locale: &str, agent: &str, session: &str, is_busy: bool) -> String {
    match is_chinese(locale) {
        true => {
            let busy = if is_busy { "正在回答" } else { "空闲" };
            format!("智能体：{agent}\n\n会话：{session}\n\n状态：{busy}")
        }
        false => {
            let busy = if is_busy { "busy" } else { "idle" };
            format!("Agent: {agent}\n\nSession: {session}\n\nState: {busy}")
        }
    }
}

fn is_chinese(locale: &str) -> bool {
    locale.to_lowercase().starts_with("zh")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_its_word_and_nothing_else_that_begins_with_a_slash_is_one() {
        let other = |word: &str| Some(Command::Other(word.into()));
        for (text, command) in [
            ("/stop", Some(Command::Stop)),
            (" /STOP \n", Some(Command::Stop)),
            ("/status", Some(Command::Status)),
            ("/new", other("new")),
            ("/reset and begin with the weather", other("reset")),
            ("/model: fast", other("model")),
            ("/tmp/stop 里有什么", None),
            ("/", None),
            ("stop", None),
            ("please /stop", None),
        ] {
            assert_eq!(Command::of(text), command, "{text}");
        }
    }
}
