//! For hosts: find plugins, load them, open accounts, talk through them.
//!
//! A [`Plugin`] is a directory with a `manifest.toml` and a library. It is judged from outside
//! before anything of it runs, and every way it can be wrong is a [`LoadError`] of its own. Once
//! loaded it stays loaded until the process ends; a [`Channel`] is one open account.

pub mod catalogue;
mod channel;
mod directory;
mod events;
mod exposition;
mod file_name;
mod folder;
mod gate;
mod library_file;
mod linking;
mod load_error;
mod manifest;
mod pending;
mod plugin;
mod qr;
mod spelling;

pub use catalogue::Catalogue;
pub use channel::Channel;
pub use directory::private_directory;
pub use events::Events;
pub use exposition::{Exposition, PROMETHEUS};
pub use file_name::{file_name, id_of_file};
pub use load_error::LoadError;
pub use manifest::Manifest;
pub use pending::Pending;
#[cfg(feature = "inbox")]
pub(crate) use pending::Slot;
pub use plugin::{LogSubscription, Plugin, discover};
pub use qr::qr_code;
