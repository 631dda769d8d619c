//! Faults in the service's words: what the next calls to an endpoint meet.

use std::time::Duration;

use serde_json::{Value, json};

use super::answer::{Answer, Refusal};
use super::endpoint::{Endpoint, Family};

/// Something that goes wrong with a call.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Fault {
    /// Too many calls per second: 403 `…QpsLimitForAppkeyAndApi` (DingTalk protocol, §10.1).
    Qps,
    /// Too many calls per minute: 403 `…QpmLimitForAppkeyAndApi` (DingTalk protocol, §10.2).
    Qpm,
    /// The API as a whole is busy: 403 `…QpsLimitForApi` (DingTalk protocol, §10.2).
    QpsOfApi,
    /// The organisation's monthly quota is used up: 403 `…ApiCountLimitForOrg` (DingTalk protocol, §10.2).
    MonthlyQuota,
    /// A permission is missing: 403 with `requiredScopes` (DingTalk protocol, §10.1).
    Denied(String),
    /// The client's address is not on the allowlist: 403 `…IpNotInWhiteList` (DingTalk protocol, §10.2).
    IpNotAllowed,
    /// The client's address is banned for 5 min (DingTalk protocol, §10.2; its status is not known).
    IpBan,
    /// The token is invalid: 400 `InvalidAuthentication`, or `errcode` 40014 (DingTalk protocol, §1.4).
    InvalidToken,
    /// 401 without a code, as some clients handle it (DingTalk protocol, §1.4).
    Unauthorized,
    /// A status with `{code, message, requestid}`.
    Refused {
        /// The HTTP status.
        status: u16,
        /// The dotted code; the message repeats it.
        code: String,
    },
    /// HTTP 200 with an `errcode`.
    Errcode {
        /// The number.
        errcode: i64,
        /// The text beside it.
        errmsg: String,
    },
    /// A status with exactly this JSON.
    Json {
        /// The HTTP status.
        status: u16,
        /// The body.
        body: Value,
    },
    /// A gateway's HTML page.
    Html(u16),
    /// No body at all.
    Empty(u16),
    /// The call is never answered, and has no effect.
    Hang,
    /// The TCP connection is reset before the call has any effect.
    Reset,
    /// The call takes effect, then the TCP connection is reset.
    LostAnswer,
    /// The call takes effect, and half of its answer arrives before TCP ends.
    TornAnswer,
    /// The call takes effect after this time, and is answered then; a client that hangs up before takes it
    /// back.
    Late(Duration),
    /// The call is stuck on its way and takes effect after this time, whether or not its client still waits:
    /// streaming calls carry no sequence number, so an old text can land on a newer one (DingTalk protocol,
    /// §8.6).
    LandsLate(Duration),
    /// The call takes effect at once, and is answered after this time.
    SlowAnswer(Duration),
    /// The WebSocket handshake succeeds, and the connection closes at once (DingTalk protocol, §2.10 F8).
    CloseAtOnce,
    /// 302 to this address.
    Redirect(String),
    /// The head says that the body has so many bytes, whatever it has.
    WrongLength(u64),
    /// The body has no length and never ends.
    Endless,
    /// The body comes byte by byte, each after this time.
    Drips(Duration),
}

impl Fault {
    /// 400 with a business throttling code (DingTalk protocol, §6.4, §10.2).
    #[must_use]
    pub fn too_fast() -> Self {
        Self::refused(400, "send.too.fast")
    }

    /// A status with `{code, message, requestid}`.
    #[must_use]
    pub fn refused(status: u16, code: &str) -> Self {
        Self::Refused { status, code: code.into() }
    }

    /// HTTP 200 with an `errcode`.
    #[must_use]
    pub fn errcode(errcode: i64, errmsg: &str) -> Self {
        Self::Errcode { errcode, errmsg: errmsg.into() }
    }

    /// The answer that the fault gives instead of the service's, if it gives one.
    pub(super) fn refusal(&self, family: Family) -> Option<Refusal> {
        Some(match self {
            Self::Qps => Refusal::throttled(family, QPS_LIMIT),
            Self::Qpm => Refusal::throttled(family, "Forbidden.AccessDenied.QpmLimitForAppkeyAndApi"),
            Self::QpsOfApi => Refusal::throttled(family, "Forbidden.AccessDenied.QpsLimitForApi"),
            Self::MonthlyQuota => Refusal::throttled(family, "Forbidden.AccessDenied.ApiCountLimitForOrg"),
            Self::Denied(scope) => Refusal::denied(family, scope),
            Self::IpNotAllowed => Refusal::api(
                403,
                "Forbidden.AccessDenied.IpNotInWhiteList",
                "Forbidden.AccessDenied.IpNotInWhiteList",
            ),
            Self::IpBan => Refusal::Other(Answer::json(403, ip_ban())),
            Self::InvalidToken => Refusal::invalid_token(family),
            Self::Unauthorized => Refusal::Other(Answer::json(401, json!({"message": "unauthorized"}))),
            Self::Refused { status, code } => Refusal::api(*status, code, code),
            Self::Errcode { errcode, errmsg } => Refusal::oapi(*errcode, errmsg),
            Self::Json { status, body } => Refusal::Other(Answer::json(*status, body.clone())),
            Self::Html(status) => Refusal::Other(Answer::text(*status, "text/html", HTML_PAGE)),
            Self::Empty(status) => Refusal::Other(Answer::text(*status, "text/plain", "")),
            Self::Hang
            | Self::Reset
            | Self::LostAnswer
            | Self::TornAnswer
            | Self::Late(_)
            | Self::LandsLate(_)
            | Self::SlowAnswer(_)
            | Self::CloseAtOnce
            | Self::Redirect(_)
            | Self::WrongLength(_)
            | Self::Endless
            | Self::Drips(_) => return None,
        })
    }
}

/// The code for more calls per second than an app has (DingTalk protocol, §10.1).
pub(super) const QPS_LIMIT: &str = "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi";

/// What a proxy that speaks HTTP to the TLS port gets (DingTalk protocol, §2.1).
const HTML_PAGE: &str = "<html>\r\n<head><title>400 The plain HTTP request was sent to HTTPS port</title></head>\r\n\
    <body bgcolor=\"white\"><h1>400 Bad Request</h1><hr/>Powered by Tengine</body>\r\n</html>";

fn ip_ban() -> Value {
    json!({"status": 1111, "wait": 5, "source": "x5", "punish": "deny", "uuid": "fake0ban"})
}

/// What the faults decided for one call.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Ruling {
    /// How long the call is on its way.
    pub(super) late: Duration,
    /// How long its answer is on its way.
    pub(super) slow_answer: Duration,
    /// Anything but a delay.
    pub(super) fault: Option<Fault>,
    /// The names of those that struck for the last time.
    pub(super) spent: Vec<&'static str>,
}

/// The faults that are set, in the order in which they were.
#[derive(Debug, Default)]
pub(super) struct Faults {
    rules: Vec<FaultRule>,
}

/// A fault, when it begins and how often it strikes.
#[derive(Debug)]
pub(super) struct FaultRule {
    /// Which calls it strikes; it counts them together.
    pub(super) endpoints: Vec<Endpoint>,
    pub(super) fault: Fault,
    /// What it is called, where it has to be found again.
    pub(super) name: Option<&'static str>,
    /// Calls that pass before the fault strikes.
    pub(super) skip: u32,
    /// How often it still strikes; `None` for always.
    pub(super) left: Option<u32>,
}

impl Faults {
    pub(super) fn add(&mut self, rule: FaultRule) {
        self.rules.push(rule);
    }

    pub(super) fn clear(&mut self, endpoint: Option<Endpoint>) {
        for rule in &mut self.rules {
            rule.endpoints.retain(|it| endpoint.is_some_and(|endpoint| *it != endpoint));
        }
        self.rules.retain(|rule| !rule.endpoints.is_empty());
    }

    /// Takes back what has this name.
    pub(super) fn clear_named(&mut self, name: &str) {
        self.rules.retain(|rule| rule.name != Some(name));
    }

    /// What has this name.
    pub(super) fn named(&self, name: &str) -> Option<&FaultRule> {
        self.rules.iter().find(|rule| rule.name == Some(name))
    }

    /// What the next call to an endpoint meets: delays add up, of other faults the first one strikes.
    pub(super) fn rule(&mut self, endpoint: Endpoint) -> Ruling {
        let mut ruling = Ruling::default();
        for rule in self.rules.iter_mut().filter(|rule| rule.endpoints.contains(&endpoint)) {
            if rule.skip > 0 {
                rule.skip -= 1;
                continue;
            }
            match &rule.fault {
                Fault::Late(delay) => ruling.late += *delay,
                Fault::SlowAnswer(delay) => ruling.slow_answer += *delay,
                _ if ruling.fault.is_some() => continue,
                fault => ruling.fault = Some(fault.clone()),
            }
            rule.left = rule.left.map(|left| left.saturating_sub(1));
            if rule.left == Some(0) {
                ruling.spent.extend(rule.name);
            }
        }
        self.rules.retain(|rule| rule.left != Some(0));
        ruling
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(rules: impl IntoIterator<Item = (Fault, u32, Option<u32>)>) -> Faults {
        let mut faults = Faults::default();
        for (fault, skip, left) in rules {
            faults.add(FaultRule { endpoints: vec![Endpoint::Streaming], fault, name: None, skip, left });
        }
        faults
    }

    fn next(faults: &mut Faults) -> Option<Fault> {
        faults.rule(Endpoint::Streaming).fault
    }

    #[test]
    fn a_fault_strikes_as_often_as_it_was_told() {
        let mut faults = faults([(Fault::Qps, 0, Some(2))]);

        assert_eq!(next(&mut faults), Some(Fault::Qps));
        assert_eq!(next(&mut faults), Some(Fault::Qps));
        assert_eq!(next(&mut faults), None);
    }

    #[test]
    fn a_fault_can_let_calls_pass_first() {
        let mut faults = faults([(Fault::Reset, 1, Some(1))]);

        assert_eq!(next(&mut faults), None);
        assert_eq!(next(&mut faults), Some(Fault::Reset));
        assert_eq!(next(&mut faults), None);
    }

    #[test]
    fn a_fault_of_several_endpoints_counts_them_together_and_is_found_by_its_name() {
        let mut faults = Faults::default();
        let endpoints = vec![Endpoint::Streaming, Endpoint::UpdateCard];
        faults.add(FaultRule { endpoints, fault: Fault::Qps, name: Some("slow"), skip: 0, left: Some(2) });
        let mut spent = |endpoint| {
            let ruling = faults.rule(endpoint);
            (ruling.fault.is_some(), ruling.spent)
        };

        assert_eq!(spent(Endpoint::Streaming), (true, vec![]));
        assert_eq!(spent(Endpoint::UpdateCard), (true, vec!["slow"]));
        assert_eq!(spent(Endpoint::UpdateCard), (false, vec![]));
        assert!(faults.named("slow").is_none());
    }

    #[test]
    fn faults_queue_up_and_other_endpoints_are_spared() {
        let mut faults = faults([(Fault::Qps, 0, Some(1)), (Fault::Hang, 0, None)]);

        assert_eq!(faults.rule(Endpoint::UpdateCard), Ruling::default());
        assert_eq!(next(&mut faults), Some(Fault::Qps));
        assert_eq!(next(&mut faults), Some(Fault::Hang));
        assert_eq!(next(&mut faults), Some(Fault::Hang));
    }

    #[test]
    fn delays_add_to_other_faults() {
        let delay = Duration::from_secs(1);
        let mut faults = faults([(Fault::Late(delay), 0, None), (Fault::Qps, 0, Some(1))]);

        let ruling = faults.rule(Endpoint::Streaming);

        assert_eq!((ruling.late, ruling.fault), (delay, Some(Fault::Qps)));
    }

    #[test]
    fn throttling_speaks_the_language_of_the_call() {
        let api = Fault::Qps.refusal(Family::Api).unwrap().into_answer("A");
        let oapi = Fault::Qps.refusal(Family::Oapi).unwrap().into_answer("A");

        assert_eq!((api.status, api.remembered()["code"].as_str()), (403, Some(QPS_LIMIT)));
        assert_eq!((oapi.status, oapi.remembered()["sub_code"].as_str()), (200, Some("90018")));
    }
}
