// Who may write. OpenClaw decides it for private chats; where its runtime has nothing that does, and for
// groups, the channel's own rules do, which are the same for every host.

import { words } from "./context.js";
import { ID } from "./host.js";

/**
 * @typedef {object} Admission
 * @property {"answer" | "pair" | "deny" | "ignore"} verdict
 * @property {any} [ingress] What OpenClaw's own context wants to see; `"unsupported"` where it has no such thing.
 * @property {boolean} [commandAuthorised]
 * @property {string} [id] Whom the owner would have to list.
 * @property {string} [why]
 */

/** @returns {Promise<Admission>} */
export async function admit({ host, doorman, account, cfg, route, message }) {
  const { channels } = host;
  const isGroup = message.conversation.kind !== "direct";
  const store = () => pairedIds(channels, account.accountId);
  const ingress = channels.inbound?.ingress;
  let mayCommand = true;
  if (isGroup || message.sender.isBot || !ingress) {
    const paired = !message.sender.isBot && account.settings.dmPolicy !== "open" && isAmong(message.sender, await store());
    const { admission, commandAuthorised, id, why } = doorman.judge(message, paired);
    if (admission !== "admit") return { verdict: admission, id, why };
    if (!ingress) return { verdict: "answer", ingress: "unsupported", commandAuthorised };
    mayCommand = commandAuthorised; // OpenClaw is told that everybody may write in this group
  }
  const access = await ingress.resolveStable(question({ host, account, cfg, route, message, store, isGroup }));
  const { admission, reasonCode } = access.ingress;
  const commandAuthorised = mayCommand && access.commandAccess?.authorized === true;
  const verdict = VERDICTS[admission] ?? "ignore";
  return { verdict, ingress: access, commandAuthorised, id: message.sender.id, why: reasonCode };
}

const VERDICTS = { dispatch: "answer", "pairing-required": "pair", drop: "deny" };

/** What OpenClaw is asked. The channel's own rules have judged a group already. */
function question({ host, account, cfg, route, message, store, isGroup }) {
  const { channels } = host;
  const { settings, accountId } = account;
  const { sender, conversation } = message;
  const allowFrom = settings.allowFrom ?? (settings.dmPolicy === "open" ? ["*"] : []);
  const aliases = Object.fromEntries((sender.otherIds ?? []).map(({ kind, id }) => [kind, id]));
  const field = { normalize: bare(host), authentication: "verified", sensitivity: "pii" };
  const allowTextCommands = true;
  return {
    channelId: ID,
    accountId,
    cfg,
    identity: { key: "staffId", ...field, aliases: Object.keys(aliases).map((key) => ({ key, ...field })) },
    subject: { stableId: sender.id, aliases },
    conversation: { kind: isGroup ? "group" : "direct", id: conversation.id },
    contextBinding: {
      agentId: route.agentId,
      sessionKey: route.sessionKey,
      messageId: message.id,
      inboundEventKind: "user_request",
    },
    event: { kind: "message", authMode: "inbound", mayPair: !isGroup },
    dmPolicy: settings.dmPolicy,
    groupPolicy: isGroup ? "open" : settings.groupPolicy,
    policy: { activation: { requireMention: false, allowTextCommands } },
    allowFrom,
    groupAllowFrom: isGroup ? ["*"] : settings.groupAllowFrom,
    accessGroups: cfg.accessGroups,
    mentionFacts: {
      canDetectMention: message.canDetectMention,
      wasMentioned: message.wasMentioned,
      hasAnyMention: message.hasAnyMention,
    },
    readStoreAllowFrom: store,
    command: { allowTextCommands, hasControlCommand: channels.text.hasControlCommand?.(words(message), cfg) ?? false },
  };
}

/** Reads an entry of a list as the id that it means. */
export function bare(host) {
  const prefixes = host.plugin().describe().extra?.ids?.prefixes ?? [];
  return (entry) => {
    let id = String(entry).trim();
    for (let found; (found = prefixes.find((prefix) => id.toLowerCase().startsWith(prefix))); ) {
      id = id.slice(found.length).trim();
    }
    return id;
  };
}

/** Whom the owner has let in, by OpenClaw's command. */
export async function pairedIds(channels, accountId) {
  return (await channels.pairing?.readAllowFromStore?.({ channel: ID, accountId })) ?? [];
}

function isAmong({ id, otherIds = [] }, ids) {
  return [id, ...otherIds.map((other) => other.id)].some((own) => own && ids.includes(own));
}

/**
 * Tells somebody what follows from not being admitted, in the plugin's words, and not all the time.
 *
 * @param {Admission} admission
 */
export async function tell(reception, message, admission) {
  const { verdict, id, why } = admission;
  const { sender } = message;
  const { doorman, host, ctx } = reception;
  if (verdict === "pair") {
    const meta = sender.name ? { name: sender.name } : undefined;
    const asked = await host.channels.pairing.upsertPairingRequest({ channel: ID, accountId: ctx.accountId, id: sender.id, meta });
    if (asked.code) reception.applicants.add(sender.id);
    if (asked.created && asked.code) await reception.notify(message, "pairing", { code: asked.code, id: sender.id });
    return;
  }
  if (verdict !== "deny" || !doorman.isDue(id)) return;
  reception.log.info?.(`${ctx.accountId}: ${sender.id} writes and may not: ${why}`);
  const told = await reception.notify(message, "denied", { id, isGroup: id === message.conversation.id });
  if (!told) doorman.takeBack(id);
}
