//! The DingTalk channel: answers people in DingTalk with what an agent says.
//!
//! From the outside in: `channel` is what the host sees, `opened` what an account is, and `running` what
//! exists of it between start and stop. `stream` keeps the connection and brings messages, which `message`
//! turns into facts; `inlet` gives them to the host. `media` fetches and keeps the files that came with them.
//! `outbound` and `reply` take what the host says, `card` being an answer that grows and `markdown` how
//! DingTalk shows it. `ledger` remembers what was said. `api` makes the calls, and `route` knows how the
//! network is reached. `config` knows what the owner wants, and `wording` what people read, `bilingual` being how
//! both languages are told at once; `spelling` is how people write ids, and `json` how others write JSON. `budget`
//! counts what calls cost, and `state_file` is how little things survive the process, in files that `private_file`
//! keeps to the process's owner.

mod api;
mod bilingual;
mod budget;
mod card;
mod channel;
mod clock;
mod config;
mod error;
#[cfg(any(test, feature = "fuzzing"))]
#[doc(hidden)]
pub mod fuzzing;
mod histogram;
mod inlet;
mod json;
mod ledger;
mod markdown;
mod media;
mod message;
mod opened;
mod outbound;
mod private_file;
mod probe;
mod registration;
mod reply;
mod route;
mod running;
mod seat;
mod secret;
mod setup;
mod small_file;
mod spelling;
mod state_file;
mod stream;
mod wording;

pub use channel::DingTalk;
pub use opened::Shared;

host_sdk::export_channel!(DingTalk);
