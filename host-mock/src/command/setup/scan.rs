//! Registering by a scanned code, as a value that is told the channel's answers and says what to do next.

use crate::command::doctor::Language;
use host_sdk::{Handle, Registration, RegistrationState, Result};
use serde_json::{Map, Value};
use std::time::{Duration, Instant};

/// What comes next.
#[derive(Debug, PartialEq)]
pub enum After {
    /// The channel is asked again with this, after a while.
    Ask {
        /// What it is asked with.
        ticket: Handle,
        /// How long to wait before.
        after: Duration,
    },
    /// The account has this now, by option.
    Granted(Map<String, Value>),
    /// Nothing comes of it: what is wanted has to be typed in.
    Over,
}

/// A registration that goes on.
#[derive(Debug)]
pub struct Scan {
    language: Language,
    lapses: Option<Instant>,
    told: String,
}

impl Scan {
    /// One that has not begun.
    pub fn new(language: Language) -> Self {
        Self { language, lapses: None, told: String::new() }
    }

    /// Takes in what the channel answered; what people read because of it, and what comes next.
    pub fn heard(&mut self, answer: Result<Registration>, now: Instant) -> (String, After) {
        let say = |zh, en| self.language.choose(zh, en);
        let registration = match answer {
            Ok(registration) => registration,
            Err(error) => {
                let why = say("不能扫码创建，请手动输入", "It cannot be registered, so type it in");
                return (format!("! {why}: {}\n", error.message), After::Over);
            }
        };
        let lapses =
            *self.lapses.get_or_insert_with(|| now + Duration::from_millis(registration.lapses_after_ms));
        match registration.state {
            RegistrationState::Granted => {
                let options: Map<String, Value> = registration.options.parse().unwrap_or_default();
                (
                    say(
                        "应用已创建，凭证已取得。\n",
                        "The application was made, and gave its credentials.\n",
                    )
                    .to_owned(),
                    After::Granted(options),
                )
            }
            RegistrationState::Refused => {
                let said = say("! 没有获得同意，请手动输入。\n", "! It was refused, so type it in.\n");
                (format!("{said}{}", reason(&registration.why)), After::Over)
            }
            RegistrationState::Lapsed => self.lapsed(),
            // Also whatever a newer channel may say: it is asked again until it lapses.
            _ if now >= lapses => self.lapsed(),
            _ => {
                let is_news = !registration.why.is_empty() && registration.why != self.told;
                let told = if is_news { reason(&registration.why) } else { String::new() };
                self.told = registration.why;
                let after = Duration::from_millis(registration.ask_after_ms);
                (told, After::Ask { ticket: registration.ticket, after })
            }
        }
    }

    fn lapsed(&self) -> (String, After) {
        let said = self.language.choose(
            "! 二维码已过期，请重新运行或手动输入。\n",
            "! The code has expired: begin anew, or type it in.\n",
        );
        (said.to_owned(), After::Over)
    }
}

fn reason(why: &str) -> String {
    if why.is_empty() { String::new() } else { format!("! {}\n", crate::command::tell::plain(why)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use host_sdk::{ChannelError, ErrorCode, Json};
    use serde_json::json;

    fn waiting(why: &str) -> Result<Registration> {
        Ok(Registration {
            ticket: Handle::new("t"),
            ask_after_ms: 5_000,
            lapses_after_ms: 60_000,
            why: why.into(),
            ..Registration::default()
        })
    }

    #[test]
    fn what_waits_is_asked_again_until_it_lapses_and_a_trouble_is_told_once() {
        let (mut scan, begun) = (Scan::new(Language::En), Instant::now());
        let again = || After::Ask { ticket: Handle::new("t"), after: Duration::from_secs(5) };
        assert_eq!(scan.heard(waiting(""), begun), (String::new(), again()));
        assert_eq!(scan.heard(waiting("no line"), begun), ("! no line\n".into(), again()));
        assert_eq!(scan.heard(waiting("no line"), begun), (String::new(), again()));
        let late = scan.heard(waiting(""), begun + Duration::from_secs(60));
        assert!(late.0.contains("expired") && late.1 == After::Over, "{late:?}");
    }

    #[test]
    fn what_was_granted_is_handed_on_and_said_without_its_values() {
        let options = Json::new(&json!({"clientSecret": "s3cret"}));
        let granted = Registration { state: RegistrationState::Granted, options, ..Registration::default() };
        let (said, after) = Scan::new(Language::Zh).heard(Ok(granted), Instant::now());
        let After::Granted(options) = after else { panic!("{after:?}") };
        assert_eq!(options["clientSecret"], "s3cret");
        assert!(!said.contains("s3cret"), "{said}");
    }

    #[test]
    fn a_refusal_and_an_error_end_it_with_their_reason() {
        let why = "the user refused".to_owned();
        let refused = Registration { state: RegistrationState::Refused, why, ..Registration::default() };
        let unknown = ChannelError::new(ErrorCode::Unsupported, "it cannot register");
        for (answer, words) in [(Ok(refused), "the user refused"), (Err(unknown), "it cannot register")] {
            let (said, after) = Scan::new(Language::En).heard(answer, Instant::now());
            assert!(said.contains(words) && after == After::Over, "{said}");
        }
    }
}
