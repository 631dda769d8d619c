//! A look at everything a fake recorded.

use std::time::Duration;

use super::card::Card;
use super::endpoint::Endpoint;
use super::gateway::{Connection, Push};
use super::media::Upload;
use super::people::{App, Group, Person};
use super::record::{Aside, Call, Change, Message, Reaction};
use super::registration::Registration;
use super::violation::Violation;
use super::world::World;

/// Everything recorded so far, oldest first.
///
/// The fake stands still while a view is looked at: a closure that gets one must not call the fake.
#[derive(Debug, Clone, Copy)]
pub struct View<'a>(pub(super) &'a World);

impl<'a> View<'a> {
    /// Every app.
    #[must_use]
    pub fn apps(self) -> &'a [App] {
        &self.0.directory.apps
    }

    /// The registrations that wait to be scanned.
    pub fn scannable(self) -> impl Iterator<Item = &'a Registration> {
        self.0.registrations.waiting(self.0.clock.now())
    }

    /// Everybody.
    #[must_use]
    pub fn people(self) -> &'a [Person] {
        &self.0.directory.people
    }

    /// Every group.
    #[must_use]
    pub fn groups(self) -> &'a [Group] {
        &self.0.directory.groups
    }

    /// Milliseconds since 1970 at a time since the fake started.
    #[must_use]
    pub fn epoch_ms(self, at: Duration) -> u64 {
        self.0.clock.epoch_ms(at)
    }

    /// What people said to each other without a robot hearing it.
    pub fn asides(self) -> impl DoubleEndedIterator<Item = &'a Aside> {
        self.0.record.asides.iter()
    }

    /// A file that a person sent, by its `downloadCode`.
    #[must_use]
    pub fn offered(self, code: &str) -> Option<&'a [u8]> {
        self.0.media.offered(code)
    }

    /// Every HTTP call.
    pub fn calls(self) -> impl DoubleEndedIterator<Item = &'a Call> {
        self.0.record.calls()
    }

    /// The calls to one endpoint.
    pub fn calls_to(self, endpoint: Endpoint) -> impl DoubleEndedIterator<Item = &'a Call> {
        self.calls().filter(move |call| call.endpoint == Some(endpoint))
    }

    /// Every push with its deliveries and their ACKs.
    pub fn pushes(self) -> impl DoubleEndedIterator<Item = &'a Push> {
        self.0.gateway.ledger.all()
    }

    /// The push of a message by its `msgId`, or of an event by its `eventId`.
    #[must_use]
    pub fn push(self, id: &str) -> Option<&'a Push> {
        self.0.gateway.ledger.of_message(id)
    }

    /// Every Stream connection.
    pub fn connections(self) -> impl DoubleEndedIterator<Item = &'a Connection> {
        self.0.gateway.connections.values()
    }

    /// The connections that pushes may be given to.
    pub fn live_connections(self) -> impl DoubleEndedIterator<Item = &'a Connection> {
        self.connections().filter(|connection| connection.is_live())
    }

    /// Every card in the order of creation.
    pub fn cards(self) -> impl DoubleEndedIterator<Item = &'a Card> {
        self.0.cards.in_order()
    }

    /// The cards that are neither finished nor failed, in the order of creation.
    pub fn open_cards(self) -> impl DoubleEndedIterator<Item = &'a Card> {
        self.cards().filter(|card| !card.has_ended())
    }

    /// A card by its `outTrackId`.
    #[must_use]
    pub fn card(self, out_track_id: &str) -> Option<&'a Card> {
        self.0.cards.card(out_track_id)
    }

    /// Every message of a robot, by webhook or by robot send.
    pub fn messages(self) -> impl DoubleEndedIterator<Item = &'a Message> {
        self.0.record.messages.iter()
    }

    /// The messages in one conversation, named by its id, a group's title or a person.
    ///
    /// # Panics
    ///
    /// If there is no such conversation.
    #[track_caller]
    pub fn messages_in(self, place: &str) -> impl DoubleEndedIterator<Item = &'a Message> {
        let conversation = self.0.conversation(place);
        self.messages().filter(move |message| message.conversation == conversation)
    }

    /// Every emotion under a message.
    pub fn reactions(self) -> impl DoubleEndedIterator<Item = &'a Reaction> {
        self.0.record.reactions.iter()
    }

    /// Every media file that was uploaded.
    #[must_use]
    pub fn uploads(self) -> &'a [Upload] {
        &self.0.media.uploads
    }

    /// The rules that the client broke.
    #[must_use]
    pub fn violations(self) -> &'a [Violation] {
        &self.0.record.violations
    }

    /// The last lines of what happened, for people.
    pub fn journal(self) -> impl DoubleEndedIterator<Item = &'a Change> {
        self.0.record.journal()
    }

    /// The last lines of what happened as one text.
    #[must_use]
    pub fn report(self) -> String {
        const LINES: usize = 80;
        let lines = self.journal().rev().map(ToString::to_string);
        // Whoever waits long for something would see nothing else.
        let mut lines: Vec<_> = lines
            .filter(|line| !line.contains(" a ping") && !line.contains("WebSocket ping"))
            .take(LINES)
            .collect();
        lines.reverse();
        format!("what the fake DingTalk saw last:\n{}", lines.join("\n"))
    }
}
