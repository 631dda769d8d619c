//! Who may talk: O5, O6. The truth tables are `tests/access`.

use crate::row::{Level, Row, holds};

pub(crate) const ROWS: &[Row] = &[
    Row {
        option: "dmPolicy",
        number: "O5",
        level: Level::Everywhere {
            standard: "\"open\"",
            values: [("\"Pairing\"", "\"pairing\""), ("\"disabled\"", "\"disabled\"")],
        },
        wrong: &[holds("\"opne\"", "is used", "\"allowlist\""), holds("true", "is used", "\"allowlist\"")],
        plays: &[],
        elsewhere: &[
            ("access/tables.rs", &["o5_policy_and_list_decide_together_who_may_write_in_private"]),
            (
                "access/private.rs",
                &[
                    "o5_open_answers_everyone_and_with_entries_only_those",
                    "o5_an_allowlist_answers_only_who_is_listed_by_any_id_in_its_case",
                    "o5_disabled_answers_nobody_in_private_and_everybody_in_groups",
                    "m2_an_account_takes_its_rules_from_the_top_level_where_it_has_none",
                ],
            ),
            ("access/pairing.rs", &["o5_pairing_tells_a_code_once_and_answers_whom_the_owner_approves"]),
        ],
    },
    Row {
        option: "allowFrom",
        number: "O5",
        level: Level::Everywhere {
            // Under `open`, which says the same.
            standard: "[\"*\"]",
            values: [("[\"user0001\", 2]", "[\"user0001\", \"2\"]"), ("[\"user0002\"]", "[\"user0002\"]")],
        },
        wrong: &[
            holds("{}", "not a list", "[]"),
            holds("[]", "an empty list admits nobody", "[]"),
            holds("\"user0001\"", "a single entry", "[\"user0001\"]"),
        ],
        plays: &[],
        elsewhere: &[
            ("access/tables.rs", &["o5_policy_and_list_decide_together_who_may_write_in_private"]),
            ("access/private.rs", &["m2_an_account_takes_its_rules_from_the_top_level_where_it_has_none"]),
        ],
    },
    Row {
        option: "groupPolicy",
        number: "O6",
        level: Level::Everywhere {
            standard: "\"open\"",
            values: [("\"allowlist\"", "\"allowlist\""), ("\"disabled\"", "\"disabled\"")],
        },
        wrong: &[holds("\"pairing\"", "is used", "\"allowlist\"")],
        plays: &[],
        elsewhere: &[
            (
                "access/tables.rs",
                &["o6_policy_list_and_groups_decide_together_whom_the_bot_answers_in_a_group"],
            ),
            ("access/groups.rs", &["o6_open_answers_in_every_group_and_disabled_in_none"]),
        ],
    },
    Row {
        option: "groupAllowFrom",
        number: "O6",
        level: Level::Everywhere {
            standard: "",
            values: [("[\"user0001\"]", "[\"user0001\"]"), ("[]", "[]")],
        },
        wrong: &[holds("true", "not a list", "[]")],
        plays: &[],
        elsewhere: &[
            (
                "access/tables.rs",
                &["o6_policy_list_and_groups_decide_together_whom_the_bot_answers_in_a_group"],
            ),
            (
                "access/groups.rs",
                &[
                    "o6_an_allowlist_answers_in_listed_groups_and_names_the_others_id",
                    "o6_an_allowlist_of_people_answers_only_them_and_only_where_groups_allow",
                    "o6_an_allowlist_that_is_empty_answers_nobody",
                ],
            ),
        ],
    },
    Row {
        option: "groups",
        number: "O6",
        level: Level::Everywhere {
            standard: "",
            values: [("{\"*\": {}}", "{\"*\": {}}"), ("{\"cidA==\": {}}", "{\"*\": {}, \"cidA==\": {}}")],
        },
        wrong: &[holds("\"cidA==\"", "not an object", "\"cidA==\"")],
        plays: &[],
        elsewhere: &[
            (
                "access/tables.rs",
                &["o6_policy_list_and_groups_decide_together_whom_the_bot_answers_in_a_group"],
            ),
            (
                "access/groups.rs",
                &["a_group_can_be_switched_off_alone", "a_group_mentions_the_bot_unless_it_need_not"],
            ),
        ],
    },
    Row {
        option: "requireMention",
        number: "O6",
        level: Level::Everywhere { standard: "true", values: [("false", "false"), ("true", "true")] },
        wrong: &[holds("\"no\"", "not true or false", "true")],
        plays: &[],
        elsewhere: &[
            (
                "access/tables.rs",
                &["o6_a_mention_is_required_by_the_group_else_by_every_group_else_by_the_option"],
            ),
            ("access/groups.rs", &["a_group_mentions_the_bot_unless_it_need_not"]),
        ],
    },
];
