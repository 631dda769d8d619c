//! Names of files for ids that people have chosen.

/// A file name for `id`: as it is where that is harmless, other bytes as `%2F`. Capitals are other bytes, for many
/// systems do not tell them from small letters. Different ids have different names, and none leads to another folder.
///
/// ```
/// use host_sdk::host::{file_name, id_of_file};
/// assert_eq!(file_name("../Bot"), "%2E%2E%2F%42ot");
/// assert_eq!(id_of_file("%2E%2E%2F%42ot").as_deref(), Some("../Bot"));
/// ```
#[must_use]
pub fn file_name(id: &str) -> String {
    let is_harmless = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte);
    let name = |byte: u8| match is_harmless(byte) {
        true => char::from(byte).to_string(),
        false => format!("%{byte:02X}"),
    };
    if id.is_empty() { "%".into() } else { id.bytes().map(name).collect() }
}

/// The id that [`file_name`] gave this name for; `None` if it is for none.
#[must_use]
pub fn id_of_file(name: &str) -> Option<String> {
    let mut parts = name.split('%');
    let mut id = parts.next()?.as_bytes().to_vec();
    for part in parts.filter(|_| name != "%") {
        let (digits, rest) = part.split_at_checked(2)?;
        id.push(u8::from_str_radix(digits, 16).ok()?);
        id.extend(rest.as_bytes());
    }
    String::from_utf8(id).ok().filter(|id| file_name(id) == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_id_has_a_name_of_its_own_in_one_folder_also_where_capitals_count_for_nothing() {
        let ids = ["bot1", "Bot1", "..", ".", "../bot1", "a/b", "a\\b", "机", "", "%", "a.b", "c:d", "a b"];
        let names: BTreeSet<_> = ids.map(|id| file_name(id).to_lowercase()).into();
        assert_eq!(names.len(), ids.len());
        for id in ids {
            let name = file_name(id);
            assert!(!name.contains(['.', '/', '\\', ':', ' ']), "{name}");
            assert_eq!(id_of_file(&name).as_deref(), Some(id));
        }
        assert_eq!(file_name("bot-1_a"), "bot-1_a");
    }

    #[test]
    fn what_is_no_such_name_is_for_no_id() {
        for name in ["a%", "%2", "%zz", "%FF", "Bot", "a.b", "%62ot"] {
            assert_eq!(id_of_file(name), None, "{name}");
        }
    }
}
