//! What a person types.

/// One line, understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Command {
    /// A message to the bot.
    Say(String),
    /// Talk in the group from here on.
    Group,
    /// Talk in private from here on.
    Private,
    /// Be somebody else from here on.
    As(String),
    /// Show the calls of the plugin.
    Calls,
    /// Show how the account is.
    Status,
    /// Have the doctor look at the bot.
    Doctor,
    /// Show the last lines of the log.
    Log,
    /// Show the commands.
    Help,
    /// End.
    Quit,
    /// Nothing was typed.
    Nothing,
    /// What is wrong with it, and what to type instead.
    Wrong(String),
}

/// The commands, for people.
pub(super) const HELP: &str = "\
直接输入文字，就是发给机器人的消息。 What you type is a message to the bot.
  /group     在群里 @ 机器人     talk in the group, mentioning the bot
  /private   私聊                talk to the bot in private
  /as NAME   换一个人说话        speak as somebody else, such as /as Mo
  /calls     插件调用过的接口    the API calls of the plugin so far
  /how       账号的状态          how the account is
  /doctor    检查机器人          have the doctor look at the bot
  /log       最近的日志          the last lines of the log
  /help      帮助                this
  /quit      退出（或 Ctrl-D）   leave (or Ctrl-D)";

impl Command {
    /// Understands a line.
    pub(super) fn parse(line: &str) -> Self {
        let line = line.trim();
        let Some(command) = line.strip_prefix('/') else {
            return if line.is_empty() { Self::Nothing } else { Self::Say(line.to_owned()) };
        };
        let (word, rest) = command.split_once(char::is_whitespace).unwrap_or((command, ""));
        match (word, rest.trim()) {
            ("group" | "g", "") => Self::Group,
            ("private" | "p", "") => Self::Private,
            ("as", "") => Self::Wrong("as whom? For example: /as Mo".into()),
            ("as", name) => Self::As(name.to_owned()),
            ("calls", "") => Self::Calls,
            ("how", "") => Self::Status,
            ("doctor", "") => Self::Doctor,
            ("log", "") => Self::Log,
            ("help" | "h" | "?", _) => Self::Help,
            ("quit" | "q" | "exit", "") => Self::Quit,
            _ => Self::Wrong(format!("没有命令 there is no command /{command}; /help 列出全部 lists them")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_command_is_a_message() {
        assert_eq!(Command::parse("  你好 /group \n"), Command::Say("你好 /group".into()));
        assert_eq!(Command::parse("   "), Command::Nothing);
    }

    #[test]
    fn commands_are_understood_and_others_corrected() {
        assert_eq!(Command::parse("/as 小 王"), Command::As("小 王".into()));
        assert_eq!(Command::parse("/q"), Command::Quit);
        assert!(matches!(Command::parse("/as"), Command::Wrong(_)));
        assert!(matches!(Command::parse("/grup"), Command::Wrong(words) if words.contains("/help")));
    }

    #[test]
    fn help_tells_of_every_command() {
        for word in ["/group", "/private", "/as", "/calls", "/how", "/doctor", "/log", "/help", "/quit"] {
            assert!(HELP.contains(word), "{word}");
        }
    }
}
