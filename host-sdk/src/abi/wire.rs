//! The vtables: what a plugin offers, what a host offers, and the root that a library exports.

use super::done::{RawDone, RawOutcome};
use crate::abi::Crossing;
use crate::value::{
    Accepted, Applied, ChannelError, LogLevel, StopReason,
    raw::{
        RawAction, RawActionAnswer, RawAttachment, RawDescriptor, RawDirectoryListing, RawDirectoryQuery,
        RawInboundMessage, RawLocalFile, RawOpenContext, RawOutboundMessage, RawRecall, RawReceipt,
        RawRegistration, RawReport, RawResolved, RawStreamUpdate,
    },
};
use abi_stable::{
    StableAbi,
    library::RootModule,
    package_version_strings, sabi_trait,
    sabi_types::VersionStrings,
    std_types::{RBox, RDuration, RResult, RSlice, RStr, RString},
};

/// One account, implemented by the plugin. No method blocks; none may unwind.
#[sabi_trait]
pub trait RawChannel: Send + Sync {
    fn start(&self, done: RawDone<()>);
    /// Answered when the channel is silent, or with `Timeout` when it is not by the deadline.
    fn stop(&self, why: StopReason, deadline: RDuration, done: RawDone<()>);
    fn send(&self, message: RawOutboundMessage, done: RawDone<RawReceipt>);
    fn stream_update(&self, update: RawStreamUpdate, done: RawDone<RawReceipt>);
    fn reconfigure(&self, config: RString, done: RawDone<Applied>);
    fn fetch(&self, attachment: RawAttachment, done: RawDone<RawLocalFile>);
    fn probe(&self, done: RawDone<RawReport>);
    fn metrics(&self) -> RString;
    fn recall(&self, recall: RawRecall, done: RawDone<()>);
    /// The last of 1.0. What comes later goes below, with a default for peers that do not have it.
    #[sabi(last_prefix_field)]
    fn directory(&self, query: RawDirectoryQuery, done: RawDone<RawDirectoryListing>);
    /// Since 1.1. With an empty ticket it begins.
    fn register(&self, _ticket: RString, done: RawDone<RawRegistration>) {
        done.unsupported("register");
    }
}
/// A channel as it crosses.
pub type ChannelBox = RawChannel_TO<'static, RBox<()>>;

/// Where a channel reports to, implemented by the host. No method blocks; none may unwind.
#[sabi_trait]
pub trait RawHost: Send + Sync {
    fn receive(&self, message: RawInboundMessage, done: RawDone<Accepted>);
    fn action(&self, action: RawAction, done: RawDone<RawActionAnswer>);
    /// A JSON object; each key replaces the host's value.
    fn status(&self, patch: RString);
    #[sabi(last_prefix_field)]
    fn log(&self, line: &RawLogLine<'_>);
}
/// A host as it crosses.
pub type HostBox = RawHost_TO<'static, RBox<()>>;

/// A log line, borrowed for the length of the call.
#[repr(C)]
#[derive(StableAbi, Clone, Copy)]
pub struct RawLogLine<'a> {
    pub level: LogLevel,
    pub target: RStr<'a>,
    pub message: RStr<'a>,
    pub fields: RSlice<'a, RawLogField<'a>>,
}

/// A named value beside a log line.
#[repr(C)]
#[derive(StableAbi, Clone, Copy)]
pub struct RawLogField<'a> {
    pub name: RStr<'a>,
    pub value: RStr<'a>,
}

/// Takes the lines that belong to no channel.
#[sabi_trait]
pub trait RawLogSink: Send + Sync {
    #[sabi(last_prefix_field)]
    fn log(&self, line: &RawLogLine<'_>);
}
/// A log sink as it crosses.
pub type LogSinkBox = RawLogSink_TO<'static, RBox<()>>;

/// What a plugin library exports. New functions go after the last prefix field.
#[repr(C)]
#[derive(StableAbi)]
#[sabi(kind(Prefix(prefix_ref = RootRef, prefix_fields = RootFields)))]
#[sabi(missing_field(option))]
pub struct Root {
    pub describe: extern "C" fn() -> RawOutcome<RawDescriptor>,
    /// The section `channels.<id>` as JSON.
    pub resolve: extern "C" fn(config: RStr<'_>) -> RawOutcome<RawResolved>,
    pub open: extern "C" fn(context: RawOpenContext, host: HostBox) -> RawOutcome<ChannelBox>,
    /// Answers the number to take it away with; 0 if there are too many.
    pub add_log_sink: extern "C" fn(sink: LogSinkBox) -> u64,
    pub remove_log_sink: extern "C" fn(number: u64),
    /// Directives as in `info,openclaw_dingtalk=debug`; `false` if they cannot be read.
    #[sabi(last_prefix_field)]
    pub log_filter: extern "C" fn(directives: RStr<'_>) -> bool,
}

impl RootModule for RootRef {
    abi_stable::declare_root_module_statics! {RootRef}
    const BASE_NAME: &'static str = "channel";
    const NAME: &'static str = "channel plugin";
    const VERSION_STRINGS: VersionStrings = package_version_strings!();
}

/// Turns a result of ours into one that crosses.
pub fn outcome<T: Crossing>(result: Result<T, ChannelError>) -> RawOutcome<T::Raw> {
    match result {
        Ok(value) => RResult::ROk(value.into_raw()),
        Err(error) => RResult::RErr(error.into_raw()),
    }
}

/// Turns a result that crossed into one of ours.
pub fn result<T: Crossing>(outcome: RawOutcome<T::Raw>) -> Result<T, ChannelError> {
    match outcome {
        RResult::ROk(value) => Ok(T::from_raw(value)),
        RResult::RErr(error) => Err(ChannelError::from_raw(error)),
    }
}
