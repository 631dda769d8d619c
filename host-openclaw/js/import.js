// `openclaw dingtalk import`: what another DingTalk plugin was told, in this one's words. Which key means what is the
// plugin's to say; here it is written down, shown, and, once somebody agrees, saved.

import { write } from "./config.js";
import { ID } from "./host.js";
import { either } from "./language.js";
import { Terminal } from "./terminal.js";

/** The channel of another DingTalk plugin that does not call it as we do ours. */
const OTHER = "dingtalk-connector";
/** What holds a secret, or may. */
const SECRET = /secret|token|password|proxy/i;

const WORDS = {
  nothing: ["没有可以导入的内容：", "There is nothing to import: "],
  none: ["channels 中没有其他钉钉插件的配置", "`channels` has no section of another DingTalk plugin"],
  ours: ["已经全部是本插件的写法", "all of it is in this plugin's words already"],
  found: ["将作以下更改", "This will change"],
  section: ["更改后的配置（不显示密钥）", "The section will be (without secrets)"],
  cards: [
    "回答会显示在 AI 卡片上；想和以前一样发普通消息，请写 enableAICard: false",
    "answers will grow on AI Cards: write enableAICard: false for messages",
  ],
  off: ["停用，内容保留，随时可以改回来", "switched off, and kept as it is"],
  bound: ["也改为新的渠道", "made for the new channel"],
  written: ["这里已有的优先", "what is here already goes before"],
  question: ["写入配置吗？", "Write it?"],
  kept: ["没有更改任何内容。", "Nothing was changed."],
  saved: ["已保存。", "Saved."],
};

function own(name) {
  return either(WORDS[name]);
}

/**
 * The configuration with the section of `from` in our words, and a line for each thing that changes.
 *
 * @param {any} host
 * @param {any} cfg
 * @param {string} from The channel whose section it is.
 * @returns {{cfg: any, lines: string[]}}
 */
export function imported(host, cfg, from) {
  const { section, lines } = translated(host, cfg.channels?.[from] ?? {});
  if (from === ID) return { cfg: { ...cfg, channels: { ...cfg.channels, [ID]: section } }, lines };
  const present = cfg.channels?.[ID];
  const channels = {
    ...cfg.channels,
    [ID]: present ? joined(section, present) : section,
    [from]: { ...cfg.channels[from], enabled: false },
  };
  lines.push(`channels.${from} → channels.${ID}${present ? ` (${own("written")})` : ""}`, `channels.${from}: ${own("off")}`);
  const bindings = cfg.bindings?.map((binding) => {
    if (binding.match?.channel !== from) return binding;
    lines.push(`bindings (${binding.agentId}): ${own("bound")}`);
    return { ...binding, match: { ...binding.match, channel: ID } };
  });
  return { cfg: { ...cfg, channels, ...(bindings && { bindings }) }, lines };
}

/** A section in our words. */
function translated(host, written) {
  const section = JSON.parse(JSON.stringify(written));
  const lines = [];
  for (const { path, message, extra } of host.plugin().resolve(section).diagnostics) {
    if (extra?.code !== "foreignKey") continue;
    const { holder, key } = place(section, path);
    if (!holder) continue;
    const { option, value = holder[key] } = extra;
    delete holder[key];
    if (option) put(holder, option, value);
    lines.push(option ? `${path} → ${option}: ${JSON.stringify(value)}` : `${path} ✗ ${message}`);
  }
  return { section, lines };
}

/** The object that holds what `path` names, and its key there. Ids may have dots in them. */
function place(holder, path) {
  if (!holder || typeof holder !== "object") return {};
  if (path in holder) return { holder, key: path };
  for (const key of Object.keys(holder).filter((key) => path.startsWith(`${key}.`))) {
    const found = place(holder[key], path.slice(key.length + 1));
    if (found.holder) return found;
  }
  return {};
}

/** Writes an option, unless it is written already. */
function put(holder, option, value) {
  const [group, name] = option.split(".");
  if (!name) holder[group] ??= value;
  else holder[group] = { [name]: value, ...holder[group] };
}

function joined(brought, present) {
  const accounts = { ...brought.accounts, ...present.accounts };
  return { ...brought, ...present, ...(Object.keys(accounts).length && { accounts }) };
}

/** A section as it may be shown. */
export function shown(section) {
  return JSON.stringify(section, (key, value) => (SECRET.test(key) && typeof value === "string" ? "…" : value), 2);
}

/** The channel whose section there is to import; `undefined` if there is none. */
export function source(cfg) {
  return [OTHER, ID].find((channel) => cfg.channels?.[channel] && cfg.channels[channel].enabled !== false);
}

/**
 * The command.
 *
 * @param {any} host
 * @param {any} cfg
 * @param {{from?: string, yes?: boolean}} options
 * @param {Terminal} terminal
 */
export async function importSection(host, cfg, { from = source(cfg), yes = false }, terminal = new Terminal()) {
  try {
    if (!from || !cfg.channels?.[from]) return await terminal.note(own("nothing") + own("none"));
    const { cfg: draft, lines } = imported(host, cfg, from);
    if (!lines.length) return await terminal.note(own("nothing") + own("ours"), `channels.${from}`);
    const section = draft.channels[ID];
    if (section.enableAICard === undefined) lines.push(own("cards"));
    await terminal.note(lines.join("\n"), own("found"));
    await terminal.note(shown(section), `${own("section")} channels.${ID}`);
    if (!yes && !(await agreed(terminal))) return await terminal.note(own("kept"));
    await write(host, (draft) => imported(host, draft, from).cfg);
    await terminal.note(own("saved"));
  } finally {
    terminal.close();
  }
}

/** Who says nothing does not agree. */
function agreed(terminal) {
  return terminal.confirm({ message: own("question"), initialValue: false }).catch(() => false);
}
