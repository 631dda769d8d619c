// Everything that the page says, in Chinese and English.

const WORDS = {
  simulator: ["钉钉模拟器", "DingTalk simulator"],
  private: ["私聊", "Private"],
  groups: ["群聊", "Groups"],
  newPerson: ["新同事", "New person"],
  newGroup: ["新群", "New group"],
  personName: ["名字", "Name"],
  staffId: ["工号 staffId", "Staff id"],
  groupTitle: ["群名称", "Title"],
  add: ["添加", "Add"],
  cancel: ["取消", "Cancel"],
  connected: ["Stream 已连接", "Stream connected"],
  notConnected: ["没有机器人连接", "no bot connected"],
  draining: ["正在更换连接", "connection is replaced"],
  zombie: ["僵尸连接", "zombie connection"],
  live: ["实时", "Live"],
  offline: ["页面已断开，正在重连…", "The page lost the simulator; trying again…"],
  missed: ["页面跟不上，已重新载入", "The page fell behind and was loaded again"],
  withRobot: ["与 %s 的私聊", "private chat with %s"],
  people: ["%s 人 · 机器人 %s", "%s people · robot %s"],
  writeTo: ["发消息…（Enter 发送，Shift+Enter 换行）", "Write… (Enter sends, Shift+Enter is a new line)"],
  send: ["发送", "Send"],
  picture: ["图片", "Picture"],
  file: ["文件", "File"],
  voice: ["语音", "Voice"],
  video: ["视频", "Video"],
  voiceText: ["语音转写的文字", "What DingTalk understands of it"],
  voiceSeconds: ["秒", "seconds"],
  as: ["身份", "as"],
  mention: ["@%s", "@%s"],
  mentionHint: ["群里只有 @ 机器人的消息才会推送给它", "In groups a robot is pushed only what mentions it"],
  aside: ["没有 @，机器人看不到", "not mentioned: the robot does not see this"],
  quote: ["引用", "Quote"],
  quoting: ["引用：%s", "Quoting: %s"],
  empty: ["还没有消息。写一句，看卡片怎样生长。", "Nothing here yet. Write something, and watch the card grow."],
  newer: ["%s 条新消息", "%s new"],
  processing: ["处理中", "thinking"],
  inputting: ["输出中", "writing"],
  finished: ["完成", "done"],
  executing: ["执行中", "executing"],
  failed: ["失败", "failed"],
  recalled: ["已撤回", "taken back"],
  withheld: ["消息超额：正文被钉钉扣下", "over quota: DingTalk withholds the text"],
  stop: ["停止", "Stop"],
  updates: ["%s 次变更 · %s", "%s changes · %s"],
  acked: ["已确认 %s", "acknowledged %s"],
  sent: ["已推送", "pushed"],
  waiting: ["等待连接", "waits for a connection"],
  lost: ["已丢失", "lost"],
  swallowed: ["被连接吞掉", "swallowed"],
  again: ["推送 %s 次", "pushed %s times"],
  timeline: ["时间线", "Timeline"],
  faults: ["故障", "Faults"],
  registration: ["扫码创建", "Registration"],
  connect: ["接入", "Connect"],
  filter: ["筛选路径、错误码…", "Filter by path, code…"],
  allLanes: ["全部", "All"],
  api: ["接口", "Calls"],
  frame: ["推送", "Frames"],
  connection: ["连接", "Stream"],
  violation: ["违规", "Breach"],
  fault: ["故障", "Fault"],
  request: ["请求", "Request"],
  answer: ["回答", "Answer"],
  data: ["数据", "Data"],
  deliveries: ["投递与 ACK", "Deliveries and ACKs"],
  allOff: ["全部关闭", "All off"],
  someOn: ["%s 个故障开着", "%s faults are on"],
  noneOn: ["一切正常", "All is well"],
  permissions: ["权限", "Permissions"],
  limits: ["限流与配额", "Limits and quotas"],
  token: ["凭证", "Tokens"],
  network: ["网络", "Network"],
  cards: ["卡片", "Cards"],
  webhook: ["Webhook", "Webhooks"],
  oddities: ["其他", "Oddities"],
  once: ["触发", "Do it"],
  baseUrl: ["基础地址", "Base URL"],
  copy: ["复制", "Copy"],
  copied: ["已复制", "Copied"],
  connections: ["Stream 连接", "Stream connections"],
  howTo: ["任何机器人都可以连到这里：把钉钉的两个地址换成它，用下面的凭证。", "Any bot can connect here: put this in place of DingTalk's two addresses, with these credentials."],
  waitsForScan: ["等待扫码", "Waits to be scanned"],
  allowScan: ["同意创建", "Allow"],
  refuseScan: ["拒绝", "Refuse"],
  exportChats: ["导出为测试场景", "Export as a test scenario"],
  theme: ["明暗", "Light or dark"],
  language: ["English", "中文"],
  panel: ["时间线与故障", "Timeline and faults"],
  tooLarge: ["文件超过 20 MB，钉钉不收", "DingTalk takes no file of more than 20 MB"],
  notInGroups: ["群里不能给机器人发文件和语音", "Files and voice reach no robot in a group"],
  pictureElsewhere: ["图片", "picture"],
  violations: ["%s 次违反协议", "%s breaches of the protocol"],
  chats: ["会话", "Chats"],
  keys: ["Alt+↑↓ 换会话 · / 输入 · Esc 取消引用", "Alt+↑↓ chats · / write · Esc no quote"],
};

function first() {
  const kept = remembered("language");
  if (kept) return kept;
  return navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en";
}

export function remembered(key) {
  try {
    return localStorage.getItem(`simulator.${key}`);
  } catch {
    return null;
  }
}

export function remember(key, value) {
  try {
    localStorage.setItem(`simulator.${key}`, value);
  } catch {
    // It is forgotten with the page, then.
  }
}

let language = first();

/** `zh` or `en`. */
export const spoken = () => language;

export function speak(other) {
  language = other;
  document.documentElement.lang = other === "zh" ? "zh-CN" : "en";
  remember("language", other);
}

/** A sentence, with values for its `%s`. */
export function say(key, ...values) {
  const words = WORDS[key];
  if (!words) return key;
  return words[language === "zh" ? 0 : 1].replace(/%s/g, () => String(values.shift() ?? ""));
}

/** Milliseconds for people. */
export function span(ms) {
  if (ms === null || ms === undefined) return "";
  return ms < 1000 ? `${ms} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/** The time of day. */
export function time(ms) {
  const date = new Date(ms);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map((it) => String(it).padStart(2, "0")).join(":");
}
