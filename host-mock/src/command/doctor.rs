//! `doctor`: what works of every bot, what does not, and what cures it.

use super::{
    Exit, Failure,
    place::{Found, Places, home},
    tell::{plain, say, tell, tell_json},
};
use crate::host::{ConfigSource, Examination, Options, PluginSource};
use host_sdk::{Check, Verdict, host::private_directory};

const EXAMPLES: &str = "\
Examples:
  host-mock doctor
      examine every bot of ~/.openclaw/openclaw.json; the exit code is 1 where something does not work
  host-mock doctor --account dingtalk/bot2 --lang zh
      one of them, in Chinese
  host-mock doctor --json
      the report in both languages, for scripts

Nothing is sent that anybody sees, and no message is taken from a bot that runs. With cards it makes three calls of
the month's quota for each bot, one without.";

/// Examines every bot: network, credentials, permissions, this machine; and says what cures what is wrong.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    places: Places,
    /// Only this account, as in dingtalk/default or default.
    #[arg(long, value_name = "ID")]
    account: Option<String>,
    /// The language [default: that of LC_ALL or LANG, else Chinese].
    #[arg(long, value_enum)]
    lang: Option<Language>,
    /// As JSON, in both languages.
    #[arg(long)]
    json: bool,
}

/// A language that the commands for people speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Language {
    /// Chinese.
    Zh,
    /// English.
    En,
}

impl Language {
    /// What was asked for, or else what the environment says.
    pub(crate) fn or_environment(asked: Option<Self>) -> Self {
        let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        asked.unwrap_or_else(|| Self::of_tag(&set("LC_ALL").or_else(|| set("LANG")).unwrap_or_default()))
    }

    fn of_tag(tag: &str) -> Self {
        if tag.starts_with("en") || tag.starts_with("C.") || tag == "C" { Self::En } else { Self::Zh }
    }

    /// Its tag.
    pub(super) fn tag(self) -> &'static str {
        match self {
            Self::Zh => "zh-CN",
            Self::En => "en",
        }
    }

    pub(super) fn choose<'a>(self, zh: &'a str, en: &'a str) -> &'a str {
        match self {
            Self::Zh => zh,
            Self::En => en,
        }
    }
}

/// Does what was asked.
///
/// # Errors
/// When something does not work, or nothing can be examined.
pub async fn run(args: &Args) -> Result<(), Failure> {
    let language = Language::or_environment(args.lang);
    let places = args.places.found()?;
    if !args.json {
        say(language.choose("正在检查，最多十几秒…", "examining, which takes some seconds…"));
    }
    let examination = examine(places, args.account.as_deref()).await?;
    if args.json {
        tell_json(&examination);
    } else {
        tell(people_s(&examination, language));
    }
    ended(&examination)
}

/// How a command ends that has examined this.
///
/// # Errors
/// When something does not work.
pub fn ended(examination: &Examination) -> Result<(), Failure> {
    if examination.ok { Ok(()) } else { Err(Failure::told(Exit::Failed)) }
}

/// Examines what lies there.
pub(super) async fn examine(places: Found, account: Option<&str>) -> Result<Examination, Failure> {
    private_directory(&places.state).map_err(|error| Failure::system("make the state directory", &error))?;
    let (config, plugins) = (ConfigSource::File(places.config), PluginSource::Directory(places.plugins));
    let mut options = Options::new(config, plugins, places.state);
    options.home = home().unwrap_or(options.home);
    "error".clone_into(&mut options.log_filter);
    Ok(Examination::of(&options, account).await?)
}

/// The report as people read it.
pub fn people_s(examination: &Examination, language: Language) -> String {
    let mut text = String::new();
    let kinds = [language.choose("错误", "wrong"), language.choose("提示", "note")];
    for (kind, lines) in kinds.iter().zip([&examination.problems, &examination.remarks]) {
        lines.iter().for_each(|line| text.push_str(&format!("{kind}: {}\n", plain(line))));
    }
    for examined in &examination.accounts {
        text.push_str(&format!("{}\n", plain(&examined.account)));
        examined.report.checks.iter().for_each(|check| text.push_str(&lines(check, language)));
        text.push_str(&cost(examined.report.charged_calls, language));
    }
    let fine = language.choose("没有发现不能工作的部分。\n", "Nothing was found that does not work.\n");
    let ill = language.choose("有部分不能工作，见上文。\n", "Something does not work, as said above.\n");
    text.push_str(if examination.ok { fine } else { ill });
    text
}

/// What an examination took of the quota.
pub(super) fn cost(calls: u32, language: Language) -> String {
    match language {
        Language::Zh => format!("  （这次检查用了 {calls} 次计费的 API 调用）\n"),
        Language::En => format!("  (this took {calls} API calls that count)\n"),
    }
}

/// One check: what was found, and where something is the matter, why it matters and what to do.
pub(super) fn lines(check: &Check, language: Language) -> String {
    let words = check.in_language(language.tag());
    let mut lines = format!("  {} {}: {}\n", mark(check.verdict), plain(&check.name), plain(&words.finding));
    let rest = [words.why, words.remedy, check.link.clone()];
    for line in rest.iter().filter(|line| !line.is_empty() && check.verdict != Verdict::Ok) {
        lines.push_str(&format!("       {}\n", plain(line)));
    }
    lines
}

fn mark(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Ok => "[ok]",
        Verdict::Warning => "[!] ",
        Verdict::Failed => "[X] ",
        _ => "[?] ",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::Examined;
    use host_sdk::{CheckWords, Report};

    fn check(verdict: Verdict) -> Check {
        let words = |locale: &str, finding: &str| CheckWords {
            locale: locale.into(),
            finding: finding.into(),
            why: "why".into(),
            remedy: "do this".into(),
        };
        Check {
            name: "token".into(),
            verdict,
            link: "https://open-dev.dingtalk.com/".into(),
            words: vec![words("zh-CN", "不接受"), words("en", "rejected")],
            ..Check::default()
        }
    }

    #[test]
    fn what_is_the_matter_is_told_with_why_and_what_to_do_in_the_language_that_is_asked_for() {
        let told = lines(&check(Verdict::Failed), Language::Zh);
        assert_eq!(
            told,
            "  [X]  token: 不接受\n       why\n       do this\n       https://open-dev.dingtalk.com/\n"
        );
        assert_eq!(lines(&check(Verdict::Ok), Language::En), "  [ok] token: rejected\n");
    }

    #[test]
    fn only_what_does_not_work_makes_the_exit_code_one() {
        let of = |verdict| {
            let ok = verdict != Verdict::Failed;
            let report = Report { ok, checks: vec![check(verdict)], ..Report::default() };
            let accounts = vec![Examined { account: "dingtalk/default".into(), report }];
            ended(&Examination { ok, problems: vec![], remarks: vec![], accounts })
        };
        for verdict in [Verdict::Ok, Verdict::Warning, Verdict::Unknown] {
            assert_eq!(of(verdict), Ok(()));
        }
        assert_eq!(of(Verdict::Failed).unwrap_err().exit.code(), 1);
    }

    #[test]
    fn the_environment_says_the_language_where_nobody_does_and_chinese_comes_first() {
        for (tag, language) in [
            ("en_US.UTF-8", Language::En),
            ("C.UTF-8", Language::En),
            ("zh_CN", Language::Zh),
            ("", Language::Zh),
        ] {
            assert_eq!(Language::of_tag(tag), language, "{tag}");
        }
    }
}
