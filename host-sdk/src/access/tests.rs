//! The rules, row by row. O5 and O6 are `dmPolicy` and `groupPolicy` of the mission.

use super::*;
use crate::value::{Conversation, ConversationKind, InboundMessage, Json, Sender};
use proptest::prelude::*;
use serde_json::{Value, json};

const LISTED: Admission = Admission::Admit { command_authorised: true, grounds: Grounds::Listed };
const PAIRED: Admission = Admission::Admit { command_authorised: true, grounds: Grounds::Paired };
const EVERYONE: Admission = Admission::Admit { command_authorised: true, grounds: Grounds::Everyone };
/// In a group whoever is let in as one of many gives no commands.
const ANYONE: Admission = Admission::Admit { command_authorised: false, grounds: Grounds::Everyone };

fn rules(settings: &Value) -> Rules {
    let prefixes = ["chat:", "user:"].map(str::to_owned).into();
    let notation = Notation { prefixes, group_marks: vec!["room-".into()] };
    Rules::read(&Json::new(settings), &notation)
}

fn from(id: &str) -> InboundMessage {
    InboundMessage { sender: Sender { id: id.into(), ..Sender::default() }, ..InboundMessage::default() }
}

/// `id` mentions the bot in a group.
fn in_group(group: &str, id: &str) -> InboundMessage {
    InboundMessage {
        conversation: Conversation {
            id: group.into(),
            kind: ConversationKind::Group,
            ..Conversation::default()
        },
        can_detect_mention: true,
        was_mentioned: true,
        has_any_mention: true,
        ..from(id)
    }
}

/// What becomes of a message where `pat`, and nobody else, was approved.
fn judged(settings: &Value, message: &InboundMessage) -> Admission {
    rules(settings).judge(message, |sender| sender.id == "pat")
}

#[track_caller]
fn table(rows: &[(Value, InboundMessage, Admission)]) {
    for (settings, message, expected) in rows {
        let (who, place) = (&message.sender.id, &message.conversation.id);
        assert_eq!(judged(settings, message), *expected, "{settings} {who} {place}");
    }
}

#[test]
fn o5_open_admits_everyone_and_with_entries_only_those() {
    let denied = Admission::Deny(Denial::NotInAllowFrom);
    table(&[
        (json!({"dmPolicy": "open"}), from("mo"), EVERYONE),
        (json!({"dmPolicy": "open", "allowFrom": null}), from("mo"), EVERYONE),
        (json!({"dmPolicy": "open", "allowFrom": ["*"]}), from("mo"), EVERYONE),
        (json!({"dmPolicy": "open", "allowFrom": ["lin", "*"]}), from("mo"), EVERYONE),
        (json!({"dmPolicy": "open", "allowFrom": ["lin"]}), from("lin"), LISTED),
        (json!({"dmPolicy": "open", "allowFrom": ["lin"]}), from("mo"), denied),
        (json!({"dmPolicy": "open", "allowFrom": ["lin"]}), from("pat"), denied),
        (json!({"dmPolicy": "open", "allowFrom": []}), from("mo"), Admission::Deny(Denial::EmptyAllowFrom)),
    ]);
}

#[test]
fn o5_pairing_admits_the_listed_and_the_approved_and_has_others_ask() {
    table(&[
        (json!({"dmPolicy": "pairing"}), from("mo"), Admission::Pair),
        (json!({"dmPolicy": "pairing", "allowFrom": []}), from("mo"), Admission::Pair),
        (json!({"dmPolicy": "pairing"}), from("pat"), PAIRED),
        (json!({"dmPolicy": "pairing", "allowFrom": ["lin"]}), from("lin"), LISTED),
        (json!({"dmPolicy": "pairing", "allowFrom": ["lin"]}), from("mo"), Admission::Pair),
        (json!({"dmPolicy": "pairing", "allowFrom": ["*"]}), from("mo"), EVERYONE),
    ]);
}

#[test]
fn o5_allowlist_admits_the_listed_and_the_approved_and_nobody_asks() {
    let denied = Admission::Deny(Denial::NotInAllowFrom);
    let empty = Admission::Deny(Denial::EmptyAllowFrom);
    table(&[
        (json!({"dmPolicy": "allowlist", "allowFrom": ["lin"]}), from("lin"), LISTED),
        (json!({"dmPolicy": "allowlist", "allowFrom": ["lin"]}), from("mo"), denied),
        (json!({"dmPolicy": "allowlist", "allowFrom": ["lin"]}), from("pat"), PAIRED),
        (json!({"dmPolicy": "allowlist", "allowFrom": ["*"]}), from("mo"), EVERYONE),
        (json!({"dmPolicy": "allowlist"}), from("mo"), empty),
        (json!({"dmPolicy": "allowlist", "allowFrom": []}), from("mo"), empty),
        (json!({"dmPolicy": "allowlist", "allowFrom": [null, ""]}), from("mo"), empty),
    ]);
}

#[test]
fn o5_disabled_ignores_everyone_in_private() {
    let off = Admission::Ignore(Silence::PrivateOff);
    for who in ["lin", "mo", "pat"] {
        table(&[(json!({"dmPolicy": "disabled", "allowFrom": ["lin", "*"]}), from(who), off)]);
    }
}

#[test]
fn o5_entries_may_have_prefixes_and_must_have_the_same_case() {
    let listed = json!({"dmPolicy": "allowlist", "allowFrom": [" Chat:lin ", "chat:user:Mo", 17]});
    table(&[
        (listed.clone(), from("lin"), LISTED),
        (listed.clone(), from("Mo"), LISTED),
        (listed.clone(), from("17"), LISTED),
        (listed.clone(), from("mo"), Admission::Deny(Denial::OtherCase)),
        (listed, from("chat:lin"), Admission::Deny(Denial::NotInAllowFrom)),
    ]);
}

#[test]
fn o6_open_admits_every_group_and_everybody_in_it() {
    let open = json!({"groupPolicy": "open", "allowFrom": ["lin"], "groupAllowFrom": ["x"]});
    table(&[
        (open.clone(), in_group("room-A", "mo"), ANYONE),
        // Who may write in private by name may command in groups too.
        (
            open,
            in_group("room-A", "lin"),
            Admission::Admit { command_authorised: true, grounds: Grounds::Everyone },
        ),
        (json!({"groupPolicy": "open", "allowFrom": ["*"]}), in_group("room-A", "mo"), ANYONE),
        (json!({"groupPolicy": "open", "groups": {"room-B": {}}}), in_group("room-A", "mo"), ANYONE),
    ]);
}

#[test]
fn o6_allowlist_admits_listed_groups_and_in_them_listed_people() {
    let not_here = Admission::Deny(Denial::GroupNotListed);
    let not_them = Admission::Deny(Denial::NotInGroupAllowFrom);
    let by_group = json!({"groupPolicy": "allowlist", "groups": {"room-A": {}}});
    let by_mark = json!({"groupPolicy": "allowlist", "groupAllowFrom": ["chat:room-A"]});
    let by_people = json!({"groupPolicy": "allowlist", "groupAllowFrom": ["lin"]});
    let by_both = json!({"groupPolicy": "allowlist", "groupAllowFrom": ["room-A", "lin"]});
    let in_any = json!({"groupPolicy": "allowlist", "groups": {"*": {}}});
    table(&[
        (by_group.clone(), in_group("room-A", "mo"), ANYONE),
        (by_group, in_group("room-B", "mo"), not_here),
        (by_mark.clone(), in_group("room-A", "mo"), ANYONE),
        (by_mark, in_group("room-B", "mo"), not_here),
        (by_people.clone(), in_group("room-A", "lin"), LISTED),
        (by_people.clone(), in_group("room-A", "mo"), not_them),
        (by_people, in_group("room-A", "Lin"), Admission::Deny(Denial::OtherCase)),
        (by_both.clone(), in_group("room-A", "lin"), LISTED),
        (by_both.clone(), in_group("room-A", "mo"), not_them),
        (by_both, in_group("room-B", "lin"), not_here),
        (in_any, in_group("room-B", "mo"), ANYONE),
        (json!({"groupPolicy": "allowlist", "groupAllowFrom": ["*"]}), in_group("room-B", "mo"), ANYONE),
    ]);
}

#[test]
fn o6_allowlist_fails_closed_on_lists_that_are_empty() {
    let empty = Admission::Deny(Denial::EmptyGroupAllowFrom);
    table(&[
        (json!({"groupPolicy": "allowlist"}), in_group("room-A", "lin"), empty),
        (json!({"groupPolicy": "allowlist", "groups": {}}), in_group("room-A", "lin"), empty),
        (json!({"groupPolicy": "allowlist", "groupAllowFrom": []}), in_group("room-A", "lin"), empty),
        // Who may write in private is another matter.
        (json!({"groupPolicy": "allowlist", "allowFrom": ["lin"]}), in_group("room-A", "lin"), empty),
        (
            json!({"groupPolicy": "allowlist", "groups": {"room-A": {}}, "groupAllowFrom": []}),
            in_group("room-A", "lin"),
            empty,
        ),
        (
            json!({"groupPolicy": "open", "groups": {"room-A": {"allowFrom": []}}}),
            in_group("room-A", "lin"),
            empty,
        ),
    ]);
}

#[test]
fn o6_disabled_ignores_every_group() {
    let off = Admission::Ignore(Silence::GroupsOff);
    let settings =
        json!({"groupPolicy": "disabled", "groups": {"*": {}}, "groupAllowFrom": ["*"], "dmPolicy": "open"});
    table(&[(settings.clone(), in_group("room-A", "lin"), off), (settings, from("lin"), EVERYONE)]);
}

#[test]
fn a_groups_own_list_goes_before_the_one_of_all_groups() {
    let not_them = Admission::Deny(Denial::NotInGroupAllowFrom);
    let groups = json!({"room-A": {"allowFrom": ["mo"]}, "*": {"allowFrom": ["lin"]}});
    for policy in ["open", "allowlist"] {
        let settings = json!({"groupPolicy": policy, "groups": groups, "groupAllowFrom": ["pat"]});
        table(&[
            (settings.clone(), in_group("room-A", "mo"), LISTED),
            (settings.clone(), in_group("room-A", "lin"), not_them),
            (settings.clone(), in_group("room-B", "lin"), LISTED),
            (settings, in_group("room-B", "pat"), not_them),
        ]);
    }
}

#[test]
fn a_group_can_be_switched_off_alone() {
    let settings = json!({"groupPolicy": "open", "groups": {"room-a": {"enabled": false}}});
    table(&[
        (settings.clone(), in_group("room-A", "lin"), Admission::Ignore(Silence::GroupOff)),
        (settings, in_group("room-B", "lin"), ANYONE),
    ]);
}

#[test]
fn a_group_mentions_the_bot_unless_it_need_not() {
    let quiet = |group: &str| InboundMessage { was_mentioned: false, ..in_group(group, "mo") };
    let ignored = Admission::Ignore(Silence::NotMentioned);
    let by_group = json!({
        "groupPolicy": "open", "requireMention": false,
        "groups": {"*": {"requireMention": true}, "room-A": {"requireMention": false}},
    });
    table(&[
        (json!({"groupPolicy": "open"}), quiet("room-A"), ignored),
        (json!({"groupPolicy": "open", "requireMention": true}), quiet("room-A"), ignored),
        (json!({"groupPolicy": "open", "requireMention": "no"}), quiet("room-A"), ignored),
        (json!({"groupPolicy": "open", "requireMention": false}), quiet("room-A"), ANYONE),
        (by_group.clone(), quiet("room-A"), ANYONE),
        (by_group, quiet("room-B"), ignored),
    ]);
}

#[test]
fn to_mention_somebody_else_is_not_to_mention_the_bot() {
    let elsewhere =
        InboundMessage { was_mentioned: false, has_any_mention: true, ..in_group("room-A", "mo") };
    table(&[(json!({"groupPolicy": "open"}), elsewhere, Admission::Ignore(Silence::NotMentioned))]);
}

#[test]
fn where_mentions_cannot_be_told_apart_none_is_asked_for() {
    let unclear =
        InboundMessage { was_mentioned: false, can_detect_mention: false, ..in_group("room-A", "mo") };
    table(&[(json!({"groupPolicy": "open"}), unclear, ANYONE)]);
}

#[test]
fn whoever_did_not_speak_to_the_bot_is_not_told_that_they_may_not() {
    let quiet = InboundMessage { was_mentioned: false, ..in_group("room-A", "mo") };
    let settings = json!({"groupPolicy": "allowlist", "groupAllowFrom": ["lin"], "requireMention": false});
    let denial = Denial::NotInGroupAllowFrom;
    table(&[(settings, quiet, Admission::Ignore(Silence::NotAddressed(denial)))]);
}

#[test]
fn an_open_group_gives_nobody_commands_and_an_approved_person_has_them() {
    let open = json!({"groupPolicy": "open", "dmPolicy": "pairing"});
    let of_the_approved = Admission::Admit { command_authorised: true, grounds: Grounds::Everyone };
    table(&[
        (open.clone(), in_group("room-A", "mo"), ANYONE),
        (open, in_group("room-A", "pat"), of_the_approved),
        // Who was approved once is a stranger again where approval plays no part.
        (json!({"groupPolicy": "open", "dmPolicy": "open"}), in_group("room-A", "pat"), ANYONE),
    ]);
}

#[test]
fn bots_and_the_nameless_are_ignored() {
    let mut bot = from("lin");
    bot.sender.is_bot = true;
    let everyone = json!({"dmPolicy": "open"});
    let nobody = Admission::Ignore(Silence::Nobody);
    table(&[
        (everyone.clone(), bot, Admission::Ignore(Silence::Bot)),
        (everyone, from(""), EVERYONE),
        (json!({"dmPolicy": "pairing"}), from(""), nobody),
        (json!({"dmPolicy": "allowlist", "allowFrom": ["lin"]}), from(""), nobody),
    ]);
}

#[test]
fn where_nothing_is_said_strangers_pair_and_groups_are_listed() {
    let nothing = json!({});
    table(&[
        (nothing.clone(), from("mo"), Admission::Pair),
        (nothing, in_group("room-A", "mo"), Admission::Deny(Denial::EmptyGroupAllowFrom)),
    ]);
    assert_eq!(Rules::default(), rules(&json!(null)));
}

#[test]
fn no_settings_whatever_admit_by_mistake() {
    let odd = [json!(null), json!([]), json!("open"), json!(true), json!({"x": {}}), json!(1e300)];
    for value in &odd {
        let settings = json!({
            "dmPolicy": value, "allowFrom": value, "groupPolicy": value, "groups": value, "groupAllowFrom": value,
        });
        if value == "open" {
            continue; // the one of them that is a word
        }
        for message in [from("mo"), in_group("room-A", "mo")] {
            let admission = judged(&settings, &message);
            assert!(!matches!(admission, Admission::Admit { .. }), "{settings}: {admission}");
        }
    }
}

#[test]
fn a_denial_names_the_id_that_the_owner_has_to_list() {
    let message = in_group("room-A", "mo");
    assert_eq!(Denial::GroupNotListed.id(&message), "room-A");
    assert_eq!(Denial::NotInGroupAllowFrom.id(&message), "mo");
    assert_eq!(Denial::NotInAllowFrom.id(&from("mo")), "mo");
}

#[test]
fn approval_is_asked_for_only_where_it_matters() {
    let unasked = |_: &Sender| panic!("asked");
    for settings in [json!({"dmPolicy": "open"}), json!({"dmPolicy": "disabled"})] {
        rules(&settings).judge(&from("mo"), unasked);
        rules(&settings).judge(&in_group("room-A", "mo"), |_| false);
    }
    rules(&json!({"dmPolicy": "pairing", "allowFrom": ["mo"]})).judge(&from("mo"), unasked);
}

/// Anything that a configuration may say, from words that mean something here.
fn anything() -> impl Strategy<Value = Value> {
    let words = [
        "open",
        "pairing",
        "allowlist",
        "disabled",
        "*",
        "chat:",
        "chat:*",
        "mo",
        "MO",
        "room-A",
        "room-",
        "",
    ];
    let leaf = prop_oneof![
        prop::sample::select(words.to_vec()).prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        Just(Value::Null),
    ];
    let keys = ["room-A", "room-a", "*", "enabled", "requireMention", "allowFrom"];
    leaf.prop_recursive(3, 20, 4, move |inner| {
        let fields = (prop::sample::select(keys.to_vec()).prop_map(str::to_owned), inner.clone());
        let object = |fields: Vec<(String, Value)>| Value::Object(fields.into_iter().collect());
        prop_oneof![
            prop::collection::vec(inner, 0..4).prop_map(Value::from),
            prop::collection::vec(fields, 0..4).prop_map(object),
        ]
    })
}

proptest! {
    #[test]
    fn whatever_is_written_nobody_gets_in_whom_it_does_not_mean(
        dm in anything(), allow in anything(), group in anything(), people in anything(), groups in anything(),
    ) {
        let settings = json!({
            "dmPolicy": dm, "allowFrom": allow, "groupPolicy": group, "groupAllowFrom": people, "groups": groups,
        });
        let written = settings.to_string();
        let names = |words: &[&str]| words.iter().any(|word| written.contains(word));
        for (message, opens) in [(from("mo"), allow.is_null() && dm == "open"), (in_group("room-A", "mo"), group == "open")] {
            let admitted = matches!(judged(&settings, &message), Admission::Admit { .. });
            prop_assert!(!admitted || opens || names(&["*\"", "\"mo\"", "room-A", "room-a"]), "{}", written);
        }
        if dm == "disabled" {
            prop_assert_eq!(judged(&settings, &from("mo")), Admission::Ignore(Silence::PrivateOff));
        }
        if group == "disabled" {
            let silence = Admission::Ignore(Silence::GroupsOff);
            prop_assert_eq!(judged(&settings, &in_group("room-A", "mo")), silence);
        }
    }
}
