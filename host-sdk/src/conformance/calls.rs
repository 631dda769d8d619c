//! Every call, also with what makes no sense: an answer, a reason, and nobody hurt.

use super::{
    Claim, Holds, Subject, demand,
    stage::{Stage, reply, state},
};
use crate::value::{
    Attachment, DirectoryQuery, Handle, Json, OutboundMessage, Phase, Recall, Report, Verdict,
};
use std::{sync::mpsc, thread};

/// Sections of a configuration as people write them when they have read nothing.
const ODD_SECTIONS: [&str; 10] = [
    "{}",
    "null",
    "true",
    "7",
    "\"text\"",
    "[]",
    r#"{"enabled": "perhaps", "accounts": 7}"#,
    r#"{"accounts": {"": null, "a": [], "b": {"accounts": {}}}}"#,
    r#"{"neverHeardOf": {"deep": [[[[[[[[{}]]]]]]]]}}"#,
    "not JSON at all",
];

/// Handles that no plugin has made.
const ODD_HANDLES: [&str; 4] = ["", "{}", "[[", "a handle of another plugin's"];

pub(super) const RESOLVES_ANYTHING: Claim = Claim {
    name: "every section is resolved, with its accounts sorted and the default one among them",
    holds: resolves_anything,
};

fn resolves_anything(subject: &dyn Subject) -> Holds {
    let real = subject.contexts().into_iter().map(|context| context.config);
    let odd = ODD_SECTIONS.map(Json::from_text);
    real.chain(odd).try_for_each(|section| resolves(subject, &section))
}

fn resolves(subject: &dyn Subject, section: &Json) -> Holds {
    let (tell, told) = mpsc::channel();
    let (plugin, config) = (subject.plugin(), section.clone());
    // On a thread of its own, for it may never come back.
    thread::spawn(move || {
        let _gave_up = tell.send(plugin.resolve(&config));
    });
    let patience = subject.patience();
    // Its text may hold a secret.
    let which =
        || ODD_SECTIONS.into_iter().find(|odd| *odd == section.as_str()).unwrap_or("the real section");
    let resolved = told
        .recv_timeout(patience)
        .map_err(|_| format!("{} is not resolved within {patience:?}", which()))?
        .map_err(|error| format!("{} is answered with {:?}: {error}", which(), error.code))?;
    let ids: Vec<_> = resolved.accounts.iter().map(|account| &account.id).collect();
    demand(ids.is_sorted_by(|one, other| one < other), || format!("{}: the accounts are {ids:?}", which()))?;
    let default = &resolved.default_account;
    demand(default.is_empty() || ids.contains(&default), || {
        format!("{}: the default account {default:?} is none of {ids:?}", which())
    })
}

pub(super) const PROBES_AND_COUNTS: Claim =
    Claim { name: "probes and metrics are there before, while and after it runs", holds: probes_and_counts };

fn probes_and_counts(subject: &dyn Subject) -> Holds {
    let stage = Stage::open(subject)?;
    probes_and_counts_now(&stage)?;
    stage.starts()?;
    stage.receives("hello")?;
    probes_and_counts_now(&stage)?;
    stage.stops()?;
    probes_and_counts_now(&stage)?;
    stage.ends()
}

fn probes_and_counts_now(stage: &Stage<'_>) -> Holds {
    let report = stage.reasoned("the probe", stage.channel.probe())?;
    demand(report.as_ref().is_none_or(is_sound), || {
        "a probe is `ok` exactly when no check failed".to_owned()
    })?;
    stage.reasoned("the directory", stage.channel.directory(DirectoryQuery::default()))?;
    let metrics = stage.channel.metrics();
    stage.unhurt()?;
    let object = metrics.parse::<serde_json::Map<String, serde_json::Value>>();
    demand(object.is_ok(), || "the metrics are no JSON object".to_owned())
}

fn is_sound(report: &Report) -> bool {
    report.ok == report.checks.iter().all(|check| check.verdict != Verdict::Failed)
}

pub(super) const ANSWERS_NONSENSE: Claim = Claim {
    name: "what makes no sense is done or refused with a reason, and the rest goes on",
    holds: answers_nonsense,
};

fn answers_nonsense(subject: &dyn Subject) -> Holds {
    let stage = Stage::start(subject)?;
    for handle in ODD_HANDLES {
        let message =
            OutboundMessage { reply: Handle::new(handle), text: "hello".into(), ..Default::default() };
        stage.reasoned("a message to nobody", stage.channel.send(message.clone()))?;
        let empty = OutboundMessage { text: String::new(), ..message.clone() };
        stage.reasoned("a message without a word", stage.channel.send(empty))?;
        let lost = OutboundMessage { target: "\0\u{feff}:".to_owned(), ..message };
        stage.reasoned("a message to a place that is none", stage.channel.send(lost))?;

        let mut update = state(&Default::default(), handle, 1, Phase::Done, "hello");
        update.reply = Handle::new(handle);
        stage.reasoned("an answer to nothing", stage.channel.stream_update(update))?;

        let recall =
            Recall { reply: Handle::new(handle), ids: vec!["never sent".into()], ..Default::default() };
        stage.reasoned("what was never sent, to be taken back", stage.channel.recall(recall))?;
        stage.reasoned("nothing, to be taken back", stage.channel.recall(Recall::default()))?;
    }
    works(&stage)?;
    stage.stops()?;
    stage.ends()
}

pub(super) const FETCHES_NOTHING: Claim = Claim {
    name: "a file that there is not is refused with a reason, and the rest goes on",
    holds: fetches_nothing,
};

fn fetches_nothing(subject: &dyn Subject) -> Holds {
    let stage = Stage::start(subject)?;
    for handle in ODD_HANDLES {
        let attachment =
            Attachment { handle: Handle::new(handle), name: "x.txt".into(), ..Default::default() };
        let fetched = stage.reasoned("a file", stage.channel.fetch(attachment))?;
        demand(fetched.is_none(), || format!("a file was fetched with {handle:?}"))?;
    }
    works(&stage)?;
    stage.stops()?;
    stage.ends()
}

pub(super) const TAKES_CHANGES_IN: Claim = Claim {
    name: "every changed section is answered, and with the old one again it works as before",
    holds: takes_changes_in,
};

fn takes_changes_in(subject: &dyn Subject) -> Holds {
    let stage = Stage::start(subject)?;
    for section in ODD_SECTIONS.map(Json::from_text) {
        stage.reasoned("an odd section", stage.channel.reconfigure(section))?;
    }
    let first = subject.contexts().into_iter().next().unwrap_or_default();
    stage.answer("the section that it has", stage.channel.reconfigure(first.config))?;
    works(&stage)?;
    stage.stops()?;
    stage.ends()
}

/// That a message arrives, and people read the answer.
fn works(stage: &Stage<'_>) -> Holds {
    let message = stage.receives("still there?")?;
    stage.answer("a message", stage.channel.send(reply(&message, "still there")))?;
    let shown = stage.shown();
    demand(shown.last().is_some_and(|last| last.contains("still there")), || format!("people see {shown:?}"))
}
