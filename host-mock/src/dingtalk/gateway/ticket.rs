//! Connection tickets (DingTalk protocol, §2.1).

use std::collections::BTreeMap;
use std::time::Duration;

use super::push::PushKind;
use crate::dingtalk::secrecy::TICKET;

/// What a client asked for when it opened a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Grant {
    pub(super) app: String,
    pub(super) topics: Vec<(PushKind, String)>,
    pub(super) user_agent: String,
}

/// Why a ticket opens nothing.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Invalid {
    Unknown,
    Used,
    Expired,
}

/// The tickets of one fake; bounded by the number of `connections/open` calls.
#[derive(Debug, Default)]
pub(super) struct TicketBook {
    tickets: BTreeMap<String, Ticket>,
}

#[derive(Debug)]
struct Ticket {
    until: Duration,
    /// Taken by the one connection that it opens.
    grant: Option<Grant>,
}

impl TicketBook {
    pub(super) fn issue(&mut self, grant: Grant, until: Duration) -> String {
        let name = format!("6f1c2d3e-0000-{TICKET}{:08}", self.tickets.len() + 1);
        self.tickets.insert(name.clone(), Ticket { until, grant: Some(grant) });
        name
    }

    /// Opens exactly one connection (DingTalk protocol, §2.1).
    pub(super) fn redeem(&mut self, name: &str, now: Duration) -> Result<Grant, Invalid> {
        let ticket = self.tickets.get_mut(name).ok_or(Invalid::Unknown)?;
        let grant = ticket.grant.take().ok_or(Invalid::Used)?;
        if now < ticket.until { Ok(grant) } else { Err(Invalid::Expired) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grant() -> Grant {
        Grant { app: "app".into(), topics: Vec::new(), user_agent: String::new() }
    }

    #[test]
    fn a_ticket_opens_exactly_one_connection() {
        let mut book = TicketBook::default();
        let ticket = book.issue(grant(), Duration::from_secs(90));

        assert_eq!(book.redeem(&ticket, Duration::ZERO), Ok(grant()));
        assert_eq!(book.redeem(&ticket, Duration::ZERO), Err(Invalid::Used));
        assert_eq!(book.redeem("other", Duration::ZERO), Err(Invalid::Unknown));
    }

    #[test]
    fn a_ticket_expires() {
        let mut book = TicketBook::default();
        let ticket = book.issue(grant(), Duration::from_secs(90));

        assert_eq!(book.redeem(&ticket, Duration::from_secs(90)), Err(Invalid::Expired));
    }
}
