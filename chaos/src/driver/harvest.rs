//! What the fake DingTalk wrote down about a round, once the round is settled.

use super::{Driver, Outcome, SETTLING};
use crate::{
    Error,
    ledger::{Answer, Delivery, Fate, Link, Message, Moment},
    process::Patience,
    witness,
};
use host_mock::dingtalk::{self, Connection, Push};

impl<P: FnMut(u32)> Driver<P> {
    /// Waits until each message of the round is where it will end, or until nothing happens any more.
    pub(super) async fn settle(&mut self) -> Result<(), Error> {
        let mut patience = Patience::new(SETTLING);
        let messages = loop {
            // As long as the agent is busy there is no need to look.
            if !self.unseen.is_empty() && self.hear().await?.is_some() {
                patience.put_off();
                continue;
            }
            let messages = self.harvest();
            if patience.is_over() || messages.iter().all(|message| self.is_settled(message)) {
                break messages;
            }
            self.hear().await?;
        };
        self.ledger.messages.extend(messages);
        self.bury();
        self.round = 0;
        self.unseen.clear();
        self.unanswered.clear();
        self.prompt = true;
        (self.progress)(self.pushed);
        Ok(())
    }

    /// Ends the run.
    pub(super) async fn finish(mut self) -> Result<Outcome, Error> {
        self.process.stop().await?;
        self.take_answers();
        self.ledger.sightings = witness::read(&self.stage.record())?;
        let violations = self.stage.dingtalk().violations();
        violations.iter().for_each(|violation| eprintln!("{violation}"));
        self.ledger.violations = violations.len();
        Ok(Outcome { ledger: self.ledger, stage: self.stage })
    }

    /// Whether nothing more will happen to a message.
    fn is_settled(&self, message: &Message) -> bool {
        if !self.unseen.contains(&message.id) {
            return !self.ledger.is_unanswered(message) && !self.unanswered.contains(&message.text);
        }
        !self.repush && self.ledger.fate(message) != Fate::Lost
    }

    /// The round's messages, and the connections, as they are now.
    fn harvest(&mut self) -> Vec<Message> {
        self.take_answers();
        let (count, prompt) = (self.round, self.prompt);
        let (messages, ends) = self.stage.dingtalk().look(|view| {
            // The last that were pushed are those of the round.
            let mut messages: Vec<_> =
                view.pushes().rev().take(count).map(|it| message(it, prompt)).collect();
            messages.reverse();
            let ends: Vec<_> = view.connections().map(|it| (it.id, self.life_of(it), ended(it))).collect();
            (messages, ends)
        });
        for (id, life, ended) in ends {
            let link = self.ledger.links.entry(id.0).or_default();
            *link = Link { life, ended, ..link.clone() };
        }
        messages
    }

    /// What people have been shown since the last time.
    fn take_answers(&mut self) {
        let since = self.answered;
        let answers = self.stage.dingtalk().look(|view| {
            let news = view.messages().rev().take_while(|message| message.sent.seq > since);
            let mut answers: Vec<_> = news.map(|message| (message.sent.seq, answer(message))).collect();
            answers.reverse();
            answers
        });
        for (place, answer) in answers {
            self.answered = place;
            self.unanswered.remove(&answer.text);
            self.ledger.answers.push(answer);
        }
    }

    /// The number of the process that made a connection: one starts when the last is gone.
    fn life_of(&self, connection: &Connection) -> u32 {
        let before = self.gone.iter().filter(|gone| **gone < connection.opened.at).count();
        u32::try_from(before + 1).unwrap_or(u32::MAX)
    }
}

fn ended(connection: &Connection) -> Option<std::time::Duration> {
    connection.closed.map(|(moment, _)| moment.at)
}

fn answer(message: &dingtalk::Message) -> Answer {
    let (conversation, text) = (message.conversation.clone(), message.text().to_owned());
    Answer { conversation, text, at: message.sent.at }
}

fn message(push: &Push, prompt: bool) -> Message {
    let deliveries = push.deliveries.iter().map(|delivery| Delivery {
        link: delivery.connection.0,
        sent: moment(delivery.sent),
        written: delivery.written.map(moment),
        acked: delivery.ack.as_ref().map(|ack| moment(ack.moment)),
    });
    Message {
        id: push.id.clone(),
        conversation: push.conversation().unwrap_or_default().to_owned(),
        text: push.data["text"]["content"].as_str().unwrap_or_default().to_owned(),
        queued: moment(push.queued),
        deliveries: deliveries.collect(),
        prompt,
    }
}

fn moment(moment: dingtalk::Moment) -> Moment {
    Moment { seq: moment.seq, at: moment.at }
}
