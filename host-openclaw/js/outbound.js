// What OpenClaw sends by itself, without a question: from its tools, its timers and its commands.
//
// The gateway sends it, also for the commands, so that one process alone speaks for an account.

import { randomUUID } from "node:crypto";
import { insist, running, slot, turnsOf } from "./accounts.js";
import { withFiles } from "./files.js";
import { ID } from "./host.js";
import { saying } from "./joined.js";
import { awaiting } from "./late.js";
import { normalized } from "./messaging.js";
import { filesOf, words } from "./payload.js";

/** How much text one call may bring; the plugin cuts it as each surface needs. */
const LONGEST = 20_000;
const NO_TARGET =
  "请写明发给谁：user:<员工 userId> 或 group:<会话 ID> (DingTalk needs a target: user:<staffId> or group:<openConversationId>)";

/**
 * @typedef {object} Said What one call of OpenClaw's brings.
 * @property {string} text
 * @property {string | number} part Which part of the delivery the text is.
 * @property {string[]} [urls]
 * @property {number} [first] Which part of the delivery the first file is.
 * @property {boolean} [asVoice]
 */

export function outboundAdapter(host) {
  return {
    deliveryMode: "gateway",
    textChunkLimit: LONGEST,
    chunkerMode: "markdown",
    // One by one, OpenClaw would load a file only once those before it are sent, and leave half a message behind.
    sendPayloadGroupsMedia: true,
    deliveryCapabilities: { durableFinal: { text: true, media: true, payload: true, batch: true } },
    resolveTarget: ({ to }) => {
      const target = normalized(to);
      if (target) return { ok: true, to: target };
      return { ok: false, error: new Error(NO_TARGET) };
    },
    sendText: (ctx) => sends(host, ctx, { text: ctx.text, part: ctx.deliveryPartIndex ?? 0 }),
    sendMedia: (ctx) => {
      const { text, mediaUrl, audioAsVoice: asVoice, deliveryPartIndex: first } = ctx;
      return sends(host, ctx, { text, part: "text", urls: [mediaUrl], first, asVoice });
    },
    sendPayload: (ctx) => {
      const { payload } = ctx;
      return sends(host, ctx, { text: words(payload), part: "text", urls: filesOf(payload), asVoice: payload.audioAsVoice });
    },
  };
}

/**
 * Sends text, and after it files, each a message of its own, once all of them are there.
 *
 * @param {Said} said
 */
async function sends(host, ctx, said) {
  const { text, part, urls = [], first = 0, asVoice = false } = said;
  const { accountId } = host.account(ctx.cfg, ctx.accountId);
  running(accountId); // before anything is loaded
  const answers = saying(turnsOf(accountId), ctx);
  const { mediaLocalRoots, mediaReadFile, mediaAccess } = ctx;
  const load = { localRoots: mediaAccess?.localRoots ?? mediaLocalRoots, readFile: mediaAccess?.readFile ?? mediaReadFile };
  return withFiles(host, accountId, urls, load, async (attachments) => {
    const parts = attachments.map((attachment, index) => () => sendPart(accountId, ctx, first + index, { attachments: [attachment], asVoice }));
    if (text?.trim()) parts.unshift(() => sendText(accountId, ctx, part, text));
    let sent;
    for (const send of parts) {
      // Should the next one fail, OpenClaw knows what has arrived.
      if (sent) await ctx.onDeliveryResult?.(sent);
      await allowed(ctx);
      sent = delivered(await send());
      answers();
    }
    return sent ?? { channel: ID, messageId: "", outcome: "not_sent" };
  });
}

function sendText(accountId, ctx, part, text) {
  const awaited = awaiting(turnsOf(accountId), ctx);
  return awaited ? awaited.turn.answerLate(text, awaited.others) : sendPart(accountId, ctx, part, { text });
}

function sendPart(accountId, ctx, part, content) {
  const message = { key: key(ctx, part), target: normalized(ctx.to), ...content };
  return insist(slot(accountId), (channel) => channel.send(message));
}

/** What OpenClaw names when it repeats it after a restart has the key that it had before, and is sent once. */
function key({ deliveryQueueId }, part) {
  return deliveryQueueId ? `${deliveryQueueId}/${part}` : randomUUID();
}

/** Throws where OpenClaw wants nothing more to be sent: whoever groups parts has to ask before each. */
async function allowed({ signal, onPlatformSendDispatch, assertDirectAdapterHandoff }) {
  await onPlatformSendDispatch?.();
  signal?.throwIfAborted();
  assertDirectAdapterHandoff?.();
}

/** A receipt as OpenClaw wants to be told. */
function delivered({ parts }) {
  const failed = parts.find(({ outcome }) => outcome === "failed");
  if (failed && !parts.some(({ outcome }) => outcome !== "failed")) throw new Error("钉钉没有接收这条消息 (DingTalk did not take the message)");
  const ids = parts.map(({ id }) => id).filter(Boolean);
  return { channel: ID, messageId: ids[0] ?? "sent", timestamp: Date.now() };
}
