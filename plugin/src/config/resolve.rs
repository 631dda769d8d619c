//! What the configuration means, told to hosts and people.

use super::{
    access,
    account::{Options, credential, endpoints, where_to_find},
    accounts::{Section, Switch},
    diagnosis::Diagnosis,
    options::{Kind, OPTIONS, Spec},
    proxy_choice::ProxyChoice,
    read::Checked,
    secret_source::SecretSource,
};
use crate::wording::Wording;
use host_sdk::{Json, Resolved, ResolvedAccount};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Says what `section`, which is `channels.dingtalk` as written, means. It reads nothing else, and
/// its answer holds no secret.
pub(crate) fn resolve(section: &Value) -> Resolved {
    let mut found = Diagnosis::default();
    let section = Section::read(section, &mut found);
    let mut seen = BTreeMap::new();
    let accounts = section.ids().map(|id| one(&section, id, &mut seen, &mut found)).collect();
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

/// Accounts by the application they use.
type Seen = BTreeMap<String, String>;

fn one(section: &Section, id: &str, seen: &mut Seen, found: &mut Diagnosis) -> ResolvedAccount {
    let checked = section.effective(id).unwrap_or_default();
    let missing: Vec<&str> = ["clientId", "clientSecret"]
        .into_iter()
        .filter(|option| credential(&checked, option).is_none())
        .collect();
    let switch = section.switch(id);
    if switch == Switch::On {
        examine_credentials(section, id, &checked, &missing, seen, found);
        access::examine(section, id, &checked, found);
        examine_the_rest(section, id, &checked, found);
    }
    let reason = match (switch, missing.first()) {
        (Switch::OffForAll, _) => "`enabled` is false at the top level".to_owned(),
        (Switch::Off, _) => format!("`accounts.{id}.enabled` is false"),
        (Switch::On, Some(option)) => format!("`{option}` is not set"),
        (Switch::On, None) => String::new(),
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

fn examine_credentials(
    section: &Section,
    id: &str,
    checked: &Checked,
    missing: &[&str],
    seen: &mut Seen,
    found: &mut Diagnosis,
) {
    let is_implied = section.is_default_implied && id == "default" && section.ids().count() > 1;
    for option in missing {
        let path = section.path_of(id, option);
        let message = format!("`{option}` is not set, account `{id}` cannot run");
        if is_implied {
            // Nobody wrote this account; it exists because the top level has a credential or a name.
            found.warn(path, message, "complete it, or move it from the top level into an account");
        } else {
            found.error(path, message, where_to_find(option));
        }
    }
    let Some(client_id) = credential(checked, "clientId") else { return };
    let path = section.path_of(id, "clientId");
    if let Some(why) = client_id.written().and_then(slip) {
        found.warn(path.clone(), why, where_to_find("clientId"));
    }
    let shown = shown(&client_id);
    if let Some(other) = seen.get(&shown) {
        let message = format!(
            "account `{other}` has the same Client ID: DingTalk gives each message to only one of them, \
             and what it pushes again may be answered by both"
        );
        found.warn(path, message, "use one application for each account");
    }
    seen.insert(shown, id.to_owned());
}

/// What went wrong when a Client ID was pasted, if something did.
fn slip(client_id: &str) -> Option<&'static str> {
    let (first, second) = client_id.split_at_checked(client_id.len() / 2)?;
    if client_id.len() > 10 && first == second {
        return Some("it looks as if it had been pasted twice");
    }
    client_id.contains(char::is_whitespace).then_some("there is white space inside it")
}

fn examine_the_rest(section: &Section, id: &str, checked: &Checked, found: &mut Diagnosis) {
    if let Err(message) = endpoints(checked) {
        let suggestion = "correct it, or remove it to use the region's";
        found.error(section.path_of(id, "endpoints"), message, suggestion);
    }
    if let Err(mistake) = ProxyChoice::recognise(checked.get("proxy")) {
        found.error(section.path_of(id, "proxy"), mistake.message, mistake.suggestion);
    }
    let unknown = Options(checked).text("locale").is_some_and(|tag| Wording::of(&tag).is_none());
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
        _ => Options(checked).json(spec.path),
    }
}

/// A Client ID, which is no secret, or where it comes from.
fn shown(client_id: &SecretSource) -> String {
    client_id.written().map_or_else(|| client_id.whence(), str::to_owned)
}
