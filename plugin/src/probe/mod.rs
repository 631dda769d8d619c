//! The doctor: what works of an account, what does not, and what cures it.
//!
//! [`facts`] are found out here, by calls that change nothing and show nothing to anybody; [`judge`] is what
//! follows from them, and [`table`] all that can be said. What no call tells is said to be unknown, never fine.

mod disk;
mod facts;
mod finding;
mod judge;
mod table;
#[cfg(test)]
mod tests;

use crate::{
    api::Api,
    config::Account,
    opened::Opened,
    route::{self, Route, is_loopback},
};
use facts::{Addresses, Asked, CardFacts, Facts, Folder, Heard, HostFacts};
use finding::Finding;
use futures_util::future::join_all;
use host_sdk::{Report, Verdict};
use reqwest::Url;
use std::{path::PathBuf, sync::Arc, time::Duration};
use tokio::time::timeout;

/// How long all of it may take, unless the host says otherwise.
const PATIENCE: Duration = Duration::from_millis(9_500);

const UNREAD: &str = "其中的文件没有及时读出 (a file that it names cannot be read in time)";

/// How long its parts may take, one after the other.
#[derive(Clone, Copy)]
struct Times {
    /// To read the configuration's files.
    reading: Duration,
    /// To look around, and to ask for a token and a connection.
    looking: Duration,
    /// For all that takes a token.
    asking: Duration,
}

impl Times {
    /// Those of a host, which may give a number of milliseconds in `extra.probeMs`.
    fn of(opened: &Opened) -> Self {
        let told = opened.extra()["probeMs"].as_u64().map(Duration::from_millis);
        let part = told.unwrap_or(PATIENCE) / 19;
        Self { reading: part * 2, looking: part * 9, asking: part * 8 }
    }
}

/// Examines an account, whether or not it runs.
pub(crate) async fn probe(opened: &Opened) -> Report {
    let (account, times) = (opened.account.get(), Times::of(opened));
    let api = match timeout(times.reading, opened.api()).await {
        Ok(Ok(api)) => api,
        Ok(Err(error)) => return unusable(&account, &error.message),
        Err(_) => return unusable(&account, UNREAD),
    };
    let facts = find_out(opened, &account, &api, times).await;
    let budget = api.budget().clone();
    // The count is kept by this process or by another one. Whichever it is, nothing hangs on it.
    opened.host.blocking(move || budget.save()).await.ok();
    report(&account, judge::findings(&facts), judge::charged(&facts))
}

fn unusable(account: &Account, why: &str) -> Report {
    let finding = Finding::new("configuration", &table::UNUSABLE).with(why);
    report(account, vec![finding], 0)
}

fn report(account: &Account, findings: Vec<Finding>, charged_calls: u32) -> Report {
    let ok = findings.iter().all(|finding| finding.verdict() != Verdict::Failed);
    let spoken = account.replies.wording;
    let checks = findings.into_iter().map(|finding| finding.into_check(spoken)).collect();
    Report { ok, checks, charged_calls, ..Report::default() }
}

async fn find_out(opened: &Opened, account: &Arc<Account>, api: &Api, times: Times) -> Facts {
    let route = api.route();
    let bases = api.bases();
    let way = bases.iter().try_for_each(|base| route.proxy_for(base).map(drop));
    let look_around = async {
        let hosts = timeout(times.looking, join_all(distinct(&bases).map(|base| host(base, &route))));
        let quota = timeout(times.looking, opened.count_on(api));
        tokio::join!(hosts, quota, timeout(times.looking, disks(opened, account)))
    };
    let ask = async {
        let token = timeout(times.looking, api.check_token());
        tokio::join!(token, timeout(times.looking, open(api)))
    };
    let ((hosts, _counted, disks), (token, invitation)) = tokio::join!(look_around, ask);
    let (token, invitation) = (Asked::of(token), Asked::of(invitation));
    let quota = api.budget().standing(account.replies.caps);
    let may_ask = matches!(token, Asked::Fine) && !quota.as_ref().is_some_and(|quota| quota.exhausted);
    let (robot, cards) = ask_with_token(account, api, may_ask, times.asking).await;
    // A host whose name is not answered for has none.
    let unanswered = || distinct(&bases).map(|base| described(base, &route, Addresses::None)).collect();
    let (folder, free) = disks.ok().flatten().unwrap_or_else(|| {
        (Folder::Unusable(root(opened, account), "the disk does not answer".to_owned()), None)
    });
    Facts {
        hosts: hosts.unwrap_or_else(|_| unanswered()),
        way,
        token,
        closed_for: api.tokens_closed_for(),
        invitation,
        robot,
        cards,
        ahead_ms: api.clock_ahead_ms(),
        folder,
        free,
        quota: api.budget().standing(account.replies.caps),
        rival: account.rival.clone(),
        heard: Heard { messages: opened.tally.messages() > 0, events: opened.tally.events() > 0 },
        client_id: api.client_id().to_owned(),
    }
}

/// Asks for an invitation that nobody follows: it opens nothing, and ends by itself.
async fn open(api: &Api) -> crate::error::Result<()> {
    api.open_stream().await.map(drop)
}

async fn ask_with_token(
    account: &Account,
    api: &Api,
    may_ask: bool,
    time: Duration,
) -> (Asked, Option<CardFacts>) {
    let replies = &account.replies;
    if !may_ask {
        let nothing = || CardFacts { create: Asked::Not, streaming: Asked::Not };
        return (Asked::Not, replies.enable_ai_card.then(nothing));
    }
    let robot = timeout(time, api.examine_robot());
    if !replies.enable_ai_card {
        return (Asked::of(robot.await), None);
    }
    let create = timeout(time, api.examine_card(&replies.card_template_id));
    let streaming = timeout(time, api.examine_streaming(&replies.card_template_key));
    let (robot, create, streaming) = tokio::join!(robot, create, streaming);
    let cards = CardFacts { create: Asked::of(create), streaming: Asked::of(streaming) };
    (Asked::of(robot), Some(cards))
}

/// The bases that are on different hosts.
fn distinct(bases: &[Url; 2]) -> impl Iterator<Item = &Url> {
    let [first, second] = bases;
    let second = (first.host() != second.host()).then_some(second);
    std::iter::once(first).chain(second)
}

async fn host(base: &Url, route: &Route) -> HostFacts {
    let is_literal = base.domain().is_none();
    let is_proxied = route.proxy_for(base).is_ok_and(|proxy| proxy.is_some());
    let addresses = if is_literal {
        Addresses::Literal
    } else if is_proxied {
        Addresses::AtProxy
    } else {
        addresses(base).await
    };
    described(base, route, addresses)
}

async fn addresses(base: &Url) -> Addresses {
    let port = base.port_or_known_default().unwrap_or(443);
    let Ok(found) = route::addresses(base.host_str().unwrap_or_default(), port).await else {
        return Addresses::None;
    };
    let (v4, v6): (Vec<_>, Vec<_>) = found.into_iter().partition(|address| address.is_ipv4());
    match (v4.len(), v6.len()) {
        (0, 0) => Addresses::None,
        (v4, v6) => Addresses::Found { v4, v6 },
    }
}

fn described(base: &Url, route: &Route, addresses: Addresses) -> HostFacts {
    HostFacts {
        name: base.host_str().unwrap_or_default().to_owned(),
        proxy: route.proxy_for(base).ok().flatten().map(ToString::to_string),
        encrypted: base.scheme() == "https",
        loopback: is_loopback(base),
        addresses,
    }
}

/// The folder of received files, and how much room there is.
async fn disks(opened: &Opened, account: &Account) -> Option<(Folder, Option<u64>)> {
    let (root, is_off) = (root(opened, account), account.max_file_bytes == 0);
    let state = PathBuf::from(&opened.context.state_dir);
    let allowed = opened.extra()["freeBytes"].as_u64();
    let look = move || {
        let free = disk::free(&[&root, &state]).into_iter().chain(allowed).min();
        (if is_off { Folder::Off } else { disk::folder(root) }, free)
    };
    opened.host.blocking(look).await.ok()
}

fn root(opened: &Opened, account: &Account) -> PathBuf {
    account.inbound_media.dir.under(&opened.context.home)
}
