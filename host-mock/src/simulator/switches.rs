//! Every fault that can be turned on, with its words.

use std::time::Duration;

use crate::dingtalk::{DingTalk, Endpoint, Fault, Quirks};

/// A fault by its name.
pub(super) struct Switch {
    pub(super) name: &'static str,
    pub(super) group: &'static str,
    pub(super) zh: &'static str,
    pub(super) en: &'static str,
    pub(super) number: Option<Number>,
    pub(super) kind: Kind,
}

/// The number that a fault takes.
pub(super) struct Number {
    pub(super) unit: &'static str,
    pub(super) usual: u64,
    pub(super) most: u64,
}

/// How a fault is done.
pub(super) enum Kind {
    /// Calls meet it for as long as it is on.
    Calls(fn() -> Vec<Endpoint>, fn(u64) -> Fault),
    /// The fake is told, with its number, or `None` when it goes off.
    Setting(fn(&DingTalk, Option<u64>)),
    /// Somebody else looks whether it is on.
    Asked,
    /// It happens once, and tells how many connections or messages it met.
    Once(fn(&DingTalk) -> usize),
    /// One of the harmless oddities.
    Quirk(fn(&mut Quirks)),
}

/// No version of the application is published, so nobody finds its robot.
pub(super) const UNPUBLISHED: &str = "unpublished";

/// Messages arrive without their text.
pub(super) const OVER_QUOTA: &str = "over-quota";

const MS: Option<Number> = Some(Number { unit: "ms", usual: 2_000, most: 120_000 });
const SECONDS: Option<Number> = Some(Number { unit: "s", usual: 10, most: 86_400 });

fn every() -> Vec<Endpoint> {
    Endpoint::ALL.into_iter().filter(|endpoint| *endpoint != Endpoint::Connect).collect()
}

/// What tells people something.
fn sends() -> Vec<Endpoint> {
    vec![Endpoint::SendBySession, Endpoint::BatchSend, Endpoint::GroupSend]
}

fn beginning() -> Vec<Endpoint> {
    vec![Endpoint::InitRegistration]
}

fn polling() -> Vec<Endpoint> {
    vec![Endpoint::PollRegistration]
}

/// What is called with a token.
fn calls() -> Vec<Endpoint> {
    Endpoint::ALL.into_iter().filter(|endpoint| endpoint.needs_token()).collect()
}

fn tokens() -> Vec<Endpoint> {
    vec![Endpoint::AccessToken, Endpoint::GetToken]
}

fn cards() -> Vec<Endpoint> {
    vec![Endpoint::CreateCard, Endpoint::DeliverCard, Endpoint::CreateAndDeliver]
}

fn open() -> Vec<Endpoint> {
    vec![Endpoint::OpenConnection]
}

fn handshake() -> Vec<Endpoint> {
    vec![Endpoint::Connect]
}

fn webhook() -> Vec<Endpoint> {
    vec![Endpoint::SendBySession]
}

fn streaming() -> Vec<Endpoint> {
    vec![Endpoint::Streaming]
}

const fn once(name: &'static str, zh: &'static str, en: &'static str, act: fn(&DingTalk) -> usize) -> Switch {
    Switch { name, group: "connection", zh, en, number: None, kind: Kind::Once(act) }
}

const fn met(
    group: &'static str,
    name: &'static str,
    zh: &'static str,
    en: &'static str,
    whom: fn() -> Vec<Endpoint>,
    fault: fn(u64) -> Fault,
) -> Switch {
    Switch { name, group, zh, en, number: None, kind: Kind::Calls(whom, fault) }
}

const fn numbered(switch: Switch, number: Option<Number>) -> Switch {
    Switch { name: switch.name, group: switch.group, zh: switch.zh, en: switch.en, kind: switch.kind, number }
}

const fn told(
    group: &'static str,
    name: &'static str,
    zh: &'static str,
    en: &'static str,
    number: Option<Number>,
    tell: fn(&DingTalk, Option<u64>),
) -> Switch {
    Switch { name, group, zh, en, number, kind: Kind::Setting(tell) }
}

const fn odd(name: &'static str, zh: &'static str, en: &'static str, set: fn(&mut Quirks)) -> Switch {
    Switch { name, group: "oddities", zh, en, number: None, kind: Kind::Quirk(set) }
}

fn scope(dingtalk: &DingTalk, on: Option<u64>, scope: &str) {
    match on {
        Some(_) => dingtalk.deny_scope(scope),
        None => dingtalk.grant_scope(scope),
    }
}

fn ms(number: u64) -> Duration {
    Duration::from_millis(number)
}

/// The life of a token, and of a webhook, that the service gives (DingTalk protocol, §1.3, §5.3).
const TOKEN_LIFE: Duration = Duration::from_secs(7200);
const WEBHOOK_LIFE: Duration = Duration::from_secs(90 * 60);

/// The number that lets a card's delivery fail until it is taken back.
const ALWAYS: u32 = u32::MAX;

/// All of them, in the order in which they are shown.
pub(super) static ALL: [Switch; 60] = [
    once("f1-disconnect", "F1 服务端要求断开", "F1 disconnect, then silence", |it| {
        it.connections().disconnect()
    }),
    once("f2-deaf", "F2 断开后旧连接收不到消息", "F2 disconnect, and deaf at once", |it| {
        it.connections().disconnect_deaf()
    }),
    once("f3-reset", "F3 TCP 重置", "F3 TCP reset", |it| it.connections().reset()),
    once("f3-drop", "F3 TCP 直接断开", "F3 TCP ends without a close frame", |it| {
        it.connections().drop_abruptly()
    }),
    once("f3-close", "F3 关闭帧 1011", "F3 close frame 1011", |it| it.connections().close(1011)),
    once("f4-stall", "F4 半开：不读不写", "F4 half-open: neither reads nor writes", |it| {
        it.connections().stall()
    }),
    once(
        "f5-zombie",
        "F5 僵尸：有心跳，无消息",
        "F5 zombie: answers pings, delivers nothing",
        |it| it.connections().make_zombie(),
    ),
    once("f6-again", "F6 重推最后一条消息", "F6 push the last message again", push_last_again),
    once("f10-share", "F10 死连接仍分走消息", "F10 a dead connection keeps its share", |it| {
        it.connections().stall()
    }),
    once("resume", "恢复 F4、F5、F10", "undo F4, F5, F10", |it| it.connections().resume()),
    once("ping", "立即发送 ping", "send a ping now", |it| it.connections().ping()),
    met("connection", "f7-401", "F7 注册连接返回 401", "F7 opening answers 401", open, |_| {
        Fault::refused(401, "authFailed")
    }),
    met("connection", "f7-400", "F7 注册连接返回 400", "F7 opening answers 400", open, |_| {
        Fault::refused(400, "invalidParameter")
    }),
    met("connection", "f7-html", "F7 注册连接返回 HTML", "F7 opening answers HTML", open, |_| {
        Fault::Html(400)
    }),
    met("connection", "f7-503", "F7 注册连接返回 503", "F7 opening answers 503", open, |_| {
        Fault::refused(503, "ServiceUnavailable")
    }),
    met("connection", "f7-hang", "F7 注册连接没有回答", "F7 opening hangs", open, |_| Fault::Hang),
    met("connection", "f8-refused", "F8 握手被拒绝", "F8 the handshake is refused", handshake, |_| {
        Fault::refused(503, "ServiceUnavailable")
    }),
    met(
        "connection",
        "f8-close",
        "F8 握手后立即关闭",
        "F8 closed right after the handshake",
        handshake,
        |_| Fault::CloseAtOnce,
    ),
    told(
        "connection",
        "f9-no-greeting",
        "F9 没有 CONNECTED、REGISTERED",
        "F9 no CONNECTED or REGISTERED",
        None,
        |it, on| {
            it.set_greets(on.is_none());
        },
    ),
    told(
        "connection",
        "rival",
        "另一个客户端用同一个 Client ID 分走消息",
        "another client with the Client ID takes its share",
        None,
        |it, on| it.set_rival(on.is_some()),
    ),
    told(
        "connection",
        "http-mode",
        "消息接收是 HTTP 模式：消息不推送",
        "messages are received by HTTP: none is pushed",
        None,
        |it, on| it.set_http_mode(on.is_some()),
    ),
    Switch {
        name: UNPUBLISHED,
        group: "permissions",
        zh: "应用没有发布：谁也找不到机器人",
        en: "no version is published: nobody finds the robot",
        number: None,
        kind: Kind::Asked,
    },
    told(
        "permissions",
        "no-robot-send",
        "缺 qyapi_robot_sendmsg",
        "no qyapi_robot_sendmsg",
        None,
        |it, on| {
            scope(it, on, "qyapi_robot_sendmsg");
        },
    ),
    told("permissions", "no-base", "缺 qyapi_base", "no qyapi_base", None, |it, on| {
        scope(it, on, "qyapi_base")
    }),
    told(
        "permissions",
        "no-card-write",
        "缺 Card.Instance.Write",
        "no Card.Instance.Write",
        None,
        |it, on| {
            scope(it, on, "Card.Instance.Write");
        },
    ),
    told(
        "permissions",
        "no-card-streaming",
        "缺 Card.Streaming.Write",
        "no Card.Streaming.Write",
        None,
        |it, on| {
            scope(it, on, "Card.Streaming.Write");
        },
    ),
    told(
        "limits",
        "qps-limit",
        "每秒每接口调用上限",
        "calls a second and API",
        Some(Number { unit: "/s", usual: 1, most: 1_000 }),
        |it, on| it.limit_qps(Some(on.and_then(|number| u32::try_from(number).ok()).unwrap_or(20))),
    ),
    met("limits", "qps", "QPS 限流（403）", "too many calls a second (403)", calls, |_| Fault::Qps),
    met("limits", "qpm", "QPM 限流（403）", "too many calls a minute (403)", calls, |_| Fault::Qpm),
    met(
        "limits",
        "qps-api",
        "接口整体繁忙（403）",
        "the API as a whole is busy (403)",
        calls,
        |_| Fault::QpsOfApi,
    ),
    met("limits", "monthly-quota", "月调用量用尽", "the monthly quota is used up", calls, |_| {
        Fault::MonthlyQuota
    }),
    Switch {
        name: OVER_QUOTA,
        group: "limits",
        zh: "消息超额：推送不带正文",
        en: "messages over quota come without text",
        number: None,
        kind: Kind::Asked,
    },
    met(
        "limits",
        "ip-not-allowed",
        "IP 不在白名单",
        "the address is not on the allow-list",
        calls,
        |_| Fault::IpNotAllowed,
    ),
    met("limits", "ip-ban", "IP 被封 5 分钟", "the address is banned", every, |_| Fault::IpBan),
    met("token", "no-token", "获取 token 失败", "no token is given", tokens, |_| {
        Fault::refused(400, "invalidClientIdOrSecret")
    }),
    met(
        "token",
        "token-refused",
        "获取 token 被拒（不认识的代码）",
        "a token is refused with an unknown code",
        tokens,
        |_| Fault::refused(400, "param.unheardOf"),
    ),
    met("token", "invalid-token", "所有 token 无效", "no token is valid", calls, |_| Fault::InvalidToken),
    told("token", "token-life", "token 有效期", "tokens live", SECONDS, |it, on| {
        it.set_token_life(on.map_or(TOKEN_LIFE, Duration::from_secs));
    }),
    Switch {
        name: "revoke-tokens",
        group: "token",
        zh: "立即吊销 token",
        en: "revoke tokens now",
        number: None,
        kind: Kind::Once(|it| {
            it.revoke_tokens();
            1
        }),
    },
    numbered(
        told(
            "network",
            "clock-ahead",
            "钉钉的时钟快了",
            "DingTalk's clock is ahead",
            None,
            |it, on| {
                it.set_clock_ahead(on.and_then(|number| i64::try_from(number).ok()).unwrap_or_default());
            },
        ),
        Some(Number { unit: "s", usual: 7_200, most: 86_400 }),
    ),
    numbered(
        told(
            "network",
            "clock-behind",
            "钉钉的时钟慢了",
            "DingTalk's clock is behind",
            None,
            |it, on| {
                it.set_clock_ahead(-on.and_then(|number| i64::try_from(number).ok()).unwrap_or_default());
            },
        ),
        Some(Number { unit: "s", usual: 120, most: 86_400 }),
    ),
    met("network", "server-error", "服务端错误 500", "DingTalk fails with 500", every, |_| {
        Fault::refused(500, "system.error")
    }),
    met(
        "network",
        "lost-answer",
        "发送成功但回答丢失",
        "what is sent arrives, its answer is lost",
        sends,
        |_| Fault::LostAnswer,
    ),
    numbered(met("network", "latency", "回答变慢", "slow answers", every, |n| Fault::SlowAnswer(ms(n))), MS),
    numbered(
        met("network", "late", "请求在路上变慢", "calls take long to arrive", every, |n| {
            Fault::Late(ms(n))
        }),
        MS,
    ),
    met("network", "hang", "没有回答", "no answers", every, |_| Fault::Hang),
    met("network", "reset", "TCP 重置", "TCP resets", every, |_| Fault::Reset),
    met("network", "html-502", "网关 502 页面", "a gateway's 502 page", every, |_| Fault::Html(502)),
    met(
        "cards",
        "card-streaming-qps",
        "卡片流式更新限流",
        "streaming updates are throttled",
        streaming,
        |_| Fault::Qps,
    ),
    met("cards", "cards-too-fast", "创建卡片太频繁", "cards are made too fast", cards, |_| {
        Fault::too_fast()
    }),
    met("cards", "card-template", "卡片模板不存在", "the card template does not exist", cards, |_| {
        Fault::refused(400, "param.templateNotExist")
    }),
    told("cards", "card-delivery", "卡片投放失败", "cards are not delivered", None, |it, on| {
        it.fail_card_deliveries("the fake was told to fail", if on.is_some() { ALWAYS } else { 0 });
    }),
    met("webhook", "webhook-qps", "Webhook 限流", "webhooks are throttled", webhook, |_| Fault::Qps),
    met("webhook", "webhook-expired", "Webhook 已过期", "webhooks have expired", webhook, |_| {
        Fault::errcode(300_001, "session 不存在")
    }),
    told("webhook", "webhook-life", "Webhook 有效期", "webhooks live", SECONDS, |it, on| {
        it.set_webhook_life(on.map_or(WEBHOOK_LIFE, Duration::from_secs));
    }),
    Switch {
        name: "expire-webhooks",
        group: "webhook",
        zh: "立即让 Webhook 过期",
        en: "expire webhooks now",
        number: None,
        kind: Kind::Once(|it| {
            it.expire_webhooks();
            1
        }),
    },
    met(
        "registration",
        "scan-unknown",
        "不支持扫码创建",
        "nobody may register by scanning",
        beginning,
        |_| Fault::errcode(400_002, "invalid source"),
    ),
    met(
        "registration",
        "scan-html",
        "扫码状态返回 HTML",
        "asking for a scan answers HTML",
        polling,
        |_| Fault::Html(200),
    ),
    Switch {
        name: "scan-expired",
        group: "registration",
        zh: "立即让二维码过期",
        en: "expire the codes now",
        number: None,
        kind: Kind::Once(DingTalk::expire_scans),
    },
    odd("odd-answers", "古怪但无害的回答", "odd but harmless answers and messages", |quirks| {
        *quirks = Quirks {
            errcode_as_string: true,
            capital_error_keys: true,
            extra_keys: true,
            content_as_string: true,
        };
    }),
];

fn push_last_again(dingtalk: &DingTalk) -> usize {
    let last = dingtalk.look(|view| view.pushes().next_back().map(|push| push.id.clone()));
    if let Some(id) = &last {
        dingtalk.push_again(id);
    }
    usize::from(last.is_some())
}

/// A fault by its name.
pub(super) fn named(name: &str) -> Option<&'static Switch> {
    ALL.iter().find(|switch| switch.name == name)
}
