//! Client ID and Client Secret as they are written: what is missing, and what went wrong when they were pasted.

use super::{
    account::{credential, where_to_find},
    accounts::Section,
    diagnosis::Diagnosis,
    read::Checked,
    secret_source::SecretSource,
    sentences,
};
use crate::{
    api::Endpoints,
    bilingual::{Pair, Said, both},
};
use std::collections::HashMap;

/// Whose application is whose, as far as that is written. The first account that has one is connected as it.
#[derive(Default)]
pub(super) struct Applications(HashMap<(String, String), String>);

impl Applications {
    /// The account that has the application of account `id` in that DingTalk already, if one has.
    pub(super) fn take(&mut self, id: &str, checked: &Checked, dingtalk: &Endpoints) -> Option<String> {
        let client_id = shown(&credential(checked, "clientId")?);
        match self.0.entry((dingtalk.id().to_owned(), client_id)) {
            std::collections::hash_map::Entry::Occupied(taken) => Some(taken.get().clone()),
            std::collections::hash_map::Entry::Vacant(free) => {
                free.insert(id.to_owned());
                None
            }
        }
    }
}

/// A Client ID, which is no secret, or where it comes from.
pub(super) fn shown(client_id: &SecretSource) -> String {
    client_id.written().map_or_else(|| client_id.whence(), str::to_owned)
}

/// The credentials that an account lacks.
pub(super) fn missing(checked: &Checked) -> Vec<&'static str> {
    ["clientId", "clientSecret"].into_iter().filter(|option| credential(checked, option).is_none()).collect()
}

/// Tells what an account lacks, and what its credentials look like.
pub(super) fn examine(section: &Section, id: &str, checked: &Checked, found: &mut Diagnosis) {
    let is_implied = section.is_implied(id) && section.ids().count() > 1;
    for option in missing(checked) {
        let path = section.path_of(id, option);
        let message = Said::new(sentences::CANNOT_RUN, &[both(option), both(id)]);
        if is_implied {
            // Nobody wrote this account; it exists because the top level has a credential or a name.
            found.warn(path, message, sentences::COMPLETE_OR_MOVE);
        } else {
            found.error(path, message, where_to_find(option));
        }
    }
    let [client_id, secret] = ["clientId", "clientSecret"].map(|option| credential(checked, option));
    let written = |source: &Option<SecretSource>| source.as_ref()?.written().map(str::to_owned);
    let [client_id, secret] = [written(&client_id), written(&secret)];
    if let (Some(client_id), Some(secret)) = (&client_id, &secret)
        && are_exchanged(client_id, secret)
    {
        return found.warn(section.path_of(id, "clientId"), sentences::EXCHANGED, sentences::EXCHANGE);
    }
    for (option, written) in [("clientId", client_id), ("clientSecret", secret)] {
        if let Some(why) = written.as_deref().and_then(slip) {
            found.warn(section.path_of(id, option), why, where_to_find(option));
        }
    }
}

fn are_exchanged(client_id: &str, secret: &str) -> bool {
    !client_id.starts_with("ding") && client_id.len() > secret.len() && secret.starts_with("ding")
}

/// What is the matter with a credential, if something is. Never says what was written.
fn slip(written: &str) -> Option<Pair> {
    let (first, second) = written.split_at_checked(written.len() / 2)?;
    if is_placeholder(written) {
        return Some(sentences::PLACEHOLDER);
    }
    if written.len() > 10 && first == second {
        return Some(sentences::PASTED_TWICE);
    }
    if written.contains(char::is_whitespace) {
        return Some(sentences::WHITE_SPACE);
    }
    if written.starts_with('$') || (written.starts_with('%') && written.ends_with('%')) {
        return Some(sentences::SHELL_VARIABLE);
    }
    if !written.chars().all(|character| character.is_ascii_graphic()) || written.contains(['"', '\'']) {
        return Some(sentences::ODD_CHARACTER);
    }
    None
}

/// What examples write: `dingxxxxxx`, `your-app-secret`, `<AppSecret>`, `******`.
fn is_placeholder(written: &str) -> bool {
    let rest = written.strip_prefix("ding").unwrap_or(written);
    let is_masked =
        rest.len() >= 3 && rest.chars().all(|character| matches!(character, 'x' | 'X' | '*' | '.'));
    let lower = written.to_ascii_lowercase();
    is_masked
        || (lower.starts_with("your") && lower.len() > 4 && !lower.as_bytes()[4].is_ascii_alphanumeric())
        || (written.starts_with('<') && written.ends_with('>'))
}
