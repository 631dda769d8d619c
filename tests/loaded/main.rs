//! What `host-sdk/tests/linked` claims of a channel in the test's own binary, claimed of one in a
//! library that is built and loaded as plugins are: other statics, another runtime, another `std`.
#![allow(clippy::unwrap_used, reason = "a test may, also in the functions it is made of")]

#[path = "../../host-sdk/tests/linked/calls.rs"]
mod calls;
#[path = "../../host-sdk/tests/linked/ears.rs"]
mod ears;
#[path = "../../host-sdk/tests/linked/hammer.rs"]
mod hammer;
#[path = "../../host-sdk/tests/linked/order.rs"]
mod order;
#[path = "../../host-sdk/tests/linked/panics.rs"]
mod panics;
#[path = "../../host-sdk/tests/linked/reentry.rs"]
mod reentry;
#[path = "../../host-sdk/tests/linked/shutdown.rs"]
mod shutdown;

use host_sdk::host::Plugin;

fn plugin() -> Plugin {
    tests::obedient().plugin()
}
