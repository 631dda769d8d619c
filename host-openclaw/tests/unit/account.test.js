// One account from its start to its stop, with OpenClaw and both sides of the addon played here.

import assert from "node:assert/strict";
import { test } from "node:test";
import { run } from "../../js/account.js";
import { insist, slot } from "../../js/accounts.js";
import { Host } from "../../js/host.js";
import entry from "../../js/index.js";

const running = { channels: { dingtalk: { clientId: "x" } } };

/** Runs an account until it is stopped, as OpenClaw does; `cfg` is the configuration by then. */
async function stopped({ cfg = running, enabled = true, tell = () => {}, start = async () => {} }) {
  const stops = [];
  const started = Promise.withResolvers();
  const channel = {
    hasStarted: false,
    start: async () => {
      await start();
      channel.hasStarted = true;
      started.resolve();
    },
    stop: async (why, ms) => stops.push([why, ms]),
  };
  const inbox = { next: () => undefined, close: async () => {} };
  const plugin = {
    places: () => ({}),
    doorman: () => ({}),
    resolve: () => ({ accounts: [{ id: "default", enabled, settings: {} }], defaultAccount: "default", diagnostics: [] }),
    openInbox: async () => inbox,
    open: () => channel,
  };
  const host = new Host({ runtime: { state: { resolveStateDir: () => "" }, config: { current: () => cfg } } });
  host.plugin = () => plugin;
  const abort = new AbortController();
  const account = { accountId: "default", settings: {} };
  const ran = run(host, { accountId: "default", account, cfg: running, abortSignal: abort.signal, getStatus: () => ({}), setStatus() {} });
  await started.promise;
  tell(host);
  abort.abort();
  await ran;
  return stops;
}

test("an account whose successor follows at once is told so, and has less than five seconds", async () => {
  const [[why, ms], ...others] = await stopped({});
  assert.deepEqual([why, others], ["reload", []]);
  assert.ok(ms < 5000);
  assert.equal((await stopped({ tell: (host) => host.gatewayStops("gateway restarting") }))[0][0], "reload");
});

test("an account is told that OpenClaw ends", async () => {
  assert.equal((await stopped({ tell: (host) => host.gatewayStops("gateway stopping") }))[0][0], "shutdown");
});

test("an account that is switched off, or removed, is told so", async () => {
  assert.equal((await stopped({ enabled: false }))[0][0], "disabled");
  assert.equal((await stopped({ cfg: { channels: {} } }))[0][0], "disabled");
  const off = { ...running, plugins: { entries: { dingtalk: { enabled: false } } } };
  assert.equal((await stopped({ cfg: off }))[0][0], "disabled");
});

test("OpenClaw's word that it ends is listened to, where it has one", () => {
  const heard = [];
  entry.register({ registerChannel() {}, on: (hook) => heard.push(hook) });
  assert.deepEqual(heard, ["gateway_stop"]);
  entry.register({ registerChannel() {} });
});

test("an answer that waits for its account to be there again is given to a channel that has started", async () => {
  const asked = insist(slot("default"), async (channel) => channel.hasStarted);
  await stopped({ start: () => new Promise(setImmediate) });
  assert.equal(await asked, true);
});
