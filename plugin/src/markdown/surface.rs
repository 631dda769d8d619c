//! What a surface takes: how much of a text, and which markdown (DingTalk protocol §5.3, §6.2, §8.6, §8.9).

use super::size::Size;

/// Which markdown a surface shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// Of messages: a lone newline joins two lines, unless there are two spaces on either side of it.
    Message,
    /// Of a card's variable: a lone newline joins two lines, `<br>` parts them; numbered lists are not
    /// nested and begin at 1; there are five levels of headings.
    Card,
}

/// Where a text is shown, and how much of it at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Surface {
    pub(super) dialect: Dialect,
    pub(super) limit: Size,
}

impl Surface {
    /// A card's variable. DingTalk documents 10 KB of a stream as a whole, and cards were seen blank from
    /// 3 000 Chinese characters on, which is nearly the same.
    pub(crate) const CARD: Self =
        Self { dialect: Dialect::Card, limit: Size { utf8: 8_800, ..Size::UNBOUNDED } };

    /// The body of a session webhook: refused from 20 000 bytes on (460101), of which 2 000 are for the
    /// title and whom it mentions. Messages of many more characters were seen unrendered.
    pub(crate) const WEBHOOK: Self =
        Self { dialect: Dialect::Message, limit: Size { chars: 3_800, in_json: 18_000, ..Size::UNBOUNDED } };

    /// The `msgParam` of a robot's message: refused from 15 000 bytes on, of which 1 000 are for the title.
    /// It is JSON inside of JSON, and counted in whichever of its two forms is longer.
    pub(crate) const ROBOT: Self = Self {
        dialect: Dialect::Message,
        limit: Size { chars: 3_800, in_json_twice: 14_000, ..Size::UNBOUNDED },
    };

    /// The same with half the room, for when DingTalk finds a message too long that should not be.
    pub(crate) fn halved(self) -> Self {
        Self { dialect: self.dialect, limit: self.limit.over(2) }
    }

    /// A text for this surface that may yet have to go to `other`, which shows the same markdown.
    pub(crate) const fn or(self, other: Self) -> Self {
        Self { dialect: self.dialect, limit: self.limit.least(other.limit) }
    }
}
