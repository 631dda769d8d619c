//! What the host says without having been asked: for a command, a schedule, a tool of the agent's.

use super::{Event, Host};
use host_sdk::{ChannelError, ErrorCode, OutboundMessage, Recall, Receipt, Result};
use std::sync::Arc;

impl Host {
    /// Sends a message through the account called `name`.
    ///
    /// # Errors
    /// When there is no such account, or the plugin could send nothing of it.
    pub async fn send(&self, name: &str, message: OutboundMessage) -> Result<Receipt> {
        let address = self.accounts.called(name).map_err(|error| unknown(&error))?;
        let channel = self.channel(name).map_err(|error| unknown(&error))?;
        let receipt = channel.send(message.clone()).await;
        self.record.note(&address, Event::Sent { message: Arc::new(message), receipt: receipt.clone() });
        receipt
    }

    /// Takes a message back through the account called `name`.
    ///
    /// # Errors
    /// When there is no such account, or something of it is still to be seen.
    pub async fn recall(&self, name: &str, recall: Recall) -> Result<()> {
        let address = self.accounts.called(name).map_err(|error| unknown(&error))?;
        let channel = self.channel(name).map_err(|error| unknown(&error))?;
        let outcome = channel.recall(recall.clone()).await;
        self.record.note(&address, Event::Recalled { recall: Arc::new(recall), outcome: outcome.clone() });
        outcome
    }
}

fn unknown(error: &super::HostError) -> ChannelError {
    ChannelError::new(ErrorCode::Rejected, error.to_string())
}
