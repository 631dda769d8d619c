// What is said of a configuration.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { once, sharesSession } from "../../js/advice.js";
import { doctorAdapter } from "../../js/doctor.js";
import { hasCommand, neighbours, quarrel, warnAtInstall } from "../../js/neighbours.js";
import { securityAdapter } from "../../js/security.js";

const account = (settings, accountId = "bot") => ({ accountId, settings });

test("people share a session by OpenClaw's default, unless there is one of them or the scope says otherwise", () => {
  const open = account({ dmPolicy: "open" });
  assert.equal(sharesSession({}, open), true);
  assert.equal(sharesSession({}, account({ dmPolicy: "allowlist", allowFrom: ["one", "two"] })), true);
  assert.equal(sharesSession({}, account({ dmPolicy: "pairing", allowFrom: [] })), true);
  assert.equal(sharesSession({}, account({ dmPolicy: "allowlist", allowFrom: ["one"] })), false);
  assert.equal(sharesSession({}, account({ dmPolicy: "disabled" })), false);
  assert.equal(sharesSession({ session: { dmScope: "per-channel-peer" } }, open), false);
  const bound = (match) => ({ bindings: [{ match: { channel: "dingtalk", ...match }, session: { dmScope: "per-peer" } }] });
  assert.equal(sharesSession(bound({}), open), false);
  assert.equal(sharesSession(bound({ accountId: "bot" }), open), false);
  assert.equal(sharesSession(bound({ accountId: "other" }), open), true);
  assert.equal(sharesSession(bound({ peer: { kind: "direct", id: "one" } }), open), true);
});

test("doctor and audit say it with the command, each thing once for all accounts", () => {
  const host = {
    account: (cfg, id) => account({ dmPolicy: "open", clientId: "dingA" }, id),
    section: (cfg) => cfg.channels?.dingtalk ?? { accounts: { bot: {} } },
    plugin: () => ({ describe: () => ({}) }),
    resolve: () => ({ accounts: [{ id: "bot", enabled: true, configured: true }] }),
  };
  const security = securityAdapter(host);
  const params = { cfg: {}, accountId: "bot", account: undefined };
  const [shared, rivals] = security.collectWarnings(params);
  assert.match(shared.remediation, /session\.dmScope per-channel-peer/);
  assert.match(rivals.detail, /hosted/);
  // As older releases take them.
  assert.match(`${shared}`, /^- .*session\.dmScope per-channel-peer/);
  assert.match(rivals.trim(), /^- .*one gateway for each/);
  assert.deepEqual(Object.keys(structuredClone(rivals)), ["checkId", "severity", "title", "detail", "remediation"]);
  assert.deepEqual(security.collectWarnings({ ...params, accountId: "other" }), [shared, rivals]);
  const { policyPath, allowFromPath } = security.resolveDmPolicy({ ...params, cfg: { channels: {} } });
  assert.deepEqual([policyPath, allowFromPath], ["channels.dingtalk.accounts.bot.dmPolicy", "channels.dingtalk.accounts.bot."]);
});

test("a secret that is written out is named by its place, by what is written and not by what OpenClaw made of it", () => {
  const security = securityAdapter({ section: (cfg) => cfg.channels.dingtalk });
  const found = (section) => security.collectAuditFindings({ cfg: { channels: { dingtalk: { clientSecret: "resolved" } } }, sourceConfig: { channels: { dingtalk: section } } });
  assert.equal(found({ clientSecret: "s3cret" })[0].detail, "channels.dingtalk.clientSecret");
  assert.equal(found({ accounts: { bot: { clientSecret: "s3cret" } } })[0].detail, "channels.dingtalk.accounts.bot.clientSecret");
  assert.deepEqual(found({ clientSecret: "${SECRET}" }), []);
  assert.deepEqual(found({ clientSecret: { source: "store", id: "SECRET" } }), []);
});

test("a sentence is in the log once, whoever says it", () => {
  const said = [];
  const log = { warn: (sentence) => said.push(sentence) };
  once(log, "the same");
  once(log, "the same");
  once(log, "another");
  assert.deepEqual(said, ["the same", "another"]);
});

test("doctor takes the spaces off credentials, and changes nothing else", () => {
  const cfg = { channels: { dingtalk: { clientId: " a", name: " n ", accounts: { bot: { clientSecret: "s\n" }, off: null } }, other: 1 } };
  const { config, changes } = doctorAdapter({}).repairConfig({ cfg });
  assert.deepEqual(config.channels, { dingtalk: { clientId: "a", name: " n ", accounts: { bot: { clientSecret: "s" }, off: null } }, other: 1 });
  assert.equal(changes.length, 2);
  assert.ok(!JSON.stringify(changes).includes("s\\n"));
  assert.deepEqual(doctorAdapter({}).repairConfig({ cfg: config }).changes, []);
  assert.deepEqual(doctorAdapter({}).repairConfig({ cfg: {} }), { config: {}, changes: [] });
});

test("a neighbour is a plugin of the same channel that is on, wherever it is installed", (context) => {
  const home = mkdtempSync(join(tmpdir(), "neighbours-"));
  context.after(() => rmSync(home, { recursive: true }));
  const state = join(home, ".openclaw");
  const before = process.env.OPENCLAW_STATE_DIR;
  process.env.OPENCLAW_STATE_DIR = state;
  context.after(() => (before === undefined ? delete process.env.OPENCLAW_STATE_DIR : (process.env.OPENCLAW_STATE_DIR = before)));
  const plugin = (folder, manifest) => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "openclaw.plugin.json"), typeof manifest === "string" ? manifest : JSON.stringify(manifest));
    return folder;
  };
  const own = plugin(join(state, "extensions", "dingtalk"), { id: "dingtalk", channels: ["dingtalk"] });
  plugin(join(state, "extensions", "first"), { id: "first", channels: ["dingtalk"], cliCommands: [{ name: "china" }] });
  plugin(join(state, "extensions", "slack"), { id: "slack", channels: ["slack"] });
  plugin(join(state, "extensions", "broken"), "{");
  plugin(join(state, "npm", "projects", "p", "node_modules", "@scope", "second"), { id: "second", channels: ["dingtalk"] });
  const third = plugin(join(home, "third"), { id: "third", channels: ["dingtalk"] });

  const host = { api: { rootDir: own }, home: () => home };
  const ids = (plugins = {}) => neighbours(host, { plugins }).map(({ id }) => id).sort();
  assert.deepEqual(ids(), ["first", "second"]);
  assert.deepEqual(ids({ load: { paths: [third] } }), ["first", "second", "third"]);
  assert.deepEqual(ids({ entries: { first: { enabled: false } }, deny: ["second"] }), []);
  assert.deepEqual(ids({ allow: ["dingtalk", "second"] }), ["second"]);
  assert.equal(hasCommand(host, {}, "china"), true);
  assert.equal(hasCommand(host, { plugins: { deny: ["first"] } }, "china"), false);
  assert.match(quarrel({ id: "first", name: "First", folder: "" }), /First \(first\).*openclaw plugins disable first/);
});

test("who installs or enables a plugin is told at the end of that, and who does anything else is not", () => {
  const told = (...words) => {
    const before = process.listeners("exit");
    warnAtInstall(["node", "openclaw", ...words], { warn() {} });
    const added = process.listeners("exit").filter((listener) => !before.includes(listener));
    added.forEach((listener) => process.removeListener("exit", listener));
    return added.length;
  };
  assert.deepEqual([told("plugins", "install", "./dingtalk", "--force"), told("plugins", "enable", "dingtalk")], [1, 1]);
  assert.deepEqual([told("plugins", "list"), told("doctor"), told("gateway", "run")], [0, 0, 0]);
});
