//! The steps themselves, S1 to S12.

use super::{CONSOLE, Words};

/// One of several ways to a bot.
pub(super) struct Way {
    pub(super) id: &'static str,
    /// Whether DingTalk gives the credentials to who scans a code.
    pub(super) registers: bool,
    pub(super) words: Words,
}

/// One step.
pub(super) struct Step {
    pub(super) id: &'static str,
    /// The ways it belongs to; empty for all.
    pub(super) ways: &'static [&'static str],
    pub(super) link: &'static str,
    pub(super) words: Words,
    /// Whether it ends with the credentials.
    pub(super) asks: bool,
}

/// A value that is asked for.
pub(super) struct Field {
    pub(super) option: &'static str,
    pub(super) secret: bool,
    pub(super) words: Words,
}

const ONE_CLICK: &str = "oneClick";
const CUSTOM: &str = "custom";
const CREDENTIALS: &str = "credentials";
const SCAN: &str = "scan";
/// The ways of who makes an application in the console.
const NEW: &[&str] = &[ONE_CLICK, CUSTOM];
/// The ways of who has no application yet.
const WITHOUT: &[&str] = &[ONE_CLICK, CUSTOM, SCAN];

pub(super) static WAYS: [Way; 4] = [
    Way {
        id: ONE_CLICK,
        registers: false,
        words: Words {
            title: ["一键创建 OpenClaw 机器人应用", "Create an OpenClaw bot application by one click"],
            text: ["最快，表单已预先填好。", "The fastest: its form is filled in already."],
        },
    },
    Way {
        id: CUSTOM,
        registers: false,
        words: Words {
            title: ["自己创建应用", "Create an application yourself"],
            text: [
                "每一步自己设置：应用、机器人能力、权限、版本。",
                "Everything by hand: the application, its bot, permissions, a version.",
            ],
        },
    },
    Way {
        id: CREDENTIALS,
        registers: false,
        words: Words {
            title: ["已经有应用", "I have an application"],
            text: [
                "只需 Client ID 和 Client Secret。",
                "Its Client ID and Client Secret are all that is needed.",
            ],
        },
    },
    Way {
        id: SCAN,
        registers: true,
        words: Words {
            title: ["用钉钉扫码创建（试验）", "Scan a code with DingTalk (experimental)"],
            text: [
                "手机钉钉扫码，钉钉创建应用并给出凭证。这个接口没有公开文档，不成功时再手动输入。",
                "DingTalk makes the application and gives its credentials. It documents none of this; where it does not \
                 work, you type them in.",
            ],
        },
    },
];

pub(super) static FIELDS: [Field; 2] = [
    Field {
        option: "clientId",
        secret: false,
        words: Words {
            title: ["Client ID（AppKey）", "Client ID (AppKey)"],
            text: [
                "以 ding 开头，约 20 个字母和数字。",
                "Begins with \"ding\" and has about 20 letters and digits.",
            ],
        },
    },
    Field {
        option: "clientSecret",
        secret: true,
        words: Words {
            title: ["Client Secret（AppSecret）", "Client Secret (AppSecret)"],
            text: [
                "更长，不以 ding 开头；输入时不显示。",
                "Longer, without \"ding\"; not shown while you type.",
            ],
        },
    },
];

pub(super) static STEPS: [Step; 12] = [
    Step {
        id: "S1",
        ways: WITHOUT,
        link: "https://www.dingtalk.com/",
        words: Words {
            title: ["有开发者权限的组织", "An organisation in which you may develop"],
            text: [
                "需要一个你有开发者权限的钉钉组织。没有的话可以新建，不需要任何证件：钉钉右上角「创建团队」→「企业」→「创建企业/团队」；手机端 \
                 6.5.45 或更高版本也可以扫码创建。",
                "You need an organisation in DingTalk in which you have developer permission. To create one takes no \
                 documents: \"Create Team\" at the top right of DingTalk, then Enterprise, then Create Enterprise/Team; \
                 or by QR code with the mobile app 6.5.45 or later.",
            ],
        },
        asks: false,
    },
    Step {
        id: "S2",
        ways: NEW,
        link: CONSOLE,
        words: Words {
            title: ["打开开发者后台", "The developer console"],
            text: [
                "登录钉钉开发者后台，点击右上角头像，切换到这个组织。",
                "Log in to DingTalk's developer console, and switch to that organisation by the avatar at the top right.",
            ],
        },
        asks: false,
    },
    Step {
        id: "S3",
        ways: &[ONE_CLICK],
        link: CONSOLE,
        words: Words {
            title: ["一键创建应用", "Create the application by one click"],
            text: [
                "在应用列表顶部的横幅中选择创建 OpenClaw 机器人应用。表单已预先填好，可以修改；如果有多个应用，请用不同的名称或图标区分。",
                "The banner above the list of applications creates an OpenClaw bot application. Its form is filled in \
                 and can be changed; of several applications each wants a name or an icon of its own.",
            ],
        },
        asks: false,
    },
    Step {
        id: "S4",
        ways: &[CUSTOM],
        link: CONSOLE,
        words: Words {
            title: ["创建应用并添加机器人", "Create the application and its bot"],
            text: [
                "创建应用（名称、描述、图标），在「添加应用能力」中添加「机器人」，填写机器人页面，消息接收模式选择 Stream 模式，然后发布。",
                "Create an application (name, description, icon), add the capability \"Robot\", fill in the robot's \
                 page, set message receiving to Stream mode, and publish it.",
            ],
        },
        asks: false,
    },
    Step {
        id: "S5",
        ways: &[],
        link: CONSOLE,
        words: Words {
            title: ["Client ID 和 Client Secret", "Client ID and Client Secret"],
            text: [
                "创建应用时会显示，之后在应用的「凭证与基础信息」页面可以看到。",
                "They are shown when the application is created, and later on its page \"Credentials & Basic Info\".",
            ],
        },
        asks: true,
    },
    Step {
        id: "S6",
        ways: NEW,
        link: CONSOLE,
        words: Words {
            title: ["权限", "Permissions"],
            text: [
                "在应用的「权限管理」中开通：snsapi_base、qyapi_base、qyapi_robot_sendmsg，以及流式卡片需要的 Card.Instance.Write 和 \
                 Card.Streaming.Write。",
                "On the application's page \"Permission Management\", apply for snsapi_base, qyapi_base, \
                 qyapi_robot_sendmsg, and, for answers that grow on a card, Card.Instance.Write and \
                 Card.Streaming.Write.",
            ],
        },
        asks: false,
    },
    Step {
        id: "S7",
        ways: NEW,
        link: CONSOLE,
        words: Words {
            title: ["事件订阅", "Event subscription"],
            text: [
                "在应用的「事件与回调」中，推送方式选择 Stream 模式并保存。",
                "On the application's page \"Events and Callbacks\", choose Stream mode as the way of pushing, and save.",
            ],
        },
        asks: false,
    },
    Step {
        id: "S8",
        ways: NEW,
        link: CONSOLE,
        words: Words {
            title: ["发布版本", "Publish a version"],
            text: [
                "在「版本管理与发布」中创建版本，设置可见范围并发布。发布之后才能在钉钉中搜索到机器人。",
                "On the page \"Version Management and Release\", create a version, set who may see it, and publish it. \
                 Only then can the bot be found in DingTalk's search.",
            ],
        },
        asks: false,
    },
    Step {
        id: "S9",
        ways: &[],
        link: CONSOLE,
        words: Words {
            title: ["再检查一遍", "Look once more"],
            text: [
                "消息接收和事件订阅都是 Stream 模式；应用的「安全设置」中没有服务器出口 IP 白名单；两个卡片权限都已开通。",
                "Both message receiving and event subscription are in Stream mode, the application's security settings \
                 have no allow-list of server addresses, and both card permissions are granted.",
            ],
        },
        asks: false,
    },
    Step {
        id: "S10",
        ways: &[],
        link: "",
        words: Words {
            title: ["在钉钉中使用机器人", "Use the bot in DingTalk"],
            text: [
                "群聊：群设置 → 机器人 → 添加机器人 → 搜索 → 添加，然后 @ 机器人。单聊：搜索机器人并打开会话。",
                "In a group: Group Settings, Robot, Add Robot, search for it, Add; then @mention it. In private: search \
                 for the bot and open the chat.",
            ],
        },
        asks: false,
    },
    Step {
        id: "S11",
        ways: &[],
        link: "",
        words: Words {
            title: ["托管的助手", "A hosted assistant"],
            text: [
                "如果助手由平台托管（例如 DataWorks 的 DataClaw、302 AI Studio），请把 Client ID 和 Client Secret 填入平台的钉钉配置。那里同样是 \
                 channels.dingtalk；302 AI Studio 的「更新配置」会自动重启网关。",
                "Where a platform hosts the assistant (such as DataClaw in DataWorks, or 302 AI Studio), its DingTalk \
                 settings take the Client ID and Client Secret. They are the same channels.dingtalk; \"Update \
                 Configuration\" in 302 AI Studio restarts the gateway by itself.",
            ],
        },
        asks: false,
    },
    Step {
        id: "S12",
        ways: &[],
        link: "",
        words: Words {
            title: ["自己运行的网关", "A gateway of your own"],
            text: [
                "如果自己运行 OpenClaw：由向导写入配置，或执行 openclaw config set channels.dingtalk \
                 '{\"clientId\":\"…\",\"clientSecret\":\"…\"}' --json；要让网关一直运行，执行 openclaw onboard --install-daemon。",
                "Where you run OpenClaw yourself, a wizard writes the configuration, or you run openclaw config set \
                 channels.dingtalk '{\"clientId\":\"…\",\"clientSecret\":\"…\"}' --json; openclaw onboard \
                 --install-daemon keeps the gateway running.",
            ],
        },
        asks: false,
    },
];
