//! What `channels.dingtalk` means.
//!
//! What was written is read once, against one table of options ([`options`]); what it means comes
//! out in two forms: [`resolve`] tells hosts and people about all accounts, [`account`] gives one
//! account to the code that runs it. A mistake is a diagnostic and costs the option it is in, never
//! the whole configuration.

mod access;
mod account;
mod accounts;
mod diagnosis;
mod home;
mod ids;
mod options;
mod proxy_choice;
mod read;
mod replies;
mod resolve;
mod schema;
mod secret_source;
mod suggest;

pub(crate) use access::notation;
pub(crate) use account::{Account, InboundMedia, account};
pub(crate) use ids::named_ids;
pub(crate) use replies::{Caps, LiveOptions, ReplyOptions};
pub(crate) use resolve::resolve;
pub(crate) use schema::schema;

#[cfg(test)]
mod tests;
