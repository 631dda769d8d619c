//! A look at every account that is to run, each by the channel's own probe, without starting any.

use super::{
    Address, Host, HostError, Options,
    log::Log,
    opener::open_context,
    plan::{Plan, Planned},
    ready::{Ready, read},
    state::State,
};
use futures_util::{FutureExt, StreamExt, stream};
use host_sdk::{
    Accepted, ChannelError, Check, CheckWords, Done, InboundMessage, Report, Verdict, host::Events,
};
use serde::Serialize;
use std::time::Duration;

/// A probe keeps to its own time; whoever is this much late does not answer at all.
const PATIENCE: Duration = Duration::from_secs(60);
/// So many accounts are examined at the same time.
const AT_ONCE: usize = 8;

/// What was found out, without anything being started.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Examination {
    /// Whether nothing failed and nothing is wrong with the configuration.
    pub ok: bool,
    /// What of the configuration has to be corrected, each with what to do.
    pub problems: Vec<String>,
    /// What a person should know of it besides.
    pub remarks: Vec<String>,
    /// What each account found.
    pub accounts: Vec<Examined>,
}

/// What an account found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Examined {
    /// Which, as in `dingtalk/default`.
    pub account: String,
    /// What it found.
    pub report: Report,
}

impl Examination {
    /// Has every account that is to run examine itself, or the one called `wanted`.
    ///
    /// # Errors
    /// When the configuration or the plugins cannot be read, or nothing is to run.
    pub async fn of(options: &Options, wanted: Option<&str>) -> Result<Self, HostError> {
        let log = Log::new(options.log_sink.clone());
        let Ready { config, plugins, .. } = read(options, &log).await?;
        let plan = Plan::make(&config, &plugins);
        let is_wanted = |planned: &&Planned| wanted.is_none_or(|name| planned.address.is_called(name));
        let planned: Vec<_> = plan.accounts.iter().filter(is_wanted).collect();
        if planned.is_empty() {
            return Err(none(plan, &config, wanted));
        }
        let state = State::new(options.state_dir.clone());
        let mut examining = Vec::new();
        for planned in planned {
            examining.push(examined(options, &state, planned).boxed());
        }
        let accounts: Vec<_> = stream::iter(examining).buffered(AT_ONCE).collect().await;
        let (problems, remarks) = if plan.has_mistakes {
            (plan.reasons, plan.warnings)
        } else {
            (vec![], [plan.warnings, plan.reasons].concat())
        };
        let ok = problems.is_empty() && accounts.iter().all(|examined| examined.report.ok);
        Ok(Self { ok, problems, remarks, accounts })
    }

    /// Has every account of a host that runs examine itself: it knows what it has heard, too.
    pub async fn of_running(host: &Host) -> Self {
        let mut accounts = Vec::new();
        for address in host.accounts() {
            let account = address.to_string();
            // One that was stopped meanwhile is none that runs.
            let Ok(channel) = host.channel(&account) else { continue };
            let report = channel.probe().await.unwrap_or_else(|error| unexamined(&address, &said(&error)));
            accounts.push(Examined { account, report });
        }
        let ok = accounts.iter().all(|examined| examined.report.ok);
        Self { ok, problems: Vec::new(), remarks: Vec::new(), accounts }
    }
}

fn none(plan: Plan, config: &super::Config, wanted: Option<&str>) -> HostError {
    let known: Vec<_> = plan.accounts.iter().map(|planned| planned.address.to_string()).collect();
    match wanted {
        Some(name) if !known.is_empty() => HostError::UnknownAccount { name: name.to_owned(), known },
        _ => {
            let reasons = [plan.reasons, plan.warnings].concat();
            HostError::NothingToRun { file: config.file().to_owned(), reasons }
        }
    }
}

async fn examined(options: &Options, state: &State, planned: &Planned) -> Examined {
    let account = planned.address.to_string();
    let report = match probed(options, state, planned).await {
        Ok(report) => report,
        Err(error) => unexamined(&planned.address, &error),
    };
    Examined { account, report }
}

async fn probed(options: &Options, state: &State, planned: &Planned) -> Result<Report, String> {
    let context = open_context(options, state, planned).map_err(|error| error.to_string())?;
    let channel = planned.plugin.open(context, Deaf).map_err(|error| said(&error))?;
    let probe =
        tokio::time::timeout(PATIENCE + options.probe_time.unwrap_or_default(), channel.probe()).await;
    probe.map_err(|_| "it does not answer".to_owned())?.map_err(|error| said(&error))
}

fn said(error: &ChannelError) -> String {
    error.message.clone()
}

fn unexamined(address: &Address, why: &str) -> Report {
    let english = CheckWords {
        locale: "en".into(),
        finding: format!("{address} cannot be examined: {why}"),
        why: "What of it works and what does not is not known.".into(),
        remedy: "Correct what it says, and look again.".into(),
    };
    let chinese = CheckWords {
        locale: "zh-CN".into(),
        finding: format!("无法检查 {address}：{why}"),
        why: "不知道它哪里能工作、哪里不能。".into(),
        remedy: "按上面的说明改正，再检查一次。".into(),
    };
    let check = Check {
        name: "configuration".into(),
        code: "notOpened".into(),
        verdict: Verdict::Failed,
        finding: english.finding.clone(),
        why: english.why.clone(),
        remedy: english.remedy.clone(),
        words: vec![chinese, english],
        ..Check::default()
    };
    Report { ok: false, checks: vec![check], ..Report::default() }
}

/// A host that takes nothing: an account that is not started brings nothing.
pub(crate) struct Deaf;

impl Events for Deaf {
    fn receive(&self, _message: InboundMessage, answer: Done<Accepted>) {
        answer.answer(Ok(Accepted::Refused));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_that_cannot_be_examined_is_told_so_in_both_languages_with_what_to_do() {
        let report = unexamined(&Address::new("dingtalk", "default"), "it does not answer");
        assert!(!report.ok);
        for (locale, begins) in [("zh-CN", "无法检查 dingtalk/default："), ("en", "dingtalk/default cannot")]
        {
            let words = report.checks[0].in_language(locale);
            assert!(words.finding.starts_with(begins) && words.finding.ends_with("it does not answer"));
            assert!(!words.why.is_empty() && !words.remedy.is_empty(), "{words:?}");
        }
    }
}
