//! Everything that is said of a configuration, in Chinese and in English.

use crate::bilingual::Pair;

/// Names each sentence, and lists all of them for the test.
macro_rules! sentences {
    ($($name:ident: [$zh:literal, $en:literal],)+) => {
        $(pub(super) const $name: Pair = [$zh, $en];)+
        #[cfg(test)]
        pub(super) const ALL: &[(&str, Pair)] = &[$((stringify!($name), $name)),+];
    };
}

sentences! {
    // What a value is, and what it should be.
    BOOLEAN: ["布尔值", "a boolean"],
    NUMBER: ["数字", "a number"],
    TEXT: ["文本", "a text"],
    LIST: ["列表", "a list"],
    OBJECT: ["对象", "an object"],
    TRUE_OR_FALSE: ["true 或 false", "true or false"],
    FLAG_OR_TEXT: ["true、false 或文本", "true, false or a text"],
    LIST_OF_TEXTS: ["文本的列表", "a list of texts"],
    ID: ["ID", "an id"],
    ACCOUNT_ID: ["账号 ID", "an account id"],
    GROUPS: ["以会话 ID 为键的对象", "an object by conversation id"],
    SECRET: [
        "文本、\"${变量名}\"、{\"env\": 变量名} 或 {\"file\": 路径}",
        "a text, \"${VARIABLE}\", {\"env\": name} or {\"file\": path}"
    ],

    // What holds in its place.
    IGNORED: ["已忽略", "it is ignored"],
    DEFAULT: ["使用默认值 {0}", "the default {0} is used"],
    TOP_LEVEL_OR_DEFAULT: ["使用顶层的值，没有则用默认值 {0}", "the top level's is used, else the default {0}"],
    INSTEAD: ["使用 `{0}`", "`{0}` is used"],
    ACCOUNT_OFF: ["该账号停用", "the account stays off"],
    GROUP_OFF: ["该群停用", "the group stays off"],
    GROUP_UNTOLD: ["对该群不起作用", "it says nothing of the group"],
    MENTION_REQUIRED: ["需要 @ 机器人", "a mention is required"],
    NOBODY_LISTED: ["名单里没有任何人", "nobody is on it"],

    // Values.
    WRONG_TYPE: ["类型不对，应为：{1}，现在是：{0}；{2}", "this is {0}, not {1}; {2}"],
    WRITE: ["请写：{0}", "write {0}"],
    WRITE_UNQUOTED: ["请写 {0}，不加引号", "write {0} without the quotes"],
    FRACTION: ["不是整数；按 {0} 处理", "this is not a whole number; {0} is used"],
    WRITE_WHOLE: ["请写整数", "write a whole number"],
    BELOW: ["小于 {0}；按 {1} 处理", "this is below {0}; {1} is used"],
    WRITE_MORE: ["请写 {0} 或更大的数", "write {0} or more"],
    ABOVE: ["大于 {0}；按 {0} 处理", "this is above {0}; {0} is used"],
    WRITE_LESS: ["请写 {0} 或更小的数", "write {0} or less"],
    NONE_OF: ["不是 {0} 之一；按 `{1}` 处理", "this is none of {0}; `{1}` is used"],
    WRITE_ONE_OF: ["请写其中之一：{0}", "write one of: {0}"],
    DID_YOU_MEAN: ["是不是想写 `{0}`？", "did you mean `{0}`?"],
    SINGLE_ENTRY: [
        "只写了一项，不是列表；按只有这一项的列表处理",
        "this is a single entry, not a list; it is taken as a list of one"
    ],
    PUT_INTO_A_LIST: ["请放进 [ ] 里", "put it into [ ]"],
    WRITE_IDS: ["请写 [ ]，里面是 ID", "write [ ] with ids"],
    WRITE_AN_ID: ["请把 ID 写成文本，或删掉这一项", "write an id as a text, or remove it"],
    WRITE_AN_OBJECT: ["请写 { }", "write { }"],
    WRITE_ACCOUNTS: ["请写 { \"账号 ID\": { } }", "write { \"id\": { } }"],
    WRITE_GROUPS: ["请写 { \"cid…\": { } }", "write { \"cid…\": { } }"],

    // Names.
    NO_SUCH_OPTION: ["没有这个选项，不起作用", "there is no such option; it has no effect"],
    REMOVE_UNKNOWN: ["请删掉；所有选项见 README", "remove it; the README has all options"],
    REMOVE: ["请删掉", "remove it"],
    OF_NO_ACCOUNT: ["`{0}` 写在账号里没有意义", "`{0}` has no meaning inside an account"],
    MOVE_TO_THE_TOP: [
        "请移到配置段的顶层，写作 `{0}`",
        "move it to the top level of the section, as `{0}`"
    ],

    // Keys of other plugins.
    NO_EFFECT: ["在这里不起作用：{0}", "this has no effect here: {0}"],
    TAKEN_AS: ["按 `{0}` 处理", "this is taken as `{0}`"],
    CANNOT_BE: ["现在是：{0}，不能用作 `{1}`；已忽略", "this is {0}, which `{1}` cannot be; it is ignored"],
    WRITE_INSTEAD: ["请改写为 `{0}`", "write `{0}` in its place"],
    OWN_GOES_BEFORE: ["同时写了 `{0}`，以它为准", "`{0}` is written, too, and goes before this"],
    RECONNECTING: ["断线后会一直重连，间隔逐渐变长", "a lost connection is sought for ever, with growing waits"],
    SESSIONS: [
        "会话由宿主管理：见 `session.dmScope` 和 `bindings`",
        "sessions are the host's: see `session.dmScope` and `bindings`"
    ],
    LEARNING: ["智能体学到什么不归渠道管", "what an agent learns is no matter of the channel's"],
    GATEWAY: [
        "宿主的智能体直接回答，不经过网关接口",
        "the host's agent answers directly, without a call to its gateway"
    ],
    APP: [
        "Client ID 已经说明了，其余的消息里都有",
        "the Client ID says it, and messages bring what else is needed"
    ],
    ONE_WAY: [
        "调用和连接走同一条路：不用代理请把 `proxy` 写成 \"none\"",
        "calls and connection go the same way: write \"none\" as `proxy` for no proxy"
    ],
    STREAM_ALWAYS: [
        "消息总是通过 Stream 模式到达，不需要公网地址",
        "messages always come through Stream mode, which needs no public address"
    ],
    LOGGING: ["日志的详细程度由宿主设置", "how much is logged is the host's setting"],
    NAMES_KNOWN: ["发过消息的人，之后都能按名字找到", "who writes is known by name from then on"],
    MEDIA_ROOTS: ["只发送宿主允许的目录里的文件", "files are sent from the directories that the host allows"],
    QUOTABLE: ["机器人说过的话 30 天内都可以引用", "what the bot said can be quoted for 30 days"],
    REWRITTEN: [
        "钉钉显示不了的内容总会改写成能显示的",
        "what DingTalk does not show is always rewritten so that it does"
    ],
    PERMISSION_TOLD: [
        "缺少的权限每天提醒一次，并附上申请链接",
        "a missing permission is told once a day, with the link to apply"
    ],
    CARDS_GROW: [
        "卡片总是流式更新：快慢见 `streaming.intervalMs`",
        "cards always grow: see `streaming.intervalMs` for their pace"
    ],
    CARDS_RETRIED: ["卡片能否再用，会自动重试", "whether cards work again is tried by itself"],
    LONG_TASKS: [
        "耗时较长时的提示：见 `longTaskNoticeDelayMs` 和 `longTaskNoticeText`",
        "a word on what takes long: see `longTaskNoticeDelayMs` and `longTaskNoticeText`"
    ],
    PROMPTS: [
        "提示词由宿主管理：写在智能体上，或写在群的 `groups.<id>.systemPrompt`",
        "prompts are the host's: of an agent, or of a group as `groups.<id>.systemPrompt`"
    ],
    FILES_SENT: [
        "智能体要发文件就会发：禁止请把 `maxFileSizeMB` 写成 0",
        "files are sent whenever the agent sends them: 0 as `maxFileSizeMB` forbids it"
    ],
    TOOLS: ["工具由宿主管理", "tools are the host's"],
    ROUTING: [
        "由哪个智能体回答归宿主管：见 `bindings`",
        "which agent answers is the host's to say: see `bindings`"
    ],
    THINKING: ["模型的思考过程不属于回答", "what a model thinks is no part of the answer"],
    ENDPOINT: [
        "连接地址由钉钉给出：专属钉钉见 `endpoints.api`",
        "DingTalk says where to connect: for a private one see `endpoints.api`"
    ],

    // Accounts.
    WITHOUT_ID: ["有一个账号没有 ID；已忽略", "an account has no id; it is ignored"],
    NAME_IT: ["请给它一个名字，例如 \"main\"", "give it a name, such as \"main\""],
    SAME_NAME: [
        "有两个同名的账号；以最后一个为准",
        "there are two accounts of this name; the last counts"
    ],
    RENAME_ONE: ["请给其中一个改名", "rename one"],
    SAME_BUT_CASE: [
        "与账号 `{0}` 只有大小写不同；宿主可能把它们当作同一个",
        "only capitals tell this account from `{0}`; hosts may take them for one"
    ],
    RENAME: ["请换一个名字", "give it another name"],
    NO_ACCOUNT: ["没有这个账号", "there is no such account"],
    NO_ACCOUNT_INSTEAD: ["没有账号 `{0}`；使用 `{1}`", "there is no account `{0}`; `{1}` is used"],
    ACCOUNTS_ARE: ["现有账号：{0}", "the accounts are: {0}"],
    OFF_FOR_ALL: ["顶层的 `enabled` 是 false", "`enabled` is false at the top level"],
    OFF: ["选项 `accounts.{0}.enabled` 是 false", "`accounts.{0}.enabled` is false"],

    // Credentials.
    NOT_SET: ["没有设置", "it is not set"],
    OPTION_NOT_SET: ["没有设置 `{0}`", "`{0}` is not set"],
    CANNOT_RUN: ["没有设置 `{0}`，账号 `{1}` 无法运行", "`{0}` is not set, account `{1}` cannot run"],
    COMPLETE_OR_MOVE: [
        "请补全，或从顶层移到某个账号里",
        "complete it, or move it from the top level into an account"
    ],
    WHERE_TO_FIND: [
        "请把 `{0}` 设为应用的 {1}：在 open-dev.dingtalk.com 打开应用，见“凭证与基础信息”",
        "set `{0}` to the application's {1}; DingTalk shows it at open-dev.dingtalk.com, the application, \
         \"Credentials & Basic Info\""
    ],
    EXCHANGED: [
        "`clientId` 和 `clientSecret` 好像填反了：Client ID 以 ding 开头",
        "`clientId` and `clientSecret` look exchanged: a Client ID begins with \"ding\""
    ],
    EXCHANGE: ["请把两者对调", "write each in the other's place"],
    PLACEHOLDER: [
        "这是示例里的占位符，不是你的应用的值",
        "this is the placeholder of an example, not a value of your application"
    ],
    PASTED_TWICE: ["好像粘贴了两次", "it looks as if it had been pasted twice"],
    WHITE_SPACE: ["中间有空格", "there is white space inside it"],
    SHELL_VARIABLE: [
        "看起来是变量，但不会当作变量读取，请写成 \"${NAME}\"",
        "this looks like a variable, and is not read as one: write \"${NAME}\""
    ],
    ODD_CHARACTER: [
        "其中有钉钉的凭证里不会有的字符，例如引号",
        "there is a character in it that no credential of DingTalk's has, such as a quotation mark"
    ],
    SAME_APPLICATION: [
        "账号 `{1}` 运行时账号 `{0}` 不会连接，因为两者的 Client ID 相同：钉钉把每条消息只发给其中一个",
        "account `{0}` is not connected while account `{1}` runs, which has the same Client ID: DingTalk gives each \
         message to only one of them"
    ],
    MOVE_CREDENTIALS: [
        "请把凭证写进账号里，因为写在顶层的凭证本身就是一个账号",
        "write the credentials into the account, for at the top level they are one"
    ],
    OWN_APPLICATION: [
        "请给 `{0}` 单独建一个应用，或删掉其中一个账号",
        "give `{0}` an application of its own, or remove one of the two"
    ],

    // Who may talk.
    OPEN_WITH_LIST: [
        "用了 `open`，又在 `allowFrom` 里列了人，结果只有这些人可以私聊",
        "`open` together with entries in `allowFrom` admits only those"
    ],
    ALLOWLIST_OR_EVERYONE: [
        "请写 \"allowlist\"；要允许所有人，就删掉 `allowFrom`",
        "write \"allowlist\", or remove `allowFrom` to admit everyone"
    ],
    ALLOWLIST_OF_NOBODY: [
        "用了 `allowlist`，但 `allowFrom` 里没有人，结果谁都不能私聊",
        "`allowlist` without entries in `allowFrom` admits nobody"
    ],
    LIST_PEOPLE: [
        "请加入可以私聊的人的员工 userId",
        "add the staff ids of those who may write in private"
    ],
    EMPTY_LIST: [
        "空列表表示谁都不能私聊，`open` 时也一样",
        "an empty list admits nobody in private, also under `open`"
    ],
    EVERYONE_OR_PEOPLE: [
        "要允许所有人就删掉它，否则加入可以私聊的人",
        "remove it to admit everyone, or add those who may write"
    ],
    GROUP_AMONG_PEOPLE: [
        "这里写了一个群，但私聊的只有人",
        "this names a group, but only people write in private"
    ],
    MOVE_GROUP: ["请移到 `groupAllowFrom` 或 `groups`", "move it to `groupAllowFrom`, or to `groups`"],
    NO_GROUPS: [
        "用了 `allowlist`，但 `groups` 和 `groupAllowFrom` 都是空的，结果谁都不能在群里对话",
        "`allowlist` without `groups` and without entries in `groupAllowFrom` admits nobody"
    ],
    LIST_GROUPS: [
        "请加入群，或加入可以在群里对话的人",
        "add the groups, or those who may write in groups"
    ],
    EMPTY_GROUP_LIST: [
        "空列表表示谁都不能在群里对话，在列出的群里也一样",
        "an empty list admits nobody, not even in the groups that are listed"
    ],
    EVERYONE_IN_GROUPS: [
        "要允许群里所有人就删掉它，否则加入可以对话的人",
        "remove it to admit everyone in them, or add those who may write"
    ],
    OPEN_GROUPS: [
        "`groupPolicy` 为 \"open\" 时不起作用",
        "this has no effect while `groupPolicy` is \"open\""
    ],
    ALLOWLIST_OF_GROUPS: [
        "要只允许这些，请把 `groupPolicy` 写成 \"allowlist\"",
        "write \"allowlist\" as `groupPolicy` to admit only those"
    ],
    NO_OPTION_OF_GROUPS: [
        "群没有已知的这个选项",
        "there is no such option of a group that is known"
    ],
    REMOVE_UNLESS_KNOWN: ["请删掉，除非宿主认识它", "remove it, unless your host knows it"],
    NOBODY_IN_GROUP: [
        "没有列出任何人，所以这个群里谁都不能对话",
        "this names nobody, and so admits nobody in the group"
    ],
    WRITE_STAFF_IDS: ["请写员工 userId 的列表，或删掉", "write a list of staff ids, or remove it"],

    // The rest.
    BAD_ADDRESS: [
        "地址无法使用：必须以 https:// 开头",
        "an address is not one that can be used: it must begin with https://"
    ],
    CORRECT_ADDRESS: [
        "请改正；删掉则使用区域的地址",
        "correct it, or remove it to use the region's"
    ],
    NOT_A_PROXY: ["这里写的不是代理的位置", "this is not where a proxy is"],
    WRITE_PROXY: [
        "请写 http://主机:端口、\"none\"、\"${变量名}\"、{\"env\": 变量名} 或 {\"file\": 路径}",
        "write http://host:port, \"none\", \"${VARIABLE}\", {\"env\": name} or {\"file\": path}"
    ],
    PROXY_ELSEWHERE: [
        "`proxy`（来自 {0}）无法使用：{1}；{2}",
        "`proxy`, from {0}, is not usable: {1}; {2}"
    ],
    LOST_BACKSLASHES: [
        "看起来是 Windows 路径，但其中的反斜杠被当作了转义",
        "it looks like a Windows path whose backslashes were read as part of the text"
    ],
    DOUBLE_BACKSLASHES: [
        "请把每个反斜杠写两遍，或改用 `/`，例如 C:/files",
        "write each backslash twice, or `/` in its place, as in C:/files"
    ],
    WANTS_A_SHELL: [
        "这里不识别 `~name`、`$NAME` 和 `%NAME%`；它被当作主目录下的文件夹",
        "`~name`, `$NAME` and `%NAME%` are not read here; this is taken as a folder in the home directory"
    ],
    WRITE_A_PATH: [
        "请写 `~/` 加其余部分，或写完整路径",
        "write `~/` and the rest, or the whole path"
    ],
    NO_SUCH_LANGUAGE: ["没有这种语言；已忽略", "there is no such language; it is ignored"],
    WRITE_A_LANGUAGE: ["请写 zh-CN 或 en", "write zh-CN or en"],
}
