//! Everything the doctor can say, in Chinese and in English.

use super::finding::Row;
use crate::bilingual::Pair;
use host_sdk::Verdict;

const NONE: Pair = ["", ""];

const fn fine(code: &'static str, finding: Pair) -> Row {
    Row { code, verdict: Verdict::Ok, finding, why: NONE, remedy: NONE, in_console: false }
}

const fn bad(code: &'static str, verdict: Verdict, finding: Pair, why: Pair, remedy: Pair) -> Row {
    Row { code, verdict, finding, why, remedy, in_console: false }
}

/// A finding whose cure is in DingTalk's console.
const fn console(row: Row) -> Row {
    Row { in_console: true, ..row }
}

const NO_LINE: Pair =
    ["连不上钉钉，机器人收不到也发不出消息。", "Without DingTalk the bot neither hears nor says anything."];
const FIREWALL: Pair = [
    "检查这台机器的网络、防火墙和代理，允许它访问 {0} 的 443 端口。",
    "Check this machine's network, firewall and proxy: it has to reach {0}, port 443.",
];
const WEBHOOKS_ALONE: Pair = [
    "只能通过会话 webhook 回复，不能主动发消息，也没有卡片。",
    "Only session webhooks answer: no cards, and nothing that nobody asked for.",
];
const LATER: Pair = ["稍后再试。", "Try again later."];

// The configuration.

pub(super) static USABLE: Row =
    fine("usable", ["配置可用，凭证已读取。", "The configuration is usable, and the credentials were read."]);
pub(super) static UNUSABLE: Row = bad(
    "unusable",
    Verdict::Failed,
    ["配置无法使用：{0}", "The configuration cannot be used: {0}"],
    ["在此之前账号无法启动。", "Until then the account cannot start."],
    [
        "按上面的说明改正 channels.dingtalk，再检查一次。",
        "Correct channels.dingtalk as it says, and look again.",
    ],
);

// The way.

pub(super) static DIRECT: Row =
    fine("direct", ["直接连接 {0}，不经过代理。", "{0} is reached without a proxy."]);
pub(super) static THROUGH_PROXY: Row =
    fine("throughProxy", ["通过代理 {1} 连接 {0}。", "{0} is reached through the proxy {1}."]);
pub(super) static PROXY_UNREACHABLE: Row = bad(
    "proxyUnreachable",
    Verdict::Failed,
    ["代理不可用：{0}", "The proxy does not serve: {0}"],
    NO_LINE,
    [
        "确认代理正在运行，并且 proxy 选项（或环境变量 HTTPS_PROXY）写的地址和端口正确。",
        "Check that the proxy runs, and that `proxy`, or HTTPS_PROXY in the environment, has its address and port.",
    ],
);
pub(super) static PROXY_WANTS_CREDENTIALS: Row = bad(
    "proxyWantsCredentials",
    Verdict::Failed,
    ["代理要求登录：{0}", "The proxy wants to know who you are: {0}"],
    NO_LINE,
    [
        "把 proxy 选项写成 http://用户名:密码@主机:端口，其中 @ 等符号写成 %40。",
        "Set `proxy` to http://user:password@host:port, with signs such as @ written as %40.",
    ],
);
pub(super) static PROXY_REFUSES: Row = bad(
    "proxyRefuses",
    Verdict::Failed,
    ["代理不允许访问钉钉：{0}", "The proxy does not let DingTalk through: {0}"],
    NO_LINE,
    [
        "请代理管理员放行该地址；如果不经代理也能访问，把它写入 NO_PROXY。",
        "Have the address allowed by the proxy, or name it in NO_PROXY if it is reached without one.",
    ],
);

// Names.

pub(super) static RESOLVED: Row = fine(
    "resolved",
    ["{0} 解析到 {1} 个 IPv4 和 {2} 个 IPv6 地址。", "{0} has {1} IPv4 and {2} IPv6 addresses."],
);
pub(super) static BY_PROXY: Row = fine("byProxy", ["域名由代理解析。", "Names are resolved by the proxy."]);
pub(super) static NO_ADDRESS: Row = bad(
    "noAddress",
    Verdict::Failed,
    ["{0} 解析不到地址。", "{0} has no address here."],
    NO_LINE,
    [
        "检查 DNS 设置（Linux 上是 /etc/resolv.conf）；在公司内网可能需要设置 proxy。",
        "Check the DNS settings (/etc/resolv.conf on Linux); a company's network may want `proxy` set.",
    ],
);

// Trust.

pub(super) static TRUSTED: Row =
    fine("trusted", ["{0} 的证书受信任。", "The certificate of {0} is trusted."]);
pub(super) static LOOPBACK: Row = fine(
    "loopback",
    ["{0} 就在这台机器上，不需要加密。", "{0} is this machine: nothing has to be encrypted."],
);
pub(super) static PLAIN: Row = bad(
    "plain",
    Verdict::Warning,
    ["与 {0} 之间的连接没有加密。", "The connection to {0} is not encrypted."],
    ["中间的任何人都能读到凭证和消息。", "Whoever is between reads the credentials and every message."],
    [
        "让 endpoints 以 https:// 开头，并去掉 endpoints.allowPlain。",
        "Have `endpoints` begin with https://, and remove `endpoints.allowPlain`.",
    ],
);
pub(super) static UNTRUSTED: Row = bad(
    "untrusted",
    Verdict::Failed,
    ["系统不信任 {0} 的证书。", "This system does not trust the certificate of {0}."],
    NO_LINE,
    [
        "如果中间有公司的网关或代理，把 caFile 设为它的 CA 证书（PEM 文件），或安装到操作系统中；否则检查系统时间。",
        "If a company's gateway or proxy is between, set `caFile` to the PEM file of its authority, or install that \
         in the operating system; else check the system's clock.",
    ],
);
pub(super) static NO_TRUST: Row = bad(
    "noTrust",
    Verdict::Failed,
    ["系统里没有任何受信任的证书。", "This system trusts no certificate at all."],
    NO_LINE,
    [
        "安装系统的 CA 证书（软件包 ca-certificates），或设置 caFile。",
        "Install the system's certificates (package ca-certificates), or set `caFile`.",
    ],
);

// The clock.

pub(super) static CLOCK_RIGHT: Row = fine(
    "clockRight",
    ["系统时间与钉钉相差不到半分钟。", "The system's clock is within half a minute of DingTalk's."],
);
const CLOCK_WHY: Pair = [
    "回复地址和证书的有效期按系统时间判断，时间不准会失败。",
    "How long a reply address or a certificate is valid is judged by it, and fails.",
];
const CLOCK_REMEDY: Pair = [
    "打开系统的自动校时（Linux：timedatectl set-ntp true；Windows：w32tm /resync）。",
    "Have the system set its clock by itself (Linux: timedatectl set-ntp true; Windows: w32tm /resync).",
];
pub(super) static CLOCK_OFF: Row = bad(
    "clockOff",
    Verdict::Warning,
    ["系统时间与钉钉相差 {0} 秒。", "The system's clock is {0} s away from DingTalk's."],
    CLOCK_WHY,
    CLOCK_REMEDY,
);
pub(super) static CLOCK_WRONG: Row = bad(
    "clockWrong",
    Verdict::Failed,
    ["系统时间错误，与钉钉相差 {0} 秒。", "The system's clock is wrong by {0} s."],
    CLOCK_WHY,
    CLOCK_REMEDY,
);

// What any call may meet.

pub(super) static NOT_EXAMINED: Row = bad(
    "notExamined",
    Verdict::Unknown,
    ["未检查：要先解决其他问题。", "Not examined: something else has to work first."],
    NONE,
    ["先解决上面的问题，再检查一次。", "See to what is reported above, then look again."],
);
pub(super) static UNREACHABLE: Row =
    bad("unreachable", Verdict::Failed, ["连接不上 {0}。", "{0} cannot be reached."], NO_LINE, FIREWALL);
pub(super) static SILENT: Row =
    bad("silent", Verdict::Failed, ["{0} 没有及时应答。", "{0} did not answer in time."], NO_LINE, FIREWALL);
pub(super) static NONSENSE: Row = bad(
    "nonsense",
    Verdict::Failed,
    ["应答的不是钉钉：{0}", "What answers is not DingTalk: {0}"],
    NO_LINE,
    [
        "检查是否有代理或网关代替钉钉应答，以及 endpoints 是否正确。",
        "Check that no proxy or gateway answers in its place, and that `endpoints` is right.",
    ],
);
pub(super) static SERVER_FAILS: Row = bad(
    "serverFails",
    Verdict::Warning,
    ["钉钉暂时出错：{0}", "DingTalk fails just now: {0}"],
    ["在恢复之前，回复可能延迟。", "Until that is over, answers may be late."],
    LATER,
);
pub(super) static THROTTLED: Row = bad(
    "throttled",
    Verdict::Warning,
    ["调用太频繁，钉钉暂时拒绝。", "DingTalk refuses calls just now, for there are too many."],
    ["这些调用会排队重试，回复会变慢。", "They wait and go again, so answers are slower."],
    [
        "一分钟后再试；经常这样的话，增大 streaming.intervalMs 或购买更高的调用频率。",
        "Try again in a minute; if it lasts, raise `streaming.intervalMs`, or buy a higher rate.",
    ],
);
pub(super) static BANNED: Row = bad(
    "banned",
    Verdict::Failed,
    [
        "钉钉封禁了这台机器的地址，五分钟。",
        "DingTalk answers this machine's address nothing for five minutes.",
    ],
    NO_LINE,
    [
        "等五分钟；检查同一出口地址上是否有别的程序大量调用钉钉。",
        "Wait for five minutes, and see whether something else behind the same address calls DingTalk a lot.",
    ],
);
pub(super) static REFUSED: Row = console(bad(
    "refused",
    Verdict::Failed,
    ["钉钉拒绝：{0}", "DingTalk refuses: {0}"],
    ["没有它，这项功能不能工作。", "Without it this part does not work."],
    ["按钉钉给出的代码改正。", "DingTalk's code tells what to correct."],
));

// Credentials.

pub(super) static ACCEPTED: Row =
    fine("accepted", ["钉钉接受这对凭证。", "DingTalk accepts the credentials."]);
pub(super) static REJECTED: Row = console(bad(
    "rejected",
    Verdict::Failed,
    [
        "钉钉不接受这对 Client ID 和 Client Secret（{0}）。",
        "DingTalk does not accept this Client ID and Client Secret ({0}).",
    ],
    ["机器人无法登录，什么都做不了。", "The bot cannot log in, so nothing works."],
    [
        "在应用的「凭证与基础信息」重新复制两者；确认没有填反，也不是另一个应用的。海外版钉钉需要 region: \"overseas\"。",
        "Copy both anew from the application's page \"Credentials & Basic Info\"; see that they are not exchanged, \
         nor of two applications. DingTalk overseas wants region: \"overseas\".",
    ],
));

pub(super) static TOKEN_INVALID: Row = bad(
    "tokenInvalid",
    Verdict::Failed,
    [
        "钉钉发放了 access token，却不接受它（{0}）。",
        "DingTalk gives an access token, and does not take it ({0}).",
    ],
    WEBHOOKS_ALONE,
    [
        "稍后再试；一直这样的话，检查 region 和 endpoints，以及代理是否去掉了请求头 x-acs-dingtalk-access-token。",
        "Try again later; if it lasts, check `region` and `endpoints`, and that no proxy takes away the header \
         x-acs-dingtalk-access-token.",
    ],
);

// The Stream connection.

pub(super) static INVITED: Row = fine(
    "invited",
    [
        "钉钉允许建立 Stream 连接（只申请了连接，没有使用，不影响正在运行的机器人）。",
        "DingTalk grants a Stream connection. It was not used, so a bot that runs loses nothing to it.",
    ],
);
pub(super) static NOT_INVITED: Row = console(bad(
    "notInvited",
    Verdict::Failed,
    ["钉钉不允许建立 Stream 连接：{0}", "DingTalk grants no Stream connection: {0}"],
    ["没有它，机器人收不到任何消息。", "Without it the bot hears nothing."],
    [
        "检查：应用已添加机器人并发布版本；机器人消息接收模式是 Stream 模式；没有 IP 白名单，或白名单中有这台机器的出口地址。",
        "Check that the application has a robot and a published version, that the robot receives messages in Stream \
         mode, and that there is no allow-list, or this machine's address is on it.",
    ],
));

// The allow-list.

pub(super) static ADDRESS_ALLOWED: Row =
    fine("addressAllowed", ["钉钉接受来自这台机器的调用。", "DingTalk takes calls from this machine."]);
pub(super) static ADDRESS_NOT_ALLOWED: Row = console(bad(
    "addressNotAllowed",
    Verdict::Failed,
    [
        "这台机器的出口地址不在应用的 IP 白名单中。",
        "This machine's address is not on the application's allow-list.",
    ],
    ["钉钉会拒绝机器人的调用，包括回复。", "DingTalk refuses the bot's calls, and so its answers."],
    [
        "在应用的「安全设置」中删除服务器出口 IP 白名单，或加入这台机器的出口地址。",
        "On the application's page \"Security Settings\", remove the list of server addresses, or add this machine's.",
    ],
));

// Permissions.

pub(super) static GRANTED: Row = fine("granted", ["{0} 已开通。", "{0} is granted."]);
pub(super) static MISSING: Row = console(bad(
    "missing",
    Verdict::Failed,
    ["没有开通 {0}。", "{0} is not granted."],
    [
        "没有它，机器人不能主动发消息，也不能收发文件。",
        "Without it the bot can neither write of its own accord nor handle files.",
    ],
    ["打开链接申请 {0}，然后重新发布版本。", "Apply for {0} by the link, then publish a version anew."],
));
pub(super) static CARD_PERMISSION_MISSING: Row = console(bad(
    "cardPermissionMissing",
    Verdict::Warning,
    ["没有开通 {0}。", "{0} is not granted."],
    [
        "回复不会在卡片上流式显示，只会作为普通消息送达。",
        "Answers do not grow on a card: they come as ordinary messages.",
    ],
    [
        "打开链接申请 {0}；不需要卡片的话，设置 enableAICard: false。",
        "Apply for {0} by the link; or set enableAICard: false if you want no cards.",
    ],
));
pub(super) static PERMISSION_UNKNOWN: Row = console(bad(
    "permissionUnknown",
    Verdict::Unknown,
    [
        "{0} 在这里无法检查：没有能说明它的调用。",
        "{0} cannot be checked from here: there is no call that tells.",
    ],
    NONE,
    [
        "请在应用的「权限管理」中查看 {0}。",
        "Look at the application's page \"Permission Management\", for {0}.",
    ],
));

// The card's template.

pub(super) static TEMPLATE_KNOWN: Row = fine(
    "templateKnown",
    [
        "卡片模板可用（新建了一张没有投放的卡片，谁也看不到）。",
        "The card template serves. A card was made and shown to nobody.",
    ],
);
pub(super) static TEMPLATE_UNUSABLE: Row = bad(
    "templateUnusable",
    Verdict::Warning,
    ["卡片模板不能用：{0}", "The card template cannot be used: {0}"],
    [
        "回复不会显示在卡片上，只会作为普通消息送达。",
        "Answers do not grow on a card: they come as ordinary messages.",
    ],
    [
        "在卡片平台发布该模板并关联到这个应用，或删除 cardTemplateId 以使用公共模板。",
        "Publish it on the card platform, for this application; or remove `cardTemplateId` to use the public one.",
    ],
);

// What no call tells.

pub(super) static MESSAGES_ARRIVE: Row = fine(
    "messagesArrive",
    ["消息正通过 Stream 连接到达。", "Messages arrive through the Stream connection."],
);
pub(super) static MESSAGE_MODE_UNKNOWN: Row = console(bad(
    "messageModeUnknown",
    Verdict::Unknown,
    [
        "消息接收是否为 Stream 模式，在这里无法检查。",
        "Whether message receiving is in Stream mode cannot be checked from here.",
    ],
    ["如果是 HTTP 模式，机器人收不到任何消息。", "In HTTP mode the bot hears nothing."],
    [
        "请在应用的「机器人」页面查看消息接收模式。",
        "Look at the application's page \"Robot\", for how it receives messages.",
    ],
));
pub(super) static EVENTS_ARRIVE: Row =
    fine("eventsArrive", ["事件正通过 Stream 连接到达。", "Events arrive through the Stream connection."]);
pub(super) static EVENT_MODE_UNKNOWN: Row = console(bad(
    "eventModeUnknown",
    Verdict::Unknown,
    [
        "事件订阅是否为 Stream 模式，在这里无法检查。",
        "Whether event subscription is in Stream mode cannot be checked from here.",
    ],
    ["否则机器人得不到群和成员的变化。", "Without it the bot learns of no change in groups."],
    [
        "请在应用的「事件与回调」页面查看推送方式。",
        "Look at the application's page \"Events and Callbacks\", for how it pushes.",
    ],
));
pub(super) static VERSION_IN_USE: Row = fine(
    "versionInUse",
    ["有人正在使用机器人，版本已发布。", "People use the bot, so a version is published."],
);
pub(super) static VERSION_UNKNOWN: Row = console(bad(
    "versionUnknown",
    Verdict::Unknown,
    ["版本是否已发布，在这里无法检查。", "Whether a version is published cannot be checked from here."],
    ["没有发布时，别人搜索不到机器人。", "Without one nobody finds the bot."],
    [
        "请在应用的「版本管理与发布」页面查看，改动权限后也要重新发布。",
        "Look at the application's page \"Version Management and Release\"; a changed permission wants a new version.",
    ],
));
pub(super) static RIVAL_UNKNOWN: Row = bad(
    "rivalUnknown",
    Verdict::Unknown,
    [
        "是否还有别的程序使用同一个 Client ID，在这里无法检查。",
        "Whether something else is connected with this Client ID cannot be checked from here.",
    ],
    [
        "钉钉会把每条消息只给其中一个连接，看起来就像消息丢失。",
        "DingTalk gives each message to only one connection, so some seem to be lost.",
    ],
    [
        "请确认没有别的机器或容器在用这个应用运行机器人。",
        "Look whether another machine or container runs a bot as this application.",
    ],
);
pub(super) static RIVAL: Row = bad(
    "rival",
    Verdict::Failed,
    [
        "账号 {0} 使用同一个 Client ID，这个账号不会连接。",
        "Account {0} has the same Client ID, so this one does not connect.",
    ],
    ["钉钉会把每条消息只给其中一个连接。", "DingTalk gives each message to only one connection."],
    [
        "给每个账号一个自己的应用，或删除其中一个。",
        "Give each account an application of its own, or remove one of the two.",
    ],
);

// This machine.

pub(super) static FOLDER_WRITABLE: Row =
    fine("folderWritable", ["可以写入文件目录 {0}。", "Files can be kept in {0}."]);
pub(super) static FILES_OFF: Row =
    fine("filesOff", ["maxFileSizeMB 为 0，不接收文件。", "maxFileSizeMB is 0: files are not fetched."]);
pub(super) static FOLDER_UNUSABLE: Row = bad(
    "folderUnusable",
    Verdict::Failed,
    ["无法在 {0} 中保存文件：{1}", "Files cannot be kept in {0}: {1}"],
    ["别人发给机器人的文件收不到。", "Files that people send do not reach the bot."],
    [
        "让运行网关的用户可以写这个目录，或把 inboundMedia.dir 设到别处。",
        "Let the gateway's user write there, or set `inboundMedia.dir` to another folder.",
    ],
);
pub(super) static DISK_ROOMY: Row =
    fine("diskRoomy", ["磁盘还有 {0} MB 可用。", "{0} MB of the disk are free."]);
const DISK_WHY: Pair = [
    "磁盘满了以后，消息无法安全保存，机器人会停止接收。",
    "On a full disk messages cannot be kept safe, and the bot takes no more.",
];
const DISK_REMEDY: Pair =
    ["清理磁盘，或减小 inboundMedia.keepDays。", "Make room, or lower `inboundMedia.keepDays`."];
pub(super) static DISK_LOW: Row = bad(
    "diskLow",
    Verdict::Warning,
    ["磁盘只剩 {0} MB。", "Only {0} MB of the disk are free."],
    DISK_WHY,
    DISK_REMEDY,
);
pub(super) static DISK_FULL: Row = bad(
    "diskFull",
    Verdict::Failed,
    ["磁盘几乎已满，只剩 {0} MB。", "The disk is as good as full: {0} MB are free."],
    DISK_WHY,
    DISK_REMEDY,
);
pub(super) static DISK_UNKNOWN: Row = bad(
    "diskUnknown",
    Verdict::Unknown,
    ["无法得知磁盘剩余空间。", "How much of the disk is free cannot be told here."],
    NONE,
    ["请自己查看磁盘空间。", "Look for yourself."],
);

// The quota.

pub(super) static QUOTA_LEFT: Row =
    fine("quotaLeft", ["本月已用 {0} 次 API 调用{1}。", "{0} API calls were made this month{1}."]);
pub(super) static QUOTA_LOW: Row = bad(
    "quotaLow",
    Verdict::Warning,
    ["本月已用 {0} 次 API 调用{1}，快用完了。", "{0} API calls were made this month{1}: they run out."],
    [
        "回复会变得简单：卡片更新变少，最后只发消息。",
        "Answers get simpler: cards are updated less often, and in the end there are messages alone.",
    ],
    [
        "增大 streaming.intervalMs，或购买更多调用并调高 budget。",
        "Raise `streaming.intervalMs`, or buy more calls and raise `budget`.",
    ],
);
pub(super) static QUOTA_EXHAUSTED: Row = console(bad(
    "quotaExhausted",
    Verdict::Failed,
    ["组织本月的 API 调用额度已用完。", "The organisation's API calls of this month are used up."],
    WEBHOOKS_ALONE,
    ["购买更多 API 调用，或等到下个月。", "Buy more API calls, or wait for the next month."],
));
pub(super) static QUOTA_ELSEWHERE: Row = bad(
    "quotaElsewhere",
    Verdict::Unknown,
    [
        "额度由正在运行的网关统计，在这里看不到。",
        "The gateway that runs counts what is spent, so it cannot be told from here.",
    ],
    NONE,
    ["请查看该网关的 channels status。", "Look at that gateway's channels status, under `budget`."],
);
