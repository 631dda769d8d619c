//! For hosts: who may talk.
//!
//! The rules of OpenClaw as values and pure functions, for hosts that do not have them already. They know
//! no platform, read no clock and no file:
//!
//! - [`Rules`] are read from the settings of a [resolved account](crate::ResolvedAccount) and
//!   [judge](Rules::judge) a message by its facts. How a channel's ids are written in lists is the
//!   channel's to say, in a [`Notation`].
//! - [`Pairing`] is who asked to be let in, and who was.
//! - [`Told`] remembers who was told lately that they may not write, so that nobody is told all the time.
//!
//! In private `dmPolicy` decides:
//!
//! | policy | listed in `allowFrom`, or `*` is | paired | anybody else |
//! |---|---|---|---|
//! | `open` without `allowFrom` | – | – | admitted |
//! | `open` | admitted | – | denied |
//! | `pairing` | admitted | admitted | asked to pair |
//! | `allowlist` | admitted | admitted | denied |
//! | `disabled` | ignored | ignored | ignored |
//!
//! In groups `groupPolicy` does: `open` is every group, `disabled` none. Under `allowlist` two things must
//! hold. The group is listed in `groups`, by its id or by `*`, or in `groupAllowFrom`, where an entry may be
//! a group's id; if neither names a group, every group is. And the person is listed in the group's own
//! `allowFrom`, else in `groupAllowFrom`; if that names groups alone, everybody in them is. A group's own
//! `allowFrom` holds under `open` too. A list that was written and is empty admits nobody.
//!
//! Beyond that a group has to mention the bot, unless `requireMention` is off for it, and whoever did not
//! mention it is not told that they may not write.
//!
//! ```
//! use host_sdk::{*, access::{Admission, Notation, Rules}};
//!
//! let settings = Json::from_text(r#"{"dmPolicy": "allowlist", "allowFrom": ["chat:lin"]}"#);
//! let notation = Notation { prefixes: vec!["chat:".into()], ..Notation::default() };
//! let rules = Rules::read(&settings, &notation);
//!
//! let from = |id: &str| InboundMessage { sender: Sender { id: id.into(), ..Default::default() }, ..Default::default() };
//! let nobody_is_paired = |_: &Sender| false;
//! assert!(matches!(rules.judge(&from("lin"), nobody_is_paired), Admission::Admit { .. }));
//! assert!(matches!(rules.judge(&from("mo"), nobody_is_paired), Admission::Deny(_)));
//! ```

mod admission;
mod group;
mod list;
mod notation;
mod pairing;
mod policy;
mod rules;
#[cfg(test)]
mod tests;
mod told;

pub use admission::{Admission, Denial, Grounds, Silence};
pub use group::GroupRules;
pub use list::{List, Named};
pub use notation::Notation;
pub use pairing::{Approval, Asked, Code, NotApproved, Pairing, Request, Unreadable};
pub use policy::{DmPolicy, GroupPolicy};
pub use rules::Rules;
pub use told::Told;
