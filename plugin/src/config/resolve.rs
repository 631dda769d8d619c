//! What the configuration means, told to hosts and people.

use super::{
    access,
    account::{Options, credential, endpoints},
    accounts::{Section, Switch},
    credentials::{self, Applications, shown},
    diagnosis::Diagnosis,
    home::HomePath,
    options::{Kind, OPTIONS, Spec},
    proxy_choice::ProxyChoice,
    read::Checked,
};
use crate::wording::Wording;
use host_sdk::{Json, Resolved, ResolvedAccount};
use serde_json::{Value, json};
use std::{borrow::Cow, collections::BTreeMap};

/// Says what `section`, which is `channels.dingtalk` as written, means. It reads nothing else, and
/// its answer holds no secret.
pub(crate) fn resolve(section: &Value) -> Resolved {
    let mut found = Diagnosis::default();
    let section = Section::read(section, &mut found);
    let mut taken = Applications::default();
    // What nobody wrote is the last to have an application.
    let (implied, written): (Vec<_>, Vec<_>) = section.ids().partition(|id| section.is_implied(id));
    let ids = written.into_iter().chain(implied);
    let mut accounts: Vec<_> = ids.map(|id| one(&section, id, &mut taken, &mut found)).collect();
    accounts.sort_unstable_by(|one, other| one.id.cmp(&other.id));
    Resolved {
        accounts,
        default_account: section.default_account,
        effects: effects(),
        diagnostics: found.into_vec(),
        extra: Json::default(),
    }
}

/// For each option, what a change takes.
fn effects() -> Json {
    Json::new(&OPTIONS.iter().map(|spec| (spec.path, spec.effect.word())).collect::<BTreeMap<_, _>>())
}

fn one(section: &Section, id: &str, taken: &mut Applications, found: &mut Diagnosis) -> ResolvedAccount {
    let checked = section.effective(id).unwrap_or_default();
    let missing = credentials::missing(&checked);
    let switch = section.switch(id);
    let mut rival = None;
    if switch == Switch::On {
        credentials::examine(section, id, &checked, found);
        access::examine(section, id, &checked, found);
        examine_the_rest(section, id, &checked, found);
        if missing.is_empty() {
            rival = taken.take(id, &checked);
        }
    }
    let rivalry = rival.map(|other| same_application(id, &other));
    if let Some(message) = &rivalry {
        let path = section.path_of(id, "clientId");
        if section.is_implied(id) {
            // It works as it was probably meant.
            found.warn(
                path,
                message,
                "write the credentials into the account, for at the top level they are one",
            );
        } else {
            let suggestion = format!("give `{id}` an application of its own, or remove one of the two");
            found.error(path, message, suggestion);
        }
    }
    let reason = match (switch, missing.first()) {
        (Switch::OffForAll, _) => "`enabled` is false at the top level".to_owned(),
        (Switch::Off, _) => format!("`accounts.{id}.enabled` is false"),
        (Switch::On, Some(option)) => format!("`{option}` is not set"),
        (Switch::On, None) => rivalry.unwrap_or_default(),
    };
    ResolvedAccount {
        id: id.to_owned(),
        name: Options(&checked).text("name").unwrap_or_default().into_owned(),
        enabled: switch == Switch::On,
        configured: missing.is_empty(),
        reason,
        settings: Json::new(&settings(&checked, switch)),
        ..ResolvedAccount::default()
    }
}

fn same_application(id: &str, other: &str) -> String {
    format!(
        "account `{id}` is not connected while account `{other}` runs, which has the same Client ID: DingTalk gives \
         each message to only one of them"
    )
}

fn examine_the_rest(section: &Section, id: &str, checked: &Checked, found: &mut Diagnosis) {
    if let Err(message) = endpoints(checked) {
        let suggestion = "correct it, or remove it to use the region's";
        found.error(section.path_of(id, "endpoints"), message, suggestion);
    }
    if let Err(mistake) = ProxyChoice::recognise(checked.get("proxy")) {
        found.error(section.path_of(id, "proxy"), mistake.message, mistake.suggestion);
    }
    let options = Options(checked);
    if options.text("inboundMedia.dir").is_some_and(|dir| HomePath::new(dir).wants_a_shell()) {
        found.warn(
            section.path_of(id, "inboundMedia.dir"),
            "`~name`, `$NAME` and `%NAME%` are not read here; this is taken as a folder in the home directory",
            "write `~/` and the rest, or the whole path",
        );
    }
    let unknown = options.text("locale").is_some_and(|tag| Wording::of(&tag).is_none());
    if unknown {
        found.warn(
            section.path_of(id, "locale"),
            "there is no such language; it is ignored",
            "write zh-CN or en",
        );
    }
}

/// The options that hold for an account, by name, without secrets.
fn settings(checked: &Checked, switch: Switch) -> Value {
    let mut settings = json!({}); // indexing adds what is not there yet
    for spec in OPTIONS.iter().filter(|spec| !spec.is_of_section() && spec.kind != Kind::Group) {
        let Some(value) = setting(spec, checked) else { continue };
        match spec.path.split_once('.') {
            None => settings[spec.path] = value,
            Some((group, name)) => settings[group][name] = value,
        }
    }
    settings["enabled"] = json!(switch == Switch::On);
    if settings["dmPolicy"] == "open" && settings["allowFrom"].is_null() {
        // Written out, because to hosts `open` alone may mean nobody. A list that was written and is empty stays so:
        // who takes the last person off it does not mean to let everyone in.
        settings["allowFrom"] = json!(["*"]);
    }
    settings
}

fn setting(spec: &Spec, checked: &Checked) -> Option<Value> {
    match spec.kind {
        Kind::Secret => {
            let source = credential(checked, spec.path)?;
            Some(if spec.path == "clientId" { shown(&source) } else { source.whence() }.into())
        }
        Kind::Proxy => Some(ProxyChoice::recognise(checked.get(spec.path)).ok()?.shown()?.into()),
        _ => Options(checked).of(spec).map(Cow::into_owned),
    }
}
