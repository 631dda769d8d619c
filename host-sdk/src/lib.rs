//! The interface between an OpenClaw host and a channel plugin, for both sides.
//!
//! A channel connects one platform, such as DingTalk, to an agent. It is a native library that a
//! host finds in its plugins directory and loads through a stable ABI, so that host and plugin may
//! be built by different people with different compilers at different times.
//!
//! # Writing a channel
//!
//! Implement [`channel::Channel`], which is plain async Rust, and export it. This is a whole plugin.
//! Its platform is one person who says hello, and reads the answer on the host's standard output:
//!
//! ```
//! # #[cfg(feature = "channel")] mod plugin {
//! use host_sdk::{*, channel::{Channel, Host, Newer}};
//! use std::sync::Arc;
//!
//! struct Hello { host: Host }
//!
//! impl Channel for Hello {
//!     type Shared = ();
//!
//!     fn describe() -> Descriptor {
//!         Descriptor { id: "hello".into(), name: "Hello".into(), version: "0.1.0".into(), ..Default::default() }
//!     }
//!     fn resolve(_config: &Json) -> Resolved {
//!         let account = ResolvedAccount { id: "default".into(), enabled: true, configured: true, ..Default::default() };
//!         Resolved { accounts: vec![account], default_account: "default".into(), ..Default::default() }
//!     }
//!     fn open(_context: OpenContext, _shared: Arc<()>, host: Host) -> Result<Self> {
//!         Ok(Self { host })
//!     }
//!     async fn start(&self) -> Result<()> {
//!         let host = self.host.clone();
//!         self.host.spawn("listener", async move {
//!             let message = InboundMessage { id: "1".into(), text: "hello".into(), ..Default::default() };
//!             host.receive(message).await;
//!         });
//!         Ok(())
//!     }
//!     async fn stop(&self, _why: StopReason) {}
//!     async fn send(&self, message: OutboundMessage) -> Result<Receipt> {
//!         println!("{}", message.text);
//!         Ok(Receipt::delivered("1", "stdout", message.text.len()))
//!     }
//!     async fn stream_update(&self, update: StreamUpdate, _newer: &mut Newer) -> Result<Receipt> {
//!         if !update.phase.is_final() { return Ok(Receipt::default()); } // what is printed stays
//!         println!("{}", update.text);
//!         Ok(Receipt::delivered("1", "stdout", update.text.len()))
//!     }
//! }
//! export_channel!(Hello);
//! # }
//! ```
//!
//! Its `Cargo.toml` makes a library that hosts can load, and lets panics unwind, which the boundary
//! catches; with `panic = "abort"` it does not build:
//!
//! ```toml
//! [lib]
//! crate-type = ["cdylib"]
//!
//! [dependencies]
//! host-sdk = { path = "../host-sdk", features = ["channel"] }
//!
//! [profile.release]
//! panic = "unwind"
//! ```
//!
//! On Linux its `build.rs` keeps the library from ever being unloaded, for threads and thread-locals
//! must not outlive their code:
//!
//! ```no_run
//! println!("cargo::rustc-cdylib-link-arg=-Wl,-z,nodelete");
//! ```
//!
//! Beside the library lies a `manifest.toml`, which hosts read first; [`host::Manifest`] has all of it:
//!
//! ```toml
//! id = "hello"
//! version = "0.1.0"
//! sdk = "1.1.0"
//! library = "hello"
//! ```
//!
//! `examples/file-channel` in this project is such a plugin with a platform of its own, two text files:
//! it offers again what a host refuses, reports its status, and examines itself. Whether a channel keeps
//! what hosts rely on is told by the feature `conformance`.
//!
//! # Hosting channels
//!
//! Load the directory, open an account, listen, answer; see [`host`]:
//!
//! ```no_run
//! # #[cfg(feature = "host")] fn host() -> std::result::Result<(), Box<dyn std::error::Error>> {
//! use host_sdk::{*, host::{Events, Plugin}};
//! use std::{path::Path, time::Duration};
//!
//! struct Print;
//! impl Events for Print {
//!     fn receive(&self, message: InboundMessage, answer: Done<Accepted>) {
//!         println!("{}: {}", message.sender.name, message.text);
//!         answer.answer(Ok(Accepted::New)); // once it is written down
//!     }
//! }
//!
//! let (plugin, _manifest) = Plugin::load(Path::new("plugins/dingtalk"))?;
//! let context = OpenContext { account: "default".into(), config: Json::from_text("{}"), ..Default::default() };
//! let channel = plugin.open(context, Print)?;
//! channel.start().wait(Duration::from_secs(10))?;
//! channel.stop(StopReason::Shutdown, Duration::from_secs(5)).wait(Duration::from_secs(6))?;
//! # Ok(()) }
//! ```
//!
//! # Versions
//!
//! 1.0 is frozen: a plugin that was built with any 1.x loads in every host with any 1.y and does there what it did,
//! whichever is newer. Values do not change, but for keys in their `extra`; open sets, such as [`ErrorCode`], may get
//! names, so a `match` keeps a `_` arm; tables of functions may grow at their end, and what a peer does not have
//! is answered with [`ErrorCode::Unsupported`], or not heard. Another major version is refused before anything of it
//! runs.
//!
//! # Features
//!
//! - `channel`: what a plugin needs (the trait, the runtime, the export macro).
//! - `host`: what a host needs (the loader, the handles).
//! - `inbox`: where a host keeps what it accepted until it is worked on (a store on disk).
//! - `access`: who may talk (rules as values; no I/O).
//! - `conformance`: what a test of a channel needs (the claims that every channel has to pass).
#![allow(non_local_definitions, reason = "expanded by abi_stable 0.11's derive macros")]

pub mod abi;
#[cfg(feature = "access")]
pub mod access;
#[cfg(feature = "channel")]
pub mod channel;
#[cfg(feature = "conformance")]
pub mod conformance;
mod contain;
mod done;
#[cfg(feature = "channel")]
#[doc(hidden)]
pub mod export;
#[cfg(feature = "host")]
pub mod host;
#[cfg(feature = "inbox")]
pub mod inbox;
pub mod lock;
mod value;

pub use done::Done;
pub use value::*;
