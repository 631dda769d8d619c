//! What configurations mean.

mod accounts;
mod brought;
mod credentials;
mod discretion;
mod guide;
mod languages;
mod live;
mod meaning;
mod mistakes;
mod openclaw;

pub(super) use brought::samples as brought;
pub(super) use mistakes::any_json;

use super::*;
use crate::{api::Endpoints, wording::Wording};
use host_sdk::{Diagnostic, Resolved, ResolvedAccount, Severity};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::time::Duration;

fn single() -> Value {
    serde_json::from_str(include_str!("../../../../tests/fixtures/config/single.json")).unwrap()
}

fn two_accounts() -> Value {
    let whole: Value =
        serde_json::from_str(include_str!("../../../../tests/fixtures/config/two-accounts.json")).unwrap();
    whole["channels"]["dingtalk"].clone()
}

#[track_caller]
fn open(section: &Value, id: &str) -> Account {
    account(section, id, "").unwrap()
}

#[track_caller]
fn refused(section: &Value, id: &str) -> String {
    account(section, id, "").unwrap_err().to_string()
}

fn ids(resolved: &Resolved) -> Vec<&str> {
    resolved.accounts.iter().map(|account| account.id.as_str()).collect()
}

fn settings(account: &ResolvedAccount) -> Value {
    account.settings.parse().unwrap()
}

/// The diagnostics of a section that is complete but for `change`.
#[track_caller]
fn diagnostics(change: Value) -> Vec<Diagnostic> {
    let mut section = json!({"clientId": "dingfake", "clientSecret": "s3cret"});
    section.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    resolve(&section).diagnostics
}

/// What is said in both languages, in each of them.
#[track_caller]
fn told(said: &str) -> (&str, &str) {
    let both =
        said.split_once(" (").and_then(|(chinese, english)| Some((chinese, english.strip_suffix(')')?)));
    both.unwrap_or_else(|| panic!("not in both languages: {said}"))
}

#[track_caller]
fn english(said: &str) -> &str {
    told(said).1
}

#[track_caller]
fn the_only(diagnostics: Vec<Diagnostic>) -> Diagnostic {
    assert_eq!(diagnostics.len(), 1, "{diagnostics:#?}");
    diagnostics.into_iter().next().unwrap()
}
