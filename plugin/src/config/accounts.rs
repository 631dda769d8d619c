//! Which accounts there are, and which is meant when none is named (O2, M2, M3).

use super::{
    diagnosis::{Diagnosis, at},
    read::{self, Checked},
    secret_source::SecretSource,
    sentences, suggest,
};
use crate::bilingual::{Said, both};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, HashMap};

/// The account there is when nobody wrote any.
const DEFAULT: &str = "default";

/// The section, read: what holds for all accounts, and each account's own options.
#[derive(Debug)]
pub(super) struct Section {
    top: Checked,
    own: BTreeMap<String, Checked>,
    /// Whether the account `default` comes from the top level alone.
    pub(super) is_default_implied: bool,
    /// The account meant when none is named; there always is one.
    pub(super) default_account: String,
}

/// Why an account is off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Switch {
    /// It is not.
    On,
    /// The whole section is.
    OffForAll,
    /// The account is.
    Off,
}

impl Section {
    /// Reads the section. Anything can be read; what is not as it should be is found.
    pub(super) fn read(section: &Value, found: &mut Diagnosis) -> Self {
        Self::read_for(section, None, found)
    }

    /// Reads the section for the sake of one account; of the others only what rivals are known by.
    pub(super) fn of(section: &Value, account: Option<&str>) -> Self {
        Self::read_for(section, account, &mut Diagnosis::default())
    }

    fn read_for(section: &Value, account: Option<&str>, found: &mut Diagnosis) -> Self {
        let empty = Map::new();
        let written = section.as_object().unwrap_or(&empty);
        if !section.is_object() && !section.is_null() {
            let told = [sentences::OBJECT, sentences::IGNORED];
            found.wrong_type("", section, told, sentences::WRITE_AN_OBJECT);
        }
        let top = read::level(written, "", found);
        let mut own = own_options(written.get("accounts"), account, found);
        let is_default_implied = own.is_empty() || (is_concrete(&top) && !own.contains_key(DEFAULT));
        if is_default_implied {
            own.insert(DEFAULT.to_owned(), Checked::new());
        }
        let default_account = default_account(written.get("defaultAccount"), &own, found);
        Self { top, own, is_default_implied, default_account }
    }

    /// The ids of all accounts, sorted.
    pub(super) fn ids(&self) -> impl Iterator<Item = &str> {
        self.own.keys().map(String::as_str)
    }

    /// What holds for an account; `None` if there is no such account.
    pub(super) fn effective(&self, id: &str) -> Option<Checked> {
        self.own.get(id).map(|own| read::inherit(&self.top, own))
    }

    /// Whether an account is on: `enabled` must not be `false` at either level.
    pub(super) fn switch(&self, id: &str) -> Switch {
        let is_off = |level: &Checked| level.get("enabled") == Some(&Value::Bool(false));
        match self.own.get(id) {
            _ if is_off(&self.top) => Switch::OffForAll,
            Some(own) if is_off(own) => Switch::Off,
            _ => Switch::On,
        }
    }

    /// Whether nobody wrote this account: the top level is one.
    pub(super) fn is_implied(&self, id: &str) -> bool {
        self.is_default_implied && id == DEFAULT
    }

    /// The first account that goes before `id`, is on and has the same Client ID, as it is written.
    pub(super) fn rival(&self, id: &str) -> Option<&str> {
        let client_id = |own: &Checked| {
            let written = own.get("clientId").or_else(|| self.top.get("clientId"))?;
            SecretSource::recognise(written).ok().flatten()
        };
        let mine = client_id(self.own.get(id)?)?;
        let rank = |id: &str| (self.is_implied(id), id.to_owned());
        let mut before = self.own.iter().filter(|(other, _)| rank(other) < rank(id));
        let rival = before.find(|(other, own)| {
            self.switch(other) == Switch::On && client_id(own).as_ref() == Some(&mine)
        })?;
        Some(rival.0)
    }

    /// Where an option of an account was written, or would be.
    pub(super) fn path_of(&self, id: &str, option: &str) -> String {
        let name = option.split('.').next().unwrap_or(option);
        let is_own = self.own.get(id).is_some_and(|own| own.contains_key(name));
        let is_lone = self.is_default_implied && id == DEFAULT;
        if is_lone || (!is_own && self.top.contains_key(name)) {
            return option.to_owned();
        }
        format!("accounts.{id}.{option}")
    }
}

fn own_options(
    accounts: Option<&Value>,
    wanted: Option<&str>,
    found: &mut Diagnosis,
) -> BTreeMap<String, Checked> {
    let mut own = BTreeMap::new();
    let Some(accounts) = accounts.filter(|accounts| !accounts.is_null()) else { return own };
    let Some(accounts) = accounts.as_object() else {
        let told = [sentences::OBJECT, sentences::IGNORED];
        found.wrong_type("accounts", accounts, told, sentences::WRITE_ACCOUNTS);
        return own;
    };
    for (written_id, account) in accounts {
        let (id, path) = (written_id.trim(), at("accounts", written_id));
        if id.is_empty() {
            found.error("accounts", sentences::WITHOUT_ID, sentences::NAME_IT);
            continue;
        }
        let options = match account.as_object() {
            Some(options) if wanted.is_none_or(|wanted| wanted == id) => read::level(options, &path, found),
            Some(options) => known_by(options),
            None => {
                let told = [sentences::OBJECT, sentences::ACCOUNT_OFF];
                found.wrong_type(path, account, told, sentences::WRITE_AN_OBJECT);
                // Nothing inherited may start an account that nobody could read.
                Checked::from_iter([("enabled".to_owned(), Value::Bool(false))])
            }
        };
        if own.insert(id.to_owned(), options).is_some() {
            found.error(at("accounts", id), sentences::SAME_NAME, sentences::RENAME_ONE);
        }
    }
    alike(&own, found);
    own
}

/// What is to be known of an account that is not asked for.
fn known_by(options: &Map<String, Value>) -> Checked {
    let known = ["enabled", "clientId"]
        .into_iter()
        .filter_map(|name| Some((name.to_owned(), options.get(name)?.clone())));
    known.collect()
}

/// Finds accounts whose names differ in case alone: hosts may take them for one.
fn alike(own: &BTreeMap<String, Checked>, found: &mut Diagnosis) {
    let mut names = HashMap::new();
    for id in own.keys() {
        if let Some(other) = names.insert(id.to_lowercase(), id) {
            let message = Said::new(sentences::SAME_BUT_CASE, &[both(other)]);
            found.warn(at("accounts", id), message, sentences::RENAME);
        }
    }
}

/// Whether the top level is an account itself and not only what accounts have in common.
fn is_concrete(top: &Checked) -> bool {
    ["clientId", "clientSecret", "name"].iter().any(|key| top.contains_key(*key))
}

fn default_account(
    written: Option<&Value>,
    own: &BTreeMap<String, Checked>,
    found: &mut Diagnosis,
) -> String {
    let first = || own.keys().next().cloned().unwrap_or_default();
    let otherwise = if own.contains_key(DEFAULT) { DEFAULT.to_owned() } else { first() };

    let Some(written) = written.filter(|written| !written.is_null()) else { return otherwise };
    let Some(named) = read::text(written) else {
        let instead = Said::new(sentences::INSTEAD, &[both(&otherwise)]);
        let known = known_accounts("", own.keys().map(String::as_str));
        found.wrong_type("defaultAccount", written, [sentences::ACCOUNT_ID, instead.pair()], known);
        return otherwise;
    };
    if named.is_empty() || own.contains_key(&named) {
        return if named.is_empty() { otherwise } else { named };
    }
    let message = Said::new(sentences::NO_ACCOUNT_INSTEAD, &[both(&named), both(&otherwise)]);
    found.error("defaultAccount", message, known_accounts(&named, own.keys().map(String::as_str)));
    otherwise
}

/// A suggestion for somebody who named an account that does not exist.
pub(super) fn known_accounts<'a>(named: &str, ids: impl Iterator<Item = &'a str>) -> Said {
    let ids: Vec<&str> = ids.collect();
    match suggest::nearest(named, ids.iter().copied()) {
        Some(id) => suggest::meant(id),
        None => Said::new(sentences::ACCOUNTS_ARE, &[both(&ids.join(", "))]),
    }
}
