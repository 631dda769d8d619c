//! From an author's [`Channel`](crate::channel::Channel) to what a library exports.
//!
//! Here, once for every channel: panics are caught, calls become tasks of one shared runtime,
//! updates of a stream wait in lanes, and stopping leaves nothing behind.

mod guard;
mod instance;
mod lanes;
mod library;
mod log;
mod order;
mod repeats;
mod root;
mod stopping;

pub(crate) use guard::caught;
pub use library::LibrarySlot;
pub(crate) use log::{within, within_sync};
pub(crate) use repeats::Repeats;
#[cfg(feature = "host")]
pub(crate) use root::root;
pub use root::{Exported, LibHeader, header};

/// Exports `$channel` as this library's plugin. Once per crate, at its root.
#[macro_export]
macro_rules! export_channel {
    ($channel:ty) => {
        #[cfg(panic = "abort")]
        compile_error!("a channel plugin must be built with panic = \"unwind\"");

        const _: () = {
            static SLOT: $crate::export::LibrarySlot<$channel> = $crate::export::LibrarySlot::new();

            impl $crate::export::Exported for $channel {
                fn slot() -> &'static $crate::export::LibrarySlot<Self> {
                    &SLOT
                }
            }

            #[allow(unsafe_code, reason = "the one symbol that hosts look for")]
            #[unsafe(no_mangle)]
            pub static _1as_0lib_1header_0root_bmodule_bloader: $crate::export::LibHeader =
                $crate::export::header::<$channel>();
        };
    };
}
