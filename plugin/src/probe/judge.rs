//! From what was found out to what is said of it. Each check is one function, in the order of the report.

use super::{
    facts::{Addresses, Asked, CLOCK, Facts, Folder},
    finding::{Finding, Row},
    table as row,
};
use crate::{
    api::apply_url,
    budget::Level,
    error::{Error, ErrorKind, Limit, ProxyFault},
    setup::PERMISSIONS,
};

/// Bytes from which on a disk is roomy, and below which it is as good as full.
const ROOMY: u64 = 1024 * MB;
const FULL: u64 = 100 * MB;
/// Longer than any limit but a ban of this machine's address.
const LONG: std::time::Duration = std::time::Duration::from_secs(90);
const MB: u64 = 1024 * 1024;

/// What is said of `facts`, in the order in which a person would look.
pub(super) fn findings(facts: &Facts) -> Vec<Finding> {
    let mut findings = vec![Finding::new("configuration", &row::USABLE)];
    findings.push(proxy(facts));
    findings.extend(names(facts));
    findings.push(tls(facts));
    findings.push(clock(facts));
    findings.push(token(facts));
    findings.push(connection(facts));
    findings.push(allow_list(facts));
    findings.extend(PERMISSIONS.iter().filter_map(|scope| permission(facts, scope)));
    findings.extend(template(facts));
    findings.push(if facts.heard.messages {
        Finding::new("messageMode", &row::MESSAGES_ARRIVE)
    } else {
        Finding::new("messageMode", &row::MESSAGE_MODE_UNKNOWN)
    });
    findings.push(if facts.heard.events {
        Finding::new("eventMode", &row::EVENTS_ARRIVE)
    } else {
        Finding::new("eventMode", &row::EVENT_MODE_UNKNOWN)
    });
    findings.push(if facts.heard.messages {
        Finding::new("version", &row::VERSION_IN_USE)
    } else {
        Finding::new("version", &row::VERSION_UNKNOWN)
    });
    findings.push(folder(facts));
    findings.push(disk(facts));
    findings.push(quota(facts));
    findings.push(rival(facts));
    findings
}

/// How many of the calls that were made DingTalk charges for.
pub(super) fn charged(facts: &Facts) -> u32 {
    asked_with_token(facts).map(|asked| u32::from(asked.was_sent())).sum()
}

/// What was asked, in the order in which the first failure is the most telling.
fn asked(facts: &Facts) -> impl Iterator<Item = &Asked> {
    [&facts.token, &facts.invitation].into_iter().chain(asked_with_token(facts))
}

fn asked_with_token(facts: &Facts) -> impl Iterator<Item = &Asked> {
    let cards = facts.cards.iter().flat_map(|cards| [&cards.create, &cards.streaming]);
    std::iter::once(&facts.robot).chain(cards)
}

/// The first failure that `is` about something.
fn failure(facts: &Facts, is: impl Fn(&ErrorKind) -> bool) -> Option<&Error> {
    asked(facts).filter_map(Asked::error).find(|error| is(error.kind()))
}

/// Whether DingTalk itself has answered something.
fn is_reached(facts: &Facts) -> bool {
    asked(facts).any(|asked| match asked {
        Asked::Fine => true,
        Asked::Failed(error) => !matches!(
            error.kind(),
            ErrorKind::Network { .. }
                | ErrorKind::Timeout { .. }
                | ErrorKind::Proxy { .. }
                | ErrorKind::Untrusted { .. }
                | ErrorKind::NoTrust
                | ErrorKind::Config { .. }
        ),
        Asked::Not | Asked::Late => false,
    })
}

fn proxy(facts: &Facts) -> Finding {
    let new = |row| Finding::new("proxy", row);
    if let Err(error) = &facts.way {
        return new(&row::PROXY_UNREACHABLE).with(error.sentence());
    }
    if let Some(error) = failure(facts, |kind| matches!(kind, ErrorKind::Proxy { .. }))
        && let ErrorKind::Proxy { fault, .. } = error.kind()
    {
        let row = match fault {
            ProxyFault::WantsCredentials | ProxyFault::RejectsCredentials => &row::PROXY_WANTS_CREDENTIALS,
            ProxyFault::Refuses { .. } => &row::PROXY_REFUSES,
            _ => &row::PROXY_UNREACHABLE,
        };
        return new(row).with(error.kind());
    }
    let hosts = list(facts.hosts.iter().map(|host| host.name.as_str()));
    match facts.hosts.iter().find_map(|host| host.proxy.as_ref()) {
        Some(proxy) => new(&row::THROUGH_PROXY).with(hosts).with(proxy),
        None => new(&row::DIRECT).with(hosts),
    }
}

fn names(facts: &Facts) -> Vec<Finding> {
    let finding = |host: &super::facts::HostFacts| match host.addresses {
        Addresses::Literal => None,
        Addresses::AtProxy => Some(Finding::new("dns", &row::BY_PROXY)),
        Addresses::None => Some(Finding::new("dns", &row::NO_ADDRESS).with(&host.name)),
        Addresses::Found { v4, v6 } => {
            Some(Finding::new("dns", &row::RESOLVED).with(&host.name).with(v4).with(v6))
        }
    };
    facts.hosts.iter().filter_map(finding).collect()
}

fn tls(facts: &Facts) -> Finding {
    let new = |row| Finding::new("tls", row);
    let is_trust = |kind: &ErrorKind| matches!(kind, ErrorKind::Untrusted { .. } | ErrorKind::NoTrust);
    match failure(facts, is_trust).map(Error::kind) {
        Some(ErrorKind::Untrusted { host }) => return new(&row::UNTRUSTED).with(host),
        Some(_) => return new(&row::NO_TRUST),
        None => {}
    }
    let plain = || facts.hosts.iter().filter(|host| !host.encrypted);
    if let Some(host) = plain().find(|host| !host.loopback) {
        return new(&row::PLAIN).with(&host.name);
    }
    if let Some(host) = plain().next() {
        return new(&row::LOOPBACK).with(&host.name);
    }
    if !is_reached(facts) {
        return new(&row::NOT_EXAMINED);
    }
    // All calls of the doctor's go to the first.
    new(&row::TRUSTED).with(facts.hosts.first().map_or("", |host| &host.name))
}

fn clock(facts: &Facts) -> Finding {
    let new = |row| Finding::new("clock", row);
    let Some(ahead_ms) = facts.ahead_ms else { return new(&row::NOT_EXAMINED) };
    let off = std::time::Duration::from_millis(ahead_ms.unsigned_abs());
    match CLOCK.map(|bound| off >= bound) {
        [_, true] => new(&row::CLOCK_WRONG).with(off.as_secs()),
        [true, _] => new(&row::CLOCK_OFF).with(off.as_secs()),
        _ => new(&row::CLOCK_RIGHT),
    }
}

fn token(facts: &Facts) -> Finding {
    let refused = asked_with_token(facts).filter_map(Asked::error).find_map(|error| match error.kind() {
        ErrorKind::Auth { code } => Some(code),
        _ => None,
    });
    if let Some(code) = refused {
        return Finding::new("token", &row::TOKEN_INVALID).with(code);
    }
    judged("token", facts, &facts.token, &row::ACCEPTED)
}

fn connection(facts: &Facts) -> Finding {
    if let Some(error) = facts.invitation.error()
        && let ErrorKind::Rejected { message, .. } = error.kind()
        && !is_a_page(message)
    {
        return Finding::new("connection", &row::NOT_INVITED).with(error.kind());
    }
    judged("connection", facts, &facts.invitation, &row::INVITED)
}

fn allow_list(facts: &Facts) -> Finding {
    let new = |row| Finding::new("allowList", row);
    if failure(facts, |kind| *kind == ErrorKind::IpNotAllowed).is_some() {
        return new(&row::ADDRESS_NOT_ALLOWED);
    }
    // The list is about calls with a token, and about connections.
    let answered =
        matches!(facts.robot, Asked::Fine) || facts.robot.error().is_some_and(|error| error.is_permission());
    new(if answered { &row::ADDRESS_ALLOWED } else { &row::NOT_EXAMINED })
}

/// What is said of a permission; nothing where it is not wanted.
fn permission(facts: &Facts, scope: &str) -> Option<Finding> {
    let (asked, missing) = match scope {
        "qyapi_robot_sendmsg" => (&facts.robot, &row::MISSING),
        "Card.Instance.Write" => (&facts.cards.as_ref()?.create, &row::CARD_PERMISSION_MISSING),
        "Card.Streaming.Write" => (&facts.cards.as_ref()?.streaming, &row::CARD_PERMISSION_MISSING),
        _ => {
            let page = apply_url(&facts.client_id, scope);
            return Some(Finding::new(check_of(scope), &row::PERMISSION_UNKNOWN).with(scope).at(page));
        }
    };
    let lacks = asked.error().is_some_and(|error| error.is_permission());
    Some(if lacks {
        Finding::new(check_of(scope), missing).with(scope).at(apply_url(&facts.client_id, scope))
    } else if asked.error().is_some_and(|error| error.is_rejected()) {
        // It was looked at, and what was asked for refused.
        Finding::new(check_of(scope), &row::GRANTED).with(scope)
    } else {
        let finding = judged_with_token(&check_of(scope), facts, asked, &row::GRANTED);
        if matches!(asked, Asked::Fine) { finding.with(scope) } else { finding }
    })
}

fn check_of(scope: &str) -> String {
    format!("permission.{scope}")
}

fn template(facts: &Facts) -> Option<Finding> {
    let asked = &facts.cards.as_ref()?.create;
    let new = |row| Finding::new("cardTemplate", row);
    Some(match asked.error().map(|error| error.kind()) {
        Some(kind @ ErrorKind::Rejected { .. }) => new(&row::TEMPLATE_UNUSABLE).with(kind),
        Some(ErrorKind::Permission { .. }) => new(&row::NOT_EXAMINED),
        _ => judged_with_token("cardTemplate", facts, asked, &row::TEMPLATE_KNOWN),
    })
}

/// What is said of a call that nothing more particular is known of. What another check speaks of is left to that.
fn judged(check: &str, facts: &Facts, asked: &Asked, fine: &'static Row) -> Finding {
    let new = |row| Finding::new(check, row);
    let host = || facts.hosts.first().map_or("", |host| host.name.as_str());
    let error = match asked {
        Asked::Fine => return new(fine),
        Asked::Not => return new(&row::NOT_EXAMINED),
        Asked::Late if facts.closed_for > LONG => return new(&row::BANNED),
        Asked::Late if !facts.closed_for.is_zero() => return new(&row::THROTTLED),
        Asked::Late => return new(&row::SILENT).with(host()),
        Asked::Failed(error) => error,
    };
    match error.kind() {
        ErrorKind::Auth { code } => new(&row::REJECTED).with(code),
        ErrorKind::Network { host, .. } if has_no_address(facts, host) => new(&row::NOT_EXAMINED),
        ErrorKind::Network { host, .. } => new(&row::UNREACHABLE).with(host),
        ErrorKind::Timeout { .. } => new(&row::SILENT).with(host()),
        ErrorKind::Protocol => new(&row::NONSENSE).with(error.kind()),
        ErrorKind::Server { .. } => new(&row::SERVER_FAILS).with(error.kind()),
        ErrorKind::RateLimited { limit: Limit::Address, .. } => new(&row::BANNED),
        ErrorKind::RateLimited { retry_after, .. } if *retry_after > LONG => new(&row::BANNED),
        ErrorKind::RateLimited { .. } | ErrorKind::HeldBack { .. } => new(&row::THROTTLED),
        ErrorKind::Rejected { message, .. } if is_a_page(message) => new(&row::NONSENSE).with(error.kind()),
        ErrorKind::Rejected { .. } => new(&row::REFUSED).with(error.kind()),
        // Each has a check of its own.
        ErrorKind::Permission { .. }
        | ErrorKind::IpNotAllowed
        | ErrorKind::Quota
        | ErrorKind::Proxy { .. }
        | ErrorKind::Untrusted { .. }
        | ErrorKind::NoTrust
        | ErrorKind::CaFile { .. }
        | ErrorKind::Config { .. } => new(&row::NOT_EXAMINED),
    }
}

/// The same of a call with a token. Whether that is taken is another check.
fn judged_with_token(check: &str, facts: &Facts, asked: &Asked, fine: &'static Row) -> Finding {
    if asked.error().is_some_and(Error::is_auth) {
        return Finding::new(check, &row::NOT_EXAMINED);
    }
    judged(check, facts, asked, fine)
}

/// Whether what answered is made for browsers.
fn is_a_page(message: &str) -> bool {
    message.starts_with("an HTML page")
}

fn has_no_address(facts: &Facts, host: &str) -> bool {
    facts.hosts.iter().any(|known| known.name == host && known.addresses == Addresses::None)
}

fn folder(facts: &Facts) -> Finding {
    let new = |row| Finding::new("media", row);
    match &facts.folder {
        Folder::Off => new(&row::FILES_OFF),
        Folder::Writable(path) => new(&row::FOLDER_WRITABLE).with(path.display()),
        Folder::Unusable(path, why) => new(&row::FOLDER_UNUSABLE).with(path.display()).with(why),
    }
}

fn disk(facts: &Facts) -> Finding {
    let new = |row| Finding::new("disk", row);
    let Some(free) = facts.free else { return new(&row::DISK_UNKNOWN) };
    let row = match free {
        ..FULL => &row::DISK_FULL,
        FULL..ROOMY => &row::DISK_LOW,
        ROOMY.. => &row::DISK_ROOMY,
    };
    new(row).with(free / MB)
}

fn quota(facts: &Facts) -> Finding {
    let new = |row| Finding::new("quota", row);
    let is_refused = failure(facts, |kind| *kind == ErrorKind::Quota).is_some();
    if is_refused || facts.quota.as_ref().is_some_and(|quota| quota.exhausted) {
        return new(&row::QUOTA_EXHAUSTED);
    }
    let Some(quota) = &facts.quota else { return new(&row::QUOTA_ELSEWHERE) };
    let cap = quota.cap.map_or_else(String::new, |cap| format!(" / {cap}"));
    let row = if quota.level > Level::Ample { &row::QUOTA_LOW } else { &row::QUOTA_LEFT };
    new(row).with(quota.month).with(cap)
}

fn rival(facts: &Facts) -> Finding {
    match &facts.rival {
        Some(other) => Finding::new("secondConnection", &row::RIVAL).with(other),
        None => Finding::new("secondConnection", &row::RIVAL_UNKNOWN),
    }
}

/// Names, each once, as a sentence has them.
fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let mut listed: Vec<&str> = Vec::new();
    for name in names {
        if !listed.contains(&name) {
            listed.push(name);
        }
    }
    listed.join(", ")
}
