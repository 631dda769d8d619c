//! How soon and how steadily people see an answer grow, beside what is possible.
//!
//! A [`model`] says words at a pace; the real plugin, loaded into a simulated host, or a [`naive`] sender
//! shows them on a card of the fake DingTalk, whose calls take a given time. What people saw, by the fake's
//! own record, becomes [`figures`]; [`optimum`] computes what one request in flight can do at best.

pub mod contest;
pub mod crowd;
mod error;
pub mod figures;
pub mod model;
pub mod naive;
pub mod optimum;
pub mod picture;
mod stage;

pub use error::Error;
pub use stage::Stage;
