//! What the Stream connection brings, on its way to the host.

use crate::{
    api::{Api, Priority, card::Update},
    ledger::Ledger,
    message::{
        card_action::{CardAction, Shown},
        inbound::Withheld,
        quote,
    },
    outbound::{Directory, Sighting},
    stream::Inlet,
};
use host_sdk::{Accepted, Action, ConversationKind, InboundMessage, StatusPatch, channel::Host};
use std::time::Duration;

/// How often a card is told what it shows when the callback's answer came too late for that, and how
/// long apart at most.
const ATTEMPTS: u32 = 3;
const APART: Duration = Duration::from_secs(5);

/// Gives everything to the host.
pub(crate) struct ToHost {
    host: Host,
    api: Api,
    ledger: Ledger,
    directory: Directory,
}

impl ToHost {
    /// An account's way to `host`; `api` changes cards whose callback was answered too late, and
    /// `ledger` knows what people quote of ours. Who writes is noted in `directory`.
    pub(crate) fn new(host: Host, api: Api, ledger: Ledger, directory: Directory) -> Self {
        Self { host, api, ledger, directory }
    }
}

impl ToHost {
    /// Says which answer a card shows, and where: the ledger knows, also of an earlier process's cards.
    fn tell_answer(&self, card: &str, action: &mut Action) {
        let Some((answer, card)) = self.ledger.card(card) else { return };
        answer.stream().clone_into(&mut action.stream);
        action.turn = card.turn;
        action.conversation.kind =
            if card.group { ConversationKind::Group } else { ConversationKind::Direct };
        action.conversation.id = card.conversation;
    }
}

impl Inlet for ToHost {
    fn receive(&self, mut message: InboundMessage, answered: impl FnOnce(Accepted) + Send + 'static) {
        match Withheld::why(&message) {
            Some(Withheld::OverQuota) => tracing::warn!(
                msg_id = message.id,
                "DingTalk withheld a message: the organisation's monthly quota of robot messages is used up"
            ),
            Some(Withheld::Unsupported) => {
                tracing::info!(msg_id = message.id, "a message of a kind that robots do not receive");
            }
            None => {}
        }
        self.directory.saw(Sighting::of(&message));
        if let Some(quoted) = &mut message.quote {
            let ids = quote::ids(quoted);
            if let Some(sent) = self.ledger.sent(ids.iter().map(String::as_str)) {
                quote::is_ours(quoted, &sent.text);
            }
        }
        self.host.receive_then(message, answered);
    }

    async fn card_action(&self, CardAction { card, mut action }: CardAction) -> Option<Shown> {
        self.tell_answer(&card, &mut action);
        let answer = self.host.action(action).await.ok()?;
        Shown::of(card, &answer.update)
    }

    async fn show(&self, shown: Shown) {
        let card = shown.card.clone();
        let update = Update::by_key(shown.card, shown.variables);
        for attempt in 1..=ATTEMPTS {
            let permit = self.api.permit(Update::FAMILY, Priority::Status).await;
            let Err(error) = self.api.update_card(permit, &update).await else { return };
            match error.retry_after().filter(|_| attempt < ATTEMPTS) {
                Some(pause) => tokio::time::sleep(pause.min(APART)).await,
                None => {
                    tracing::warn!(
                        card,
                        causes = error.causes(),
                        "a late answer to a card action is not shown: {}",
                        error.sentence()
                    );
                    return;
                }
            }
        }
    }

    fn status(&self, patch: StatusPatch) {
        self.host.status(patch);
    }
}
