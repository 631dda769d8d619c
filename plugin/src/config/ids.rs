//! The ids of people and groups that a section names, in the case in which they are written there.

use super::access;
use serde_json::{Map, Value};

/// More than anybody writes by hand.
const MOST: usize = 10_000;

/// The ids that the section names for `account`: of its lists, and of its groups.
pub(super) fn named_ids(section: &Value, account: &str) -> Vec<String> {
    let empty = Map::new();
    let section = section.as_object().unwrap_or(&empty);
    let accounts = section.get("accounts").and_then(Value::as_object).unwrap_or(&empty);
    let own = accounts.get(account).and_then(Value::as_object).unwrap_or(&empty);
    [section, own]
        .into_iter()
        .flat_map(ids_of)
        .filter(|id| *id != "*")
        .take(MOST)
        .map(str::to_owned)
        .collect()
}

fn ids_of(options: &Map<String, Value>) -> impl Iterator<Item = &str> {
    let groups = options.get("groups");
    let of_groups = groups.and_then(Value::as_object).into_iter().flatten();
    let of_groups = of_groups
        .flat_map(|(group, rules)| std::iter::once(group.as_str()).chain(listed(rules.get("allowFrom"))));
    let lists = [options.get("allowFrom"), options.get("groupAllowFrom"), groups];
    lists.into_iter().flat_map(listed).chain(of_groups).map(access::bare)
}

/// The entries of a list; one text alone is a list of one.
fn listed(written: Option<&Value>) -> impl Iterator<Item = &str> {
    let entries = match written {
        Some(Value::Array(entries)) => entries.as_slice(),
        Some(single) => std::slice::from_ref(single),
        None => &[],
    };
    entries.iter().filter_map(Value::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn lists_and_groups_of_the_section_and_the_account_are_named() {
        let section = json!({
            "allowFrom": ["Manager1", "*", 7],
            "groups": {"cidAbC==": {}, "*": {}},
            "accounts": {"bot1": {"groupAllowFrom": ["user:User2"]}, "bot2": {"allowFrom": ["Other"]}},
        });
        assert_eq!(named_ids(&section, "bot1"), ["Manager1", "cidAbC==", "User2"]);
        assert_eq!(named_ids(&json!(null), "bot1"), Vec::<String>::new());
    }

    #[test]
    fn whoever_may_be_written_in_another_way_is_named_too() {
        let section = json!({
            "allowFrom": "dd:Manager1",
            "groups": ["cidAbC=="],
            "accounts": {"bot1": {"groups": {"cidDeF==": {"allowFrom": ["User2"]}, "*": {"allowFrom": "User3"}}}},
        });
        assert_eq!(named_ids(&section, "bot1"), ["Manager1", "cidAbC==", "User3", "cidDeF==", "User2"]);
    }
}
