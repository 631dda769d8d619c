//! The functions a library exports.
#![allow(unsafe_code, reason = "the library's header is made from a constructor of the right type")]

use super::{
    instance::Exporting,
    library::LibrarySlot,
    log::{self, within_sync},
};
use crate::{
    abi::{ChannelBox, Crossing, HostBox, RawChannel_TO, RawOutcome, Root, RootRef, outcome},
    channel::{Channel, Host},
    contain::contained,
    value::{
        ChannelError, Descriptor, ErrorCode, Json, OpenContext, Resolved, Result,
        raw::{RawDescriptor, RawOpenContext, RawResolved},
    },
};
pub use abi_stable::library::LibHeader;
use abi_stable::{
    erased_types::TD_Opaque,
    library::{__call_root_module_loader, CheckTypeLayout, RootModuleResult},
    prefix_type::PrefixTypeTrait,
    std_types::{RBoxError, RResult, RStr},
};
use std::sync::Arc;

/// A channel that a library exports; implemented by [`export_channel!`](crate::export_channel).
pub trait Exported: Channel {
    /// Where the library keeps what its channels share.
    fn slot() -> &'static LibrarySlot<Self>;
}

/// What hosts look for in the library.
pub const fn header<C: Exported>() -> LibHeader {
    // Nothing else: a panic that left this function would be an abort.
    extern "C" fn constructor<C: Exported>() -> RootModuleResult {
        __call_root_module_loader(loaded_root::<C>)
    }
    // SAFETY: `constructor` makes a `RootRef`, which is the type its layout is taken from.
    unsafe { LibHeader::from_constructor::<RootRef>(constructor::<C>, CheckTypeLayout::Yes) }
}

/// The root of a library of its own, whose panics nobody else reports.
fn loaded_root<C: Exported>() -> Result<RootRef, RBoxError> {
    let root = || {
        log::install_panic_hook();
        Ok(root::<C>())
    };
    guarded("root", root).map_err(RBoxError::new)
}

pub(crate) fn root<C: Exported>() -> RootRef {
    log::install();
    Root {
        describe: describe::<C>,
        resolve: resolve::<C>,
        open: open::<C>,
        add_log_sink: log::add_sink,
        remove_log_sink: log::remove_sink,
        log_filter: log::filter,
    }
    .leak_into_prefix()
}

extern "C" fn describe<C: Exported>() -> RawOutcome<RawDescriptor> {
    let describe = || Descriptor { sdk: env!("CARGO_PKG_VERSION").to_owned(), ..C::describe() };
    outcome(guarded("describe", || Ok(describe())))
}

extern "C" fn resolve<C: Exported>(config: RStr<'_>) -> RawOutcome<RawResolved> {
    let config = Json::from_text(config.as_str());
    outcome(guarded::<Resolved>("resolve", || Ok(C::resolve(&config))))
}

extern "C" fn open<C: Exported>(context: RawOpenContext, host: HostBox) -> RawOutcome<ChannelBox> {
    let host = Host::new(host);
    let opened = guarded("open", || {
        let library = C::slot().library();
        let context = OpenContext::from_raw(context);
        let shared = Arc::clone(&library.shared);
        let channel = within_sync(&host, || C::open(context, shared, host.clone()))?;
        Ok(RawChannel_TO::from_value(Exporting::new(channel, library, host.clone()), TD_Opaque))
    });
    match opened {
        Ok(channel) => RResult::ROk(channel),
        Err(error) => RResult::RErr(error.into_raw()),
    }
}

fn guarded<T>(name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    let panicked = |panic| ChannelError::new(ErrorCode::Panicked, format!("`{name}` panicked: {panic}"));
    contained(work).map_err(panicked)?
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_exported_symbol_is_the_one_that_hosts_look_for() {
        let expected = abi_stable::library::ROOT_MODULE_LOADER_NAME;
        assert_eq!(expected, "_1as_0lib_1header_0root_bmodule_bloader");
    }
}
