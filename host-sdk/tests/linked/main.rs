//! A channel of this very binary behind the real boundary.
#![allow(missing_docs, reason = "a test binary")]
#![allow(clippy::unwrap_used, reason = "a test may")]

mod build;
mod calls;
mod ears;
mod forgetful;
mod hammer;
mod order;
mod panics;
mod reentry;
mod shutdown;

use host_sdk::host::Plugin;

fn plugin() -> Plugin {
    Plugin::linked::<obedient::Obedient>().unwrap()
}
