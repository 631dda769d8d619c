//! Who wrote, and who is mentioned.

use super::{
    fields::Fields,
    wire::{AtUser, RobotMessage},
};
use host_sdk::{Identity, Mention, Sender};

/// The sender. Access rules are written with staff ids; people outside the organisation have none,
/// for them it is the encrypted id.
pub(super) fn sender(message: &RobotMessage) -> Sender {
    let mut extra = Fields::default();
    extra.put_text("platform", message.sender_platform.clone());
    // Not among the person's ids: a rule that names an organisation must not admit all of it.
    extra.put_text("corpId", message.sender_corp_id.clone());

    let staff_id = message.sender_staff_id.as_ref();
    Sender {
        id: staff_id.or(message.sender_id.as_ref()).cloned().unwrap_or_default(),
        other_ids: identities([
            ("senderId", staff_id.and(message.sender_id.as_ref())),
            ("unionId", message.sender_union_id.as_ref()),
        ]),
        name: message.sender_nick.clone().unwrap_or_default(),
        is_bot: message.is_robot(message.sender_id.as_deref()),
        is_admin: message.is_admin == Some(true),
        extra: extra.into_json(),
    }
}

/// Someone whom rich text mentions by name.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct NamedMention {
    pub(super) name: String,
    pub(super) user_id: Option<String>,
}

/// Everyone mentioned: those in `atUsers`, with the names that the text gives them, then those
/// whom only the text mentions. `our_name` is what the text calls us, if it does.
pub(super) fn mentions(message: &RobotMessage, named: Vec<NamedMention>, our_name: &str) -> Vec<Mention> {
    let mut mentions: Vec<Mention> =
        message.at_users.iter().map(|user| mention(user, message, our_name)).collect();
    if mentions.is_empty() && !our_name.is_empty() {
        mentions.push(Mention { name: our_name.to_owned(), is_us: true, ..Mention::default() });
    }
    for NamedMention { name, user_id } in named {
        let known = mentions.iter_mut().find(|mention| is_same(mention, user_id.as_deref()));
        match known {
            Some(mention) => mention.name = name,
            None => mentions.push(Mention { id: user_id.unwrap_or_default(), name, ..Mention::default() }),
        }
    }
    mentions
}

fn mention(user: &AtUser, message: &RobotMessage, our_name: &str) -> Mention {
    let is_us = message.is_robot(user.dingtalk_id.as_deref());
    Mention {
        id: user.staff_id.clone().unwrap_or_default(),
        other_ids: identities([
            ("dingtalkId", user.dingtalk_id.as_ref()),
            ("unionId", user.union_id.as_ref()),
        ]),
        name: if is_us { our_name.to_owned() } else { String::new() },
        is_us,
        ..Mention::default()
    }
}

fn is_same(mention: &Mention, user_id: Option<&str>) -> bool {
    user_id.is_some_and(|id| mention.id == id || mention.other_ids.iter().any(|other| other.id == id))
}

fn identities<const N: usize>(ids: [(&str, Option<&String>); N]) -> Vec<Identity> {
    ids.into_iter()
        .filter_map(|(kind, id)| Some(Identity { kind: kind.to_owned(), id: id?.clone() }))
        .collect()
}
