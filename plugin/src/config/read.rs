//! From what was written to what can be relied on: the right types, under known names.

use super::{
    diagnosis::{Diagnosis, at, kind_of},
    foreign::{self, Meaning},
    options::{self, Below, Kind, OPTIONS, Spec},
    secret_source::SecretSource,
    suggest,
};
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
            return found.foreign(path, format!("this has no effect here: {why}"), "remove it");
        }
        Meaning::Option { path, value } => (*path, value(written)),
    };
    let (Some(spec), Some(value)) = (options::spec(option_path), value) else {
        let message = format!("this is {}, which `{option_path}` cannot be; it is ignored", kind_of(written));
        return found.error(path, message, format!("write `{option_path}` in its place"));
    };
    let (group, name) = option_path.split_once('.').unwrap_or(("", option_path));
    let level = match group {
        "" => Some(checked),
        group => checked.entry(group).or_insert_with(|| Checked::new().into()).as_object_mut(),
    };
    let Some(level) = level else { return };
    if level.contains_key(name) {
        return found.foreign(
            path,
            format!("`{option_path}` is written, too, and goes before this"),
            "remove it",
        );
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
            format!("`{}` has no meaning inside an account", spec.path),
            format!("move it to the top level of the section, as `{}`", spec.path),
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
        Some(name) => format!("did you mean `{name}`?"),
        None => "remove it; the README has all options".to_owned(),
    };
    found.warn(at(path, key), "there is no such option; it has no effect", suggestion);
}

/// The value that `written` means for an option; `None` if it means nothing.
fn option(spec: &Spec, written: &Value, path: &str, found: &mut Diagnosis) -> Option<Value> {
    match spec.kind {
        Kind::Flag if written.is_boolean() => Some(written.clone()),
        Kind::Flag => wrong_type(spec, written, path, "true or false", found),
        Kind::Text => match text(written) {
            Some(text) => (!text.is_empty()).then(|| text.into()),
            None => wrong_type(spec, written, path, "a text", found),
        },
        Kind::FlagOrText => match written {
            Value::Bool(_) => Some(written.clone()),
            Value::String(text) => Some(Value::from(text.trim())).filter(|text| text != ""),
            _ => wrong_type(spec, written, path, "true, false or a text", found),
        },
        Kind::Choice { words, unclear } => Some(choice(words, unclear, written, path, found).into()),
        Kind::Number { least, most, below, whole } => match (written.as_f64(), most) {
            (Some(number), Some(most)) if number > f64::from(most) => Some(too_large(most, path, found)),
            (Some(number), _) if number >= f64::from(least) && whole && number.fract() != 0.0 => {
                found.warn(
                    path,
                    format!("this is not a whole number; {} is used", number.trunc()),
                    "write a whole number",
                );
                Some(number.trunc().into())
            }
            (Some(number), _) if number >= f64::from(least) => Some(written.clone()),
            (Some(_), _) => too_small(spec, least, below, path, found),
            (None, _) => wrong_type(spec, written, path, "a number", found),
        },
        Kind::List => Some(list(written, path, found)),
        Kind::Secret => match SecretSource::recognise(written) {
            Ok(source) => source.map(|_| written.clone()),
            Err(expected) => wrong_type(spec, written, path, expected, found),
        },
        Kind::Proxy => Some(written.clone()), // judged as a whole: a wrong one must not mean none
        Kind::Group => match written.as_object() {
            Some(inner) => Some(group(inner, spec.path, path, found).into()),
            None => wrong_type(spec, written, path, "an object", found),
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
    expected: &str,
    found: &mut Diagnosis,
) -> Option<Value> {
    let instead = match spec.default.value() {
        Some(default) if path.starts_with("accounts.") => {
            format!("the top level's is used, else the default {default}")
        }
        Some(default) => format!("the default {default} is used"),
        None => "it is ignored".to_owned(),
    };
    let found_kind = kind_of(written);
    let suggestion = match quoted(written).filter(|_| expected != "a text") {
        Some(value) => format!("write {value} without the quotes"),
        None => format!("write {expected}"),
    };
    found.error(path, format!("this is {found_kind}, not {expected}; {instead}"), suggestion);
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
    let suggestion = match suggest::nearest(&written, words.iter().copied()) {
        Some(word) => format!("did you mean `{word}`?"),
        None => format!("write one of: {}", words.join(", ")),
    };
    found.error(path, format!("this is none of {}; `{unclear}` is used", words.join(", ")), suggestion);
    unclear
}

fn too_small(spec: &Spec, least: u32, below: Below, path: &str, found: &mut Diagnosis) -> Option<Value> {
    let instead = match below {
        Below::Least => None,
        Below::Default => spec.default.value(),
    };
    let used = instead.clone().unwrap_or_else(|| least.into());
    found.warn(path, format!("this is below {least}; {used} is used"), format!("write {least} or more"));
    Some(used)
}

fn too_large(most: u32, path: &str, found: &mut Diagnosis) -> Value {
    found.warn(path, format!("this is above {most}; {most} is used"), format!("write {most} or less"));
    most.into()
}

/// A list of texts; one text alone is a list of one.
fn list(written: &Value, path: &str, found: &mut Diagnosis) -> Value {
    let entries = match written {
        Value::Array(entries) => entries.as_slice(),
        Value::String(_) | Value::Number(_) => {
            found.warn(
                path,
                "this is a single entry, not a list; it is taken as a list of one",
                "put it into [ ]",
            );
            std::slice::from_ref(written)
        }
        // Taken as empty: a list that nobody can read must not let in those whom it would keep out.
        _ => {
            let kind = kind_of(written);
            found.error(
                path,
                format!("this is {kind}, not a list of texts; nobody is on it"),
                "write [ ] with ids",
            );
            return Value::Array(Vec::new());
        }
    };
    let mut checked = Vec::new();
    for (index, entry) in entries.iter().enumerate() {
        match text(entry) {
            Some(entry) if !entry.is_empty() => checked.push(Value::from(entry)),
            _ => {
                let kind = kind_of(entry);
                found.error(
                    format!("{path}[{index}]"),
                    format!("this is {kind}, not an id; it is ignored"),
                    "write an id as a text, or remove it",
                );
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
