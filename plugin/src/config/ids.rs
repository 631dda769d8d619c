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
    let lists = ["allowFrom", "groupAllowFrom"].into_iter();
    let listed = lists.filter_map(|list| options.get(list)?.as_array()).flatten().filter_map(Value::as_str);
    let groups = options.get("groups").and_then(Value::as_object).into_iter();
    let groups = groups.flat_map(|groups| groups.keys().map(String::as_str));
    listed.chain(groups).map(access::bare)
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
}
