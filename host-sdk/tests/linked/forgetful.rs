//! A channel that can describe itself once, and panics when it is asked again.

#[path = "../fixtures/forgetful.rs"]
mod fixture;

use crate::ears::SOON;
use fixture::Forgetful;
use host_sdk::{
    Accepted, Done, InboundMessage, OpenContext,
    export::{Exported, LibrarySlot},
    host::{Events, Plugin},
};

static SLOT: LibrarySlot<Forgetful> = LibrarySlot::new();

impl Exported for Forgetful {
    fn slot() -> &'static LibrarySlot<Self> {
        &SLOT
    }
}

struct Deaf;

impl Events for Deaf {
    fn receive(&self, _: InboundMessage, _: Done<Accepted>) {}
}

#[test]
fn a_panic_of_the_description_is_an_error_or_no_obstacle() {
    let plugin = Plugin::linked::<Forgetful>().unwrap();
    let channel = plugin.open(OpenContext::default(), Deaf).unwrap();
    // The runtime that this starts is named after the description.
    channel.start().wait(SOON).unwrap();

    let error = Plugin::linked::<Forgetful>().unwrap_err();
    assert_eq!(error.message, "`describe` panicked: as told");
}
