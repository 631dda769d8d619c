//! A registration at a terminal: shows the code, and asks until something came of it.

use super::scan::{After, Scan};
use crate::{
    command::{
        doctor::Language,
        place::home,
        tell::{plain, tell},
    },
    host::{Deaf, parse_json5},
};
use host_sdk::{
    Handle, HostInfo, Json, OpenContext,
    host::{Channel, Plugin, qr_code},
};
use serde_json::{Map, Value, json};
use std::{
    io::{self, IsTerminal},
    sync::mpsc,
    time::{Duration, Instant},
};

/// How long one answer may take; a channel keeps to less.
const PATIENCE: Duration = Duration::from_secs(60);

/// What is registered, and how it is shown.
pub(super) struct Registering<'a> {
    pub(super) plugin: &'a Plugin,
    /// The configuration's text.
    pub(super) config: &'a str,
    pub(super) account: Option<&'a str>,
    pub(super) language: Language,
    /// Whether a code is drawn, if the terminal has room for it.
    pub(super) draws: bool,
}

impl Registering<'_> {
    /// What the platform gave, by option; `None` where it has to be typed in.
    pub(super) fn run(&self) -> Option<Map<String, Value>> {
        let mut scan = Scan::new(self.language);
        let channel = match self.open() {
            Ok(channel) => channel,
            Err(error) => {
                tell(scan.heard(Err(error), Instant::now()).0);
                return None;
            }
        };
        let mut ticket = Handle::default();
        loop {
            let answer = channel.register(ticket).wait(PATIENCE);
            if let Ok(begun) = &answer
                && !begun.link.is_empty()
            {
                tell(self.shown(&begun.link, &begun.code));
            }
            let (said, after) = scan.heard(answer, Instant::now());
            tell(said);
            match after {
                After::Ask { after, .. } if enter_is_pressed(after) => return None,
                After::Ask { ticket: next, .. } => ticket = next,
                After::Granted(options) => return Some(options),
                After::Over => return None,
            }
        }
    }

    fn open(&self) -> host_sdk::Result<Channel> {
        let place =
            |path: Option<std::path::PathBuf>| path.unwrap_or_default().to_string_lossy().into_owned();
        let nowhere = place(Some(std::env::temp_dir())); // it keeps nothing
        let context = OpenContext {
            account: self.account.unwrap_or_default().to_owned(),
            config: Json::new(&section(self.config, &self.plugin.descriptor().id, self.account)),
            state_dir: nowhere.clone(),
            shared_state_dir: nowhere,
            home: place(home()),
            locale: self.language.tag().to_owned(),
            host: HostInfo {
                name: env!("CARGO_PKG_NAME").into(),
                version: env!("CARGO_PKG_VERSION").into(),
                ..HostInfo::default()
            },
            extra: Json::new(&json!({"registers": true})),
            ..OpenContext::default()
        };
        self.plugin.open(context, Deaf)
    }

    fn shown(&self, link: &str, code: &str) -> String {
        let is_drawn = self.draws && io::stdout().is_terminal();
        let colours = std::env::var_os("NO_COLOR").is_none_or(|set| set.is_empty());
        let drawn = if is_drawn { qr_code(link, columns(), colours) } else { None }.unwrap_or_default();
        let scan = self.language.choose("请用手机钉钉扫码，或打开", "Scan it with DingTalk, or open");
        let check = self.language.choose("核对代码", "The code there");
        let code = if code.is_empty() { String::new() } else { format!("{check}: {}\n", plain(code)) };
        let skip =
            self.language.choose("正在等待…（按回车改为手动输入）", "Waiting… (Enter to type it in instead)");
        format!("{drawn}{scan}: {}\n{code}{skip}\n", plain(link))
    }
}

/// The section in which the account is there, if only just.
fn section(config: &str, channel: &str, account: Option<&str>) -> Value {
    let config = parse_json5(config).unwrap_or_default();
    let mut section = config["channels"][channel].clone();
    if !section.is_object() {
        section = json!({});
    }
    if let Some(account) = account
        && !section["accounts"][account].is_object()
    {
        if !section["accounts"].is_object() {
            section["accounts"] = json!({});
        }
        section["accounts"][account] = json!({});
    }
    section
}

/// How wide the terminal is.
fn columns() -> usize {
    #[cfg(unix)]
    if let Ok(size) = rustix::termios::tcgetwinsize(io::stdout())
        && size.ws_col > 0
    {
        return size.ws_col.into();
    }
    80
}

/// Waits so long, unless somebody at a terminal presses Enter before; whether they did.
fn enter_is_pressed(within: Duration) -> bool {
    #[cfg(unix)]
    if io::stdin().is_terminal() {
        use rustix::event::{PollFd, PollFlags, Timespec, poll};
        let stdin = io::stdin();
        let time = Timespec::try_from(within).ok();
        let is_ready =
            poll(&mut [PollFd::new(&stdin, PollFlags::IN)], time.as_ref()).is_ok_and(|ready| ready > 0);
        if is_ready {
            let _typed = stdin.read_line(&mut String::new());
        }
        return is_ready;
    }
    // Nobody can press anything, so that nothing is ever told.
    let (_teller, told) = mpsc::channel::<()>();
    told.recv_timeout(within).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_that_is_new_is_in_the_section_beside_what_is_there() {
        let config = "{channels: {dingtalk: {proxy: 'http://p:1', accounts: {bot1: {name: 'x'}}}}}";
        let both = section(config, "dingtalk", Some("bot2"));
        assert_eq!(both, json!({"proxy": "http://p:1", "accounts": {"bot1": {"name": "x"}, "bot2": {}}}));
        assert_eq!(section("", "dingtalk", None), json!({}));
    }
}
