//! Registering: DingTalk makes an application for whoever scans a code, and gives its credentials.
//!
//! Nothing of it is kept here: what goes on with it is in the ticket, which whoever registers hands back.

use crate::{
    api::{Api, Begun, Registered},
    opened::Opened,
    secret::Secret,
};
use host_sdk::{ChannelError, ErrorCode, Handle, Json, Registration, RegistrationState, Result};
use serde_json::json;
use std::time::Duration;

/// How often DingTalk is asked where it does not say, at least, and at most.
const USUAL: Duration = Duration::from_secs(5);
const LEAST: Duration = Duration::from_secs(1);
const MOST: Duration = Duration::from_secs(60);
/// How long a code lives where DingTalk does not say, and at most.
const LIFE: Duration = Duration::from_hours(2);
const LONGEST: Duration = Duration::from_hours(24);

/// Begins with an empty ticket, and goes on with the one of the last answer.
///
/// # Errors
/// When DingTalk is not reached, knows nothing of registering, or the ticket is not one of ours.
pub(crate) async fn register(opened: &Opened, ticket: &Handle) -> Result<Registration> {
    if !opened.registers() {
        return Err(ChannelError::new(ErrorCode::State, "the account was not opened to be registered"));
    }
    let api = opened.api().await?;
    if ticket.is_empty() {
        return Ok(begun(&api.begin_registration().await?));
    }
    let ticket = Ticket::read(ticket)
        .ok_or_else(|| ChannelError::new(ErrorCode::Rejected, "this is no ticket of a registration"))?;
    asked(&api, ticket).await
}

async fn asked(api: &Api, ticket: Ticket) -> Result<Registration> {
    let end = |state, why: String| Registration { state, why, ..Registration::default() };
    match api.poll_registration(&ticket.device_code).await {
        Ok(Registered::Waiting) => Ok(ticket.waiting(String::new())),
        Ok(Registered::Granted(granted)) => {
            let options =
                json!({"clientId": granted.client_id, "clientSecret": granted.client_secret.reveal()});
            let options = Json::new(&options);
            Ok(Registration { options, ..end(RegistrationState::Granted, String::new()) })
        }
        Ok(Registered::Refused(why)) => Ok(end(RegistrationState::Refused, why)),
        Ok(Registered::Expired) => Ok(end(RegistrationState::Lapsed, String::new())),
        // The person may be at it all the same.
        Err(error) if error.retry_after().is_some() => Ok(ticket.waiting(error.sentence())),
        Err(error) => Err(error.into()),
    }
}

fn begun(begun: &Begun) -> Registration {
    let interval = begun.interval.unwrap_or(USUAL).clamp(LEAST, MOST);
    let ticket = Ticket { interval, device_code: begun.device_code.clone() };
    Registration {
        link: begun.page.to_string(),
        code: begun.user_code.clone(),
        lapses_after_ms: millis(begun.lapses_after.unwrap_or(LIFE).clamp(LEAST, LONGEST)),
        ..ticket.waiting(String::new())
    }
}

/// What it takes to go on with a registration.
struct Ticket {
    interval: Duration,
    device_code: Secret,
}

impl Ticket {
    /// `5000 device-code`
    fn read(ticket: &Handle) -> Option<Self> {
        let (interval, device_code) = ticket.reveal().split_once(' ')?;
        let interval = Duration::from_millis(interval.parse().ok()?).clamp(LEAST, MOST);
        Some(Self { interval, device_code: Secret::new(device_code) })
    }

    fn waiting(&self, why: String) -> Registration {
        let ask_after_ms = millis(self.interval);
        let ticket = Handle::new(format!("{ask_after_ms} {}", self.device_code.reveal()));
        Registration {
            state: RegistrationState::Waiting,
            ticket,
            ask_after_ms,
            why,
            ..Registration::default()
        }
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::Url;

    fn told(interval: Option<u64>, lapses_after: Option<u64>) -> Registration {
        begun(&Begun {
            device_code: Secret::new("dev code"),
            user_code: "AB-CD".into(),
            page: Url::parse("https://open-dev.dingtalk.com/scan?user_code=AB-CD").unwrap(),
            lapses_after: lapses_after.map(Duration::from_secs),
            interval: interval.map(Duration::from_secs),
        })
    }

    #[test]
    fn a_ticket_carries_its_code_and_how_often_it_may_be_asked_with() {
        let begun = told(Some(7), None);
        let ticket = Ticket::read(&begun.ticket).unwrap();
        assert_eq!((ticket.device_code.reveal(), begun.ask_after_ms), ("dev code", 7_000));
        let again = ticket.waiting(String::new());
        assert_eq!((again.ticket, again.ask_after_ms, again.link.as_str()), (begun.ticket, 7_000, ""));
        for foreign in ["", "x", "x y"] {
            assert!(Ticket::read(&Handle::new(foreign)).is_none(), "{foreign:?}");
        }
    }

    #[test]
    fn neither_haste_nor_patience_without_end_is_taken_from_dingtalk() {
        for (said, meant) in [(None, 5_000), (Some(0), 1_000), (Some(u64::MAX), 60_000)] {
            assert_eq!(told(said, None).ask_after_ms, meant, "{said:?}");
        }
        for (said, meant) in [(None, 7_200_000), (Some(0), 1_000), (Some(u64::MAX), 86_400_000)] {
            assert_eq!(told(None, said).lapses_after_ms, meant, "{said:?}");
        }
    }
}
