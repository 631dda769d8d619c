//! A channel that can describe itself once, and panics when it is asked again.

use crate::ears::SOON;
use host_sdk::{
    Accepted, Descriptor, Done, InboundMessage, Json, OpenContext, OutboundMessage, Receipt, Resolved,
    Result, StopReason, StreamUpdate,
    channel::{Channel, Host, Newer},
    export::{Exported, LibrarySlot},
    host::{Events, Plugin},
};
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

struct Forgetful;

static DESCRIBED: AtomicBool = AtomicBool::new(false);
static SLOT: LibrarySlot<Forgetful> = LibrarySlot::new();

impl Exported for Forgetful {
    fn slot() -> &'static LibrarySlot<Self> {
        &SLOT
    }
}

impl Channel for Forgetful {
    type Shared = ();

    fn describe() -> Descriptor {
        assert!(!DESCRIBED.swap(true, Ordering::Relaxed), "as told");
        Descriptor { id: "forgetful".into(), ..Default::default() }
    }
    fn resolve(_: &Json) -> Resolved {
        Resolved::default()
    }
    fn open(_: OpenContext, _: Arc<()>, _: Host) -> Result<Self> {
        Ok(Self)
    }
    async fn start(&self) -> Result<()> {
        Ok(())
    }
    async fn stop(&self, _: StopReason) {}
    async fn send(&self, _: OutboundMessage) -> Result<Receipt> {
        Ok(Receipt::default())
    }
    async fn stream_update(&self, _: StreamUpdate, _: &mut Newer) -> Result<Receipt> {
        Ok(Receipt::default())
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
