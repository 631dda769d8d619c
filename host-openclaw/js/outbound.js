// What OpenClaw sends by itself, without a question: from its tools, its timers and its commands.
//
// The gateway sends it, also for the commands, so that one process alone speaks for an account.

import { running, turnsOf } from "./accounts.js";
import { sendFiles } from "./files.js";
import { ID } from "./host.js";
import { awaiting } from "./late.js";
import { normalized } from "./messaging.js";

/** How much text one call may bring; the plugin cuts it as each surface needs. */
const LONGEST = 20_000;
const NO_TARGET =
  "请写明发给谁：user:<员工 userId> 或 group:<会话 ID> (DingTalk needs a target: user:<staffId> or group:<openConversationId>)";

export function outboundAdapter(host) {
  return {
    deliveryMode: "gateway",
    textChunkLimit: LONGEST,
    chunkerMode: "markdown",
    resolveTarget: ({ to }) => {
      const target = normalized(to);
      if (target) return { ok: true, to: target };
      return { ok: false, error: new Error(NO_TARGET) };
    },
    sendText: async (ctx) => delivered([await sendText(host, ctx)]),
    sendMedia: async (ctx) => delivered(await sendMedia(host, ctx)),
  };
}

function idOf(host, { cfg, accountId }) {
  return host.account(cfg, accountId).accountId;
}

function sendText(host, ctx) {
  const accountId = idOf(host, ctx);
  const awaited = awaiting(turnsOf(accountId), ctx);
  if (awaited) return awaited.turn.answerLate(ctx.text, awaited.others);
  return running(accountId).send({ key: key(ctx), target: normalized(ctx.to), text: ctx.text });
}

async function sendMedia(host, ctx) {
  const { mediaUrl, audioAsVoice, mediaLocalRoots, mediaReadFile, mediaAccess } = ctx;
  const load = { localRoots: mediaAccess?.localRoots ?? mediaLocalRoots, readFile: mediaAccess?.readFile ?? mediaReadFile };
  const target = { key: key(ctx), target: normalized(ctx.to) };
  running(idOf(host, ctx)); // before anything is loaded
  const files = await sendFiles(host, idOf(host, ctx), target, { urls: [mediaUrl], asVoice: audioAsVoice, load });
  return ctx.text?.trim() ? [await sendText(host, { ...ctx, deliveryPartIndex: "text" }), ...files] : files;
}

/** What OpenClaw repeats after a restart has the key that it had before, and is sent once. */
function key({ deliveryQueueId, deliveryPartIndex = 0 }) {
  return deliveryQueueId ? `${deliveryQueueId}/${deliveryPartIndex}` : "";
}

/** Receipts as OpenClaw wants to be told. */
function delivered(receipts) {
  const parts = receipts.flatMap((receipt) => receipt.parts);
  const failed = parts.find(({ outcome }) => outcome === "failed");
  if (failed && !parts.some(({ outcome }) => outcome !== "failed")) throw new Error("钉钉没有接收这条消息 (DingTalk did not take the message)");
  const ids = parts.map(({ id }) => id).filter(Boolean);
  return { channel: ID, messageId: ids[0] ?? "sent", timestamp: Date.now() };
}
