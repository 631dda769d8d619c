//! What a message says, by its type. Quoted messages say it in the same way.

use super::{
    attachment::{self, Origin},
    chat_record,
    fields::Fields,
    people::NamedMention,
    rich_text,
};
use host_sdk::{Attachment, AttachmentKind};

/// What a message says.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Body {
    /// Its words.
    pub(super) text: String,
    /// Its files.
    pub(super) attachments: Vec<Attachment>,
    /// Those whom its words mention by name.
    pub(super) mentions: Vec<NamedMention>,
    /// Whether it was understood; if not, `text` is DingTalk's sentence about it, if it gave one.
    pub(super) understood: bool,
}

/// The message types there are (DingTalk protocol §4.2–§4.12).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BodyKind {
    Text,
    RichText,
    File(AttachmentKind),
    ChatRecord,
    InteractiveCard,
    ActionCard,
    Link,
    Markdown,
    /// DingTalk does not say, only that a robot cannot receive it.
    Unknown,
}

impl BodyKind {
    /// The kind named `name`, or else the one that `content` looks like: quotes may come without a
    /// type, and new types without notice.
    pub(super) fn of(name: &str, content: &Fields) -> Self {
        match name {
            "text" => Self::Text,
            "richText" => Self::RichText,
            "picture" => Self::File(AttachmentKind::Picture),
            "audio" => Self::File(AttachmentKind::Audio),
            "video" => Self::File(AttachmentKind::Video),
            "file" => Self::File(AttachmentKind::File),
            "chatRecord" => Self::ChatRecord,
            "interactiveCard" => Self::InteractiveCard,
            "actionCard" => Self::ActionCard,
            "link" => Self::Link,
            "markdown" => Self::Markdown,
            "unknownMsgType" => Self::Unknown,
            _ => Self::guess(content),
        }
    }

    fn guess(content: &Fields) -> Self {
        const SIGNS: &[(&str, BodyKind)] = &[
            ("richText", BodyKind::RichText),
            ("richTextList", BodyKind::RichText),
            ("chatRecord", BodyKind::ChatRecord),
            ("biz_custom_action_url", BodyKind::InteractiveCard),
            ("actionUrlItemList", BodyKind::ActionCard),
            ("messageUrl", BodyKind::Link),
            ("unknownMsgType", BodyKind::Unknown),
            ("recognition", BodyKind::File(AttachmentKind::Audio)),
            ("videoType", BodyKind::File(AttachmentKind::Video)),
            ("fileName", BodyKind::File(AttachmentKind::File)),
            ("duration", BodyKind::File(AttachmentKind::Audio)),
            ("downloadCode", BodyKind::File(AttachmentKind::Picture)),
            ("title", BodyKind::Markdown),
            ("text", BodyKind::Text),
            ("content", BodyKind::Text),
        ];
        SIGNS.iter().find(|(sign, _)| content.has(sign)).map_or(Self::Unknown, |(_, kind)| *kind)
    }
}

impl Body {
    /// Takes what `content` says; what is not understood stays in it.
    pub(super) fn take(kind: BodyKind, content: &mut Fields, origin: Origin<'_>) -> Self {
        match kind {
            BodyKind::Text => Self { text: words(content).unwrap_or_default(), ..Self::read() },
            BodyKind::RichText => rich_text::take(content, origin),
            BodyKind::File(kind) => Self::file(kind, content, origin),
            BodyKind::ChatRecord => chat_record::take(content, origin),
            BodyKind::InteractiveCard => {
                let url = content.text("biz_custom_action_url");
                Self::words_or_nothing(url.or_else(|| words(content)).or_else(|| content.text("title")))
            }
            BodyKind::ActionCard => Self::action_card(content),
            BodyKind::Link => {
                let lines = [content.text("title"), words(content), content.text("messageUrl")];
                Self::paragraphs(lines.into_iter().flatten().collect())
            }
            BodyKind::Markdown => Self::words_or_nothing(words(content).or_else(|| content.text("title"))),
            BodyKind::Unknown => {
                Self { text: content.text("unknownMsgType").unwrap_or_default(), ..Self::default() }
            }
        }
    }

    /// A body that was understood and says nothing yet.
    pub(super) fn read() -> Self {
        Self { understood: true, ..Self::default() }
    }

    /// A body that is understood if there are words in it.
    pub(super) fn words_or_nothing(words: Option<String>) -> Self {
        Self { understood: words.is_some(), text: words.unwrap_or_default(), ..Self::default() }
    }

    fn file(kind: AttachmentKind, content: &mut Fields, origin: Origin<'_>) -> Self {
        let attachments = Vec::from_iter(attachment::take(kind, content, origin));
        Self { understood: !attachments.is_empty(), attachments, ..Self::default() }
    }

    /// The card's title, its words, and where its buttons lead.
    fn action_card(content: &mut Fields) -> Self {
        let mut lines = Vec::from_iter(content.text("title"));
        lines.extend(words(content));
        let mut odd = Vec::new();
        for item in content.list("actionUrlItemList").unwrap_or_default() {
            match Fields::of(item) {
                Ok(mut item) => {
                    lines.extend(item.text("actionUrl"));
                    odd.extend(item.rest());
                }
                Err(other) => odd.push(other),
            }
        }
        content.put_back_list("actionUrlItemList", odd);
        Self::paragraphs(lines)
    }

    fn paragraphs(lines: Vec<String>) -> Self {
        Self::words_or_nothing((!lines.is_empty()).then(|| lines.join("\n\n")))
    }
}

/// The words in `content`, under the keys and in the depth where DingTalk has put them so far.
pub(super) fn words(content: &mut Fields) -> Option<String> {
    ["text", "content", "message"].into_iter().find_map(|key| {
        content.text(key).or_else(|| {
            let mut inner = content.object(key)?;
            let words = inner.text_of(&["text", "content"]);
            content.put_back(key, inner);
            words
        })
    })
}
