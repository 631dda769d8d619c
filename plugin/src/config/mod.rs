//! What `channels.dingtalk` means.
//!
//! What was written is read once, against one table of options ([`options`]); what it means comes
//! out in two forms: [`resolve`] tells hosts and people about all accounts, [`account`] gives one
//! account to the code that runs it. A mistake is a diagnostic and costs the option it is in, never
//! the whole configuration.

mod access;
mod account;
mod accounts;
mod credentials;
mod diagnosis;
mod foreign;
mod home;
mod ids;
mod live;
mod options;
mod proxy_choice;
mod read;
mod replies;
mod resolve;
mod schema;
mod secret_source;
mod sentences;
mod suggest;

pub(crate) use access::notation;
pub(crate) use account::{Account, account, applicant};
pub(crate) use live::LiveAccount;
pub(crate) use options::Effect;
pub(crate) use replies::{Caps, ReplyOptions};
pub(crate) use resolve::resolve;
pub(crate) use schema::schema;
pub(crate) use secret_source::SecretSource;

#[cfg(test)]
mod tests;
