// What whoever runs it should know of the configuration, and where it is said: in OpenClaw's doctor, in its
// security audit, and once in the log of a gateway that starts.

import { ID } from "./host.js";

/** Of which sentences the log has been told, wherever in the process: code is evaluated anew with each reload. */
const told = (globalThis[Symbol.for("openclaw-dingtalk.told.v1")] ??= new Set());
/** So many are remembered; a log that changes its mind more often than that may hear one twice. */
const REMEMBERED = 500;

/** What `resolve` finds, as lines. */
export function diagnoses(host, cfg) {
  return host.resolve(cfg).diagnostics.map(line);
}

/** What one diagnostic says, and where. */
export function line({ path, message, suggestion }) {
  return `channels.${ID}${path ? `.${path}` : ""}: ${message}${suggestion ? `; ${suggestion}` : ""}`;
}

/**
 * Whether private chats of several people would share one session, as they do with OpenClaw's default.
 *
 * @param {any} cfg
 * @param {{accountId?: string, settings?: Record<string, any>}} account
 */
export function sharesSession(cfg, { accountId, settings = {} }) {
  const { dmPolicy, allowFrom = ["*"] } = settings;
  const areSeveral = dmPolicy === "pairing" || allowFrom.includes("*") || allowFrom.length > 1;
  if (dmPolicy === "disabled" || !areSeveral) return false;
  const bound = (cfg.bindings ?? []).some(
    ({ match, session }) =>
      match?.channel === ID && !match.peer && [undefined, "*", accountId].includes(match.accountId) && session?.dmScope && session.dmScope !== "main",
  );
  return (cfg.session?.dmScope ?? "main") === "main" && !bound;
}

export const SHARED_SESSION =
  "所有人的私聊共用一个会话，彼此能看到对方说过的话 (all private chats share one session, so that people see what others have said)";
export const ONE_GATEWAY =
  "钉钉把每条消息只发给同一 Client ID 的一条连接：另一个网关（包括托管的）会分走一部分 " +
  "(DingTalk gives each message to one of the connections of a Client ID: another gateway, also a hosted one, takes some)";
export const SEPARATE = "openclaw config set session.dmScope per-channel-peer";

/** Tells the log what there is to know, each thing once in a process. */
export function tellLog(log, host, cfg, account) {
  const { diagnostics } = host.resolve(cfg);
  const about = ({ path }) => !path.startsWith("accounts.") || path.startsWith(`accounts.${account.accountId}.`);
  const sentences = diagnostics.filter(about).map(line);
  if (sharesSession(cfg, account)) sentences.push(`${SHARED_SESSION}: ${SEPARATE}`);
  for (const sentence of sentences) once(log, sentence);
}

/** Warns of something unless that was said before. */
export function once(log, sentence) {
  if (told.has(sentence)) return;
  if (told.size >= REMEMBERED) told.clear();
  told.add(sentence);
  log.warn?.(sentence);
}
