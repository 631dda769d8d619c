//! Every value that crosses the boundary, in plain Rust.
//!
//! Three rules keep them evolvable now that 1.0 is frozen: a struct does not change (new facts go into
//! `extra`), an open set is an integer with names, and every time is milliseconds since the Unix
//! epoch.

mod account;
mod action;
mod conversation;
mod directory;
mod error;
mod inbound;
mod json;
mod log;
mod media;
mod outbound;
mod probe;
mod registration;
mod setup;
mod status;

pub use account::{
    Applied, Descriptor, Diagnostic, HostInfo, OpenContext, Resolved, ResolvedAccount, Severity,
};
pub use action::{Action, ActionAnswer};
pub use conversation::{Conversation, ConversationKind, Identity, Mention, Sender};
pub use directory::{DirectoryEntry, DirectoryListing, DirectoryQuery};
pub use error::{ChannelError, ErrorCode, Result};
pub use inbound::{Accepted, EventKind, InboundMessage, Quote};
pub use json::{Handle, Json};
pub use log::{LogField, LogLevel, LogLine};
pub use media::{Attachment, AttachmentKind, LocalFile};
pub use outbound::{Notice, OutboundMessage, Outcome, Phase, Recall, Receipt, ReceiptPart, StreamUpdate};
pub use probe::{Check, CheckWords, Report, Verdict};
pub use registration::{Registration, RegistrationState};
pub use setup::{Setup, SetupField, SetupStep, SetupWay, SetupWords};
pub use status::{Lifecycle, StatusPatch, StopReason};

#[allow(missing_docs, reason = "each is documented as the layout of its plain form")]
pub mod raw {
    //! The forms with a stable layout, for the ABI layer alone.
    pub use super::account::{
        RawDescriptor, RawDiagnostic, RawHostInfo, RawOpenContext, RawResolved, RawResolvedAccount,
    };
    pub use super::action::{RawAction, RawActionAnswer};
    pub use super::conversation::{RawConversation, RawIdentity, RawMention, RawSender};
    pub use super::directory::{RawDirectoryEntry, RawDirectoryListing, RawDirectoryQuery};
    pub use super::error::RawChannelError;
    pub use super::inbound::{RawInboundMessage, RawQuote};
    pub use super::media::{RawAttachment, RawLocalFile};
    pub use super::outbound::{
        RawNotice, RawOutboundMessage, RawRecall, RawReceipt, RawReceiptPart, RawStreamUpdate,
    };
    pub use super::probe::{RawCheck, RawCheckWords, RawReport};
    pub use super::registration::RawRegistration;
    pub use super::setup::{RawSetup, RawSetupField, RawSetupStep, RawSetupWay, RawSetupWords};
}
