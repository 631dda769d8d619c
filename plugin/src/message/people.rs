//! Who wrote, and who is mentioned.

use super::{
    fields::Fields,
    wire::{AtUser, RobotMessage},
};
use host_sdk::{Identity, Mention, Sender};
use std::ops::Range;

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
    /// Where in the text it stands, in bytes.
    pub(super) place: Range<usize>,
    /// Whether DingTalk says that it is one; if not, it is words that look like one.
    pub(super) is_certain: bool,
}

/// Everyone mentioned: those in `atUsers`, with the names that the text gives them, then those
/// whom only the text mentions. `our_name` is what the text calls us, if it mentions us.
pub(super) fn mentions(
    message: &RobotMessage,
    named: Vec<NamedMention>,
    our_name: Option<&str>,
) -> Vec<Mention> {
    let mut mentions: Vec<Mention> =
        message.at_users.iter().map(|user| mention(user, message, our_name.unwrap_or_default())).collect();
    if let Some(name) = our_name
        && !mentions.iter().any(|mention| mention.is_us)
    {
        mentions.push(Mention { name: name.to_owned(), is_us: true, ..Mention::default() });
    }
    let (with_id, mut without_id): (Vec<_>, Vec<_>) =
        named.into_iter().partition(|named| named.user_id.is_some());
    for NamedMention { name, user_id, .. } in with_id {
        match mentions.iter_mut().find(|mention| is_same(mention, user_id.as_deref())) {
            Some(mention) if mention.name.is_empty() => mention.name = name,
            Some(_) => {} // by another name, which stands in the text
            None => mentions.push(Mention { id: user_id.unwrap_or_default(), name, ..Mention::default() }),
        }
    }
    // One name without an id, and one id without a name, are the same person's.
    let mut nameless = mentions.iter_mut().filter(|mention| !mention.is_us && mention.name.is_empty());
    if let (Some(mention), None, [_]) = (nameless.next(), nameless.next(), without_id.as_slice()) {
        mention.name = without_id.remove(0).name;
    }
    mentions.extend(
        without_id.into_iter().map(|NamedMention { name, .. }| Mention { name, ..Mention::default() }),
    );
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
