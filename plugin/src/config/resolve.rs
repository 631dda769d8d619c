//! What the configuration means, told to hosts and people.

use super::{
    access,
    account::{Options, credential, endpoints},
    accounts::{Section, Switch},
    credentials::{self, Applications, shown},
    diagnosis::Diagnosis,
    home::HomePath,
    options::{self, Kind, OPTIONS, Spec, Standard},
    proxy_choice::ProxyChoice,
    read::Checked,
    sentences,
};
use crate::{
    bilingual::{Said, both},
    wording::Wording,
};
use host_sdk::{Json, Resolved, ResolvedAccount};
use serde::{Serialize, Serializer};
use serde_json::Value;
use std::collections::BTreeMap;

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
        match endpoints(&checked) {
            Ok(dingtalk) if missing.is_empty() => rival = taken.take(id, &checked, &dingtalk),
            Ok(_) => {}
            Err(message) => {
                found.error(section.path_of(id, "endpoints"), message, sentences::CORRECT_ADDRESS);
            }
        }
    }
    let rivalry = rival.map(|other| Said::new(sentences::SAME_APPLICATION, &[both(id), both(&other)]));
    if let Some(message) = rivalry.clone() {
        let path = section.path_of(id, "clientId");
        if section.is_implied(id) {
            // It works as it was probably meant.
            found.warn(path, message, sentences::MOVE_CREDENTIALS);
        } else {
            found.error(path, message, Said::new(sentences::OWN_APPLICATION, &[both(id)]));
        }
    }
    let reason = match (switch, missing.first()) {
        (Switch::OffForAll, _) => Some(sentences::OFF_FOR_ALL.into()),
        (Switch::Off, _) => Some(Said::new(sentences::OFF, &[both(id)])),
        (Switch::On, Some(option)) => Some(Said::new(sentences::OPTION_NOT_SET, &[both(option)])),
        (Switch::On, None) => rivalry,
    };
    ResolvedAccount {
        id: id.to_owned(),
        name: Options(&checked).text("name").unwrap_or_default().into_owned(),
        enabled: switch == Switch::On,
        configured: missing.is_empty(),
        reason: reason.map(|said| said.to_string()).unwrap_or_default(),
        settings: Json::new(&Settings { group: "", checked: &checked, switch }),
        ..ResolvedAccount::default()
    }
}

fn examine_the_rest(section: &Section, id: &str, checked: &Checked, found: &mut Diagnosis) {
    if let Err(mistake) = ProxyChoice::recognise(checked.get("proxy")) {
        found.error(section.path_of(id, "proxy"), mistake.message, mistake.suggestion);
    }
    let options = Options(checked);
    let folder = options.text("inboundMedia.dir").map(HomePath::new);
    if folder.as_ref().is_some_and(HomePath::lost_backslashes) {
        found.warn(
            section.path_of(id, "inboundMedia.dir"),
            sentences::LOST_BACKSLASHES,
            sentences::DOUBLE_BACKSLASHES,
        );
    }
    if folder.is_some_and(|folder| folder.wants_a_shell()) {
        found.warn(
            section.path_of(id, "inboundMedia.dir"),
            sentences::WANTS_A_SHELL,
            sentences::WRITE_A_PATH,
        );
    }
    let unknown = options.text("locale").is_some_and(|tag| Wording::of(&tag).is_none());
    if unknown {
        found.warn(section.path_of(id, "locale"), sentences::NO_SUCH_LANGUAGE, sentences::WRITE_A_LANGUAGE);
    }
}

/// What holds for an account inside one object of its options, without secrets. Worked out as it is written down, for
/// there may be a thousand accounts.
struct Settings<'a> {
    group: &'static str,
    checked: &'a Checked,
    switch: Switch,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Setting<'a> {
    Written(&'a Value),
    Standard(Standard),
    Text(String),
    List([&'static str; 1]),
    Group(Settings<'a>),
}

impl Serialize for Settings<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.entries())
    }
}

impl<'a> Settings<'a> {
    fn entries(&self) -> impl Iterator<Item = (&'static str, Setting<'a>)> {
        let rows = options::within(self.group).filter(|spec| !spec.is_of_section());
        rows.filter_map(|spec| Some((spec.name, self.setting(spec)?)))
    }

    fn setting(&self, spec: &Spec) -> Option<Setting<'a>> {
        Some(match spec.kind {
            Kind::Group => {
                let inside = Self { group: spec.path, ..*self };
                inside.entries().next()?;
                Setting::Group(inside)
            }
            Kind::Secret => {
                let source = credential(self.checked, spec.path)?;
                Setting::Text(if spec.path == "clientId" { shown(&source) } else { source.whence() })
            }
            Kind::Proxy => Setting::Text(ProxyChoice::recognise(self.checked.get(spec.path)).ok()?.shown()?),
            _ if spec.path == "enabled" => Setting::Standard(Standard::Flag(self.switch == Switch::On)),
            _ => {
                Options(self.checked).written(spec).map(Setting::Written).or_else(|| self.unwritten(spec))?
            }
        })
    }

    fn unwritten(&self, spec: &Spec) -> Option<Setting<'a>> {
        // Written out, because to hosts `open` alone may mean nobody. A list that was written and is empty stays so:
        // who takes the last person off it does not mean to let everyone in.
        let is_open = || Options(self.checked).text("dmPolicy").as_deref() == Some("open");
        match spec.default {
            Standard::Absent if spec.path == "allowFrom" && is_open() => Some(Setting::List(["*"])),
            Standard::Absent => None,
            standard => Some(Setting::Standard(standard)),
        }
    }
}
