//! From what was written to what can be relied on: the right types, under known names.

use super::{
    diagnosis::{Diagnosis, at, kind_of},
    foreign::{self, Meaning},
    options::{self, Below, Kind, OPTIONS, Spec},
    secret_source::SecretSource,
    sentences, suggest,
};
use crate::bilingual::{Pair, Said, both};
use serde_json::{Map, Value};

/// Options that hold what their row in the table says, and nothing else.
pub(super) type Checked = Map<String, Value>;

/// Reads one level of the section: the top, or an account. `null` is as good as absent.
pub(super) fn level(written: &Map<String, Value>, path: &str, found: &mut Diagnosis) -> Checked {
    group(written, "", path, found)
}

fn group(written: &Map<String, Value>, name: &str, path: &str, found: &mut Diagnosis) -> Checked {
    let mut checked = Checked::new();
    let mut brought = Vec::new();
    for (key, value) in written {
        let spec = options::within(name).find(|spec| spec.name == key);
        match spec {
            Some(_) if value.is_null() => {}
            Some(spec) if spec.is_of_section() => misplaced(spec, path, found),
            Some(spec) => {
                if let Some(value) = option(spec, value, &at(path, key), found) {
                    checked.insert(key.clone(), value);
                }
            }
            None => match foreign::meaning(key).filter(|_| name.is_empty()) {
                Some(meaning) => brought.push((key, value, meaning)),
                None => unknown(key, name, path, found),
            },
        }
    }
    for (key, value, meaning) in brought {
        understand(&mut checked, value, &meaning, &at(path, key), found);
    }
    checked
}

/// Takes a key of another plugin's for what it means. What is written in our own words goes before it.
fn understand(checked: &mut Checked, written: &Value, meaning: &Meaning, path: &str, found: &mut Diagnosis) {
    let (option_path, value) = match meaning {
        Meaning::Nothing(why) => {
            return found.foreign(path, &Said::new(sentences::NO_EFFECT, &[*why]));
        }
        Meaning::Option { path, value } => (*path, value(written)),
    };
    let (Some(spec), Some(value)) = (options::spec(option_path), value) else {
        let message = Said::new(sentences::CANNOT_BE, &[kind_of(written), both(option_path)]);
        return found.error(path, message, Said::new(sentences::WRITE_INSTEAD, &[both(option_path)]));
    };
    let (group, name) = option_path.split_once('.').unwrap_or(("", option_path));
    let level = match group {
        "" => Some(checked),
        group => checked.entry(group).or_insert_with(|| Checked::new().into()).as_object_mut(),
    };
    let Some(level) = level else { return };
    if level.contains_key(name) {
        return found.foreign(path, &Said::new(sentences::OWN_GOES_BEFORE, &[both(option_path)]));
    }
    found.understood(path, option_path, Some(&value).filter(|value| *value != written));
    if let Some(value) = option(spec, &value, path, found) {
        level.insert(name.to_owned(), value);
    }
}

/// The account list and the default account are read elsewhere; here they can only be misplaced.
fn misplaced(spec: &Spec, path: &str, found: &mut Diagnosis) {
    if !path.is_empty() {
        found.warn(
            at(path, spec.path),
            Said::new(sentences::OF_NO_ACCOUNT, &[both(spec.path)]),
            Said::new(sentences::MOVE_TO_THE_TOP, &[both(spec.path)]),
        );
    }
}

/// What DingTalk called the credentials before, and still does in places.
const CREDENTIALS: [(&str, &str); 2] = [("appKey", "clientId"), ("appSecret", "clientSecret")];

fn unknown(key: &str, group: &str, path: &str, found: &mut Diagnosis) {
    let siblings = suggest::nearest(key, options::within(group).map(|spec| spec.name));
    let credential = || {
        let named = suggest::nearest(key, CREDENTIALS.map(|(earlier, _)| earlier))?;
        CREDENTIALS.iter().find(|(earlier, _)| *earlier == named).map(|(_, name)| *name)
    };
    let elsewhere = || {
        let named = OPTIONS.iter().find(|spec| spec.name.eq_ignore_ascii_case(key));
        let here =
            named.or_else(|| options::spec(suggest::nearest(key, OPTIONS.iter().map(|spec| spec.path))?));
        here.map(|spec| spec.path)
    };
    let suggestion = match siblings.or_else(credential).or_else(elsewhere) {
        Some(name) => suggest::meant(name),
        None => sentences::REMOVE_UNKNOWN.into(),
    };
    found.warn(at(path, key), sentences::NO_SUCH_OPTION, suggestion);
}

/// The value that `written` means for an option; `None` if it means nothing.
fn option(spec: &Spec, written: &Value, path: &str, found: &mut Diagnosis) -> Option<Value> {
    match spec.kind {
        Kind::Flag if written.is_boolean() => Some(written.clone()),
        Kind::Flag => wrong_type(spec, written, path, sentences::TRUE_OR_FALSE, found),
        Kind::Text => match text(written) {
            Some(text) => (!text.is_empty()).then(|| text.into()),
            None => wrong_type(spec, written, path, sentences::TEXT, found),
        },
        Kind::FlagOrText => match written {
            Value::Bool(_) => Some(written.clone()),
            Value::String(text) => Some(Value::from(text.trim())).filter(|text| text != ""),
            _ => wrong_type(spec, written, path, sentences::FLAG_OR_TEXT, found),
        },
        Kind::Choice { words, unclear } => Some(choice(words, unclear, written, path, found).into()),
        Kind::Number { least, most, below, whole } => match (written.as_f64(), most) {
            (Some(number), Some(most)) if number > f64::from(most) => Some(too_large(most, path, found)),
            (Some(number), _) if number >= f64::from(least) && whole && number.fract() != 0.0 => {
                let used = number.trunc();
                let message = Said::new(sentences::FRACTION, &[both(&used.to_string())]);
                found.warn(path, message, sentences::WRITE_WHOLE);
                Some(used.into())
            }
            (Some(number), _) if number >= f64::from(least) => Some(written.clone()),
            (Some(_), _) => too_small(spec, least, below, path, found),
            (None, _) => wrong_type(spec, written, path, sentences::NUMBER, found),
        },
        Kind::List => Some(list(written, path, found)),
        Kind::Secret => match SecretSource::recognise(written) {
            Ok(source) => source.map(|_| written.clone()),
            Err(expected) => wrong_type(spec, written, path, expected, found),
        },
        Kind::Proxy => Some(written.clone()), // judged as a whole: a wrong one must not mean none
        Kind::Group => match written.as_object() {
            Some(inner) => Some(group(inner, spec.path, path, found).into()),
            None => wrong_type(spec, written, path, sentences::OBJECT, found),
        },
        Kind::Host if spec.path == "groups" => Some(groups(written, path, found)),
        Kind::Host => Some(written.clone()),
    }
}

/// Groups with their fields in our words. Who may write in one must not be more because it is called otherwise.
fn groups(written: &Value, path: &str, found: &mut Diagnosis) -> Value {
    let mut groups = written.clone();
    for (id, group) in groups.as_object_mut().into_iter().flatten() {
        let Some(fields) = group.as_object_mut() else { continue };
        for (brought, option) in foreign::OF_GROUPS {
            let Some(value) = fields.remove(brought) else { continue };
            found.understood(&at(&at(path, id), brought), option, None);
            fields.entry(option).or_insert(value);
        }
    }
    groups
}

/// A text without the space around it; a number counts as its digits.
pub(super) fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn wrong_type(
    spec: &Spec,
    written: &Value,
    path: &str,
    expected: Pair,
    found: &mut Diagnosis,
) -> Option<Value> {
    let of_default = |sentence| {
        let default = spec.default.value()?.to_string();
        Some(Said::new(sentence, &[both(&default)]))
    };
    let instead = match path.starts_with("accounts.") {
        true => of_default(sentences::TOP_LEVEL_OR_DEFAULT),
        false => of_default(sentences::DEFAULT),
    };
    let instead = instead.unwrap_or_else(|| sentences::IGNORED.into());
    let suggestion = match quoted(written).filter(|_| expected != sentences::TEXT) {
        Some(value) => Said::new(sentences::WRITE_UNQUOTED, &[both(&value.to_string())]),
        None => Said::new(sentences::WRITE, &[expected]),
    };
    found.wrong_type(path, written, [expected, instead.pair()], suggestion);
    None
}

/// The number, or `true` or `false`, that somebody put into quotes.
fn quoted(written: &Value) -> Option<Value> {
    let text = written.as_str()?.trim().to_ascii_lowercase();
    let value: Value = serde_json::from_str(&text).ok()?;
    (value.is_number() || value.is_boolean()).then_some(value)
}

/// A word out of several, in whatever case.
fn choice(
    words: &[&'static str],
    unclear: &'static str,
    written: &Value,
    path: &str,
    found: &mut Diagnosis,
) -> &'static str {
    let written = text(written).unwrap_or_default();
    if let Some(word) = words.iter().find(|word| word.eq_ignore_ascii_case(&written)) {
        return word;
    }
    let all = words.join(", ");
    let suggestion = match suggest::nearest(&written, words.iter().copied()) {
        Some(word) => suggest::meant(word),
        None => Said::new(sentences::WRITE_ONE_OF, &[both(&all)]),
    };
    found.error(path, Said::new(sentences::NONE_OF, &[both(&all), both(unclear)]), suggestion);
    unclear
}

fn too_small(spec: &Spec, least: u32, below: Below, path: &str, found: &mut Diagnosis) -> Option<Value> {
    let instead = match below {
        Below::Least => None,
        Below::Default => spec.default.value(),
    };
    let used = instead.clone().unwrap_or_else(|| least.into());
    let [least, shown] = [least.to_string(), used.to_string()];
    let message = Said::new(sentences::BELOW, &[both(&least), both(&shown)]);
    found.warn(path, message, Said::new(sentences::WRITE_MORE, &[both(&least)]));
    Some(used)
}

fn too_large(most: u32, path: &str, found: &mut Diagnosis) -> Value {
    let shown = most.to_string();
    let [message, suggestion] =
        [sentences::ABOVE, sentences::WRITE_LESS].map(|sentence| Said::new(sentence, &[both(&shown)]));
    found.warn(path, message, suggestion);
    most.into()
}

/// A list of texts; one text alone is a list of one.
fn list(written: &Value, path: &str, found: &mut Diagnosis) -> Value {
    let entries = match written {
        Value::Array(entries) => entries.as_slice(),
        Value::String(_) | Value::Number(_) => {
            found.warn(path, sentences::SINGLE_ENTRY, sentences::PUT_INTO_A_LIST);
            std::slice::from_ref(written)
        }
        // Taken as empty: a list that nobody can read must not let in those whom it would keep out.
        _ => {
            let told = [sentences::LIST_OF_TEXTS, sentences::NOBODY_LISTED];
            found.wrong_type(path, written, told, sentences::WRITE_IDS);
            return Value::Array(Vec::new());
        }
    };
    let mut checked = Vec::new();
    for (index, entry) in entries.iter().enumerate() {
        match text(entry) {
            Some(entry) if !entry.is_empty() => checked.push(Value::from(entry)),
            _ => {
                let told = [sentences::ID, sentences::IGNORED];
                found.wrong_type(format!("{path}[{index}]"), entry, told, sentences::WRITE_AN_ID);
            }
        }
    }
    checked.into()
}

/// What holds for an account: its own options, and those of the top level that it does not set.
/// Objects are merged, lists are replaced.
pub(super) fn inherit(top: &Checked, account: &Checked) -> Checked {
    let mut merged = top.clone();
    for (key, value) in account {
        let inherited = merged.get(key).filter(|_| is_mergeable(key));
        let value = match (inherited, value) {
            (Some(Value::Object(base)), Value::Object(own)) => merge(base, own).into(),
            _ => value.clone(),
        };
        merged.insert(key.clone(), value);
    }
    merged
}

/// A reference to a secret is one value, though it is written as an object.
fn is_mergeable(key: &str) -> bool {
    options::spec(key).is_some_and(|spec| !matches!(spec.kind, Kind::Secret | Kind::Proxy))
}

fn merge(base: &Map<String, Value>, own: &Map<String, Value>) -> Map<String, Value> {
    let mut merged = base.clone();
    for (key, value) in own {
        let value = match (merged.get(key), value) {
            (Some(Value::Object(base)), Value::Object(own)) => merge(base, own).into(),
            _ => value.clone(),
        };
        merged.insert(key.clone(), value);
    }
    merged
}
