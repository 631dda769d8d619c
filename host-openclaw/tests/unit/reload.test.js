// What a change of the section takes.

import assert from "node:assert/strict";
import { test } from "node:test";
import { directoryAdapter } from "../../js/directory.js";
import { follow, reloadRules } from "../../js/reload.js";
import { place, slot } from "../../js/accounts.js";

test("only what the plugin cannot take in restarts the channel", () => {
  const effects = { enableAICard: "live", clientSecret: "reconnect", clientId: "reopen", "inboundMedia.dir": "live" };
  const { configPrefixes, noopPrefixes } = reloadRules({ resolve: () => ({ effects }) });
  assert.deepEqual(configPrefixes, ["channels.dingtalk"]);
  assert.deepEqual(noopPrefixes, [
    "channels.dingtalk.enableAICard",
    "channels.dingtalk.accounts.*.enableAICard",
    "channels.dingtalk.clientSecret",
    "channels.dingtalk.accounts.*.clientSecret",
    "channels.dingtalk.inboundMedia.dir",
    "channels.dingtalk.accounts.*.inboundMedia.dir",
  ]);
});

test("the channel is told of each change once while its account is there, a failure is logged, and an end ends it", async () => {
  let section = { name: "a" };
  const stop = new AbortController();
  const [told, logged, changed] = [[], [], []];
  let heard = () => {};
  const reconfigure = async (config) => {
    told.push(config);
    if (config.name === "bad") throw new Error("it is bad");
    return "live";
  };
  const log = { info: (line) => (logged.push(line), heard()), warn: (line) => (logged.push(line), heard()) };
  const isThere = () => section.name !== "gone" || (heard(), false);
  const channel = () => ({ reconfigure });
  const account = { opened: section, section: () => section, isThere, channel, changed: () => changed.push(section), log, accountId: "bot" };
  const following = follow(account, stop.signal);
  for (const name of ["a", "bad", "gone", "b"]) {
    const line = new Promise((resolve) => (heard = resolve));
    section = { name };
    if (name !== "a") await line; // the first is the same, and nothing is said of it
  }
  stop.abort();
  await following;
  assert.deepEqual(told, [{ name: "bad" }, { name: "b" }]);
  assert.deepEqual([logged.length, changed], [2, [{ name: "b" }]]);
  assert.match(logged[0], /bot: .*it is bad/);
});

test("the directory has who was heard of, by name, and who is listed", async () => {
  const asked = [];
  const known = { direct: { id: "Lin1", name: "Lin" }, group: { id: "cidB", name: "Crew" } };
  const channel = { directory: async (query) => (asked.push(query), { entries: [known[query.kind]] }) };
  place(slot("listing"), channel, undefined);
  const settings = { allowFrom: ["*", "lin1", "mo2"], groups: { cidA: {} } };
  const host = { account: () => ({ accountId: "listing", settings }), log: {} };
  const directory = directoryAdapter(host);
  const people = await directory.listPeers({ cfg: {}, accountId: "listing", query: "", limit: 10 });
  assert.deepEqual(people.map(({ id, name }) => [id, name]), [["Lin1", "Lin"], ["mo2", undefined]]);
  const groups = await directory.listGroups({ cfg: {}, accountId: "listing", query: "cid", limit: undefined });
  assert.deepEqual(groups.map(({ id }) => id), ["cidB", "cidA"]);
  assert.deepEqual(asked.map(({ kind, text }) => [kind, text]), [["direct", ""], ["group", "cid"]]);
});
