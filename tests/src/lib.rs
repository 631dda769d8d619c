//! The test world: a fake DingTalk, a simulated host, and between them the real plugin library,
//! packaged as it ships and loaded as a host loads it.
//!
//! ```no_run
//! # async fn test() {
//! let world = tests::World::start().await;
//! world.dingtalk().says("Lin", "hello");
//! world.agent().next_turn().await.unwrap().say("Hello, Lin.");
//! assert_eq!(world.dingtalk().finished_card().await.text(), "Hello, Lin.");
//! # }
//! ```

mod discreet;
mod folder;
mod front;
mod gone;
mod library;
pub mod pulse;
mod scenario;
mod watched;
mod world;

pub use discreet::Discreet;
pub use folder::Copied;
pub use front::TlsFront;
pub use gone::gone;
pub use library::{Built, PLUGIN, dingtalk, file_channel, obedient, plugin, pulse};
pub use scenario::Scenario;
pub use watched::Watched;
pub use world::{Setup, World, context, section};
