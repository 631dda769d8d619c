// From the inbox to the end of an answer, with OpenClaw and both sides of the addon played here.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { slot as slotOf } from "../../js/accounts.js";
import { replyTransport } from "../../js/late.js";
import { outboundAdapter } from "../../js/outbound.js";
import { Reception } from "../../js/reception.js";

const conversation = { id: "cidA", kind: "direct", title: "" };

function message(id, fields = {}) {
  const sender = { id: "Lin1", name: "Lin", otherIds: [], isBot: false };
  return { id, conversation, thread: "", sender, text: `text of ${id}`, attachments: [], reply: `reply ${id}`, ...fields };
}

/** An account, with what its channel was asked for. */
function world(options = {}) {
  const { ingress = "dispatch", verdict = "admit", mayCommand = true, replayed = false, attempts = 0, answered = false } = options;
  const { dispatch, older } = options;
  const waiting = [];
  const contents = new Map();
  const finished = [];
  const shown = [];
  const sent = [];
  const ended = new Map();
  const inbox = {
    next: () => waiting.shift(),
    read: async (number) => contents.get(number),
    finish: (number) => {
      finished.push(contents.get(number).id);
      ended.get(number)?.();
    },
  };
  const channel = {
    streamUpdate: async (update) => {
      shown.push(update);
      return { parts: [{ id: "p", outcome: "delivered" }], answered };
    },
    send: async (outbound) => {
      sent.push(outbound);
      return { parts: [] };
    },
  };
  const judged = { admission: verdict, commandAuthorised: mayCommand, id: "Lin1", why: "because" };
  const due = new Set(["Lin1"]);
  const listeners = new Set();
  const doorman = { judge: () => judged, isDue: (id) => due.delete(id), takeBack: (id) => due.add(id) };
  const resolveStable = async () => ({ ingress: { admission: ingress, reasonCode: "r" }, commandAccess: { authorized: true } });
  const runtime = {
    routing: { resolveAgentRoute: ({ peer }) => ({ agentId: "main", sessionKey: `agent:main:${peer.id}`, accountId: "bot" }) },
    text: { hasControlCommand: () => false },
    reply: { formatAgentEnvelope: ({ body }) => body, resolveEnvelopeFormatOptions: () => ({}) },
    pairing: { readAllowFromStore: async () => [], upsertPairingRequest: async () => ({ code: "ABCD2345", created: true }) },
    inbound: { ingress: { resolveStable }, buildContext: (facts) => facts, dispatch },
  };
  if (older) {
    runtime.inbound = undefined;
    runtime.reply.finalizeInboundContext = (ctx) => ctx;
    runtime.reply.dispatchReplyWithBufferedBlockDispatcher = older;
  }
  const host = {
    channels: runtime,
    config: () => ({}),
    account: () => ({ accountId: "bot", settings: { dmPolicy: "open" } }),
    hearRuns: (heard) => (listeners.add(heard), () => listeners.delete(heard)),
    plugin: () => ({ doorman: () => doorman, describe: () => ({ extra: { ids: { prefixes: ["dingtalk:"] } } }) }),
  };
  const slot = { channel, inbox, turns: new Map(), waiting: new Set() };
  /** OpenClaw tells of a run in Lin's session. */
  const tells = (runId, data) => {
    for (const listener of listeners) listener({ runId, sessionKey: "agent:main:Lin1", data });
  };
  const reception = new Reception(host, { accountId: "bot", account: { settings: {} }, log: {} }, slot);
  const comes = (content) => {
    const number = contents.size + 1;
    contents.set(number, content);
    const end = new Promise((resolve) => ended.set(number, resolve));
    waiting.push({ number, id: content.id, conversation: content.conversation.id, thread: "", attempts, replayed });
    reception.inboxListener().waiting();
    return end;
  };
  reception.open();
  /** The account is opened anew, by code of its own. */
  const again = () => {
    const successor = new Reception(host, { accountId: "bot", account: { settings: {} }, log: {} }, slot);
    for (const [number, { id }] of contents) {
      const isLeft = !finished.includes(id);
      if (isLeft) waiting.push({ number, id, conversation: conversation.id, thread: "", attempts: 1, replayed: true });
    }
    successor.open();
  };
  return { comes, host, reception, finished, shown, sent, slot, again, tells, listeners };
}

/** Puts an account where what OpenClaw sends by itself finds it. */
function registered(own) {
  Object.assign(slotOf("bot"), own);
}

/** A dispatch that delivers `text` as its final. */
const says = (text) => async ({ delivery }) => {
  await delivery.deliver({ text }, { kind: "final" });
  return { dispatchResult: {} };
};

const phases = (shown) => shown.map(({ stream, phase, text }) => [stream, phase, text]);

test("a message is routed, admitted and answered on one stream, and then finished", async () => {
  const asked = [];
  const dispatch = async (parts) => {
    asked.push(parts.ctxPayload);
    return says("the answer")(parts);
  };
  const { comes, shown, finished } = world({ dispatch });
  await comes(message("m1"));
  assert.deepEqual(phases(shown).at(-1), ["bot/m1", "done", "the answer"]);
  assert.deepEqual(finished, ["m1"]);
  const [{ from, reply, message: told, conversation: where }] = asked;
  assert.deepEqual([from, reply.to, told.rawBody, where.id], ["dingtalk:Lin1", "user:Lin1", "text of m1", "cidA"]);
});

test("what DingTalk has understood of a voice is what is asked, and not listened to again", async () => {
  const asked = [];
  const dispatch = async (parts) => (asked.push(parts.ctxPayload), says("the answer")(parts));
  const { comes, slot } = world({ dispatch });
  slot.channel.fetch = async () => ({ path: "/voice.amr", mime: "audio/amr", name: "voice.amr", size: 9 });
  const attachments = [{ kind: "audio", transcript: "open the door", durationMs: 900 }];
  await comes(message("m1", { text: "", attachments }));
  const [{ message: told, media }] = asked;
  assert.deepEqual([told.rawBody, told.bodyForAgent, media[0].transcribed], ["open the door", "open the door", true]);
});

test("the next message of a conversation is dispatched once the one before is, and not after its answer", async () => {
  const order = [];
  let release;
  const held = new Promise((resolve) => (release = resolve));
  const dispatch = async (parts) => {
    order.push(parts.ctxPayload.messageId);
    if (order.length === 1) await held;
    else release();
    return says("x")(parts);
  };
  const { comes, finished } = world({ dispatch });
  await Promise.all([comes(message("m1")), comes(message("m2"))]);
  assert.deepEqual(order, ["m1", "m2"]);
  assert.equal(finished.length, 2);
});

test("a message that joins a running turn has no card of its own until it is answered", async () => {
  let first;
  let joined;
  const bothThere = new Promise((resolve) => (joined = resolve));
  const dispatch = async (parts) => {
    if (first) return joined(), { dispatchResult: { deferredToActiveRun: "steer" } };
    first = parts;
    await parts.delivery.deliver({ text: "one" }, { kind: "final" });
    await bothThere;
    await new Promise(setImmediate);
    return says("two")(parts);
  };
  const { comes, shown, finished } = world({ dispatch });
  await Promise.all([comes(message("m1")), comes(message("m2"))]);
  const last = shown.filter(({ phase }) => phase === "done").map(({ stream, text, reply }) => [stream, text, reply]);
  assert.deepEqual(last, [
    ["bot/m1", "one", "reply m1"],
    ["bot/m2", "two", "reply m2"],
  ]);
  assert.deepEqual(finished.sort(), ["m1", "m2"]);
});

/** A dispatch that puts all but the first message behind it, and tells of each as OpenClaw does. */
function queues() {
  const behind = new Map();
  const first = Promise.withResolvers();
  const dispatch = async ({ ctxPayload: { messageId }, replyOptions: { turnAdoptionLifecycle }, delivery }) => {
    if (messageId !== "m1") {
      turnAdoptionLifecycle.onDeferred();
      behind.set(messageId, turnAdoptionLifecycle);
      return { dispatchResult: { deferredToActiveRun: "followup" } };
    }
    await first.promise;
    return says("one")({ delivery });
  };
  return { dispatch, first, settled: (id) => behind.get(id).onSettled() };
}

/** Lets everything run that is due. */
async function rests() {
  for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
}

const sends = (host, replyToId, text, to = "user:Lin1") =>
  outboundAdapter(host).sendText({ cfg: {}, accountId: "bot", to, text, replyToId });

test("each message that waits behind a turn is answered on a card of its own when its answer comes", async () => {
  const { dispatch, first, settled } = queues();
  const { comes, host, slot, shown, sent, finished } = world({ dispatch });
  registered(slot);
  const ends = ["m1", "m2", "m3"].map((id) => comes(message(id)));
  await rests();
  first.resolve();
  await ends[0];
  await sends(host, "m2", "two");
  settled("m2");
  await ends[1];
  await sends(host, "m3", "three");
  settled("m3");
  await ends[2];
  const last = phases(shown).filter(([, phase]) => phase === "done");
  assert.deepEqual(last, [["bot/m1", "done", "one"], ["bot/m2", "done", "two"], ["bot/m3", "done", "three"]]);
  assert.deepEqual([sent, finished], [[], ["m1", "m2", "m3"]]);
});

test("what comes with an answer that OpenClaw gives later is sent after that", async (context) => {
  const { dispatch, first, settled } = queues();
  const { comes, host, slot, shown, sent } = world({ dispatch });
  registered(slot);
  const outbound = mkdtempSync(join(tmpdir(), "outbound-"));
  context.after(() => rmSync(outbound, { recursive: true }));
  const native = host.plugin();
  host.plugin = () => ({ ...native, places: () => ({ outbound }) });
  host.stateRoot = () => "";
  const loadWebMedia = async (url) => ({ buffer: Buffer.from("x"), contentType: "image/png", fileName: url });
  host.api = { runtime: { media: { loadWebMedia } } };
  const ends = ["m1", "m2"].map((id) => comes(message(id)));
  await rests();
  first.resolve();
  await ends[0];
  const payload = { text: "two", mediaUrls: ["a.png", "b.png"] };
  await outboundAdapter(host).sendPayload({ cfg: {}, accountId: "bot", to: "user:Lin1", payload, replyToId: "m2" });
  settled("m2");
  await ends[1];
  assert.deepEqual(ended(shown).at(-1), ["bot/m2", "done", "two"]);
  assert.deepEqual(sent.map(({ target, attachments }) => [target, attachments[0].name]), [["user:Lin1", "a.png"], ["user:Lin1", "b.png"]]);
});

test("an answer says in words what other platforms show as buttons", async () => {
  const buttons = [{ label: "Log in", action: { type: "command", command: "/login" } }];
  const dispatch = async ({ delivery }) => {
    await delivery.deliver({ text: "It has expired.", presentation: { blocks: [{ type: "buttons", buttons }] } }, { kind: "final" });
    return { dispatchResult: {} };
  };
  const { comes, shown } = world({ dispatch });
  await comes(message("m1"));
  assert.deepEqual(phases(shown).at(-1), ["bot/m1", "done", "It has expired.\n\n- Log in: `/login`"]);
});

test("what was collected behind a turn is answered once, on the card of the first, for all of them", async () => {
  const { dispatch, first, settled } = queues();
  const { comes, host, slot, shown, finished } = world({ dispatch });
  registered(slot);
  const ends = ["m1", "m2", "m3"].map((id) => comes(message(id)));
  await rests();
  first.resolve();
  await ends[0];
  await sends(host, "m3", "both");
  settled("m2");
  settled("m3");
  await Promise.all(ends);
  const last = shown.find(({ text }) => text === "both");
  assert.deepEqual([last.stream, last.extra], ["bot/m2", { alsoAnswers: ["m3"] }]);
  assert.ok(!shown.some(({ stream }) => stream === "bot/m3"), "the other has no card");
  assert.deepEqual(finished.toSorted(), ["m1", "m2", "m3"]);
});

test("an older OpenClaw names no message whose answer it gives later, and it is that whose turn it is", async () => {
  const behind = new Map();
  const first = Promise.withResolvers();
  const older = async ({ ctx: { MessageSid: id }, dispatcherOptions, replyOptions: { queuedFollowupLifecycle } }) => {
    if (id !== "m1") {
      queuedFollowupLifecycle.onEnqueued();
      behind.set(id, queuedFollowupLifecycle);
      return {};
    }
    await first.promise;
    await dispatcherOptions.deliver({ text: "one" }, { kind: "final" });
    return {};
  };
  const { comes, host, slot, shown, sent, finished } = world({ older });
  registered(slot);
  const ends = ["m1", "m2", "m3"].map((id) => comes(message(id)));
  await rests();
  await sends(host, undefined, "by a tool");
  first.resolve();
  await ends[0];
  for (const [id, text] of [["m2", "two"], ["m3", "three"]]) {
    await rests();
    await sends(host, undefined, text);
    behind.get(id).onComplete();
  }
  await Promise.all(ends);
  const last = shown.filter(({ phase }) => phase === "done").map(({ stream, text }) => [stream, text]);
  assert.deepEqual(last, [["bot/m1", "one"], ["bot/m2", "two"], ["bot/m3", "three"]]);
  assert.deepEqual([finished.sort(), sent.map(({ text }) => text)], [["m1", "m2", "m3"], ["by a tool"]]);
});

test("an older OpenClaw gives one final for what joined a turn, and each answer is seen", async () => {
  let joined;
  const isThere = new Promise((resolve) => (joined = resolve));
  const older = async ({ ctx: { MessageSid: id }, dispatcherOptions, replyOptions }) => {
    if (id !== "m1") return joined(), {};
    replyOptions.onAgentRunStart();
    replyOptions.onPartialReply({ text: "one" });
    await isThere;
    await rests();
    replyOptions.onAssistantMessageStart();
    replyOptions.onPartialReply({ text: "two" });
    await dispatcherOptions.deliver({ text: "two" }, { kind: "final" });
    return {};
  };
  const { comes, shown, finished } = world({ older });
  await Promise.all([comes(message("m1")), comes(message("m2"))]);
  const last = shown.filter(({ phase }) => phase === "done").map(({ stream, text }) => [stream, text]);
  assert.deepEqual(last, [["bot/m1", "one"], ["bot/m2", "two"]]);
  assert.deepEqual(finished.sort(), ["m1", "m2"]);
});

/** An older OpenClaw that drops m2, which interrupts m1, so many times; what it was asked. */
function dropping(times) {
  const interrupted = Promise.withResolvers();
  const asked = [];
  const older = async ({ ctx: { MessageSid: id }, dispatcherOptions, replyOptions }) => {
    asked.push(id);
    if (id !== "m1" && asked.length <= times + 1) return interrupted.resolve(), {};
    replyOptions.onAgentRunStart();
    replyOptions.onPartialReply({ text: id });
    if (id === "m1") await interrupted.promise.then(rests);
    else await dispatcherOptions.deliver({ text: "instead" }, { kind: "final" });
    return {};
  };
  return { older, asked };
}

/** Lets pauses pass until `end` settles. */
async function hurries(t, end) {
  const passing = setInterval(() => t.mock.timers.tick(1000));
  await end;
  clearInterval(passing);
}

test("what an older OpenClaw drops while it ends what was interrupted is asked again until it is taken", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  for (const times of [1, 2, 4]) {
    const { older, asked } = dropping(times);
    const { comes, shown, finished } = world({ older });
    await hurries(t, Promise.all([comes(message("m1")), comes(message("m2"))]));
    const ends = shown.filter(({ phase }) => phase !== "open").map(({ stream, phase, text }) => [stream, phase, text]);
    assert.deepEqual(ends, [["bot/m1", "cancelled", "m1"], ["bot/m2", "done", "instead"]]);
    const again = ["m2/again", "m2/again1", "m2/again2", "m2/again3"].slice(0, times);
    assert.deepEqual([asked, finished.sort()], [["m1", "m2", ...again], ["m1", "m2"]]);
  }
});

test("who asks what an older OpenClaw drops again and again is told", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const { older, asked } = dropping(Number.POSITIVE_INFINITY);
  const { comes, shown, finished } = world({ older });
  await hurries(t, Promise.all([comes(message("m1")), comes(message("m2"))]));
  assert.equal(asked.length, 6);
  assert.equal(shown.findLast(({ stream }) => stream === "bot/m2").phase, "failed");
  assert.deepEqual(finished.sort(), ["m1", "m2"]);
});

/** An older OpenClaw whose run of m1 goes on until it is interrupted, and that does with each other message what is said. */
function interrupted(others) {
  const m1 = Promise.withResolvers();
  const asked = [];
  const answers = (dispatcherOptions, replyOptions, text) => {
    replyOptions.onAgentRunStart();
    return dispatcherOptions.deliver({ text }, { kind: "final" });
  };
  const older = async ({ ctx: { MessageSid: id }, dispatcherOptions, replyOptions }) => {
    asked.push(id);
    if (id === "m1") {
      replyOptions.onAgentRunStart();
      replyOptions.onPartialReply({ text: id });
      replyOptions.abortSignal.addEventListener("abort", m1.resolve);
      await m1.promise.then(rests);
    } else await others({ id, replyOptions, ends: m1.resolve, answers: (text) => answers(dispatcherOptions, replyOptions, text) });
    return {};
  };
  return { older, asked };
}

const ended = (shown) => shown.filter(({ phase }) => phase !== "open").map(({ stream, phase, text }) => [stream, phase, text]);

test("of several that an older OpenClaw drops each is answered, though one waits for the other", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const { older } = interrupted(async ({ id, ends, answers }) => (id.includes("again") ? answers(`to ${id}`) : ends()));
  const { comes, shown, finished } = world({ older });
  await hurries(t, Promise.all([comes(message("m1")), comes(message("m2")), comes(message("m3"))]));
  assert.deepEqual(ended(shown), [["bot/m1", "cancelled", "m1"], ["bot/m2", "done", "to m2/again"], ["bot/m3", "done", "to m3/again"]]);
  assert.deepEqual(finished.sort(), ["m1", "m2", "m3"]);
});

test("what is written after a stop and dropped by an older OpenClaw is asked again, and nothing that had joined before", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  for (const [isStoppedBefore, answers] of [[true, [["bot/m2", "done", "to m2/again"]]], [false, []]]) {
    const { older } = interrupted(async ({ id, answers }) => (id.includes("again") ? answers(`to ${id}`) : undefined));
    const { comes, reception, shown } = world({ older });
    const stops = () => [...reception.slot.turns.values()].find((turn) => turn.message.id === "m1").stop();
    comes(message("m1"));
    await rests();
    if (isStoppedBefore) stops();
    const second = comes(message("m2"));
    await rests();
    if (!isStoppedBefore) stops();
    await hurries(t, second);
    assert.deepEqual(ended(shown).filter(([stream]) => stream === "bot/m2"), answers);
  }
});

test("what an older OpenClaw queues when it is asked again has its answer on its card", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const { older, asked } = interrupted(async ({ id, ends, replyOptions: { queuedFollowupLifecycle: followup } }) => {
    if (id !== "m2/again") return ends();
    followup.onEnqueued();
    setImmediate(() => sends(host, "m2/again", "later", "user:Lin1").then(followup.onComplete));
  });
  const { comes, host, slot, shown, sent, finished } = world({ older });
  registered(slot);
  await hurries(t, Promise.all([comes(message("m1")), comes(message("m2"))]));
  assert.deepEqual(ended(shown), [["bot/m1", "cancelled", "m1"], ["bot/m2", "done", "later"]]);
  assert.deepEqual([asked, sent, finished.sort()], [["m1", "m2", "m2/again"], [], ["m1", "m2"]]);
});

/** An older OpenClaw that says nothing of m2, whose run of m1 sends something by a tool, and then has no word more. */
async function byTool(t, { to = "user:Lin1", isBefore = false } = {}) {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const asked = [];
  const runs = Promise.withResolvers();
  const over = Promise.withResolvers();
  const older = async ({ ctx: { MessageSid: id }, dispatcherOptions, replyOptions }) => {
    asked.push(id);
    if (id === "m2") return {};
    replyOptions.onAgentRunStart();
    runs.resolve();
    if (id === "m1") await over.promise;
    else await dispatcherOptions.deliver({ text: "answered" }, { kind: "final" });
    return {};
  };
  const { comes, host, slot, shown, sent, finished } = world({ older });
  registered(slot);
  const tool = () => sends(host, undefined, "by a tool", to);
  const first = comes(message("m1"));
  await runs.promise;
  if (isBefore) await tool();
  const second = comes(message("m2"));
  await rests();
  if (!isBefore) await tool();
  over.resolve();
  await hurries(t, Promise.all([first, second]));
  t.mock.timers.reset();
  assert.deepEqual([sent.map(({ text }) => text), finished.toSorted()], [["by a tool"], ["m1", "m2"]]);
  return { asked, answers: ended(shown).filter(([, , text]) => text) };
}

test("what joined a turn of an older OpenClaw that then answers by a tool is not asked again", async (t) => {
  assert.deepEqual(await byTool(t), { asked: ["m1", "m2"], answers: [] });
});

test("what is sent elsewhere by a tool, or before a message came, is no answer to that", async (t) => {
  for (const sending of [{ to: "user:Mo1" }, { to: "group:cidA" }, { isBefore: true }]) {
    const { asked, answers } = await byTool(t, sending);
    assert.deepEqual([asked, answers], [["m1", "m2", "m2/again"], [["bot/m2", "done", "answered"]]]);
  }
});

test("what OpenClaw ignores while a turn runs has not joined it, where OpenClaw says what has", async () => {
  const over = Promise.withResolvers();
  const dispatch = async ({ ctxPayload: { messageId: id }, delivery, replyOptions }) => {
    if (id === "m2") return over.resolve(), { dispatchResult: {} };
    replyOptions.onAgentRunStart();
    replyOptions.onPartialReply({ text: "one" });
    await over.promise.then(rests);
    replyOptions.onAssistantMessageStart();
    replyOptions.onPartialReply({ text: "two" });
    await delivery.deliver({ text: "two" }, { kind: "final" });
    return { dispatchResult: {} };
  };
  const { comes, shown, finished } = world({ dispatch });
  await Promise.all([comes(message("m1")), comes(message("m2"))]);
  assert.deepEqual(ended(shown), [["bot/m1", "done", "two"]]);
  assert.deepEqual(finished.sort(), ["m1", "m2"]);
});

test("an answer that OpenClaw resumes after a crash is shown on the card of its message", async () => {
  const dispatch = async () => ({ dispatchResult: { queuedFinal: false } });
  const { comes, host, slot, shown, sent, finished } = world({ dispatch, replayed: true });
  registered(slot);
  const end = comes(message("m1"));
  await rests();
  const { replyToId } = replyTransport({ cfg: {}, accountId: "bot" });
  await sends(host, replyToId, "news for another", "user:Mo1");
  await sends(host, replyTransport({ replyToId: undefined }).replyToId, "a reminder");
  await sends(host, replyToId, "the answer");
  await end;
  assert.deepEqual(phases(shown).at(-1), ["bot/m1", "done", "the answer"]);
  assert.deepEqual([sent.map(({ text }) => text), finished], [["news for another", "a reminder"], ["m1"]]);
});

/** A dispatch that is broken off in mid-answer, so that OpenClaw goes on with it once it has started again. */
const brokenOff = (tells) => async ({ replyOptions }) => {
  replyOptions.onAgentRunStart("run 1");
  replyOptions.onPartialReply({ text: "So far" });
  tells()("run 1", { phase: "end", aborted: true, stopReason: "restart" });
  return { dispatchResult: {} };
};

test("what OpenClaw breaks off to go on with when it starts again keeps its card open and is left to the next process", async () => {
  let told;
  const { comes, reception, shown, finished, slot, tells } = world({ dispatch: brokenOff(() => told) });
  told = tells;
  comes(message("m1"));
  await rests();
  assert.deepEqual([phases(shown), finished, slot.turns.size], [[["bot/m1", "open", "So far"]], [], 0]);
  assert.ok(reception.hasInterrupted);
});

/** A run of which OpenClaw tells what became of it only once its dispatch has come to `outcome`. */
async function toldLate(t, outcome) {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const dispatch = async ({ replyOptions }) => {
    replyOptions.onAgentRunStart("run 1");
    replyOptions.onPartialReply({ text: "So far" });
    return outcome();
  };
  const there = world({ dispatch });
  const end = there.comes(message("m1"));
  await rests();
  assert.deepEqual(phases(there.shown), [["bot/m1", "open", "So far"]], "it is not known yet whether more comes");
  return { ...there, end };
}

for (const [how, outcome] of [
  ["ended", () => ({ dispatchResult: {} })],
  ["failed", () => Promise.reject(new Error("aborted"))],
]) {
  test(`what is told to be broken off after its dispatch has ${how} keeps its card open, too`, async (t) => {
    const { tells, shown, finished, slot } = await toldLate(t, outcome);
    t.mock.timers.tick(1500);
    tells("run 1", { phase: "end", aborted: true, stopReason: "restart" });
    await rests();
    assert.deepEqual([phases(shown).at(-1), finished, slot.turns.size], [["bot/m1", "open", "So far"], [], 0]);
  });
}

test("a run that has said no final word ends its card once its end is told, or two seconds later", async (t) => {
  const told = await toldLate(t, () => ({}));
  told.tells("another", { phase: "end", aborted: true, stopReason: "restart" });
  await rests();
  assert.deepEqual(told.finished, [], "that was another");
  told.tells("run 1", { phase: "end" });
  await told.end;
  assert.equal(told.shown.at(-1).phase, "cancelled");

  t.mock.timers.reset();
  const untold = await toldLate(t, () => ({}));
  t.mock.timers.tick(1999);
  await rests();
  assert.deepEqual(untold.finished, []);
  t.mock.timers.tick(1);
  await untold.end;
  assert.equal(untold.shown.at(-1).phase, "cancelled");
});

test("whoever stops an answer waits for nothing more to be told of it", async () => {
  const dispatch = ({ replyOptions: { abortSignal, onAgentRunStart } }) => {
    onAgentRunStart("run 1");
    return new Promise((resolve) => abortSignal.addEventListener("abort", () => resolve({ dispatchResult: {} })));
  };
  const { comes, reception, shown } = world({ dispatch });
  const end = comes(message("m1"));
  await rests();
  reception.listener(() => {}).action({ kind: "stop", turn: "m1", actor: { id: "Lin1" } });
  await rests();
  assert.equal(shown.at(-1).phase, "cancelled");
  await end;
});

test("what goes on in the process that has broken it off is newer than all that was shown", async () => {
  let told;
  const { comes, reception, shown, slot, again, tells } = world({ dispatch: brokenOff(() => told) });
  told = tells;
  comes(message("m1"));
  await rests();
  reception.close();
  again();
  await rests();
  const [before, after] = [shown[0], shown.at(-1)];
  assert.deepEqual([before.stream, after.stream, slot.turns.size], ["bot/m1", "bot/m1", 0]);
  assert.ok(shown.length > 1 && after.seq > before.seq + 1_000_000, `${before.seq} ${after.seq}`);
});

test("what joined a turn that was broken off is left to the next process with it", async () => {
  const joined = Promise.withResolvers();
  let told;
  const dispatch = async (parts) => {
    if (parts.ctxPayload.messageId === "m2") return joined.resolve(), { dispatchResult: { deferredToActiveRun: "steer" } };
    await joined.promise;
    await rests();
    return brokenOff(() => told)(parts);
  };
  const { comes, finished, slot, tells } = world({ dispatch });
  told = tells;
  comes(message("m1"));
  comes(message("m2"));
  await joined.promise;
  while (slot.turns.size) await rests();
  assert.deepEqual(finished, []);
});

test("a run that is broken off after it has said that it is leaves nothing to the next process", async () => {
  let told;
  const dispatch = async (parts) => {
    await brokenOff(() => told)(parts);
    return says("Please try again.")(parts);
  };
  const { comes, shown, finished, tells } = world({ dispatch });
  told = tells;
  await comes(message("m1"));
  assert.deepEqual([phases(shown).at(-1), finished], [["bot/m1", "done", "Please try again."], ["m1"]]);
});

/** A message whose answer OpenClaw resumes by itself, with what OpenClaw is given to run. */
async function resumed() {
  const ordered = [];
  const dispatch = async () => ({ dispatchResult: { queuedFinal: false } });
  const there = world({ dispatch, replayed: true });
  there.host.channels.reply.finalizeInboundContext = (ctx) => ctx;
  there.host.channels.reply.dispatchReplyWithBufferedBlockDispatcher = async ({ ctx }) => ordered.push(ctx);
  const end = there.comes(message("m1"));
  await rests();
  return { ...there, ordered, end };
}

test("a resumed run that ends without an answer is awaited for a while, and its card then ends", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const { tells, end, shown, finished } = await resumed();
  tells("another", { phase: "end" });
  tells("resumed", { phase: "start" });
  t.mock.timers.tick(60_000);
  await rests();
  assert.deepEqual(finished, [], "it is still at work");
  tells("resumed", { phase: "end" });
  t.mock.timers.tick(29_000);
  await rests();
  assert.deepEqual(finished, [], "its answer may be on its way");
  t.mock.timers.tick(1000);
  await end;
  assert.deepEqual([phases(shown).at(-1), finished], [["bot/m1", "done", ""], ["m1"]]);
});

test("the button on the card of a resumed run stops that in its session", async () => {
  const { reception, end, ordered, shown, tells } = await resumed();
  reception.listener(() => {}).action({ kind: "stop", turn: "m1", actor: { id: "Lin1" } });
  await rests();
  assert.equal(shown.at(-1).phase, "cancelled");
  tells("resumed", { phase: "end", aborted: true, stopReason: "aborted" });
  await end;
  assert.equal(ordered.length, 1);
  const [{ CommandBody, SessionKey, SenderId, CommandAuthorized, MessageSid }] = ordered;
  assert.deepEqual([CommandBody, SessionKey, SenderId, CommandAuthorized], ["/stop", "agent:main:Lin1", "Lin1", true]);
  assert.notEqual(MessageSid, "m1", "it is no duplicate");
});

test("what OpenClaw resumes only after its card was stopped is stopped as it begins, and says nothing", async () => {
  const { reception, host, slot, end, ordered, shown, sent, tells } = await resumed();
  registered(slot);
  reception.listener(() => {}).action({ kind: "stop", turn: "m1", actor: { id: "Lin1" } });
  await rests();
  tells("resumed", { phase: "start" });
  await sends(host, replyTransport({ cfg: {}, accountId: "bot" }).replyToId, "the answer");
  tells("resumed", { phase: "end" });
  await end;
  const orders = new Set(ordered.map(({ MessageSid }) => MessageSid));
  assert.deepEqual([orders.size, shown.at(-1).phase, sent], [2, "cancelled", []], "the second is no duplicate");
});

test("a resumed run that somebody stops by a word is stopped on its card, too", async () => {
  const { tells, end, shown, ordered } = await resumed();
  tells("resumed", { phase: "end", aborted: true, stopReason: "aborted" });
  await end;
  assert.deepEqual([shown.at(-1).phase, ordered], ["cancelled", []]);
});

test("an account that is closed hears no more of runs", () => {
  const { reception, listeners } = world({});
  assert.equal(listeners.size, 1);
  reception.close();
  assert.equal(listeners.size, 0);
});

test("a turn of which OpenClaw says nothing for hours is given up, and answered all the same if it does later", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout", "Date"] });
  let parts;
  const dispatch = (given) => ((parts = given), new Promise(() => {}));
  const { comes, shown, finished } = world({ dispatch });
  const end = comes(message("m1"));
  await rests();
  t.mock.timers.tick(3600_000);
  parts.replyOptions.onPartialReply({ text: "Slowly" });
  t.mock.timers.tick(3600_000);
  await rests();
  assert.deepEqual(finished, [], "it was heard of");
  t.mock.timers.tick(3600_000);
  await end;
  assert.deepEqual(phases(shown).at(-1), ["bot/m1", "failed", "Slowly"]);
  await parts.delivery.deliver({ text: "After all." }, { kind: "final" });
  assert.deepEqual(phases(shown).at(-1), ["bot/m1/2", "done", "After all."]);
});

test("a host that does not say who may write holds up nobody else of the conversation for long", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const { comes, host, finished, sent } = world({ dispatch: says("x") });
  const { resolveStable } = host.channels.inbound.ingress;
  host.channels.inbound.ingress.resolveStable = () => new Promise(() => {});
  const first = comes(message("m1"));
  const second = comes(message("m2"));
  await rests();
  host.channels.inbound.ingress.resolveStable = resolveStable;
  t.mock.timers.tick(60_000);
  await Promise.all([first, second]);
  assert.deepEqual([finished, sent.map(({ notice }) => notice.kind)], [["m1", "m2"], ["failed"]]);
});

test("what a model thinks is shown while it does, where OpenClaw hands it on, and is no part of the answer", async () => {
  const dispatch = async ({ replyOptions, delivery }) => {
    replyOptions.onReasoningStream({ text: "Is it\nraining?" });
    await rests();
    replyOptions.onReasoningEnd();
    await rests();
    await delivery.deliver({ text: "Thinking\n\n_Is it raining?_", isReasoning: true }, { kind: "final" });
    return says("It is.")({ delivery });
  };
  const { comes, shown, sent } = world({ dispatch });
  await comes(message("m1"));
  assert.deepEqual(shown.map(({ status, text }) => status || text), ["💭 Is it raining?", "", "It is."]);
  assert.deepEqual(sent.map(({ text }) => text), ["Thinking\n\n_Is it raining?_"]);
});

test("a message that DingTalk withholds is no turn, and its author is told why", async () => {
  let turns = 0;
  const { comes, sent, shown, finished } = world({ dispatch: () => turns++ });
  const extra = { notice: { kind: "overQuota", params: {} } };
  await comes(message("m1", { text: "", event: "withheld", extra }));
  await comes(message("m2", { text: "", event: "withheld" }));
  assert.deepEqual([turns, shown], [0, []]);
  assert.deepEqual(sent.map(({ notice, reply }) => [notice, reply]), [[extra.notice, "reply m1"]]);
  assert.deepEqual(finished, ["m1", "m2"]);
});

test("whoever may not write is told so once, and nothing of theirs is answered", async () => {
  const { comes, sent, shown, finished } = world({ ingress: "drop" });
  await comes(message("m1"));
  await comes(message("m2"));
  assert.deepEqual(sent.map(({ notice }) => notice), [{ kind: "denied", params: { id: "Lin1", isGroup: false } }]);
  assert.deepEqual([shown, finished], [[], ["m1", "m2"]]);
});

test("a message that is not to be answered gets no card, also when it comes again after a restart", async () => {
  const direct = ["drop", "pairing-required", "skip"].map((ingress) => [{ ingress }, {}]);
  const group = { conversation: { id: "cidGroup", kind: "group", title: "Crew" } };
  const grouped = ["deny", "ignore"].map((verdict) => [{ verdict }, group]);
  const withheld = [{}, { text: "", event: "withheld", extra: { notice: { kind: "overQuota", params: {} } } }];
  for (const [options, fields] of [...direct, ...grouped, withheld]) {
    const { comes, shown, finished } = world({ ...options, replayed: true, dispatch: () => assert.fail("it ran") });
    await comes(message("m1", fields));
    assert.deepEqual([shown, finished], [[], ["m1"]], JSON.stringify(options));
  }
});

test("an answer that could not be shown is shown when its turn ends", async () => {
  const failure = Object.assign(new Error("the connection broke"), { code: "network" });
  const dispatch = async (parts) => {
    await assert.rejects(parts.delivery.deliver({ text: "the answer" }, { kind: "final" }), failure);
    return { dispatchResult: {} };
  };
  const { comes, slot, shown, finished } = world({ dispatch });
  const { streamUpdate } = slot.channel;
  slot.channel.streamUpdate = async (update) => {
    if (update.phase === "open") return streamUpdate(update);
    slot.channel.streamUpdate = streamUpdate;
    throw failure;
  };
  await comes(message("m1"));
  assert.deepEqual(phases(shown).at(-1), ["bot/m1", "done", "the answer"]);
  assert.deepEqual(finished, ["m1"]);
});

test("in a group orders count of whom the channel's own rules name, though OpenClaw is told that everybody may write", async () => {
  for (const mayCommand of [true, false]) {
    const asked = [];
    const dispatch = async ({ ctxPayload }) => (asked.push(ctxPayload), { dispatchResult: {} });
    const { comes } = world({ dispatch, mayCommand });
    await comes(message("m1", { conversation: { id: "cidGroup", kind: "group", title: "Crew" } }));
    assert.deepEqual(asked.map(({ access }) => access.commands), [{ authorized: mayCommand }]);
  }
});

test("somebody new is told the code by which the owner lets them in", async () => {
  const { comes, sent, slot } = world({ ingress: "pairing-required" });
  await comes(message("m1"));
  assert.deepEqual(sent[0].notice, { kind: "pairing", params: { code: "ABCD2345", id: "Lin1" } });
  assert.deepEqual([...slot.applicants.keys()], ["Lin1"]);
});

test("an answer that an earlier process gave to its end is not given again", async () => {
  const { comes, finished } = world({ replayed: true, answered: true, dispatch: () => assert.fail("it ran again") });
  await comes(message("m1"));
  assert.deepEqual(finished, ["m1"]);
});

test("a message that processes died of is given up, and its author hears of it", async () => {
  const { comes, sent, finished } = world({ replayed: true, attempts: 3, dispatch: () => assert.fail("it ran again") });
  await comes(message("m1"));
  assert.deepEqual([sent[0].notice.kind, finished], ["failed", ["m1"]]);
});

test("a dispatch that fails is told on its card, and by nothing else", async () => {
  const { comes, shown, sent, finished } = world({ dispatch: () => Promise.reject(new Error("no agent")) });
  await comes(message("m1"));
  assert.deepEqual([phases(shown).at(-1), sent, finished], [["bot/m1", "failed", ""], [], ["m1"]]);
});

test("a failure before the dispatch leaves no card open either", async () => {
  const { comes, shown, finished } = world({ dispatch: () => assert.fail("it was dispatched") });
  await comes(message("m1", { attachments: undefined }));
  assert.deepEqual([shown.at(-1).phase, finished], ["failed", ["m1"]]);
});

test("who is answered by nothing at all is told so", async () => {
  const { comes, sent, finished } = world({});
  await comes(message("m1", { sender: undefined }));
  assert.deepEqual([sent[0].notice.kind, finished], ["failed", ["m1"]]);
});

test("only who asked stops an answer", async () => {
  let stopped;
  const dispatch = ({ replyOptions: { abortSignal, onPartialReply } }) =>
    new Promise((resolve) => {
      onPartialReply({ text: "So far" });
      abortSignal.addEventListener("abort", () => resolve({ dispatchResult: {} }));
      stopped();
    });
  const runs = new Promise((resolve) => (stopped = resolve));
  const { comes, reception, shown } = world({ dispatch });
  const end = comes(message("m1"));
  await runs;
  const press = (id) => reception.listener(() => {}).action({ kind: "stop", turn: "m1", actor: { id } });
  assert.deepEqual([press("Mo1"), press("Lin1")], [{ accepted: false }, { accepted: true }]);
  await end;
  assert.deepEqual(phases(shown).at(-1), ["bot/m1", "cancelled", "So far"]);
});

test("the button on the card of a message that joined stops the turn that it joined", async () => {
  let signal;
  const dispatch = ({ ctxPayload, replyOptions }) => {
    if (ctxPayload.messageId === "m2") return { dispatchResult: { deferredToActiveRun: "steer" } };
    signal = replyOptions.abortSignal;
    return new Promise((resolve) => signal.addEventListener("abort", () => resolve({ dispatchResult: {} })));
  };
  const { comes, reception } = world({ dispatch });
  const ends = [comes(message("m1")), comes(message("m2"))];
  await rests();
  reception.listener(() => {}).action({ kind: "stop", turn: "m2", actor: { id: "Lin1" } });
  await Promise.all(ends);
  assert.ok(signal.aborted);
});

test("what has not been dispatched when the account stops is left to the next one", async () => {
  const { comes, reception, finished, slot } = world({ dispatch: says("x") });
  reception.close();
  void comes(message("m1"));
  await new Promise(setImmediate);
  assert.deepEqual([finished, slot.turns.size], [[], 0]);
});

test("an account that is opened anew in mid-answer runs nothing twice and leaves nothing out", async () => {
  const order = [];
  let release;
  const held = new Promise((resolve) => (release = resolve));
  const began = Promise.withResolvers();
  const dispatch = async (parts) => {
    order.push(parts.ctxPayload.messageId);
    began.resolve();
    if (order.length === 1) await held;
    return says("x")(parts);
  };
  const { comes, reception, finished, again } = world({ dispatch });
  const first = comes(message("m1"));
  await began.promise;
  reception.close();
  again();
  const second = comes(message("m2"));
  release();
  await first;
  again();
  await second;
  assert.deepEqual([order, finished], [["m1", "m2"], ["m1", "m2"]]);
});

test("what is read while its account stops is left to the successor", async () => {
  const { comes, reception, slot, shown, finished } = world({ dispatch: async () => ({}) });
  const read = Promise.withResolvers();
  const reading = Promise.withResolvers();
  slot.inbox.read = () => (reading.resolve(), read.promise);
  comes(message("m1"));
  const [turn] = slot.turns.values();
  await reading.promise;
  reception.close();
  read.resolve(message("m1"));
  assert.equal(await turn.ended, false);
  assert.deepEqual([shown, finished, slot.turns.size], [[], [], 0]);
});
