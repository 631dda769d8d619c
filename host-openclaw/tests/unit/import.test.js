// What another plugin was told, in this one's words.

import assert from "node:assert/strict";
import { test } from "node:test";
import { importSection, imported, shown, source } from "../../js/import.js";

/** A plugin that knows two foreign keys, wherever they stand. */
function resolve(section) {
  const diagnostics = [];
  const look = (holder, path) => {
    for (const [key, value] of Object.entries(holder)) {
      const at = path ? `${path}.${key}` : key;
      if (key === "mediaMaxMb") diagnostics.push({ path: at, message: "taken", extra: { code: "foreignKey", option: "maxFileSizeMB" } });
      if (key === "cardStreamInterval") diagnostics.push({ path: at, message: "taken", extra: { code: "foreignKey", option: "streaming.intervalMs" } });
      if (key === "messageType") diagnostics.push({ path: at, message: "taken", extra: { code: "foreignKey", option: "enableAICard", value: value === "card" } });
      if (key === "robotCode") diagnostics.push({ path: at, message: "not needed", extra: { code: "foreignKey" } });
      if (value && typeof value === "object") look(value, at);
    }
  };
  look(section, "");
  diagnostics.push({ path: "dmPolicy", message: "ours to complain of" });
  return { diagnostics };
}

function world(cfg) {
  const file = JSON.parse(JSON.stringify(cfg));
  const mutateConfigFile = async ({ mutate }) => mutate(file);
  return { file, plugin: () => ({ resolve }), api: { runtime: { config: { mutateConfigFile } } } };
}

/** A person who says `answer`. */
function person(answer) {
  const said = [];
  const confirm = async () => answer ?? Promise.reject(new Error("the input ended"));
  return { said, note: async (text, title = "") => void said.push(`${title} ${text}`), confirm, close() {} };
}

test("keys are renamed where they stand, also in accounts whose ids have dots", () => {
  const section = { mediaMaxMb: 20, robotCode: "x", accounts: { "a.b": { messageType: "markdown", cardStreamInterval: 900 } } };
  const { cfg, lines } = imported(world({}), { channels: { dingtalk: section } }, "dingtalk");
  assert.deepEqual(cfg.channels.dingtalk, {
    maxFileSizeMB: 20,
    accounts: { "a.b": { enableAICard: false, streaming: { intervalMs: 900 } } },
  });
  assert.equal(lines.length, 4);
  assert(lines.some((line) => line.includes("robotCode ✗ not needed")));
  assert.equal(section.mediaMaxMb, 20, "what came in stays as it was");
});

test("what is written in our words goes before", () => {
  const { cfg } = imported(world({}), { channels: { dingtalk: { mediaMaxMb: 20, maxFileSizeMB: 5 } } }, "dingtalk");
  assert.deepEqual(cfg.channels.dingtalk, { maxFileSizeMB: 5 });
});

test("another channel's section moves with its bindings, and is switched off", () => {
  const before = {
    channels: { "dingtalk-connector": { clientId: "ding1", mediaMaxMb: 20 }, telegram: {} },
    bindings: [
      { agentId: "work", match: { channel: "dingtalk-connector", accountId: "bot1" } },
      { agentId: "main", match: { channel: "telegram" } },
    ],
  };
  const { cfg } = imported(world({}), before, "dingtalk-connector");
  assert.deepEqual(cfg.channels, {
    "dingtalk-connector": { clientId: "ding1", mediaMaxMb: 20, enabled: false },
    telegram: {},
    dingtalk: { clientId: "ding1", maxFileSizeMB: 20 },
  });
  assert.deepEqual(cfg.bindings.map(({ match }) => match.channel), ["dingtalk", "telegram"]);
});

test("a section that is there already keeps its own words and its accounts", () => {
  const channels = {
    "dingtalk-connector": { clientId: "theirs", name: "Bot", accounts: { a: { clientId: "1" }, b: { clientId: "2" } } },
    dingtalk: { clientId: "ours", accounts: { a: { clientId: "3" } } },
  };
  const { cfg } = imported(world({}), { channels }, "dingtalk-connector");
  const accounts = { a: { clientId: "3" }, b: { clientId: "2" } };
  assert.deepEqual(cfg.channels.dingtalk, { clientId: "ours", name: "Bot", accounts });
});

test("nothing is written unless somebody agrees, and no secret is shown", async () => {
  const cfg = { channels: { dingtalk: { clientSecret: "hush", mediaMaxMb: 20 } } };
  for (const [options, answer, expected] of [
    [{}, false, 20],
    [{}, undefined, 20],
    [{}, true, undefined],
    [{ yes: true }, false, undefined],
  ]) {
    const host = world(cfg);
    const asked = person(answer);
    await importSection(host, cfg, options, asked);
    assert.equal(host.file.channels.dingtalk.mediaMaxMb, expected, JSON.stringify(options));
    assert(!asked.said.join().includes("hush"));
  }
  const told = { clientId: "ding1", clientSecret: "hush", accounts: { a: { proxy: "http://me:hush@proxy:1" } } };
  assert.deepEqual(JSON.parse(shown(told)), { clientId: "ding1", clientSecret: "…", accounts: { a: { proxy: "…" } } });
});

test("what is in our words already is left alone, and said to be", async () => {
  const host = world({ channels: { dingtalk: { clientId: "ding1" } } });
  for (const cfg of [host.file, {}]) {
    const asked = person(true);
    await importSection(host, cfg, { yes: true }, asked);
    assert.equal(asked.said.length, 1);
  }
  assert.deepEqual(host.file, { channels: { dingtalk: { clientId: "ding1" } } });
});

test("a channel of another name is looked at first, unless it is off", () => {
  assert.equal(source({ channels: { dingtalk: {}, "dingtalk-connector": {} } }), "dingtalk-connector");
  assert.equal(source({ channels: { dingtalk: {}, "dingtalk-connector": { enabled: false } } }), "dingtalk");
  assert.equal(source({ channels: { telegram: {} } }), undefined);
});
