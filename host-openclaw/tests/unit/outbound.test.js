// What OpenClaw sends by itself, with both sides played here.

import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { place, slot } from "../../js/accounts.js";
import { outboundAdapter } from "../../js/outbound.js";

/** An account that runs, with what its channel was asked to send. */
function world(context, { refuses = () => false } = {}) {
  const outbound = mkdtempSync(join(tmpdir(), "outbound-"));
  context.after(() => rmSync(outbound, { recursive: true }));
  const sent = [];
  const loadWebMedia = async (url) => {
    if (url === "missing") throw new Error("there is no such file");
    return { buffer: Buffer.from("x"), contentType: "image/png", fileName: url };
  };
  const host = {
    account: () => ({ accountId: "outbound" }),
    plugin: () => ({ places: () => ({ outbound }) }),
    stateRoot: () => "",
    api: { runtime: { media: { loadWebMedia } } },
  };
  const send = async (message) => {
    sent.push(message);
    return { parts: [{ id: `p${sent.length}`, outcome: refuses(message) ? "failed" : "delivered" }] };
  };
  place(slot("outbound"), { send }, {});
  const shown = () => sent.map(({ text, attachments }) => text ?? attachments[0].name);
  const asks = { cfg: {}, accountId: "outbound", to: "user:Lin1" };
  return { adapter: outboundAdapter(host), sent, shown, asks, left: () => readdirSync(outbound) };
}

const payload = { text: "Both:", mediaUrls: ["a.png", "b.png"] };

test("a payload of text and two files goes out in this order, each told as it arrives, and leaves no copy", async (context) => {
  const { adapter, asks, sent, shown, left } = world(context);
  const told = [];
  const last = await adapter.sendPayload({ ...asks, payload, onDeliveryResult: ({ messageId }) => void told.push(messageId) });
  assert.deepEqual([shown(), told, last.messageId, left()], [["Both:", "a.png", "b.png"], ["p1", "p2"], "p3", []]);
  assert.equal(new Set(sent.map(({ key }) => key)).size, 3, "none is taken for another");
  assert.ok(sent.every(({ target }) => target === "user:Lin1"));
});

test("nothing of a payload goes out while a file of it is missing", async (context) => {
  const { adapter, asks, sent, left } = world(context);
  const incomplete = { ...payload, mediaUrls: ["a.png", "missing"] };
  await assert.rejects(adapter.sendPayload({ ...asks, payload: incomplete }), /no such file/);
  assert.deepEqual([sent, left()], [[], []]);
});

test("what is repeated after a restart has the keys that it had, whole or one file after the other", async (context) => {
  const { adapter, asks, sent } = world(context);
  const queued = { ...asks, deliveryQueueId: "q" };
  await adapter.sendPayload({ ...queued, payload });
  await adapter.sendMedia({ ...queued, text: "Both:", mediaUrl: "a.png", deliveryPartIndex: 0 });
  await adapter.sendMedia({ ...queued, text: "", mediaUrl: "b.png", deliveryPartIndex: 1 });
  const keys = sent.map(({ key }) => key);
  assert.deepEqual(keys, ["q/text", "q/0", "q/1", "q/text", "q/0", "q/1"]);
});

test("a payload whose sender is stopped between two parts sends no more of it", async (context) => {
  const { adapter, asks, shown } = world(context);
  const stop = new AbortController();
  const onDeliveryResult = () => stop.abort();
  await assert.rejects(adapter.sendPayload({ ...asks, payload, signal: stop.signal, onDeliveryResult }), { name: "AbortError" });
  const assertDirectAdapterHandoff = () => assert.fail("somebody else's by now");
  await assert.rejects(adapter.sendText({ ...asks, text: "late", assertDirectAdapterHandoff }), /somebody else's/);
  assert.deepEqual(shown(), ["Both:"]);
});

test("a file that DingTalk refuses fails the payload, of which OpenClaw knows what has arrived", async (context) => {
  const { adapter, asks, shown } = world(context, { refuses: ({ attachments }) => attachments?.[0].name === "a.png" });
  const told = [];
  await assert.rejects(adapter.sendPayload({ ...asks, payload, onDeliveryResult: ({ messageId }) => void told.push(messageId) }), /DingTalk/);
  assert.deepEqual([shown(), told], [["Both:", "a.png"], ["p1"]]);
});

test("a recording is sent as a voice, and its words before it", async (context) => {
  const { adapter, asks, sent, shown } = world(context);
  await adapter.sendPayload({ ...asks, payload: { text: "Listen.", mediaUrl: "a.mp3", audioAsVoice: true } });
  await adapter.sendMedia({ ...asks, text: "Listen.", mediaUrl: "a.mp3", audioAsVoice: true });
  assert.deepEqual([shown(), sent[1].asVoice, sent[3].asVoice], [["Listen.", "a.mp3", "Listen.", "a.mp3"], true, true]);
});

test("a payload that says nothing to people of DingTalk's is not sent, and is told to be so", async (context) => {
  const { adapter, asks, sent } = world(context);
  const { messageId, outcome } = await adapter.sendPayload({ ...asks, payload: { channelData: { telegram: {} } } });
  assert.deepEqual([messageId, outcome, sent], ["", "not_sent", []]);
});

test("nothing is loaded for an account that does not run", async (context) => {
  const { adapter, asks, left } = world(context);
  place(slot("outbound"), undefined, undefined);
  await assert.rejects(adapter.sendPayload({ ...asks, payload: { mediaUrl: "missing" } }), /does not run/);
  assert.deepEqual(left(), []);
});
