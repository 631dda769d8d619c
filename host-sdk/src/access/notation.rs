//! How a channel's ids are written in lists.

use crate::value::Descriptor;
use serde::Deserialize;

/// How the ids of a channel are written in `allowFrom` and its like. A plugin says it in the `extra` of its
/// [`Descriptor`], as `{"ids": {"prefixes": ["chat:"], "groupMarks": ["room-"]}}`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Notation {
    /// What people may write before an id without changing it, in whatever case.
    pub prefixes: Vec<String>,
    /// What the ids of groups begin with, where those of people do not.
    pub group_marks: Vec<String>,
}

impl Notation {
    /// What a plugin says; nothing where it says nothing.
    pub fn of(descriptor: &Descriptor) -> Self {
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Extra {
            ids: Notation,
        }
        descriptor.extra.parse::<Extra>().unwrap_or_default().ids
    }

    /// The id in an entry: without the space around it and without prefixes.
    pub(super) fn id<'a>(&self, entry: &'a str) -> &'a str {
        let mut id = entry.trim();
        while let Some(rest) = self.prefixes.iter().find_map(|prefix| without(id, prefix)) {
            id = rest.trim_start();
        }
        id
    }

    /// Whether an id is that of a group.
    pub(super) fn is_group(&self, id: &str) -> bool {
        self.group_marks.iter().any(|mark| !mark.is_empty() && id.starts_with(mark.as_str()))
    }
}

/// What follows a prefix; `None` where it is not there, or is empty.
fn without<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (start, rest) = text.split_at_checked(prefix.len())?;
    (!prefix.is_empty() && start.eq_ignore_ascii_case(prefix)).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Json;

    #[test]
    fn a_plugin_says_how_its_ids_are_written_and_one_that_does_not_is_fine() {
        let extra =
            Json::from_text(r#"{"ids": {"prefixes": ["chat:"], "groupMarks": ["room-"]}, "other": 1}"#);
        let notation = Notation::of(&Descriptor { extra, ..Descriptor::default() });
        assert_eq!((notation.id(" Chat: lin "), notation.is_group("room-1")), ("lin", true));
        assert_eq!(Notation::of(&Descriptor::default()), Notation::default());
    }

    #[test]
    fn prefixes_go_however_often_they_stand_there_and_empty_ones_do_nothing() {
        let prefixes = ["", "chat:", "user:"].map(str::to_owned).into();
        let notation = Notation { prefixes, group_marks: vec![String::new()] };
        assert_eq!(notation.id("chat:user:chat:lin"), "lin");
        assert_eq!(notation.id("chatter"), "chatter");
        assert_eq!(notation.id("机器"), "机器");
        assert!(!notation.is_group("lin"));
    }
}
